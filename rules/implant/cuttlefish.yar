/* SPDX-License-Identifier: Apache-2.0 */
/* Cuttlefish (Lumen Black Lotus Labs, May 2024). */
rule Cuttlefish_files
{
	meta:
		description = "Cuttlefish: its hidden files and servers"
		family = "Cuttlefish"
		source = "blacklotuslabs/IOCs:Cuttlefish_IOCs.txt; roadwy/DefenderYara:Trojan/Linux/CuttleFish"
		date = "2024-05-01"
		level = "malicious"
		attack = "T1557"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "/tmp/thconfigjs"
		$b = "/tmp/.putin"
		$c = "/tmp/n2nconfigjs"
		$d = "/tmp/.Pg88s51gQG4tFyImFsT9qy6ZM5TeTF8.so"
		$e = "kkthreas.com"
		$zone = "/tmp/.timezone"
		$hijack = "http_hijack_hearttime"
		$kill = "-k killold agent"
	condition:
		$d or 2 of them
}
