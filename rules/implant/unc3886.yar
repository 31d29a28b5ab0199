/* SPDX-License-Identifier: Apache-2.0 */
/* UNC3886 on Junos MX (Mandiant, March 2025): TINYSHELL with passive listeners. */
rule UNC3886_irad
{
	meta:
		description = "UNC3886: the packet filter of the passive back door irad"
		family = "UNC3886 TINYSHELL"
		source = "https://cloud.google.com/blog/topics/threat-intelligence/china-nexus-espionage-targets-juniper-routers"
		date = "2025-03-11"
		level = "malicious"
		attack = "T1205"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$filter = "icmp[4:2] == 0xaa56"
		$magic = "uSarguuS62bKRA0J"
		$magic_xored = "uSarguuS62bKRA0J" xor(0x86)
	condition:
		any of them
}

rule UNC3886_lmpad
{
	meta:
		description = "UNC3886: lmpad, which silences the router's log"
		family = "UNC3886 TINYSHELL"
		source = "https://cloud.google.com/blog/topics/threat-intelligence/china-nexus-espionage-targets-juniper-routers"
		date = "2025-03-11"
		level = "malicious"
		attack = "T1562.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$log = "pfed_jdhcp6_trace.log"
		$copy = "/usr/lib/libjucomm.so.1"
		$usage = "/config/usage_db"
	condition:
		2 of them
}

rule TINYSHELL_pel
{
	meta:
		description = "TINYSHELL: symbols of its packet layer and of its server together"
		family = "TINYSHELL"
		source = "https://cloud.google.com/blog/topics/threat-intelligence/china-nexus-espionage-targets-juniper-routers"
		date = "2025-03-11"
		level = "malicious"
		attack = "T1059.004"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$send = "pel_send_msg"
		$receive = "pel_recv_msg"
		$init = "pel_server_init"
		$context = "pel_setup_context"
		$put = "tshd_put_file"
		$get = "tshd_get_file"
		$shell = "tshd_runshell"
	condition:
		2 of ($put, $get, $shell) or (2 of ($send, $receive, $init, $context) and 1 of ($put, $get, $shell))
}
