/* SPDX-License-Identifier: Apache-2.0 */
/* The rule pack: it compiles, says where each rule is from, finds what it describes, and is quiet on clean images. */
#include <ftw.h>

#include "rules.h"

static gh_ctx ctx;
static gh_rules *pack;

static int set_up(void **state)
{
	(void)state;
	size_t n;
	troubles t = { .count = 0 };
	const gh_rule_file *files = gh_rules_builtin(&n);
	ctx = gh_test_ctx();
	pack = load_files(&ctx, files, n, &t);
	EQ(t.count, 0, t.message);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gh_rules_free(pack);
	gh_test_done(&ctx);
	return 0;
}

static void the_pack_holds_rules_and_hashes(void **state)
{
	(void)state;
	size_t hashes;
	TRUE(gh_rules_count(pack, &hashes) >= 25, "rules");
	TRUE(hashes >= 100, "hashes");
}

/* Inert text with published strings, as the laboratory plants it, and what must not be enough. */
static const struct row {
	const char *label, *text, *rule, *family;
} rows[] = {
	{ "horse shell", "recv NET_REQ_HORSE_SHELL REQ_CONNECT_PORT wzsw_encrypt_buf", "HorseShell_implant",
	  "Horse Shell" },
	{ "horse shell, envelope", "process_http_read_events body:%d-%s POST http://%s/index.php HTTP/1.1",
	  "HorseShell_implant", "Horse Shell" },
	{ "one string of it", "wzsw_encrypt_buf", NULL, "" },
	{ "sheel", "./sheel -h server_ip -p server_port -i update_index[0-4] [-r] update server list success!",
	  "HorseShell_sheel", "Horse Shell" },
	{ "sheel's getopt alone", "ri:h:p: open fail.%m", NULL, "" },
	{ "vpnfilter", "Execute by shell[%d]: CONFIG.TOR.name:", "VPNFilter_stage2", "VPNFilter" },
	{ "vpnfilter sniffer", "%s/rep_%u.bin %s:%uh->%s:%hu", "VPNFilter_sniffer", "VPNFilter" },
	{ "vpnfilter paths", "/var/run/vpnfilterw /var/run/vpnfilterm", "VPNFilter_paths", "VPNFilter" },
	{ "cyclops blink", "%s/214688dsf46", "CyclopsBlink_core", "Cyclops Blink" },
	{ "cyclops blink update", "etaonrishdlcupfm /pending/WGUpgrade-dl.new", "CyclopsBlink_update",
	  "Cyclops Blink" },
	{ "a firewall's own rules", "iptables -I %s -p tcp --dport %d -j ACCEPT &>/dev/null [kworker/0:1]", NULL, "" },
	{ "zuorat", "/dns.php?o_addr=%s&ip_addr=%s&dns=%s /arp.php?o_addr=%s&int_ip=%s&int_mac=%s", "ZuoRAT_beacon",
	  "ZuoRAT" },
	{ "hiatusrat", "/master/Api/active /master/Api/reply", "HiatusRAT_agent", "HiatusRAT" },
	{ "kv-botnet", "/tmp/bioset http_watchdog mips_ff", "KVbotnet_loader", "KV-botnet" },
	{ "themoon", ".nttpd.pid ./.nttpd ./.sox20", "TheMoon_files", "TheMoon" },
	{ "avrecon", "X-Proto-Storage X-Proto-Jid", "AVrecon_agent", "AVrecon" },
	{ "raptor train", "bgateway biface barch huuid buuid \xdc\xfe\xba\xdc", "RaptorTrain_nosedive",
	  "Raptor Train" },
	{ "raptor train dropper", "wget http://x/RERERERERERERERERERERERERERERERERERE; rm -rf $0",
	  "RaptorTrain_dropper", "Raptor Train" },
	{ "raptor train domain", "zdacasdc.w8510.com", "RaptorTrain_domains", "Raptor Train" },
	{ "j-magic", "[nfsiod 0] [nfsiod 1]", "Jmagic_agent", "J-magic" },
	{ "unc3886 irad", "icmp[4:2] == 0xaa56", "UNC3886_irad", "UNC3886 TINYSHELL" },
	{ "unc3886 lmpad", "/var/tmp/pfed_jdhcp6_trace.log /config/usage_db", "UNC3886_lmpad", "UNC3886 TINYSHELL" },
	{ "tinyshell", "pel_send_msg pel_recv_msg tshd_put_file", "TINYSHELL_pel", "TINYSHELL" },
	{ "quad7 fsynet", "prev_hop_ip back_hop_port next_tsn_ip total_hop", "Quad7_fsynet", "Quad7" },
	{ "quad7 netd", "./netd.dat ./sys.dat Url is NULL.", "Quad7_netd", "Quad7" },
	{ "quad7 updtae", "UPDTAE /iot/post cmdNum", "Quad7_updtae", "Quad7" },
	{ "lapdogs", "www.northumbra.com", "LapDogs_servers", "LapDogs" },
	{ "cuttlefish", "/tmp/thconfigjs /tmp/.putin", "Cuttlefish_files", "Cuttlefish" },
	{ "a time zone file", "/tmp/.timezone", NULL, "" },
	{ "chalubo", "/usr/bin/usb2rci /usr/bin/bf2rdisc", "Chalubo_loader", "Chalubo" },
	{ "httpsd", "/etc/cron.d/httpsd /bin/.httpsd", "Httpsd_bot", "httpsd" },
	{ "mirai table",
	  "LCOGQGPTGP \x0d\x46\x47\x54\x0d\x55\x43\x56\x41\x4a\x46\x4d\x45 \x4c\x41\x4d\x50\x50\x47\x41\x56",
	  "Mirai_table", "Mirai" },
	{ "busybox", "/dev/watchdog /bin/busybox applet not found /proc/net/tcp", NULL, "" },
};

