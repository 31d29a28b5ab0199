/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real images, unpacked by unsquashfs, so that what the checks say about them does not depend on our
 * own unpacking. Skipped where the corpus or unsquashfs is absent.
 */
#include <ftw.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "volume.h"

extern char **environ;

enum { FILES_MOST = 4096, TEXT_MOST = 256 << 10 };

static file files[FILES_MOST];
static size_t n_files, root_len;

static int add_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (strlen(path) <= root_len || n_files == FILES_MOST)
		return 0;
	file f = { strdup(path + root_len + 1), NULL, NULL };
	char *text = calloc(1, TEXT_MOST + 1);
	assert_true(f.path && text);
	if (type == FTW_SL) {
		assert_true(readlink(path, text, TEXT_MOST) > 0);
		f.link = text;
	} else if (S_ISREG(st->st_mode) && st->st_size <= TEXT_MOST) {
		FILE *in = fopen(path, "rb");
		assert_non_null(in);
		assert_true(fread(text, 1, TEXT_MOST, in) == (size_t)st->st_size);
		(void)fclose(in);
		f.text = text;
	} else {
		free(text);
		f.text = S_ISREG(st->st_mode) ? strdup("a large file") : NULL;
	}
	files[n_files++] = f;
	return 0;
}

static int remove_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static bool find_image(const char *name, char into[1024])
{
	const char *places[] = { getenv("GIFTHORSE_CORPUS"), "../shared/corpus", "../../shared/corpus" };
	for (size_t i = 0; i < GH_COUNT(places); i++)
		if (places[i] && snprintf(into, 1024, "%s/%s", places[i], name) < 1024 && access(into, R_OK) == 0)
			return true;
	return false;
}

/* Unpacks and reads the root file system at this offset; false when that cannot be done here. */
static bool read_root(const char *name, const char *offset)
{
	char image[1024], folder[] = "/tmp/gh-corpus-XXXXXX", root[64];
	if (!find_image(name, image) || !mkdtemp(folder))
		return false;
	(void)snprintf(root, sizeof root, "%s/root", folder);
	const char *const words[] = { "unsquashfs", "-n",   "-q",      "-o",       offset,
				      "-d",         root,   image,     "etc",      "lib/preinit",
				      "bin",        "sbin", "usr/bin", "usr/sbin", "lib/functions.sh",
				      NULL };
	char *argv[GH_COUNT(words)];
	for (size_t i = 0; i < GH_COUNT(words); i++)
		argv[i] = words[i] ? strdup(words[i]) : NULL;
	pid_t pid;
	int status = 0;
	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
	bool ran =
		posix_spawnp(&pid, "unsquashfs", &quiet, NULL, argv, environ) == 0 && waitpid(pid, &status, 0) == pid;
	posix_spawn_file_actions_destroy(&quiet);
	for (size_t i = 0; i < GH_COUNT(words); i++)
		free(argv[i]);
	n_files = 0;
	root_len = strlen(root);
	if (ran)
		(void)nftw(root, add_file, 16, FTW_PHYS);
	(void)nftw(folder, remove_file, 16, FTW_PHYS | FTW_DEPTH);
	return n_files > 0;
}

static void forget_root(void)
{
	for (size_t i = 0; i < n_files; i++) {
		free((void *)(uintptr_t)files[i].path);
		free((void *)(uintptr_t)files[i].text);
		free((void *)(uintptr_t)files[i].link);
	}
}

static void real_images_say_this(void **state)
{
	(void)state;
	static const struct row {
		const char *image, *offset;
		struct {
			const char *id, *title;
		} want[6];
	} rows[] = {
		{ "vendor/tplink_wr841nv9_recovery.bin",
		  "1180160",
		  { { "ACCOUNTS/password-hash", "\"root\" has a password" },
		    { "ACCOUNTS/made-at-run-time", "../tmp/passwd" },
		    { "BOOT/starts", "/usr/bin/httpd in the background (init)" },
		    { "BOOT/starts", "/bin/busybox as /sbin/getty (init)" },
		    { "BOOT/starts", "/etc/rc.d/rc.modules (init)" } } },
		{ "vendor/realtek_onu_v2801f_200827.tar",
		  "3072",
		  { { "ACCOUNTS/made-at-run-time", "/var/passwd" },
		    { "BOOT/starts", "/bin/telnetd (inetd)" },
		    { "BOOT/starts", "/bin/startup as startup in the background (init)" } } },
		{ "openwrt/bb_tl-wr841_luci_openvpn_wr841n-v9-factory.bin",
		  "1057120",
		  { { "ACCOUNTS/empty-password", "\"root\"" },
		    { "BOOT/starts", "/usr/sbin/dnsmasq (init)" },
		    { "BOOT/starts", "/sbin/logd (init)" },
		    { "BOOT/starts", "/etc/init.d/network as /etc/rc.d/S20network (init)" } } },
		{ "openwrt/librarybox_tl-wr703n-v1-squashfs-factory.bin",
		  "970820",
		  { { "BOOT/starts", "/etc/init.d/rcS (init)" },
		    { "BOOT/starts", "/etc/init.d/boot as /etc/rc.d/S10boot (init)" } } },
	};
	unsigned looked = 0;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		if (!read_root(rows[i].image, rows[i].offset))
			continue;
		gh_ctx ctx = gh_test_ctx();
		gh_findings found = conclude_on(&ctx, &gh_check_accounts, files, n_files, NULL);
		found = conclude_on(&ctx, &gh_check_boot, files, n_files, &found);
		for (size_t w = 0; w < GH_COUNT(rows[i].want) && rows[i].want[w].id; w++)
			TRUE(count_of(&found, rows[i].want[w].id, rows[i].want[w].title) >= 1, rows[i].want[w].title);
		for (const gh_finding *f = found.first; f; f = f->next)
			TRUE(f->level < GH_LEVEL_SUSPICIOUS, f->title);
		gh_test_done(&ctx);
		forget_root();
		looked++;
	}
	if (looked == 0) {
		print_message("# skipped: no corpus (GIFTHORSE_CORPUS names it) or no unsquashfs\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(real_images_say_this) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
