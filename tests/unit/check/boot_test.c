/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#define ELF                                                                                                            \
	"\x7f"                                                                                                         \
	"ELF"
#define SH "#!/bin/sh\n"

typedef struct want {
	const char *id, *title; /* the title holds this text */
	unsigned count;
} want;

static void check_wants(const char *label, const file *files, size_t n, const want *wants, size_t n_wants)
{
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_boot, files, n, NULL);
	for (size_t i = 0; i < n_wants; i++) {
		if (count_of(&found, wants[i].id, wants[i].title) != wants[i].count)
			print_findings(&found);
		EQ(count_of(&found, wants[i].id, wants[i].title), wants[i].count,
		   wants[i].title ? wants[i].title : label);
	}
	gh_test_done(&ctx);
}

#define CHECK(label, files, ...)                                                                                       \
	do {                                                                                                           \
		static const want wants[] = { __VA_ARGS__ };                                                           \
		check_wants(label, files, GH_COUNT(files), wants, GH_COUNT(wants));                                    \
	} while (0)

static void a_vendor_image_starts_its_programs(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab",
		     "::sysinit:/etc/rc.d/rcS\n::respawn:/sbin/getty ttyS0 115200\n::shutdown:/bin/umount -a\n"),
		TEXT("etc/rc.d/rcS", SH "mount -a\n/etc/rc.d/rc.modules\n\n/usr/bin/httpd &\n#/usr/bin/old "
					"&\n/usr/bin/gone\necho 1 > /proc/x\n"),
		TEXT("etc/rc.d/rc.modules",
		     SH "insmod /lib/modules/a.ko\ncase \"$1\" in stop) /usr/bin/never;; esac\n"),
		TEXT("usr/bin/httpd", ELF),
		TEXT("usr/bin/never", ELF),
		TEXT("usr/bin/old", ELF),
		TEXT("bin/busybox", ELF),
		LINK("sbin/getty", "../bin/busybox"),
		LINK("bin/mount", "busybox"),
		LINK("bin/umount", "busybox"),
		TEXT("lib/modules/a.ko", ELF),
	};
	CHECK("tp-link", files, { "BOOT/starts", "/usr/bin/httpd in the background (init)", 1 },
	      { "BOOT/starts", "/etc/rc.d/rcS", 1 }, { "BOOT/starts", "/bin/busybox as /sbin/getty (init)", 1 },
	      { "BOOT/loads-module", "/lib/modules/a.ko", 1 }, { "BOOT/starts", "/etc/rc.d/rc.modules", 1 },
	      { "BOOT/starts", "never", 0 }, { "BOOT/starts", "/usr/bin/old", 0 },
	      { "BOOT/starts-missing", "/usr/bin/gone, which is not in this volume", 1 }, { "BOOT/starts", "mount", 0 },
	      { "BOOT/starts", NULL, 4 }, { "BOOT/starts-missing", NULL, 1 });
}

static void openwrt_starts_what_rc_d_links_to(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/init.d/rcS S boot\n::shutdown:/etc/init.d/rcS K shutdown\n"),
		TEXT("etc/preinit",
		     SH "[ -z \"$PREINIT\" ] && exec /sbin/init\nfor f in /lib/preinit/*; do\n\t. $f\ndone\n"),
		TEXT("lib/preinit/10_x", "do_it() {\n\t/sbin/early\n}\n"),
		TEXT("sbin/early", ELF),
		TEXT("sbin/init", ELF),
		LINK("etc/rc.d/S12log", "../init.d/log"),
		LINK("etc/rc.d/S50web", "../init.d/web"),
		LINK("etc/rc.d/K10off", "../init.d/off"),
		TEXT("etc/init.d/log",
		     "#!/bin/sh /etc/rc.common\nSTART=12\nUSE_PROCD=1\nPROG=/sbin/logread\nstart_service() {\n"
		     "\tprocd_set_param command \"/sbin/logd\"\n\tprocd_set_param command \"$PROG\" "
		     "-f\n\tprocd_set_param respawn\n}\n"),
		TEXT("etc/init.d/web", "#!/bin/sh /etc/rc.common\nstart() {\n\tservice_start /usr/sbin/uhttpd "
				       "-f\n\tstart-stop-daemon -S -b -x /usr/sbin/two -- -z\n}\n"
				       "stop() {\n\tservice_stop /usr/sbin/uhttpd\n\t/usr/sbin/bye\n}\n"),
		TEXT("etc/init.d/off", SH "/usr/sbin/sleeper &\n"),
		TEXT("sbin/logd", ELF),
		TEXT("sbin/logread", ELF),
		TEXT("usr/sbin/uhttpd", ELF),
		TEXT("usr/sbin/two", ELF),
		TEXT("usr/sbin/bye", ELF),
		TEXT("usr/sbin/sleeper", ELF),
		TEXT("etc/crontabs/root",
		     "# m h\n*/5 * * * * /usr/sbin/cronjob >/dev/null\n@reboot sh -c '/usr/sbin/again &'\n"),
		TEXT("usr/sbin/cronjob", ELF),
		TEXT("usr/sbin/again", ELF),
		FOLDER("etc/hotplug.d"),
		FOLDER("etc/hotplug.d/iface"),
		TEXT("etc/hotplug.d/iface/20-x", "/usr/sbin/onlink\n"),
		TEXT("usr/sbin/onlink", ELF),
	};
	CHECK("openwrt", files, { "BOOT/starts", "/sbin/logd (init)", 1 }, { "BOOT/starts", "/sbin/logread (init)", 1 },
	      { "BOOT/starts", "/usr/sbin/uhttpd (init)", 1 }, { "BOOT/starts", "/usr/sbin/two (init)", 1 },
	      { "BOOT/starts", "/etc/init.d/log as /etc/rc.d/S12log", 1 }, { "BOOT/starts", "bye", 0 },
	      { "BOOT/starts", "/sbin/early (init)", 1 }, { "BOOT/starts", "/usr/sbin/cronjob (cron)", 1 },
	      { "BOOT/starts", "/usr/sbin/again", 1 }, { "BOOT/starts", "/usr/sbin/onlink (hotplug)", 1 },
	      { "BOOT/starts", "/usr/sbin/sleeper in the background, but no way from init", 1 });
}

