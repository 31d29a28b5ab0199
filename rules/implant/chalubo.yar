/* SPDX-License-Identifier: Apache-2.0 */
/* Chalubo in the Pumpkin Eclipse (Lumen Black Lotus Labs, May 2024). */
rule Chalubo_loader
{
	meta:
		description = "Chalubo: names on disk and paths of the campaign that destroyed routers"
		family = "Chalubo"
		source = "blacklotuslabs/IOCs:Pumpkin_Eclipse_IOCs.txt"
		date = "2024-05-30"
		level = "malicious"
		attack = "T1495"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "/usr/bin/usb2rci"
		$b = "/usr/bin/bf2rdisc"
		$c = "coreconf.net"
		$d = "E2XRIEGSOAPU3Z5Q8"
		$e = "ASUHALUMNABTC"
		$f = "SASBCKXOWYALLCZXF"
		$g = "sainnguatc.com"
	condition:
		2 of them
}
