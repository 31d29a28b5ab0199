/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mksquashfs packs comes out again: one folder with all that a file system can hold, under every
 * compressor and layout option. The folder itself is the truth. Skips where mksquashfs is not there.
 */
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unit/format/squashfs_tests.h"

extern char **environ;

enum { ARGS = 24, MANY = 700, OTHERS = 21, LONG_NAME = 255 };

static char folder[] = "/tmp/gifthorse-squashfs-XXXXXX";
static bool has_xattrs, has_tool;

static const char value[] = "a value that two files share, long enough for mksquashfs to store it once and point at it";

/* Arguments behind "mksquashfs tree image -quiet -no-progress"; "dev" makes the pseudo devices. */
static const struct {
	const char *label;
	const char *args[6];
	const char *found; /* the kind that the reader must name */
} cases[] = {
	{ "gzip", { "-comp", "gzip" }, "gzip" },
	{ "gzip, all strategies",
	  { "-comp", "gzip", "-Xstrategy", "default,filtered,huffman_only,run_length_encoded,fixed" },
	  "gzip" },
	{ "lzo", { "-comp", "lzo" }, "lzo" },
	{ "lzo1x_1", { "-comp", "lzo", "-Xalgorithm", "lzo1x_1" }, "lzo" },
	{ "lz4", { "-comp", "lz4" }, "lz4" },
	{ "lz4, high compression", { "-comp", "lz4", "-Xhc" }, "lz4" },
	{ "xz", { "-comp", "xz" }, "xz" },
	{ "xz with filters", { "-comp", "xz", "-Xbcj", "x86,arm,armthumb,powerpc,sparc,ia64" }, "xz" },
	{ "zstd", { "-comp", "zstd" }, "zstd" },
	{ "lzma", { "-comp", "lzma" }, "lzma" },
	{ "blocks of 4 KiB", { "-b", "4K" }, "gzip" },
	{ "blocks of 1 MiB", { "-b", "1M" }, "gzip" },
	{ "zstd, blocks of 1 MiB", { "-comp", "zstd", "-b", "1M" }, "zstd" },
	{ "stored inodes", { "-noI" }, "gzip" },
	{ "stored data", { "-noD" }, "gzip" },
	{ "stored fragments", { "-noF" }, "gzip" },
	{ "stored xattrs", { "-noX" }, "gzip" },
	{ "all stored", { "-noI", "-noD", "-noF", "-noX" }, "gzip" },
	{ "stored metadata, lzo", { "-comp", "lzo", "-noI", "-noX" }, "lzo" },
	{ "no fragments", { "-no-fragments" }, "gzip" },
	{ "always fragments", { "-always-use-fragments" }, "gzip" },
	{ "no duplicates, no exports", { "-no-duplicates", "-no-exports" }, "gzip" },
	{ "no sparse blocks", { "-no-sparse" }, "gzip" },
};

static const char *in(const char *name)
{
	static char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_true(n > 0 && (size_t)n < sizeof path);
	return path;
}

static void make_file(const char *name, size_t size, int how)
{
	uint64_t x = 88172645463325252u + size;
	FILE *f = fopen(in(name), "wb");
	assert_non_null(f);
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		int c = how == 'r'   ? (int)(x & 255)
			: how == 't' ? "the quick brown fox\n"[x % 20]
				     : (int)(i / 1000 & 255);
		assert_int_not_equal(fputc(c, f), EOF);
	}
	assert_int_equal(fclose(f), 0);
}

static void make_hole(void)
{
	int fd = open(in("tree/holes"), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "start", 5, 0), 5);
	assert_int_equal(pwrite(fd, "middle", 6, 1 << 20), 6);
	assert_int_equal(ftruncate(fd, (2 << 20) + 17), 0);
	assert_int_equal(close(fd), 0);
}

static void make_names(void)
{
	char name[64 + LONG_NAME], *end;
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof name, "tree/many/number %u of a long listing", i);
		make_file(name, i % 40, 't');
	}
	end = stpcpy(name, "tree/");
	memset(end, 'n', LONG_NAME);
	end[LONG_NAME] = '\0';
	make_file(name, 3, 't');
	make_file("tree/\xff\xfe not utf-8 \n", 9, 't');
}

