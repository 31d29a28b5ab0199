/* SPDX-License-Identifier: Apache-2.0 */
/* AVrecon (Lumen Black Lotus Labs, July 2023). */
rule AVrecon_agent
{
	meta:
		description = "AVrecon: words of its protocol"
		family = "AVrecon"
		source = "roadwy/DefenderYara:Trojan/Linux/AvRecon; blacklotuslabs/IOCs:AVrecon_IOCs.txt"
		date = "2023-07-12"
		level = "malicious"
		attack = "T1090"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$storage = "X-Proto-Storage"
		$jid = "X-Proto-Jid"
		$pet = "?pet=maral&age="
		$name = "dnssmasq"
		$vilka = "VILKA"
		$domain1 = "cleandone.cc"
		$domain2 = "zerophone.cc"
	condition:
		2 of ($storage, $jid, $pet, $domain*) or (1 of ($storage, $jid, $pet, $domain*) and 1 of ($name, $vilka))
}
