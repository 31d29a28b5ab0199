/* SPDX-License-Identifier: Apache-2.0 */
#include "host/output.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "folder.h"
#include "host/worker.h"

struct open_output {
	struct folder f;
	gh_output *out;
	gh_place top;
};

static void start(struct open_output *o, const char *target, const char *top, bool force)
{
	assert_int_equal(gh_output_open(&o->f.ctx, folder_path(&o->f, target), force, &o->out), GH_OK);
	assert_int_equal(gh_output_top(&o->f.ctx, o->out, top, GH_PLACE_DIR, &o->top), GH_OK);
}

static gh_code put(struct open_output *o, const char *path, gh_bytes content)
{
	gh_place place;
	gh_code code = gh_output_plan(&o->f.ctx, o->out, &o->top, gh_view_text(path), GH_PLACE_FILE, &place);
	return code == GH_OK ? gh_output_file(&o->f.ctx, o->out, &place, 0644, 86400, content) : code;
}

static void told(struct open_output *o, const char *part)
{
	TRUE(strstr(o->f.ctx.what, part) != NULL, o->f.ctx.what);
}

static void modes_times_and_links_are_kept_as_far_as_they_are_harmless(void **state)
{
	static const struct {
		const char *name;
		uint16_t mode;
		int64_t mtime;
		unsigned want_mode;
		int64_t want_mtime; /* -1: now */
	} rows[] = {
		{ "setuid", 06755, 1, 0755, 1 },
		{ "sticky", 01777, 0, 0755, 0 },
		{ "none", 0, 4294967295, 0600, 4294967295 },
		{ "early", 0644, -1, 0644, -1 },
		{ "late", 0400, 4294967296, 0600, -1 },
	};
	(void)state;
	struct open_output o = { .f = folder_new() };
	gh_place place, links[3];
	char target[16] = "";
	struct stat st;
	mode_t mask = umask(022);
	start(&o, "target", "0x0-test", false);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		assert_int_equal(
			gh_output_plan(&o.f.ctx, o.out, &o.top, gh_view_text(rows[i].name), GH_PLACE_FILE, &place),
			GH_OK);
		assert_int_equal(gh_output_file(&o.f.ctx, o.out, &place, rows[i].mode, rows[i].mtime, GH_LIT("x")),
				 GH_OK);
	}
	static const char *const names[] = { "link", "nowhere", "nul" };
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
			gh_output_plan(&o.f.ctx, o.out, &o.top, gh_view_text(names[i]), GH_PLACE_LINK, &links[i]),
			GH_OK);
	EQ(gh_output_link(&o.f.ctx, o.out, &links[0], GH_LIT("/etc/\n../x"), 86400), GH_OK, "link");
	EQ(gh_output_link(&o.f.ctx, o.out, &links[1], GH_LIT(""), 0), GH_UNSUPPORTED, "no target");
	EQ(gh_output_link(&o.f.ctx, o.out, &links[2], GH_LIT("a\0b"), 0), GH_UNSUPPORTED, "NUL in target");
	TRUE(links[1].why && links[2].why && !links[0].why, "reasons");
	assert_int_equal(gh_output_finish(&o.f.ctx, o.out), GH_OK);
	gh_output_counts counts = gh_output_count(o.out);
	EQ(counts.files, GH_COUNT(rows), "files");
	EQ(counts.links, 1, "links");
	EQ(counts.dirs, 1, "dirs");
	EQ(counts.bytes, GH_COUNT(rows), "bytes");
	EQ(counts.missing, 0, "missing");
	assert_null(gh_output_close(o.out));
	(void)umask(mask);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		assert_int_equal(
			stat(folder_path(&o.f, gh_arena_printf(o.f.ctx.arena, "target/0x0-test/%s", rows[i].name)),
			     &st),
			0);
		EQ(st.st_mode & 07777, rows[i].want_mode, rows[i].name);
		if (rows[i].want_mtime >= 0)
			EQ(st.st_mtime, rows[i].want_mtime, rows[i].name);
		else
			TRUE(time(NULL) - st.st_mtime < 3600, rows[i].name);
	}
	assert_int_equal(readlink(folder_path(&o.f, "target/0x0-test/link"), target, sizeof target), 10);
	SAME(gh_view(target, 10), GH_LIT("/etc/\n../x"), "target of the link");
	assert_int_equal(lstat(folder_path(&o.f, "target/0x0-test/link"), &st), 0);
	EQ(st.st_mtime, 86400, "time of the link");
	folder_remove(&o.f);
}