static void make_specials(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	assert_int_equal(symlink("../somewhere/else", in("tree/link")), 0);
	char target[3000];
	memset(target, 'x', sizeof target - 1);
	target[sizeof target - 1] = '\0';
	assert_int_equal(symlink(target, in("tree/long link")), 0);
	assert_int_equal(mkfifo(in("tree/fifo"), 0622), 0);
	int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/tree/socket", folder);
	assert_true(n > 0 && (size_t)n < sizeof at.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	(void)close(fd);
}

static void make_hard_links(void)
{
	char from[4096];
	assert_true(snprintf(from, sizeof from, "%s", in("tree/text")) > 0);
	assert_int_equal(link(from, in("tree/deep/linked text")), 0);
	assert_int_equal(link(from, in("tree/zz linked text")), 0);
}

static void make_tree(void)
{
	static const char *const dirs[] = { "tree",      "tree/many",   "tree/empty",
					    "tree/deep", "tree/deep/a", "tree/deep/a/b" };
	for (size_t i = 0; i < GH_COUNT(dirs); i++)
		assert_int_equal(mkdir(in(dirs[i]), 0751), 0);
	make_file("tree/text", 300000, 't');
	make_file("tree/random", 150001, 'r');
	make_file("tree/runs", 1200000, 'z');
	make_file("tree/block", 131072, 't');
	make_file("tree/nothing", 0, 't');
	make_file("tree/deep/a/b/one", 1, 't');
	make_hole();
	make_names();
	make_specials();
	make_hard_links();
	assert_int_equal(chmod(in("tree/random"), 06755), 0);
	assert_int_equal(chmod(in("tree/empty"), 01777), 0);
	has_xattrs = setxattr(in("tree/text"), "user.shared", value, sizeof value, 0) == 0 &&
		     setxattr(in("tree/random"), "user.shared", value, sizeof value, 0) == 0 &&
		     setxattr(in("tree/random"), "user.own", "v", 1, 0) == 0 &&
		     setxattr(in("tree/deep"), "user.dir", "", 0, 0) == 0;
}

static int run(char *const *argv)
{
	pid_t pid;
	int status;
	posix_spawn_file_actions_t quiet;
	assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0), 0);
	int no = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&quiet);
	if (no != 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static gh_bytes read_whole(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	uint8_t *mem = malloc((size_t)st.st_size + 1);
	assert_non_null(mem);
	assert_int_equal(read(fd, mem, (size_t)st.st_size), st.st_size);
	(void)close(fd);
	return gh_view(mem, (size_t)st.st_size);
}

/* Packs the folder; an empty view when this mksquashfs cannot. */
static gh_bytes pack(size_t which)
{
	char tree[4096], image[4096];
	const char *argv[ARGS] = { "mksquashfs",   tree,         image,         "-quiet",
				   "-no-progress", "-noappend",  "-processors", "1",
				   "-mkfs-time",   "1500000000", "-p",          "dev c 620 7 8 300 70000" };
	size_t n = 12;
	assert_true(snprintf(tree, sizeof tree, "%s", in("tree")) > 0);
	assert_true(snprintf(image, sizeof image, "%s", in("image")) > 0);
	for (size_t i = 0; i < GH_COUNT(cases[which].args) && cases[which].args[i]; i++)
		argv[n++] = cases[which].args[i];
	if (run((char *const *)(uintptr_t)argv) != 0)
		return (gh_bytes){ NULL, 0 };
	return read_whole(image);
}

static gh_entry_type type_of(mode_t mode)
{
	return S_ISREG(mode)    ? GH_ENTRY_FILE
	       : S_ISDIR(mode)  ? GH_ENTRY_DIR
	       : S_ISLNK(mode)  ? GH_ENTRY_LINK
	       : S_ISFIFO(mode) ? GH_ENTRY_FIFO
	       : S_ISSOCK(mode) ? GH_ENTRY_SOCKET
				: GH_ENTRY_CHAR;
}

static const char *path_of(const gh_entry *e)
{
	char name[4096];
	int n = snprintf(name, sizeof name, "tree/%.*s", (int)e->path.len, (const char *)e->path.ptr);
	assert_true(n > 0 && (size_t)n < sizeof name);
	return in(name);
}

static void compare_metadata(const gh_entry *e, const char *label)
{
	struct stat st;
	char target[4096];
	TRUE(!e->notes, e->notes ? e->notes->text : label);
	if (gh_bytes_eq(e->path, GH_LIT("dev"))) {
		EQ(e->type, GH_ENTRY_CHAR, label);
		EQ(e->mode, 0620, label);
		EQ(e->uid, 7, label);
		EQ(e->gid, 8, label);
		EQ(e->major, 300, label);
		EQ(e->minor, 70000, label);
		return;
	}
	assert_int_equal(lstat(path_of(e), &st), 0);
	EQ(e->type, type_of(st.st_mode), label);
	EQ(e->mode, st.st_mode & 07777, label);
	EQ(e->uid, st.st_uid, label);
	EQ(e->gid, st.st_gid, label);
	EQ(e->mtime, st.st_mtime, label);
	if (!S_ISDIR(st.st_mode)) {
		EQ(e->nlink, st.st_nlink, label);
		EQ(e->size, S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? st.st_size : 0, label);
	}
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path_of(e), target, sizeof target);
		assert_true(n > 0);
		SAME(e->target, gh_view(target, (size_t)n), label);
	}
}

