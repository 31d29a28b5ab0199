/* SPDX-License-Identifier: Apache-2.0 */
/* Quad7, also 7777 or FsyNet (Sekoia.io, July and September 2024). */
rule Quad7_xlogin
{
	meta:
		description = "Quad7: the bind shell that asks for a login on port 7777 and its siblings"
		family = "Quad7"
		source = "https://blog.sekoia.io/solving-the-7777-botnet-enigma-a-cybersecurity-quest/; Neo23x0/signature-base:yara/mal_xlogin_nov24.yar"
		date = "2024-07-23"
		level = "malicious"
		attack = "T1059.004"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$row = "login:\x00%s\x00\x00/bin/sh\x00/tmp/login"
	condition:
		$row
}

rule Quad7_fsynet
{
	meta:
		description = "Quad7: the relay node FsyNet with its hop vocabulary"
		family = "Quad7"
		source = "SEKOIA-IO/Community:yara_rules/unk_quad7_fsynet_strings.yar"
		date = "2024-09-09"
		level = "malicious"
		attack = "T1090.003"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "prev_hop_ip"
		$b = "next_hop_port"
		$c = "back_hop_port"
		$d = "next_tsn_ip"
		$e = "next_tsn_port"
		$f = "total_hop"
		$g = "/tmp/log_r"
		$kcp = "ikcp_"
	condition:
		4 of ($a, $b, $c, $d, $e, $f, $g) or (2 of ($a, $c, $d, $e) and $kcp)
}

rule Quad7_netd
{
	meta:
		description = "Quad7: the proxy netd"
		family = "Quad7"
		source = "SEKOIA-IO/Community:yara_rules/unk_quad7_netd_strings.yar"
		date = "2024-09-09"
		level = "malicious"
		attack = "T1090"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$netd = "./netd.dat"
		$sys = "./sys.dat"
		$url = "Url is NULL."
	condition:
		$netd and $sys and $url
}

rule Quad7_updtae
{
	meta:
		description = "Quad7: the HTTP reverse shell that spells UPDTAE"
		family = "Quad7"
		source = "SEKOIA-IO/Community:yara_rules/unk_quad7_updtae_reverse_shell_strings.yar"
		date = "2024-09-09"
		level = "malicious"
		attack = "T1071.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$typo = "UPDTAE"
		$agent = "User-Agent: IOT"
		$post = "/iot/post"
		$number = "cmdNum"
		$result = "cmdResult"
	condition:
		$typo and 2 of ($agent, $post, $number, $result)
}
