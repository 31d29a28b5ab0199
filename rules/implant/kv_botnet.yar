/* SPDX-License-Identifier: Apache-2.0 */
/* KV-botnet (Lumen Black Lotus Labs, December 2023): the shell stage. */
rule KVbotnet_loader
{
	meta:
		description = "KV-botnet: the stage that kills rivals and hides the payload as bioset"
		family = "KV-botnet"
		source = "https://blog.lumen.com/routers-roasting-on-an-open-firewall-the-kv-botnet-investigation/"
		date = "2023-12-13"
		level = "malicious"
		attack = "T1564.013"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$name = "/tmp/bioset"
		$stage = "cli_download_"
		$kill1 = "http_watchdog"
		$kill2 = "firewallsd"
		$kill3 = "mips_ff"
		$folder = "/pfrm2.0/bin"
	condition:
		($name and 2 of ($stage, $kill*, $folder)) or ($stage and 2 of ($kill*))
}
