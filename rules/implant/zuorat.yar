/* SPDX-License-Identifier: Apache-2.0 */
/* ZuoRAT (Lumen Black Lotus Labs, June 2022): its beacons are plain literal requests. */
rule ZuoRAT_beacon
{
	meta:
		description = "ZuoRAT: the requests that report DNS, SSID and ARP tables"
		family = "ZuoRAT"
		source = "blacklotuslabs/IOCs:ZuoRAT_IoCs.txt"
		date = "2022-06-28"
		level = "malicious"
		attack = "T1557"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$dns = "/dns.php?o_addr=%s&ip_addr=%s&dns=%s"
		$ssid = "/ssid.php?o_addr=%s&i_ssid=%s&i_bssid=%s"
		$arp = "/arp.php?o_addr=%s&int_ip=%s&int_mac=%s"
		$host = "memthree.com"
	condition:
		2 of them
}