static void until_it_is_finished_its_name_says_so(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	start(&o, "target", "tree", false);
	assert_int_equal(put(&o, "etc/passwd", GH_LIT("x")), GH_OK);
	EQ(folder_count(&o.f, "target"), 1, "staging alone");
	EQ(folder_count(&o.f, "target/tree"), -1, "not yet");
	const char *left = gh_output_close(o.out);
	assert_non_null(left);
	TRUE(strstr(left, "/target/.gifthorse-partial-") != NULL, left);
	EQ(access(left, F_OK), 0, "the half-written tree stays");
	folder_remove(&o.f);
}

static void nothing_written_leaves_nothing(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	start(&o, "target", "tree", false);
	assert_null(gh_output_close(o.out));
	EQ(folder_count(&o.f, "target"), 0, "empty");
	start(&o, "target", "tree", false);
	assert_int_equal(gh_output_finish(&o.f.ctx, o.out), GH_OK);
	assert_null(gh_output_close(o.out));
	EQ(folder_count(&o.f, "target"), 0, "empty");
	folder_remove(&o.f);
}

static void what_exists_is_an_error_before_the_work_starts(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	gh_place place;
	(void)folder_file(&o.f, "file", GH_LIT("mine"));
	EQ(gh_output_open(&o.f.ctx, folder_path(&o.f, "file"), false, &o.out), GH_IO, "a file as target");
	told(&o, "/file: is not a folder");
	EQ(gh_output_open(&o.f.ctx, folder_path(&o.f, "a/b"), false, &o.out), GH_IO, "no parent");
	told(&o, "/a/b: no such file or directory");
	assert_int_equal(mkdir(folder_path(&o.f, "target"), 0755), 0);
	(void)folder_file(&o.f, "target/taken", GH_LIT("mine"));
	start(&o, "target", "free", false);
	EQ(gh_output_top(&o.f.ctx, o.out, "taken", GH_PLACE_DIR, &place), GH_IO, "taken");
	told(&o, "/target/taken: exists already");
	EQ(gh_output_top(&o.f.ctx, o.out, "../up", GH_PLACE_DIR, &place), GH_IO, "our own names are held to it too");
	assert_null(gh_output_close(o.out));
	SAME(folder_read(&o.f, "target/taken"), GH_LIT("mine"), "untouched");
	folder_remove(&o.f);
}

/* A tree of the user's own that is in the way, with all that makes removing hard. */
static void make_old_tree(struct folder *f, const char *top, const char *beside)
{
	int at = open(folder_path(f, top), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(symlinkat(folder_path(f, beside), at, "link"), 0);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(mkdirat(at, "d", 0755), 0);
		int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(mkdirat(next, "empty", 0555), 0);
		(void)close(openat(next, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0400));
		assert_int_equal(fchmodat(at, "d", i % 2 ? 0555 : 0755, 0), 0);
		(void)close(at);
		at = next;
	}
	(void)close(at);
}

static void force_replaces_what_was_there_and_nothing_beside_it(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	gh_place file;
	assert_int_equal(mkdir(folder_path(&o.f, "target"), 0755), 0);
	assert_int_equal(mkdir(folder_path(&o.f, "target/tree"), 0755), 0);
	assert_int_equal(mkdir(folder_path(&o.f, "target/beside"), 0755), 0);
	(void)folder_file(&o.f, "target/beside/canary", GH_LIT("sings"));
	(void)folder_file(&o.f, "target/manifest", GH_LIT("old"));
	make_old_tree(&o.f, "target/tree", "target/beside");
	start(&o, "target", "tree", true);
	assert_int_equal(put(&o, "new", GH_LIT("new")), GH_OK);
	assert_int_equal(gh_output_top(&o.f.ctx, o.out, "manifest", GH_PLACE_FILE, &file), GH_OK);
	assert_int_equal(gh_output_file(&o.f.ctx, o.out, &file, 0644, -1, GH_LIT("new")), GH_OK);
	EQ(gh_output_finish(&o.f.ctx, o.out), GH_OK, o.f.ctx.what);
	assert_null(gh_output_close(o.out));
	EQ(folder_count(&o.f, "target"), 3, "beside, manifest, tree");
	EQ(folder_count(&o.f, "target/tree"), 1, "the old content is gone");
	SAME(folder_read(&o.f, "target/tree/new"), GH_LIT("new"), "new");
	SAME(folder_read(&o.f, "target/manifest"), GH_LIT("new"), "manifest");
	SAME(folder_read(&o.f, "target/beside/canary"), GH_LIT("sings"), "canary");
	folder_remove(&o.f);
}

