/* SPDX-License-Identifier: Apache-2.0 */
/* VPNFilter, stages one to three (Talos, May 2018). */
rule VPNFilter_stage2
{
	meta:
		description = "VPNFilter stage two: command strings and its impossible browsers"
		family = "VPNFilter"
		source = "https://blog.talosintelligence.com/2018/05/VPNFilter.html; Neo23x0/signature-base:yara/apt_vpnfilter.yar"
		date = "2018-05-23"
		level = "malicious"
		attack = "T1542.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$agent1 = "Mozilla/6.1 (compatible; MSIE 9.0; Windows NT 5.3; Trident/5.0)"
		$agent2 = "Mozilla/5.0 (compatible; MSIE 8.0; Windows NT 5.2; Trident/4.0)"
		$shell = "Execute by shell[%d]:"
		$tor = "CONFIG.TOR.name:"
		$word = "passwordPASSWORDpassword"
		$key = "/tmp/client.key"
	condition:
		2 of ($agent*, $shell, $tor, $word) or ($word and $key)
}

rule VPNFilter_sniffer
{
	meta:
		description = "VPNFilter stage three: the packet sniffer"
		family = "VPNFilter"
		source = "https://blog.talosintelligence.com/2018/05/VPNFilter.html; Neo23x0/signature-base:yara/apt_vpnfilter.yar"
		date = "2018-05-23"
		level = "malicious"
		attack = "T1040"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$record = "%s/rep_%u.bin"
		$flow = "%s:%uh->%s:%hu"
		$basic = "Authorization: Basic"
		$cgi = "/tmUnblock.cgi"
	condition:
		$record and ($flow or ($basic and $cgi))
}

rule VPNFilter_paths
{
	meta:
		description = "VPNFilter: its working folders next to its fallback server"
		family = "VPNFilter"
		source = "https://blog.talosintelligence.com/2018/05/VPNFilter.html"
		date = "2018-05-23"
		level = "malicious"
		attack = "T1542.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$work = "/var/run/vpnfilterw"
		$modules = "/var/run/vpnfilterm"
		$host = "toknowall.com"
	condition:
		2 of them
}
