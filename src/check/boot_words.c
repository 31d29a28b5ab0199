/* SPDX-License-Identifier: Apache-2.0 */
/* What the words of start scripts are. The lists are sorted for reading; order has no meaning. */
#include "check/boot_in.h"

static bool has(const char *const *list, size_t n, gh_bytes word)
{
	for (size_t i = 0; i < n; i++)
		if (gh_bytes_eq(word, gh_view_text(list[i])))
			return true;
	return false;
}

bool gh_boot_is_builtin(gh_bytes word)
{
	static const char *const list[] = {
		".",        ":",        "[",      "[[",     "alias",   "bg",     "break", "case",   "cd",
		"command",  "continue", "echo",   "eval",   "exit",    "export", "false", "fg",     "for",
		"function", "getopts",  "hash",   "jobs",   "kill",    "let",    "local", "printf", "pwd",
		"read",     "readonly", "return", "select", "set",     "shift",  "test",  "times",  "trap",
		"true",     "type",     "ulimit", "umask",  "unalias", "unset",  "wait",  "in",
	};
	return has(list, GH_COUNT(list), word);
}

bool gh_boot_is_wrapper(gh_bytes word)
{
	static const char *const list[] = { "busybox", "chrt",   "env",  "exec",    "ionice", "nice",
					    "nohup",   "setsid", "sudo", "taskset", "timeout" };
	return has(list, GH_COUNT(list), word);
}

bool gh_boot_is_shell(gh_bytes word)
{
	static const char *const list[] = { "ash", "bash", "dash", "hush", "msh", "sh" };
	return has(list, GH_COUNT(list), gh_path_base(word));
}

/* Tools that end at once and neither listen, nor fetch, nor run others. */
bool gh_boot_is_tool(gh_bytes word)
{
	static const char *const list[] = {
		"arp",     "awk",        "basename", "brctl",   "cat",       "chgrp",    "chmod",    "chown",
		"cksum",   "cmp",        "cp",       "cut",     "date",      "dd",       "df",       "dirname",
		"dmesg",   "du",         "echo",     "egrep",   "expr",      "false",    "fgrep",    "find",
		"free",    "grep",       "gunzip",   "gzip",    "halt",      "head",     "hexdump",  "hostname",
		"hwclock", "id",         "ifconfig", "ip",      "ip6tables", "iptables", "iwconfig", "iwpriv",
		"jshn",    "jsonfilter", "kill",     "killall", "ln",        "logger",   "losetup",  "ls",
		"lsmod",   "md5sum",     "mkdir",    "mkfifo",  "mknod",     "mktemp",   "more",     "mount",
		"mv",      "netstat",    "nvram",    "passwd",  "pgrep",     "pidof",    "ping",     "pivot_root",
		"pkill",   "poweroff",   "printf",   "ps",      "pwd",       "readlink", "reboot",   "rm",
		"rmdir",   "rmmod",      "route",    "sed",     "seq",       "sleep",    "sort",     "stty",
		"swapoff", "swapon",     "sync",     "sysctl",  "tail",      "tar",      "tee",      "test",
		"touch",   "tr",         "true",     "ubus",    "uci",       "umount",   "uname",    "uniq",
		"uptime",  "usleep",     "vconfig",  "wc",      "which",     "xargs",    "yes",      "zcat",
	};
	return has(list, GH_COUNT(list), gh_path_base(word));
}