static void of_two_runs_the_first_wins_and_the_other_leaves_nothing(void **state)
{
	(void)state;
	struct open_output a = { .f = folder_new() }, b = a;
	gh_place other;
	start(&a, "target", "tree", false);
	start(&b, "target", "alone", false);
	assert_int_equal(gh_output_top(&b.f.ctx, b.out, "tree", GH_PLACE_DIR, &other), GH_OK);
	EQ(folder_count(&a.f, "target"), 2, "each its own staging");
	assert_int_equal(put(&a, "who", GH_LIT("a")), GH_OK);
	assert_int_equal(put(&b, "who", GH_LIT("b")), GH_OK);
	b.top = other;
	assert_int_equal(put(&b, "who", GH_LIT("b")), GH_OK);
	assert_int_equal(gh_output_finish(&a.f.ctx, a.out), GH_OK);
	EQ(gh_output_finish(&b.f.ctx, b.out), GH_IO, "too late");
	told(&b, "/target/tree: exists already");
	assert_null(gh_output_close(a.out));
	assert_null(gh_output_close(b.out));
	EQ(folder_count(&a.f, "target"), 1, "the tree alone");
	SAME(folder_read(&a.f, "target/tree/who"), GH_LIT("a"), "the first");
	folder_remove(&a.f);
}

