/* SPDX-License-Identifier: Apache-2.0 */
#include "host/input.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "folder.h"
#include "host/clock.h"

static void a_file_is_mapped_and_an_empty_one_is_fine(void **state)
{
	(void)state;
	struct folder f = folder_new();
	gh_input in;
	assert_int_equal(gh_input_open(&f.ctx, folder_file(&f, "image", GH_LIT("horse")), 0, &in), GH_OK);
	SAME(in.bytes, GH_LIT("horse"), "mapped");
	TRUE(in.fd > 2, "descriptor");
	gh_input_close(&in);
	assert_int_equal(gh_input_open(&f.ctx, folder_file(&f, "empty", GH_LIT("")), 0, &in), GH_OK);
	EQ(in.bytes.len, 0, "empty");
	gh_input_close(&in);
	folder_remove(&f);
}

static void make_socket(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(at.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	(void)close(fd);
}

static void what_is_no_file_is_refused_in_one_line(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "folder", "folder: is a directory" },
		{ "fifo", "fifo: is a FIFO: pipe it to '-' instead" },
		{ "socket", "socket: is a socket" },
		{ "null", "null: is a device: copy it to a file first" },
		{ "nothing", "nothing: no such file or directory" },
		{ "empty/below", "empty/below: a part of the path is not a directory" },
		{ "loop", "loop: too many symbolic links" },
	};
	(void)state;
	struct folder f = folder_new();
	assert_int_equal(mkdir(folder_path(&f, "folder"), 0755), 0);
	assert_int_equal(mkfifo(folder_path(&f, "fifo"), 0644), 0);
	assert_int_equal(symlink("/dev/null", folder_path(&f, "null")), 0);
	assert_int_equal(symlink("loop", folder_path(&f, "loop")), 0);
	make_socket(folder_path(&f, "socket"));
	(void)folder_file(&f, "empty", GH_LIT(""));
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_input in;
		EQ(gh_input_open(&f.ctx, folder_path(&f, rows[i].name), 0, &in), GH_IO, rows[i].name);
		SAME(gh_view_text(f.ctx.what), gh_view_text(folder_path(&f, rows[i].want)), rows[i].name);
	}
	folder_remove(&f);
}

static void no_permission_is_said_so(void **state)
{
	(void)state;
	struct folder f = folder_new();
	gh_input in;
	const char *path = folder_file(&f, "secret", GH_LIT("x"));
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(f.at, 0755), 0);
	bool root = geteuid() == 0;
	if (root)
		assert_int_equal(seteuid(65534), 0);
	gh_code code = gh_input_open(&f.ctx, path, 0, &in);
	if (root)
		assert_int_equal(seteuid(0), 0);
	EQ(code, GH_IO, "unreadable");
	TRUE(gh_bytes_end(gh_view_text(f.ctx.what), GH_LIT("secret: permission denied")), f.ctx.what);
	folder_remove(&f);
}

static void a_long_path_shows_its_end_and_no_control_bytes(void **state)
{
	(void)state;
	struct folder f = folder_new();
	gh_input in;
	char path[300];
	memset(path, 'a', sizeof path);
	memcpy(path + sizeof path - 6, "\x1b\x07.bin", 6);
	path[sizeof path - 1] = 0;
	EQ(gh_input_open(&f.ctx, path, 0, &in), GH_IO, "long");
	TRUE(gh_bytes_start(gh_view_text(f.ctx.what), GH_LIT("...aaa")), f.ctx.what);
	TRUE(strstr(f.ctx.what, "a??.bi: the name is too long") != NULL, f.ctx.what);
	folder_remove(&f);
}

/* Runs with standard input replaced by the reading end of a pipe that holds `content`. */
static gh_code open_piped(gh_ctx *ctx, gh_bytes content, uint64_t most, gh_input *ret)
{
	int ends[2], was = dup(STDIN_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], content.ptr, content.len), content.len);
	(void)close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(ends[0]);
	gh_code code = gh_input_open(ctx, "-", most, ret);
	(void)dup2(was, STDIN_FILENO);
	(void)close(was);
	return code;
}

