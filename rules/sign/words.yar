/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that tools of intruders share with few programs of a router. No rule here convicts: a match is a sign of the
 * witness "role" (docs/verdict.md), the same that CAPABILITY gives by what code does. Each stands for a behaviour that public reports name again and again, not for a
 * family.
 */
rule sign_shell_without_history
{
	meta:
		description = "it starts a shell and takes away the shell's history"
		source = "MITRE ATT&CK T1070.003; Hiatus, UNC3886 reports"
		date = "2023-03-06"
		level = "sign"
		attack = "T1070.003"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "HISTFILE=/dev/null"
		$b = "unset HISTFILE"
		$c = "HISTSIZE=0"
	condition:
		uint32be(0) == 0x7f454c46 and any of them
}

rule sign_shell_behind_a_password
{
	meta:
		description = "it holds a shell's path beside words of a password gate of its own"
		source = "MITRE ATT&CK T1059.004 with T1205; bind shells of Horse Shell and J-magic as reported"
		date = "2023-05-16"
		level = "sign"
		attack = "T1059.004"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$sh = "/bin/sh"
		$pass1 = "input password" nocase
		$pass2 = "enter password" nocase
		$pass3 = "wrong password" nocase
		$login = "login success" nocase
		$login2 = "login ok" nocase
		$ppp = "/etc/ppp/"
		$ssh = "SSH-2.0-"
	condition:
		uint32be(0) == 0x7f454c46 and filesize < 300KB and $sh and any of ($pass*, $login*) and not $ppp and
		not $ssh
}

rule sign_reconnects
{
	meta:
		description = "it connects back again and again, in its own words"
		source = "MITRE ATT&CK T1571, T1008; SeaSpy, TinyShell and ZuoRAT reports"
		date = "2023-08-29"
		level = "sign"
		attack = "T1008"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a1 = "reconnect in %d" nocase
		$a2 = "reconnect after %d" nocase
		$a3 = "reconnecting in %d" nocase
		$b = "connect back" nocase
		$c = "reverse shell" nocase
		$d = "back connect" nocase
		$sh = "/bin/sh"
	condition:
		uint32be(0) == 0x7f454c46 and $sh and any of ($a*, $b, $c, $d)
}

rule sign_relay
{
	meta:
		description = "it relays connections for others, in its own words"
		source = "MITRE ATT&CK T1090.001, T1090.003; Horse Shell, Quad7, KV-botnet, LapDogs reports"
		date = "2023-12-13"
		level = "sign"
		attack = "T1090.003"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a1 = "socks5 " nocase
		$a2 = "socks server" nocase
		$a3 = "socks proxy" nocase
		$b = "tunnel %s" nocase
		$c1 = "relay node" nocase
		$c2 = "relay to %s" nocase
		$d = "reverse tunnel" nocase
	condition:
		uint32be(0) == 0x7f454c46 and filesize < 400KB and 2 of ($a1, $b, $c1, $c2, $d, $a2, $a3)
}

rule sign_browser_that_takes_orders
{
	meta:
		description = "it names itself a desktop browser in a request that it posts"
		source = "MITRE ATT&CK T1071.001; Horse Shell and VPNFilter requests as published"
		date = "2023-05-16"
		level = "sign"
		attack = "T1071.001"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$agent4 = "User-Agent: Mozilla/4.0 (compatible; MSIE"
		$agent5 = "User-Agent: Mozilla/5.0 (Windows NT"
		$post = "POST %s"
		$post2 = "POST http://%s"
	condition:
		uint32be(0) == 0x7f454c46 and filesize < 1MB and any of ($agent*) and any of ($post*)
}

rule sign_thread_of_the_kernel
{
	meta:
		description = "it holds the name of a kernel thread, which only the kernel gives"
		source = "MITRE ATT&CK T1036.005; NCSC report on Cyclops Blink"
		date = "2022-02-23"
		level = "sign"
		attack = "T1036.005"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "[kworker"
		$b = "[ksoftirqd"
		$c = "[kthreadd"
	condition:
		uint32be(0) == 0x7f454c46 and filesize < 4MB and any of them
}

rule sign_bot
{
	meta:
		description = "it holds the watchdog off, deletes or reopens itself, and reports, as bots do"
		source = "MITRE ATT&CK T1070.004; public source of Mirai as described in its reports"
		date = "2016-10-26"
		level = "sign"
		attack = "T1070.004"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$dog = "/dev/watchdog"
		$self = "/proc/self/exe"
		$report = "REPORT %s:%s"
		$tun = "listening tun0"
	condition:
		uint32be(0) == 0x7f454c46 and ($tun or ($dog and $self) or ($self and $report))
}

rule sign_loads_before_others
{
	meta:
		description = "it speaks of loading a library before all others"
		source = "MITRE ATT&CK T1574.006"
		date = "2024-04-18"
		level = "sign"
		attack = "T1574.006"
		licence = "facts; rule text Apache-2.0"
		author = "gifthorse"
	strings:
		$a = "LD_PRELOAD"
		$b = "/etc/ld.so.preload"
		$loader = "LD_LIBRARY_PATH"
		$procd = "ubus"
	condition:
		uint32be(0) == 0x7f454c46 and ($a or $b) and not $loader and not $procd
}
