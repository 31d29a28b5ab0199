/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mirai and its many children. The table of strings is XORed with 0x22, so that "nameserver" reads
 * LCOGQGPTGP; no clean program has a reason to hold these words in that form.
 */
rule Mirai_table
{
	meta:
		description = "Mirai: its string table, XORed with 0x22"
		family = "Mirai"
		source = "Neo23x0/signature-base:yara/crime_mirai.yar; Yara-Rules/rules:malware/MALW_Mirai.yar"
		date = "2016-10-01"
		level = "malicious"
		attack = "T1584.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$nameserver = "LCOGQGPTGP"
		$watchdog = "/dev/watchdog" xor(0x22)
		$resolv = "/etc/resolv.conf" xor(0x22)
		$proc = "/proc/net/tcp" xor(0x22)
		$shell = "/bin/busybox" xor(0x22)
		$applet = "applet not found" xor(0x22)
		$ncorrect = "ncorrect" xor(0x22)
	condition:
		3 of them
}

rule Mirai_closes_the_door
{
	meta:
		description = "A bot that closes TR-069 behind itself with busybox iptables"
		family = "Mirai"
		source = "Yara-Rules/rules:malware/MALW_Mirai_Okiru_ELF.yar and siblings"
		date = "2016-12-05"
		level = "malicious"
		attack = "T1562.004"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "busybox iptables -A INPUT -p tcp --destination-port 7547 -j DROP"
		$name = "Myname--is:"
		$c = "busybox iptables -A INPUT -p tcp --destination-port 5555 -j DROP"
	condition:
		2 of them
}