static void tables_start_programs(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inetd.conf",
		     "telnet stream tcp nowait root /bin/telnetd telnetd\ndaytime stream tcp nowait root internal\n"),
		TEXT("etc/xinetd.d/ftp", "service ftp\n{\n\tserver = /usr/sbin/ftpd\n\tserver_args = -l\n}\n"),
		TEXT("etc/mdev.conf", "sd[a-z] root:root 660 */etc/automount.sh\nnull 0:0 666\n"),
		TEXT("etc/hotplug2.rules",
		     "SUBSYSTEM == net {\n\texec /sbin/hotplug-call net\n\tmakedev /dev/%D 0644\n}\n"),
		TEXT("etc/crontab", "SHELL=/bin/sh\n1 2 * * * root /usr/sbin/nightly\n"),
		TEXT("bin/telnetd", ELF),
		TEXT("usr/sbin/ftpd", ELF),
		TEXT("etc/automount.sh", SH "/bin/mounter $1\n"),
		TEXT("bin/mounter", ELF),
		TEXT("sbin/hotplug-call", ELF),
		TEXT("usr/sbin/nightly", ELF),
	};
	CHECK("tables", files, { "BOOT/starts", "/bin/telnetd (inetd)", 1 },
	      { "BOOT/starts", "/usr/sbin/ftpd (inetd)", 1 }, { "BOOT/starts", "/etc/automount.sh (hotplug)", 1 },
	      { "BOOT/starts", "/bin/mounter (hotplug)", 1 }, { "BOOT/starts", "/sbin/hotplug-call (hotplug)", 1 },
	      { "BOOT/starts", "/usr/sbin/nightly (cron)", 1 }, { "BOOT/starts", NULL, 6 });
}

static void counted_scripts_are_all_started(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/init.d/rcS\n"),
		TEXT("etc/init.d/rcS", SH "i=0\nwhile [ \"$i\" != \"64\" ]\ndo\n\trc_file=/etc/init.d/rc$i\n\tif [ -f "
					  "\"$rc_file\" ]; then\n\t\tsh $rc_file\n\tfi\n\ti=$(($i+1))\ndone\n"),
		TEXT("etc/init.d/rc2", "/bin/two\n"),
		TEXT("etc/init.d/rc10", "/bin/ten &\n"),
		TEXT("bin/two", ELF),
		TEXT("bin/ten", ELF),
	};
	CHECK("realtek", files, { "BOOT/starts", "/bin/two (init)", 1 },
	      { "BOOT/starts", "/bin/ten in the background (init)", 1 });
}

static void a_finding_shows_its_way_from_init(void **state)
{
	(void)state;
	static const file files[] = {
		LINK("etc", "rom/etc"),
		TEXT("rom/etc/inittab", "# first\n::sysinit:/etc/rcS\n"),
		TEXT("rom/etc/rcS", SH "\nsh /etc/more.sh\n"),
		TEXT("rom/etc/more.sh", SH "a=1\nnohup /bin/x -d &\n"),
		TEXT("bin/x", ELF),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_boot, files, GH_COUNT(files), NULL);
	const gh_finding *f = finding_of(&found, "BOOT/starts", "/bin/x in the background");
	static const struct {
		const char *path;
		uint32_t line;
		const char *excerpt;
	} way[] = {
		{ "rom/etc/more.sh", 3, "nohup /bin/x -d &" },
		{ "rom/etc/rcS", 3, "sh /etc/more.sh" },
		{ "rom/etc/inittab", 2, "::sysinit:/etc/rcS" },
	};
	EQ(f->n_evidence, GH_COUNT(way), "steps");
	for (size_t i = 0; i < GH_COUNT(way); i++) {
		SAME(f->evidence[i].path, gh_view_text(way[i].path), "path");
		EQ(f->evidence[i].line, way[i].line, way[i].path);
		SAME(f->evidence[i].excerpt, gh_view_text(way[i].excerpt), way[i].path);
	}
	gh_test_done(&ctx);
}

