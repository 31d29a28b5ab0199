/* SPDX-License-Identifier: Apache-2.0 */
/* Raptor Train, Nosedive bots (Lumen Black Lotus Labs, September 2024). */
rule RaptorTrain_nosedive
{
	meta:
		description = "Raptor Train: field names of the Nosedive bot's report"
		family = "Raptor Train"
		source = "blacklotuslabs/IOCs:Raptor_Train_IOCs.txt"
		date = "2024-09-18"
		level = "malicious"
		attack = "T1584.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$gateway = "bgateway" fullword
		$face = "biface" fullword
		$arch = "barch" fullword
		$uuid1 = "huuid" fullword
		$uuid2 = "buuid" fullword
		$name = "bot_name" fullword
		$marker = { DC FE BA DC }
	condition:
		$marker and 5 of ($gateway, $face, $arch, $uuid1, $uuid2, $name)
}

rule RaptorTrain_dropper
{
	meta:
		description = "Raptor Train: payload addresses padded with the letter D, in base64"
		family = "Raptor Train"
		source = "blacklotuslabs/IOCs:Raptor_Train_IOCs.txt"
		date = "2024-09-18"
		level = "malicious"
		attack = "T1584.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$padding = "RERERERERERERERERERERERERERERERE"
		$gone = "rm -rf $0"
		$http = "http://"
	condition:
		all of them
}

rule RaptorTrain_domains
{
	meta:
		description = "Raptor Train: server domains of three campaigns"
		family = "Raptor Train"
		source = "blacklotuslabs/IOCs:Raptor_Train_IOCs.txt"
		date = "2024-09-18"
		level = "malicious"
		attack = "T1584.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = ".w8510.com"
		$b = ".b2047.com"
		$c = ".k3121.com"
		$d = "zdacasdc.w8510.com"
		$e = "amushuvfikjas.b2047.com"
		$f = "xbqw.k3121.com"
	condition:
		2 of ($a, $b, $c) or 1 of ($d, $e, $f)
}
