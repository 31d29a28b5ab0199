/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Horse Shell and its helpers, found by Check Point Research in modified TP-Link images (May 2023).
 * No ELF guard: a flash dump may hold the file at any offset, and the strings stand for themselves.
 */
rule HorseShell_implant
{
	meta:
		description = "Horse Shell, the implant for TP-Link and other routers"
		family = "Horse Shell"
		source = "https://research.checkpoint.com/2023/the-dragon-who-sold-his-camaro-analyzing-custom-router-implant/"
		date = "2023-05-16"
		level = "malicious"
		attack = "T1542.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$request = "recv NET_REQ_HORSE_SHELL REQ_CONNECT_PORT"
		$log = "failed!\" > .remote_shell.log"
		$cipher1 = "wzsw_encrypt_buf"
		$cipher2 = "wzsw_init failed"
		$cipher3 = "wzsw_srand"
		$host = "m.cremessage.com"
		$events = "process_http_read_events"
		$body = "body:%d-%s"
		$post = "POST http://%s/index.php HTTP/1.1"
	condition:
		2 of ($request, $log, $cipher*, $host) or ($events and $body and $post)
}

rule HorseShell_sheel
{
	meta:
		description = "sheel, the tool that writes Horse Shell's list of servers"
		family = "Horse Shell"
		source = "https://research.checkpoint.com/2023/the-dragon-who-sold-his-camaro-analyzing-custom-router-implant/"
		date = "2023-05-16"
		level = "malicious"
		attack = "T1542.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$usage = "-h server_ip -p server_port -i update_index[0-4] [-r]"
		$done = "update server list success!"
		$open = "write failed.open fail."
		$fail = "open fail.%m"
		$getopt = "ri:h:p:"
	condition:
		2 of ($usage, $done, $open) or (1 of ($usage, $done) and $fail and $getopt)
}