static void plant(struct open_output *o, const char *path)
{
	int fd = openat(gh_output_staging_fd(o->out), path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	(void)close(fd);
}

/* What a file system that knows no case does to "Makefile" after "makefile": a name that nobody planned
 * is there already. */
static void a_twin_that_only_the_file_system_sees_gets_a_name_beside_it(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	gh_place file, below;
	start(&o, "target", "tree", false);
	assert_int_equal(put(&o, "first", GH_LIT("1")), GH_OK);
	plant(&o, "tree/file");
	plant(&o, "tree/file~10");
	plant(&o, "tree/dir");
	assert_int_equal(gh_output_plan(&o.f.ctx, o.out, &o.top, GH_LIT("file"), GH_PLACE_FILE, &file), GH_OK);
	assert_int_equal(gh_output_plan(&o.f.ctx, o.out, &o.top, GH_LIT("dir/x"), GH_PLACE_FILE, &below), GH_OK);
	TRUE(!file.why && !below.why, "the plan cannot know");
	assert_int_equal(gh_output_file(&o.f.ctx, o.out, &file, 0644, 0, GH_LIT("2")), GH_OK);
	assert_int_equal(gh_output_file(&o.f.ctx, o.out, &below, 0644, 0, GH_LIT("3")), GH_OK);
	SAME(gh_view_text(gh_output_used(&o.f.ctx, o.out, &file)), GH_LIT("tree/file~10~11"), "file");
	SAME(gh_view_text(gh_output_used(&o.f.ctx, o.out, &below)), GH_LIT("tree/dir~12/x"), "folder");
	TRUE(file.why && below.why, "reasons");
	assert_int_equal(gh_output_finish(&o.f.ctx, o.out), GH_OK);
	SAME(folder_read(&o.f, "target/tree/file~10~11"), GH_LIT("2"), "file");
	SAME(folder_read(&o.f, "target/tree/dir~12/x"), GH_LIT("3"), "below");
	assert_null(gh_output_close(o.out));
	folder_remove(&o.f);
}

static void fill(struct open_output *o, const char *want)
{
	static const uint8_t much[1 << 16];
	gh_place place;
	start(o, "disk/target", "tree", false);
	assert_int_equal(put(o, "a/small", GH_LIT("fits")), GH_OK);
	gh_code code = GH_OK;
	for (int i = 0; i < 40 && code == GH_OK; i++)
		code = put(o, "a/large", gh_view(much, sizeof much));
	EQ(code, GH_IO, want);
	told(o, want);
	told(o, "tree/a/large");
	EQ(put(o, "b", GH_LIT("x")), GH_IO, "the second is refused at once");
	assert_int_equal(gh_output_plan(&o->f.ctx, o->out, &o->top, GH_LIT("l"), GH_PLACE_LINK, &place), GH_OK);
	EQ(gh_output_link(&o->f.ctx, o->out, &place, GH_LIT("x"), 0), GH_IO, "a link too");
	assert_int_equal(gh_output_plan(&o->f.ctx, o->out, &o->top, GH_LIT("never"), GH_PLACE_FILE, &place), GH_OK);
	EQ(gh_output_finish(&o->f.ctx, o->out), GH_IO, "not finished");
	told(o, want);
	told(o, ": 4 missing, half-written: ");
	const char *left = gh_output_close(o->out);
	assert_non_null(left);
	EQ(folder_count(&o->f, "disk/target"), 1, "nothing but the half-written tree");
	EQ(access(left, F_OK), 0, left);
	SAME(folder_read(&o->f, gh_arena_printf(o->f.ctx.arena, "%s/tree/a/small", left + strlen(o->f.at) + 1)),
	     GH_LIT("fits"), "what fitted");
}

static void a_full_disk_stops_and_says_what_is_missing(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	const char *disk = folder_path(&o.f, "disk");
	int status;
	assert_int_equal(mkdir(disk, 0755), 0);
	pid_t pid = fork();
	if (pid == 0) { /* a mount of its own, gone with the process */
		if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    mount("tmpfs", disk, "tmpfs", 0, "size=512k") != 0)
			_exit(77);
		fill(&o, "no space left on the device");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		print_message("skipped: this system lets us mount nothing\n");
	else
		assert_int_equal(status, 0);
	folder_remove(&o.f);
}

static void a_file_that_may_not_grow_stops_the_same_way(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	struct rlimit before;
	assert_int_equal(mkdir(folder_path(&o.f, "disk"), 0755), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 4096, before.rlim_max }), 0);
	fill(&o, "the file would be too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, was);
	folder_remove(&o.f);
}

struct writer {
	struct open_output *o;
	gh_place *places;
	size_t first, n, step;
	unsigned bad;
};

static void *writes(void *arg)
{
	struct writer *w = arg;
	gh_ctx ctx = gh_test_ctx();
	for (size_t i = w->first; i < w->n; i += w->step)
		w->bad += gh_output_file(&ctx, w->o->out, &w->places[i], 0644, 0, gh_view(&i, sizeof i)) != GH_OK;
	gh_test_done(&ctx);
	return NULL;
}

/* More folders than descriptors are kept, in an order that suits nobody. */
static void many_threads_write_one_tree(void **state)
{
	enum { FILES = 4000, FOLDERS = 97, THREADS = 4 };
	(void)state;
	struct open_output o = { .f = folder_new() };
	gh_place *places = gh_arena_array(o.f.ctx.arena, FILES, sizeof *places);
	struct writer writers[THREADS];
	pthread_t threads[THREADS];
	start(&o, "target", "tree", false);
	for (size_t i = 0; i < FILES; i++) {
		const char *path = gh_arena_printf(o.f.ctx.arena, "%zu/%zu/%zu", i * 31 % 7, i * 31 % FOLDERS, i);
		assert_int_equal(gh_output_plan(&o.f.ctx, o.out, &o.top, gh_view_text(path), GH_PLACE_FILE, &places[i]),
				 GH_OK);
	}
	for (size_t t = 0; t < THREADS; t++) {
		writers[t] = (struct writer){ &o, places, t, FILES, THREADS, 0 };
		assert_int_equal(pthread_create(&threads[t], NULL, writes, &writers[t]), 0);
	}
	for (size_t t = 0; t < THREADS; t++) {
		assert_int_equal(pthread_join(threads[t], NULL), 0);
		EQ(writers[t].bad, 0, "failures");
	}
	EQ(gh_output_count(o.out).files, FILES, "files");
	assert_int_equal(gh_output_finish(&o.f.ctx, o.out), GH_OK);
	for (size_t i = 0; i < FILES; i += 111) {
		const char *path = gh_output_used(&o.f.ctx, o.out, &places[i]);
		SAME(folder_read(&o.f, gh_arena_printf(o.f.ctx.arena, "target/%s", path)), gh_view(&i, sizeof i), path);
	}
	assert_null(gh_output_close(o.out));
	folder_remove(&o.f);
}

