/* SPDX-License-Identifier: Apache-2.0 */
#include "check/names_in.h"

/* Services that routers run and that a name may hide behind. */
static const char *const services[] = {
	"avahi-daemon", "busybox",        "crond",      "cupsd",     "ddns",      "dhcp6c",    "dhcp6s",   "dhcpcd",
	"dhcpd",        "dnsmasq",        "dropbear",   "ebtables",  "getty",     "goahead",   "hostapd",  "hotplug",
	"hotplug2",     "httpd",          "ifconfig",   "igmpproxy", "inetd",     "iptables",  "iwconfig", "klogd",
	"lighttpd",     "login",          "mini_httpd", "minidlna",  "miniupnpd", "mosquitto", "netifd",   "nginx",
	"ntpclient",    "ntpd",           "odhcp6c",    "odhcpd",    "openvpn",   "pppd",      "pppoe",    "procd",
	"quagga",       "radvd",          "rpcd",       "smbd",      "snmpd",     "sshd",      "stunnel",  "syslogd",
	"systemd",      "telnetd",        "udevd",      "udhcpc",    "udhcpd",    "uhttpd",    "upnpd",    "vsftpd",
	"watchdog",     "wpa_supplicant", "wscd",       "xinetd",    "xl2tpd",    "zebra",
};

