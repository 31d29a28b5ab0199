/* SPDX-License-Identifier: Apache-2.0 */
/* LapDogs and its back door ShortLeash (SecurityScorecard, June 2025): servers of its nodes. */
rule LapDogs_servers
{
	meta:
		description = "LapDogs: domain of the ShortLeash nodes"
		family = "LapDogs"
		source = "stamparm/maltrail:trails/static/malware/lapdogs.txt"
		date = "2025-06-23"
		level = "malicious"
		attack = "T1090.003"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$domain = "northumbra.com"
		$a = "103.131.189.36"
		$b = "119.31.186.253"
		$c = "194.233.92.26"
		$d = "217.15.160.247"
		$e = "217.15.164.147"
		$f = "95.182.100.231"
	condition:
		$domain or 2 of them
}