static void a_line_that_starts_a_known_implant_is_named(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/rcS\n"),
		TEXT("etc/rcS", SH "/usr/bin/udhcp &\n/usr/bin/fine &\n"),
		TEXT("usr/bin/udhcp", ELF),
		TEXT("usr/bin/fine", ELF),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings before = { 0 };
	gh_finding known = { .id = "KNOWN-IMPLANT/horse-shell",
			     .check = "KNOWN-IMPLANT",
			     .level = GH_LEVEL_MALICIOUS,
			     .title = "Horse Shell",
			     .source = "somewhere",
			     .n_evidence = 1 };
	known.evidence[0] = (gh_evidence){ .node = 1, .path = GH_LIT("usr/bin/udhcp") };
	EQ(gh_finding_add(&ctx, &before, &known), GH_OK, "add");
	known.evidence[0] = (gh_evidence){ .node = 7, .path = GH_LIT("usr/bin/fine") }; /* in another volume */
	EQ(gh_finding_add(&ctx, &before, &known), GH_OK, "add");
	gh_findings found = conclude_on(&ctx, &gh_check_boot, files, GH_COUNT(files), &before);
	EQ(count_of(&found, "BOOT/starts-known-implant", NULL), 1, "one");
	const gh_finding *f =
		finding_of(&found, "BOOT/starts-known-implant", "/usr/bin/udhcp, a known implant (Horse Shell)");
	EQ(f->level, GH_LEVEL_MALICIOUS, "level");
	EQ(f->evidence[0].line, 2, "line");
	assert_string_equal(f->source, "somewhere");
	gh_test_done(&ctx);
}

/* Cycles, scripts that include everything, long lists: the list ends, and says when it was cut. */
static void hostile_scripts_end(void **state)
{
	(void)state;
	size_t size = 250000, at = 0;
	char *many = malloc(size), *globs = malloc(size);
	assert_true(many && globs);
	for (at = 0; at + 20 < size;)
		at += (size_t)snprintf(many + at, size - at, "/bin/x%zu &\n", at);
	size_t head = (size_t)snprintf(globs, size, SH);
	for (at = head; at + 20 < size;)
		at += (size_t)snprintf(globs + at, size - at, ". /etc/init.d/*\n");
	file files[] = {
		TEXT("etc/inittab", "::sysinit:/etc/rcS\n::sysinit:/etc/rcS\n"),
		TEXT("etc/rcS", SH ". /etc/rcS\n/etc/rcA\nsh -c '/etc/rcS; sh -c /etc/rcS'\n"),
		TEXT("etc/rcA", SH "/etc/rcB\n"),
		TEXT("etc/rcB", SH "/etc/rcA\n. /etc/rcA\n/etc/init.d/many\n/etc/init.d/globs\n"),
		TEXT("etc/init.d/many", many),
		TEXT("etc/init.d/globs", globs),
		LINK("etc/loop", "loop"),
		TEXT("etc/rcC", SH "/etc/loop\n"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_boot, files, GH_COUNT(files), NULL);
	TRUE(found.count <= 1025, "bounded");
	EQ(count_of(&found, "BOOT/cut", NULL), 1, "said");
	free(many);
	free(globs);
	gh_test_done(&ctx);
}

static void scripts_deeper_than_we_follow_are_let_be(void **state)
{
	(void)state;
	static char paths[40][20], texts[40][40];
	file files[40];
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(paths[i], sizeof paths[i], "etc/rc%u", i);
		(void)snprintf(texts[i], sizeof texts[i], SH "/etc/rc%u\n", i + 1);
		files[i] = (file)TEXT(paths[i], texts[i]);
	}
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_boot, files, 40, NULL);
	TRUE(found.count <= 42, "each at most once");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vendor_image_starts_its_programs),
		cmocka_unit_test(openwrt_starts_what_rc_d_links_to),
		cmocka_unit_test(tables_start_programs),
		cmocka_unit_test(counted_scripts_are_all_started),
		cmocka_unit_test(a_finding_shows_its_way_from_init),
		cmocka_unit_test(a_line_that_starts_a_known_implant_is_named),
		cmocka_unit_test(hostile_scripts_end),
		cmocka_unit_test(scripts_deeper_than_we_follow_are_let_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