/* Names of one letter's distance from those above, or from each other, that are honest. */
static const char *const honest[] = {
	"atd",      "bash",      "dash",       "dhcpc",
	"dhcpr",    "dhcps",     "ddnsd",      "ddnsc",
	"ftpd",     "getcfg",    "gpio",       "http",
	"httpc",    "https",     "httpsd",     "iconfig",
	"initd",    "iptable",   "klog",       "logd",
	"login2",   "logind",    "nmbd",       "notpd",
	"npd",      "ntp",       "ntpdate",    "nttpd",
	"pppdd",    "pppoed",    "pppoes",     "pptpd",
	"radiusd",  "rpc",       "rshd",       "smb",
	"snmp",     "sntp",      "sntpd",      "ssh",
	"sshd2",    "sysinit",   "syslog",     "system",
	"tftpd",    "telnet",    "thttpd",     "tinyhttpd",
	"upnp",     "upnpc",     "vftpd",      "watchdogd",
	"wd",       "wdog",      "wps",        "wpsd",
	"wsc",      "iwconfig",  "swconfig",   "ubusd",
	"hotplugd", "ptpd",      "rtpd",       "stpd",
	"mtpd",     "lpd",       "httpd2",     "webd",
	"xhttpd",   "phttpd",    "ahttpd",     "zhttpd",
	"shttpd",   "dhttpd",    "mhttpd",     "ehttpd",
	"dhcp",     "dhcp6",     "dhcp6d",     "dhcp4c",
	"udhcpc6",  "udhcp6c",   "udhcpr",     "ddnst",
	"ntpc",     "ntps",      "pppc",       "ppp",
	"pppoec",   "l2tpd",     "pppol2tp",   "xl2tpd-control",
	"inet",     "minet",     "snmpc",      "snmpb",
	"nsmpd",    "osnmpd",    "rsnmpd",     "upnps",
	"mupnpd",   "cupnpd",    "rupnpd",     "iupnpd",
	"wupnpd",   "upgd",      "igmpproxyd", "mldproxy",
	"smbpd",    "smsd",      "ssd",        "lsshd",
	"ebtable",  "arptables", "nginxd",     "zebrad",
	"rpcbd",    "brcd",      "radv",       "rtadvd",
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool is_in(const char *const *list, size_t n, gh_bytes name)
{
	for (size_t i = 0; i < n; i++)
		if (gh_bytes_eq(name, gh_view_text(list[i])))
			return true;
	return false;
}

bool gh_name_is_usual(gh_bytes name)
{
	return is_in(services, GH_COUNT(services), name) || is_in(honest, GH_COUNT(honest), name);
}

bool gh_name_is_kernel_thread(gh_bytes name)
{
	static const char *const threads[] = { "kworker", "kthreadd",   "ksoftirqd", "kswapd0",
					       "kblockd", "khungtaskd", "kdevtmpfs", "rcu_sched" };
	if (name.len > 3 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']')
		return true;
	size_t n = 0;
	while (n < name.len && name.ptr[n] != '/' && name.ptr[n] != ':' && name.ptr[n] != '@')
		n++;
	return is_in(threads, GH_COUNT(threads), gh_bytes_part(name, 0, n));
}

bool gh_name_is_invisible(gh_bytes name)
{
	if (name.len == 0 || name.ptr[0] == ' ' || name.ptr[name.len - 1] == ' ')
		return name.len > 0;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
			return true;
	return false;
}

/* One insertion, deletion, replacement or exchange of neighbours; digits at the end are versions. */
static bool is_edit(gh_bytes a, gh_bytes b)
{
	if (a.len > b.len) {
		gh_bytes c = a;
		a = b;
		b = c;
	}
	if (b.len - a.len > 1)
		return false;
	size_t i = 0;
	while (i < a.len && a.ptr[i] == b.ptr[i])
		i++;
	bool digit = i < b.len && b.ptr[i] >= '0' && b.ptr[i] <= '9';
	gh_bytes a_rest = gh_bytes_part(a, i, a.len), b_rest = gh_bytes_part(b, i, b.len);
	if (digit || b_rest.len == 0)
		return false;
	gh_bytes a_next = gh_bytes_part(a_rest, 1, a.len), b_next = gh_bytes_part(b_rest, 1, b.len);
	if (a.len < b.len)
		return gh_bytes_eq(a_rest, b_next);
	if (gh_bytes_eq(a_next, b_next))
		return !(a_rest.ptr[0] >= '0' && a_rest.ptr[0] <= '9');
	return a_next.len && b_next.len && a_rest.ptr[0] == b_next.ptr[0] && b_rest.ptr[0] == a_next.ptr[0] &&
	       gh_bytes_eq(gh_bytes_part(a_rest, 2, a.len), gh_bytes_part(b_rest, 2, b.len));
}

/* Letters of other alphabets that look like Latin ones, by their UTF-8 (Unicode TR39, confusables.txt). */
static const struct {
	const char *twin;
	char letter;
} twins[] = {
	{ "\xd0\xb0", 'a' }, { "\xd0\xb5", 'e' }, { "\xd0\xbe", 'o' }, { "\xd1\x80", 'p' }, { "\xd1\x81", 'c' },
	{ "\xd1\x83", 'y' }, { "\xd1\x85", 'x' }, { "\xd1\x96", 'i' }, { "\xd1\x95", 's' }, { "\xd1\x98", 'j' },
	{ "\xd4\x81", 'd' }, { "\xd2\xbb", 'h' }, { "\xce\xbf", 'o' }, { "\xce\xbd", 'v' }, { "\xcf\x81", 'p' },
	{ "\xc4\xb1", 'i' }, { "\xc9\xa1", 'g' }, { "\xd5\xb8", 'n' }, { "\xd4\x9d", 'w' }, { "\xd5\xbd", 'u' },
};

/* The name as the eye reads it. False: it holds what no eye takes for a Latin letter, or is too long. */
static bool as_seen(gh_bytes name, uint8_t seen[32], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < name.len; i++) {
		if (*n == 32)
			return false;
		uint8_t c = name.ptr[i];
		if (c < 0x80) {
			seen[(*n)++] = c == '0' ? 'o' : c == '1' ? 'l' : c == '5' ? 's' : lower(c);
			continue;
		}
		gh_bytes rest = gh_bytes_part(name, i, 3);
		if (gh_bytes_eq(gh_bytes_part(rest, 0, 3), GH_LIT("\xe2\x80\x8b"))) { /* no width */
			i += 2;
			continue;
		}
		size_t t = 0;
		while (t < GH_COUNT(twins) && !gh_bytes_start(rest, gh_view_text(twins[t].twin)))
			t++;
		if (t == GH_COUNT(twins))
			return false;
		seen[(*n)++] = (uint8_t)twins[t].letter;
		i++;
	}
	return true;
}

const char *gh_name_like(gh_bytes name, gh_likeness *how)
{
	uint8_t seen[32];
	size_t n = 0;
	*how = GH_LIKE_NONE;
	if (gh_name_is_usual(name))
		return NULL;
	bool readable = as_seen(name, seen, &n);
	for (size_t i = 0; i < GH_COUNT(services) && readable; i++)
		if (gh_bytes_eq(gh_view(seen, n), gh_view_text(services[i]))) {
			*how = GH_LIKE_CONFUSED;
			return services[i];
		}
	for (size_t i = 0; i < GH_COUNT(services) && name.len >= 5; i++)
		if (strlen(services[i]) >= 5 && is_edit(name, gh_view_text(services[i]))) {
			*how = GH_LIKE_EDIT;
			return services[i];
		}
	return NULL;
}