static int extracts(void *arg, int out, const char *cage)
{
	struct open_output *o = arg;
	(void)out;
	(void)cage;
	gh_code code = put(o, "etc/passwd", GH_LIT("root"));
	return code == GH_OK && gh_output_finish(&o->f.ctx, o->out) == GH_OK ? 0 : 1;
}

static int extracts_half(void *arg, int out, const char *cage)
{
	(void)out;
	(void)cage;
	(void)put(arg, "etc/passwd", GH_LIT("root"));
	abort();
}

static void note_end(void *arg, const gh_worker_result *result)
{
	struct open_output *o = arg;
	o->top.len = (uint8_t)(result->end == GH_WORKER_EXITED ? result->code : 100 + result->code);
}

static uint8_t in_worker(struct open_output *o, int (*run)(void *, int, const char *))
{
	const int keep[] = { gh_output_staging_fd(o->out) };
	gh_worker_job job = { .run = run,
			      .done = note_end,
			      .arg = o,
			      .timeout_ms = 20000,
			      .cage = { .keep = keep, .n_keep = 1, .output = gh_output_target_fd(o->out) } };
	gh_workers *set = gh_workers_new(&o->f.ctx, 1);
	unsigned slot;
	assert_int_equal(gh_worker_start(&o->f.ctx, set, &job, &slot), GH_OK);
	while (gh_workers_running(set) > 0)
		assert_int_equal(gh_workers_poll(&o->f.ctx, set, 1000), GH_OK);
	gh_workers_free(set);
	return o->top.len;
}

static void a_caged_worker_writes_and_finishes(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	assert_int_equal(mkdir(folder_path(&o.f, "target"), 0755), 0);
	assert_int_equal(mkdir(folder_path(&o.f, "target/tree"), 0755), 0);
	(void)folder_file(&o.f, "target/tree/old", GH_LIT("old"));
	start(&o, "target", "tree", true);
	EQ(in_worker(&o, extracts), 0, "the worker");
	assert_null(gh_output_close(o.out));
	SAME(folder_read(&o.f, "target/tree/etc/passwd"), GH_LIT("root"), "written");
	EQ(folder_count(&o.f, "target"), 1, "no staging");
	folder_remove(&o.f);
}

static void what_a_dead_worker_left_is_named(void **state)
{
	(void)state;
	struct open_output o = { .f = folder_new() };
	start(&o, "target", "tree", false);
	EQ(in_worker(&o, extracts_half), 100 + SIGABRT, "the worker");
	TRUE(gh_output_close(o.out) != NULL, "something is left");
	EQ(folder_count(&o.f, "target/tree"), -1, "not under its final name");
	folder_remove(&o.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_times_and_links_are_kept_as_far_as_they_are_harmless),
		cmocka_unit_test(until_it_is_finished_its_name_says_so),
		cmocka_unit_test(nothing_written_leaves_nothing),
		cmocka_unit_test(what_exists_is_an_error_before_the_work_starts),
		cmocka_unit_test(force_replaces_what_was_there_and_nothing_beside_it),
		cmocka_unit_test(of_two_runs_the_first_wins_and_the_other_leaves_nothing),
		cmocka_unit_test(a_twin_that_only_the_file_system_sees_gets_a_name_beside_it),
		cmocka_unit_test(a_full_disk_stops_and_says_what_is_missing),
		cmocka_unit_test(a_file_that_may_not_grow_stops_the_same_way),
		cmocka_unit_test(many_threads_write_one_tree),
		cmocka_unit_test(a_caged_worker_writes_and_finishes),
		cmocka_unit_test(what_a_dead_worker_left_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