static void standard_input_is_spooled_up_to_a_ceiling(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_input in;
	assert_int_equal(open_piped(&ctx, GH_LIT("trojan"), 0, &in), GH_OK);
	SAME(in.bytes, GH_LIT("trojan"), "piped");
	gh_input_close(&in);
	assert_int_equal(open_piped(&ctx, GH_LIT(""), 0, &in), GH_OK);
	EQ(in.bytes.len, 0, "nothing piped");
	gh_input_close(&in);
	assert_int_equal(open_piped(&ctx, GH_LIT("trojan"), 6, &in), GH_OK);
	gh_input_close(&in);
	assert_int_equal(open_piped(&ctx, GH_LIT("trojan"), 5, &in), GH_IO);
	TRUE(strstr(ctx.what, "more than 5 bytes") != NULL, ctx.what);
	gh_test_done(&ctx);
}

struct seen {
	char all[1024];
	size_t len, base;
	unsigned troubles;
};

static gh_code see(void *arg, const char *path)
{
	struct seen *seen = arg;
	seen->len += (size_t)snprintf(seen->all + seen->len, sizeof seen->all - seen->len, "%s ", path + seen->base);
	return GH_OK;
}

static void see_trouble(void *arg, const char *path, const char *line)
{
	struct seen *seen = arg;
	seen->troubles += strlen(path) > 0 && strstr(line, ": ") != NULL;
}

static void a_walk_meets_files_in_byte_order_of_their_paths(void **state)
{
	(void)state;
	struct folder f = folder_new();
	struct seen seen = { .base = strlen(f.at) + 1 };
	const gh_walk walk = { &seen, see, see_trouble };
	assert_int_equal(mkdir(folder_path(&f, "a"), 0755), 0);
	assert_int_equal(symlink("a", folder_path(&f, "link")), 0);
	assert_int_equal(mkfifo(folder_path(&f, "fifo"), 0644), 0);
	static const char *const files[] = { "b", "a/2", "a/1", "a.bin", "a-bin", "a0", "\xff" };
	for (size_t i = 0; i < GH_COUNT(files); i++)
		(void)folder_file(&f, files[i], GH_LIT("x"));
	assert_int_equal(gh_input_walk(&f.ctx, f.at, &walk), GH_OK);
	SAME(gh_view_text(seen.all), GH_LIT("a-bin a.bin a/1 a/2 a0 b \xff "), "order");
	EQ(seen.troubles, 0, "troubles");
	assert_int_equal(gh_input_walk(&f.ctx, folder_path(&f, "missing"), &walk), GH_OK);
	EQ(seen.troubles, 1, "a missing folder is told");
	TRUE(gh_input_is_folder(f.at) && !gh_input_is_folder(folder_path(&f, "b")), "is_folder");
	folder_remove(&f);
}

static void a_walk_ends_at_a_bounded_depth_and_says_so(void **state)
{
	(void)state;
	struct folder f = folder_new();
	struct seen seen = { .base = strlen(f.at) + 1 };
	const gh_walk walk = { &seen, see, see_trouble };
	int at = open(f.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(mkdirat(at, "d", 0755), 0);
		int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(at);
		at = next;
	}
	(void)close(at);
	assert_int_equal(gh_input_walk(&f.ctx, f.at, &walk), GH_OK);
	EQ(seen.troubles, 1, "too deep");
	folder_remove(&f);
}

static void the_clock_goes_forward_and_there_is_a_processor(void **state)
{
	(void)state;
	uint64_t before = gh_clock_ms();
	(void)usleep(3000);
	uint64_t took = gh_clock_ms() - before;
	TRUE(took >= 2 && took < 60000, "three milliseconds");
	TRUE(gh_cpus() >= 1, "processors");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_mapped_and_an_empty_one_is_fine),
		cmocka_unit_test(what_is_no_file_is_refused_in_one_line),
		cmocka_unit_test(no_permission_is_said_so),
		cmocka_unit_test(a_long_path_shows_its_end_and_no_control_bytes),
		cmocka_unit_test(standard_input_is_spooled_up_to_a_ceiling),
		cmocka_unit_test(a_walk_meets_files_in_byte_order_of_their_paths),
		cmocka_unit_test(a_walk_ends_at_a_bounded_depth_and_says_so),
		cmocka_unit_test(the_clock_goes_forward_and_there_is_a_processor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
