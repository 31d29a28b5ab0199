/* SPDX-License-Identifier: Apache-2.0 */
/* The httpsd bot: it lives in cron and a hidden file of /bin. */
rule Httpsd_bot
{
	meta:
		description = "httpsd bot: its cron file next to its hidden copy"
		family = "httpsd"
		source = "Yara-Rules/rules:malware/MALW_Httpsd_ELF.yar"
		date = "2018-01-02"
		level = "malicious"
		attack = "T1053.003"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$cron = "/etc/cron.d/httpsd"
		$copy = "/bin/.httpsd"
		$log = "/tmp/.httpslog"
		$pid = "/tmp/.httpspid"
		$key = "/tmp/.httpskey"
		$host = "k.conectionapis.com"
	condition:
		2 of them
}