static void compare_content(void *arg, const gh_entry *e, gh_code code, gh_bytes content)
{
	const char *label = arg;
	gh_bytes want = read_whole(path_of(e));
	EQ(code, GH_OK, label);
	SAME(content, want, label);
	free((void *)(uintptr_t)want.ptr);
}

static void compare_xattrs(const gh_volume *v, const char *label)
{
	const gh_entry *text = entry_named(v, "text"), *random = entry_named(v, "random"),
		       *deep = entry_named(v, "deep");
	if (!has_xattrs)
		return;
	EQ(text->n_xattrs, 1, label);
	SAME(text->xattrs[0].name, GH_LIT("user.shared"), label);
	SAME(text->xattrs[0].value, gh_view(value, sizeof value), label);
	EQ(random->n_xattrs, 2, label);
	for (size_t i = 0; i < random->n_xattrs; i++) {
		bool own = gh_bytes_eq(random->xattrs[i].name, GH_LIT("user.own"));
		SAME(random->xattrs[i].value, own ? GH_LIT("v") : gh_view(value, sizeof value), label);
	}
	EQ(deep->n_xattrs, 1, label);
	EQ(deep->xattrs[0].value.len, 0, label);
}

static void compare_hard_links(const gh_volume *v, const char *label)
{
	size_t firsts = 0, seconds = 0;
	for (size_t i = 0; i < v->count; i++) {
		const gh_entry *e = &v->entries[i];
		if (!gh_bytes_end(e->path, GH_LIT("text")))
			continue;
		firsts += !e->hard_link;
		seconds += e->hard_link;
		TRUE(!e->hard_link || e->same_as < i, label);
		TRUE(!e->hard_link || gh_bytes_eq(e->target, v->entries[e->same_as].path), label);
	}
	EQ(firsts, 1, label);
	EQ(seconds, 2, label);
}

static void check_case(size_t which)
{
	const char *label = cases[which].label;
	gh_bytes image = pack(which);
	if (image.len == 0) {
		print_message("# skipped: this mksquashfs does not know %s\n", label);
		return;
	}
	struct opened o = open_squashfs(image, 0, NULL);
	EQ(o.measured, GH_OK, label);
	EQ(o.span.proof, GH_PROOF_PARSED, label);
	EQ(o.unpacked, GH_OK, label);
	TRUE(!o.node->notes, o.node->notes ? o.node->notes->text : label);
	SAME(fact_of(o.node, "compressor-found"), gh_view_text(cases[which].found), label);
	SAME(fact_of(o.node, "created"), GH_LIT("2017-07-14T02:40:00Z"), label);
	const gh_volume *v = o.node->volume;
	EQ(v->count, MANY + OTHERS, label);
	for (size_t i = 0; i < v->count; i++)
		compare_metadata(&v->entries[i], label);
	compare_hard_links(v, label);
	compare_xattrs(v, label);
	read_all(&o, compare_content, (void *)(uintptr_t)label);
	close_squashfs(&o);
	free((void *)(uintptr_t)image.ptr);
}

static void what_was_packed_comes_out(void **state)
{
	(void)state;
	if (!has_tool) {
		print_message("# skipped: there is no mksquashfs\n");
		skip();
	}
	for (size_t i = 0; i < GH_COUNT(cases); i++)
		check_case(i);
}

static void the_data_is_believed_before_the_header(void **state)
{
	enum { COMPRESSOR = 20 };
	(void)state;
	if (!has_tool)
		skip();
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		const char *found = cases[i].found;
		if (strcmp(cases[i].label, found) != 0)
			continue;
		gh_bytes image = pack(i);
		uint8_t *header = (uint8_t *)(uintptr_t)image.ptr, real = image.len ? header[COMPRESSOR] : 0;
		for (uint8_t said = 1; said <= 6 && image.len > 0; said++) {
			header[COMPRESSOR] = said;
			struct opened o = open_squashfs(image, 0, NULL);
			EQ(o.span.proof, GH_PROOF_PARSED, found);
			SAME(fact_of(o.node, "compressor-found"), gh_view_text(found), found);
			EQ(has_note(o.node->notes, "the header says"), said != real, found);
			read_all(&o, compare_content, (void *)(uintptr_t)found);
			close_squashfs(&o);
		}
		free(header);
	}
}

static int set_up(void **state)
{
	(void)state;
	char *probe[] = { (char *)(uintptr_t) "mksquashfs", (char *)(uintptr_t) "-version", NULL };
	has_tool = run(probe) >= 0;
	if (!mkdtemp(folder))
		return -1;
	(void)umask(022);
	if (has_tool)
		make_tree();
	return 0;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(the_data_is_believed_before_the_header),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
