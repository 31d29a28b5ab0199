/* SPDX-License-Identifier: Apache-2.0 */
/* Cyclops Blink (NCSC, CISA, FBI and NSA, February 2022). */
rule CyclopsBlink_core
{
	meta:
		description = "Cyclops Blink: strings of the core"
		family = "Cyclops Blink"
		source = "https://www.ncsc.gov.uk/news/joint-advisory-shows-new-sandworm-malware-cyclops-blink-replaces-vpnfilter"
		date = "2022-02-23"
		level = "malicious"
		attack = "T1542.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$thread1 = "[kworker/0:1]"
		$thread2 = "[kworker/1:1]"
		$doh = "POST /dns-query HTTP/1.1\x0d\x0aHost: dns.google\x0d\x0a"
		$open = "iptables -I %s -p tcp --dport %d -j ACCEPT &>/dev/null"
		$close = "iptables -D %s -p tcp --dport %d -j ACCEPT &>/dev/null"
		$report = "uptime: %lu mem_size: %lu mem_free: %lu"
		$probe = "%s/214688dsf46"
		$config = "%s/rootfs_cfg"
	condition:
		$probe or ($doh and 2 of ($thread*, $open, $close, $report, $config)) or 4 of them
}

rule CyclopsBlink_update
{
	meta:
		description = "Cyclops Blink: the replaced updater that signs a changed firmware"
		family = "Cyclops Blink"
		source = "https://www.ncsc.gov.uk/news/joint-advisory-shows-new-sandworm-malware-cyclops-blink-replaces-vpnfilter"
		date = "2022-02-23"
		level = "malicious"
		attack = "T1542.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$key = "etaonrishdlcupfm"
		$new = "/pending/WGUpgrade-dl.new"
		$vendor = "/pending/bin/install_upgraded"
		$name = "/pending/%010lu_%06d_%03d_p1"
		$folder = "/pending/sysa_code_dir/test_%d_%d_%d_%d_%d_%d"
	condition:
		3 of them or ($key and 1 of ($new, $name, $folder))
}
