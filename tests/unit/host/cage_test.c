/* SPDX-License-Identifier: Apache-2.0 */
/* Each row is one deed, done in a process of its own behind the closed cage; it answers with its errno. */
#include "host/cage.h"

#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "folder.h"

struct place {
	int out;    /* pipe to the test */
	int target; /* the output folder, or -1 */
	int beside; /* another folder; closed by the cage */
	const char *canary;
};

static int told(long got)
{
	return got < 0 ? errno : 0;
}

static int opens_a_file(struct place *p)
{
	(void)p;
	return told(open("/etc/passwd", O_RDONLY));
}
static int opens_a_device(struct place *p)
{
	(void)p;
	return told(open("/dev/null", O_RDWR));
}
static int writes_elsewhere(struct place *p)
{
	return told(open(p->canary, O_WRONLY | O_CREAT, 0644));
}
static int truncates_elsewhere(struct place *p)
{
	return told(truncate(p->canary, 0));
}
static int makes_a_socket(struct place *p)
{
	(void)p;
	return told(socket(AF_INET, SOCK_STREAM, 0));
}
static int makes_a_pair(struct place *p)
{
	int s[2];
	(void)p;
	return told(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
}
static int traces(struct place *p)
{
	(void)p;
	return told(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int kills_its_parent(struct place *p)
{
	(void)p;
	return told(kill(getppid(), 0));
}
static int raises_a_limit(struct place *p)
{
	(void)p;
	return told(setrlimit(RLIMIT_CORE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }));
}

static int executes(struct place *p)
{
	static char name[] = "/bin/true", *argv[] = { name, NULL };
	(void)p;
	return told(execve(name, argv, argv + 1));
}

static int forks(struct place *p)
{
	(void)p;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return told(pid);
}

static int maps_code(struct place *p)
{
	(void)p;
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at == MAP_FAILED ? errno : 0;
}

static int makes_code(struct place *p)
{
	(void)p;
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at == MAP_FAILED ? 255 : told(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int uses_a_stray_descriptor(struct place *p)
{
	return told(fcntl(p->beside, F_GETFD));
}
static int makes_a_folder_in_the_output(struct place *p)
{
	return told(mkdirat(p->target, "made", 0755));
}
static int makes_a_node(struct place *p)
{
	return told(mknodat(p->target, "node", S_IFIFO | 0644, 0));
}
static int leaves_the_output(struct place *p)
{
	return told(openat(p->target, "../canary", O_WRONLY | O_TRUNC));
}

static int leaves_by_a_link(struct place *p)
{
	return symlinkat(p->canary, p->target, "link") == 0 ? told(openat(p->target, "link", O_WRONLY)) : 255;
}

static int writes_to_the_output(struct place *p)
{
	int fd = openat(p->target, "new", O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || write(fd, "hay", 3) != 3 || futimens(fd, NULL) != 0 || close(fd) != 0)
		return errno;
	return told(renameat2(p->target, "new", p->target, "named", RENAME_NOREPLACE));
}

static int reads_the_output(struct place *p)
{
	int fd = openat(p->target, "there", O_RDONLY);
	return told(fd);
}

static void *counts(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		void *some = malloc(1 << 16);
		if (some)
			memset(some, i, 1 << 16);
		free(some);
	}
	*(int *)arg += 1;
	return NULL;
}

static int works_with_threads(struct place *p)
{
	pthread_t thread[4];
	int done[4] = { 0 }, all = 0;
	struct timespec now, nap = { .tv_nsec = 1000000 };
	(void)p;
	for (int i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, counts, &done[i]) != 0)
			return 254;
	for (int i = 0; i < 4; i++)
		if (pthread_join(thread[i], NULL) == 0)
			all += done[i];
	return all == 4 && clock_gettime(CLOCK_MONOTONIC, &now) == 0 && nanosleep(&nap, NULL) == 0 ? 0 : 253;
}

#ifndef GH_SANITIZED
static int maps_much(struct place *p)
{
	(void)p;
	void *at = mmap(NULL, (size_t)GH_GIB(2), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at == MAP_FAILED ? errno : 0;
}
#endif

static int writes_much(struct place *p)
{
	static const char page[1 << 16];
	int fd = openat(p->target, "much", O_WRONLY | O_CREAT, 0644);
	for (int i = 0; fd >= 0 && i < 64; i++)
		if (write(fd, page, sizeof page) < 0)
			return errno;
	return fd < 0 ? errno : 0;
}

enum { ANY = -1 }; /* refused, whoever of the two says it and how */

static const struct {
	const char *label;
	int (*deed)(struct place *);
	bool output; /* with an output folder */
	int want;
	bool by_path; /* told apart from allowed deeds by the path alone */
} rows[] = {
	{ "opens a file", opens_a_file, false, ANY, true },
	{ "opens a file, with an output", opens_a_file, true, ANY, true },
	{ "opens a device", opens_a_device, true, ANY, true },
	{ "writes elsewhere", writes_elsewhere, false, ANY, true },
	{ "writes elsewhere, with an output", writes_elsewhere, true, ANY, true },
	{ "truncates elsewhere", truncates_elsewhere, true, ANY, false },
	{ "makes a socket", makes_a_socket, false, ANY, false },
	{ "makes a pair of sockets", makes_a_pair, false, ANY, false },
	{ "traces", traces, false, ANY, false },
	{ "kills its parent", kills_its_parent, false, ANY, false },
	{ "raises a limit", raises_a_limit, false, ANY, false },
	{ "executes", executes, false, ANY, false },
	{ "executes, with an output", executes, true, ANY, false },
	{ "forks", forks, false, ANY, false },
	{ "maps code", maps_code, false, ANY, false },
	{ "makes code of data", makes_code, false, ANY, false },
	{ "uses a stray descriptor", uses_a_stray_descriptor, false, EBADF, false },
	{ "makes a folder without an output", makes_a_folder_in_the_output, false, ANY, false },
	{ "makes a node", makes_a_node, true, ANY, false },
	{ "leaves the output", leaves_the_output, true, EACCES, true },
	{ "leaves by a link", leaves_by_a_link, true, EACCES, true },
	{ "reads the output", reads_the_output, true, EACCES, true },
	{ "makes a folder in the output", makes_a_folder_in_the_output, true, 0, false },
	{ "writes to the output", writes_to_the_output, true, 0, false },
	{ "works with threads", works_with_threads, false, 0, false },
	{ "works with threads, with an output", works_with_threads, true, 0, false },
	{ "writes more than a file may have", writes_much, true, EFBIG, false },
#ifndef GH_SANITIZED
	{ "maps more than it may have", maps_much, false, ENOMEM, false },
#endif
};

/* Stands in for a kernel that never heard of Landlock. */
static bool hide_landlock(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int call = seccomp_syscall_resolve_name("landlock_create_ruleset");
	bool ok = filter && call != __NR_SCMP_ERROR && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) == 0 &&
		  seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

/* What the caged process answers: its errno, then the text of the cage. */
static int do_in_cage(struct folder *f, int (*deed)(struct place *), bool output, bool landlock,
		      char text[GH_CAGE_TEXT])
{
	int ends[2], status, error = -1;
	struct place p = { .target = -1, .canary = folder_path(f, "canary") };
	assert_int_equal(pipe(ends), 0);
	p.out = ends[1];
	p.beside = open(f->at, O_RDONLY | O_DIRECTORY);
	int target = open(folder_path(f, "output"), O_RDONLY | O_DIRECTORY);
	p.target = target;
	pid_t pid = fork();
	if (pid == 0) {
		const gh_cage cage = { .keep = &p.out,
				       .n_keep = 1,
				       .output = output ? target : -1,
				       .memory = GH_GIB(1),
				       .file_size = output ? GH_MIB(1) : 0,
				       .cpu_s = 20 };
		char line[GH_CAGE_TEXT];
		gh_code code = landlock || hide_landlock() ? gh_cage_enter(&f->ctx, &cage, line) : GH_IO;
		int answer = code == GH_OK ? deed(&p) : 252;
		bool ok = write(p.out, &answer, sizeof answer) == sizeof answer &&
			  write(p.out, code == GH_OK ? line : f->ctx.what, GH_CAGE_TEXT - 40) > 0;
		_exit(ok ? 0 : 1);
	}
	(void)close(ends[1]);
	memset(text, 0, GH_CAGE_TEXT);
	assert_int_equal(read(ends[0], &error, sizeof error), sizeof error);
	assert_true(read(ends[0], text, GH_CAGE_TEXT - 1) > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(ends[0]);
	(void)close(p.beside);
	(void)close(target);
	return error;
}

static struct folder stage(void)
{
	struct folder f = folder_new();
	assert_int_equal(mkdir(folder_path(&f, "output"), 0755), 0);
	(void)folder_file(&f, "canary", GH_LIT("sings"));
	(void)folder_file(&f, "output/there", GH_LIT("before"));
	return f;
}

static void a_caged_process_can_work_and_nothing_else(void **state)
{
	(void)state;
	bool landlock = gh_cage_landlock_abi() >= 2;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		char text[GH_CAGE_TEXT];
		struct folder f = stage();
		if (!landlock && rows[i].by_path && rows[i].output) {
			print_message("%s: skipped, this kernel has no landlock\n", rows[i].label);
			folder_remove(&f);
			continue;
		}
		int got = do_in_cage(&f, rows[i].deed, rows[i].output, true, text);
		TRUE(got < 250, text);
		if (rows[i].want == ANY)
			TRUE(got != 0, rows[i].label);
		else
			EQ(got, rows[i].want, rows[i].label);
		SAME(folder_read(&f, "canary"), GH_LIT("sings"), rows[i].label);
		folder_remove(&f);
	}
}

/* Without an output folder seccomp alone refuses all of it; with one it does not know paths, and says so. */
static void a_kernel_without_landlock_is_told_and_seccomp_still_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		char text[GH_CAGE_TEXT];
		struct folder f = stage();
#ifdef GH_SANITIZED /* their runtime may open files: then only Landlock keeps paths apart */
		bool paths = rows[i].by_path;
#else
		bool paths = rows[i].by_path && rows[i].output;
#endif
		int got = do_in_cage(&f, rows[i].deed, rows[i].output, false, text);
		TRUE(strstr(text, "seccomp; no landlock: the kernel says ") != NULL, text);
		if (!paths)
			TRUE(rows[i].want == ANY ? got != 0 : got == rows[i].want, rows[i].label);
		folder_remove(&f);
	}
}

static void the_text_says_what_was_closed(void **state)
{
	(void)state;
	char text[GH_CAGE_TEXT];
	struct folder f = stage();
	EQ(do_in_cage(&f, works_with_threads, false, true, text), 0, text);
	TRUE(gh_bytes_start(gh_view_text(text), GH_LIT("rlimits, ")), text);
	TRUE(strstr(text, "seccomp") != NULL, text);
	TRUE(strstr(text, gh_cage_landlock_abi() > 0 ? ", landlock (ABI " : "no landlock: ") != NULL, text);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caged_process_can_work_and_nothing_else),
		cmocka_unit_test(a_kernel_without_landlock_is_told_and_seccomp_still_holds),
		cmocka_unit_test(the_text_says_what_was_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
