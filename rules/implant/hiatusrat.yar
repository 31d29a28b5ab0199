/* SPDX-License-Identifier: Apache-2.0 */
/* HiatusRAT (Lumen Black Lotus Labs, March 2023). */
rule HiatusRAT_agent
{
	meta:
		description = "HiatusRAT: the agent's paths and commands"
		family = "HiatusRAT"
		source = "roadwy/DefenderYara:Backdoor/Linux/HiatusRat; blacklotuslabs/IOCs:Hiatus_IoCs.txt"
		date = "2023-03-06"
		level = "malicious"
		attack = "T1090"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$active = "/master/Api/active"
		$reply = "/master/Api/reply"
		$upload = "upload?uuid="
		$exist = "forwarder exist"
		$forward = "tcp_forward"
	condition:
		($active and $reply) or (1 of ($active, $reply) and 2 of ($upload, $exist, $forward)) or
		($upload and $exist and $forward)
}