static void published_strings_are_found_and_single_words_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		seen s = { .count = 0 };
		EQ(gh_rules_scan(&ctx, pack, gh_view_text(rows[i].text), see, &s), GH_OK, rows[i].label);
		EQ(s.count, rows[i].rule ? 1 : 0, rows[i].label);
		if (!rows[i].rule)
			continue;
		assert_string_equal(s.rules[0], rows[i].rule);
		assert_string_equal(s.family, rows[i].family);
		TRUE(s.last.builtin, rows[i].label);
		TRUE(s.last.n_strings >= 1, rows[i].label);
	}
}

static gh_code has_its_papers(void *arg, const gh_rule_match *m)
{
	(void)arg;
	TRUE(m->description && m->source && m->licence && m->author && m->attack, m->rule);
	TRUE(m->date && strlen(m->date) == 10 && m->level && strcmp(m->level, "malicious") == 0, m->rule);
	return GH_OK;
}

static void every_rule_says_where_it_was_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++)
		EQ(gh_rules_scan(&ctx, pack, gh_view_text(rows[i].text), has_its_papers, NULL), GH_OK, rows[i].label);
}

static void the_hash_of_horse_shell_is_known(void **state)
{
	(void)state;
	static const uint8_t udhcp[32] = { 0x99, 0x87, 0x88, 0x47, 0x2c, 0xb1, 0x50, 0x2c, 0x03, 0x67, 0x5a,
					   0x15, 0xa9, 0xf0, 0x9b, 0x12, 0xf3, 0x87, 0x7a, 0x5a, 0xeb, 0x68,
					   0x7f, 0x89, 0x14, 0x58, 0xa4, 0x14, 0xb8, 0xe0, 0xd6, 0x6c };
	seen s = { .count = 0 };
	EQ(gh_rules_hash(&ctx, pack, udhcp, see, &s), GH_OK, "udhcp");
	EQ(s.count, 1, "udhcp");
	assert_string_equal(s.family, "Horse Shell");
	assert_string_equal(s.last.description, "udhcp (implant)");
}

static unsigned images;

static int scan_image(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type != FTW_F || st->st_size == 0 || st->st_size > 64 << 20)
		return 0;
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc((size_t)st->st_size);
	TRUE(f && bytes && fread(bytes, 1, (size_t)st->st_size, f) == (size_t)st->st_size, path);
	seen s = { .count = 0 };
	EQ(gh_rules_scan(&ctx, pack, gh_view(bytes, (size_t)st->st_size), see, &s), GH_OK, path);
	EQ(s.count, 0, path);
	free(bytes);
	(void)fclose(f);
	images++;
	return 0;
}

/* Raw images only: the files inside are scanned by the tests of the whole program. */
static void clean_images_match_nothing(void **state)
{
	(void)state;
	/* beside the project, seen from its root and from a build folder in it */
	const char *places[] = { getenv("GIFTHORSE_CORPUS"), "../shared/corpus", "../../shared/corpus" };
	for (size_t i = 0; i < GH_COUNT(places) && images == 0; i++)
		if (places[i])
			(void)nftw(places[i], scan_image, 16, FTW_PHYS);
	if (images == 0) {
		print_message("# skipped: no corpus; GIFTHORSE_CORPUS names it\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pack_holds_rules_and_hashes),
		cmocka_unit_test(published_strings_are_found_and_single_words_are_not),
		cmocka_unit_test(every_rule_says_where_it_was_published),
		cmocka_unit_test(the_hash_of_horse_shell_is_known),
		cmocka_unit_test(clean_images_match_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
