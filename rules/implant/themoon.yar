/* SPDX-License-Identifier: Apache-2.0 */
/* TheMoon and Faceless (first 2014; Lumen Black Lotus Labs, March 2024): names of its parts. */
rule TheMoon_files
{
	meta:
		description = "TheMoon: names of its hidden files together"
		family = "TheMoon"
		source = "blacklotuslabs/IOCs:Moon_Faceless_IOCs.txt"
		date = "2024-03-26"
		level = "malicious"
		attack = "T1090"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$pid = ".nttpd.pid"
		$main = "./.nttpd"
		$scan = "./.scn"
		$moon = "./.moon"
		$socks = /\.\/\.sox([1-6]0|[PT])/
	condition:
		($pid or $main) and 1 of ($scan, $moon, $socks) or ($pid and $main)
}
