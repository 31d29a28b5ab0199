/* SPDX-License-Identifier: Apache-2.0 */
/* J-magic (Lumen Black Lotus Labs, January 2025): a variant of cd00r on Junos. */
rule Jmagic_agent
{
	meta:
		description = "J-magic: the names it takes and the key of its challenge"
		family = "J-magic"
		source = "blacklotuslabs/IOCs:Jmagic_IOCs.txt"
		date = "2025-01-23"
		level = "malicious"
		attack = "T1205"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuJDBIgz2Gb70ExKb7fww"
		$name0 = "[nfsiod 0]"
		$name1 = "[nfsiod 1]"
		$file = "JunoscriptService"
	condition:
		$key or ($name0 and $name1) or ($file and 1 of ($name*))
}
