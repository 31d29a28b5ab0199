/* SPDX-License-Identifier: Apache-2.0 */
#include "host/worker.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "host/clock.h"

struct heard {
	gh_worker_result result;
	uint8_t first[32];
	size_t len;
	unsigned ended;
	uint64_t limit; /* refuse more than this; 0: no limit */
	char cage[GH_CAGE_TEXT];
};

static gh_code hear(void *arg, gh_bytes more)
{
	struct heard *h = arg;
	size_t n = GH_MIN(more.len, sizeof h->first - GH_MIN(h->len, sizeof h->first));
	if (n > 0)
		memcpy(h->first + h->len, more.ptr, n);
	h->len += more.len;
	return h->limit && h->len > h->limit ? GH_CORRUPT : GH_OK;
}

static void ended(void *arg, const gh_worker_result *result)
{
	struct heard *h = arg;
	h->result = *result;
	h->ended++;
}

static int speaks(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)cage;
	return write(out, "neigh", 5) == 5 ? 7 : 8;
}

static int segfaults(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)cage;
	(void)!write(out, "half", 4);
	volatile uint8_t *volatile nowhere = NULL;
	*nowhere = 1;
	return 0;
}

static int aborts(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)out;
	(void)cage;
	abort();
}

static int loops(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)out;
	(void)cage;
	for (volatile unsigned n = 0;; n++)
		;
	return 0;
}

static int floods(void *arg, int out, const char *cage)
{
	static const char page[4096];
	(void)arg;
	(void)cage;
	while (write(out, page, sizeof page) > 0)
		;
	return 0;
}

static int says_nothing(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)out;
	(void)cage;
	return 0;
}

static int closes_and_lives_on(void *arg, int out, const char *cage)
{
	(void)arg;
	(void)cage;
	(void)close(out);
	for (;;)
		(void)usleep(10000);
	return 0;
}

static int speaks_much_and_ends(void *arg, int out, const char *cage)
{
	static const char page[60000]; /* fits the pipe: the process is gone before it is read */
	(void)arg;
	(void)cage;
	return write(out, page, sizeof page) == sizeof page ? 0 : 1;
}

static gh_worker_job job_of(int (*run)(void *, int, const char *), struct heard *h)
{
	return (gh_worker_job){
		.run = run, .bytes = hear, .done = ended, .arg = h, .cage = { .output = -1 }, .timeout_ms = 20000
	};
}

static void run_to_end(gh_ctx *ctx, gh_workers *set)
{
	uint64_t start = gh_clock_ms();
	while (gh_workers_running(set) > 0) {
		assert_int_equal(gh_workers_poll(ctx, set, 1000), GH_OK);
		assert_true(gh_clock_ms() - start < 30000);
	}
}

static const struct {
	const char *label;
	int (*run)(void *, int, const char *);
	uint64_t timeout_ms, max_bytes, limit;
	gh_worker_end end;
	int code;
	const char *text, *first;
} rows[] = {
	{ "speaks", speaks, 20000, 0, 0, GH_WORKER_EXITED, 7, "exited with 7", "neigh" },
	{ "says nothing", says_nothing, 20000, 0, 0, GH_WORKER_EXITED, 0, "exited with 0", "" },
	{ "segfaults", segfaults, 20000, 0, 0, GH_WORKER_SIGNALLED, SIGSEGV, "signal 11", "half" },
	{ "aborts", aborts, 20000, 0, 0, GH_WORKER_SIGNALLED, SIGABRT, "signal 6", "" },
	{ "loops", loops, 150, 0, 0, GH_WORKER_TIMED_OUT, SIGKILL, "timed out", "" },
	{ "floods", floods, 20000, GH_MIB(1), 0, GH_WORKER_FLOODED, SIGKILL, "said too much", NULL },
	{ "says nonsense", floods, 20000, 0, 100000, GH_WORKER_CANCELLED, SIGKILL, "cancelled", NULL },
	{ "closes its pipe and lives on", closes_and_lives_on, 150, 0, 0, GH_WORKER_TIMED_OUT, SIGKILL, "timed out",
	  "" },
	{ "speaks much and ends", speaks_much_and_ends, 20000, 0, 0, GH_WORKER_EXITED, 0, "exited with 0", NULL },
};

static void every_way_to_end_is_an_answer(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_workers *set = gh_workers_new(&ctx, 1);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		char text[48];
		unsigned slot;
		struct heard h = { .limit = rows[i].limit };
		gh_worker_job job = job_of(rows[i].run, &h);
		job.timeout_ms = rows[i].timeout_ms;
		job.max_bytes = rows[i].max_bytes;
#ifdef GH_SANITIZED /* these turn a bad access into a report and an exit of their own */
		if (rows[i].run == segfaults)
			continue;
#endif
		EQ(gh_worker_start(&ctx, set, &job, &slot), GH_OK, rows[i].label);
		run_to_end(&ctx, set);
		EQ(h.ended, 1, rows[i].label);
		EQ(h.result.end, rows[i].end, rows[i].label);
		EQ(h.result.code, rows[i].code, rows[i].label);
		SAME(gh_view_text(gh_worker_end_text(&h.result, text)), gh_view_text(rows[i].text), rows[i].label);
		if (rows[i].first)
			SAME(gh_view(h.first, GH_MIN(h.len, sizeof h.first)), gh_view_text(rows[i].first),
			     rows[i].label);
		if (rows[i].run == speaks_much_and_ends)
			EQ(h.len, 60000, "all that was said is heard");
	}
	gh_workers_free(set);
	gh_test_done(&ctx);
}

static void several_run_at_once_and_one_place_too_many_is_refused(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_workers *set = gh_workers_new(&ctx, 3);
	struct heard h[3] = { 0 };
	unsigned slot;
	for (int i = 0; i < 3; i++) {
		gh_worker_job job = job_of(i == 1 ? closes_and_lives_on : speaks, &h[i]);
		assert_int_equal(gh_worker_start(&ctx, set, &job, &slot), GH_OK);
		EQ(slot, i, "slot");
	}
	gh_worker_job more = job_of(speaks, &h[0]);
	EQ(gh_worker_start(&ctx, set, &more, &slot), GH_LIMIT, "a fourth");
	while (gh_workers_running(set) > 1)
		assert_int_equal(gh_workers_poll(&ctx, set, 1000), GH_OK);
	EQ(h[0].ended + h[2].ended, 2, "two ended");
	EQ(h[1].ended, 0, "one lives on");
	gh_worker_cancel(set, 1);
	run_to_end(&ctx, set);
	EQ(h[1].result.end, GH_WORKER_CANCELLED, "cancelled");
	gh_workers_free(set);
	gh_test_done(&ctx);
}

struct chain {
	struct heard heard; /* first, so that hear() and ended() fit */
	gh_ctx *ctx;
	gh_workers *set;
	unsigned left;
};

static void starts_the_next(void *arg, const gh_worker_result *result)
{
	struct chain *chain = arg;
	unsigned slot;
	ended(&chain->heard, result);
	gh_worker_job job = job_of(speaks, &chain->heard);
	job.done = starts_the_next;
	if (chain->left-- > 0)
		assert_int_equal(gh_worker_start(chain->ctx, chain->set, &job, &slot), GH_OK);
}

static void a_worker_that_ended_may_be_followed_from_its_own_callback(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	struct chain chain = { .ctx = &ctx, .set = gh_workers_new(&ctx, 1), .left = 10 };
	starts_the_next(&chain, &(gh_worker_result){ 0 });
	run_to_end(&ctx, chain.set);
	EQ(chain.heard.ended, 11, "ten and the first call");
	EQ(chain.heard.len, 50, "bytes of ten");
	gh_workers_free(chain.set);
	gh_test_done(&ctx);
}

static int tells_its_pid(void *arg, int out, const char *cage)
{
	(void)cage;
	pid_t pid = getpid();
	(void)!write(out, &pid, sizeof pid);
	return loops(arg, out, NULL);
}

/* A parent that is killed: its worker must not outlive it. */
static void a_worker_dies_with_its_parent(void **state)
{
	(void)state;
	int ends[2];
	pid_t worker = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t parent = fork();
	if (parent == 0) {
		gh_ctx ctx = gh_test_ctx();
		struct heard h = { 0 };
		unsigned slot;
		gh_workers *set = gh_workers_new(&ctx, 1);
		gh_worker_job job = job_of(tells_its_pid, &h);
		gh_code code = gh_worker_start(&ctx, set, &job, &slot);
		while (code == GH_OK && h.len < sizeof worker)
			code = gh_workers_poll(&ctx, set, 1000);
		(void)!write(ends[1], h.first, sizeof worker);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ends[0], &worker, sizeof worker), sizeof worker);
	assert_int_equal(kill(worker, 0), 0);
	assert_int_equal(kill(parent, SIGTERM), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* adopted by init, which may take its time to reap: a zombie is dead enough */
	bool dead = false;
	for (int i = 0; i < 500 && !dead; i++) {
		char path[64], line[256] = "";
		(void)snprintf(path, sizeof path, "/proc/%d/stat", worker);
		FILE *stat = fopen(path, "re");
		dead = !stat || !fgets(line, sizeof line, stat) || strstr(line, ") Z ") || strstr(line, ") X ");
		if (stat)
			(void)fclose(stat);
		if (!dead)
			(void)usleep(10000);
	}
	TRUE(dead, "the worker is gone");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void a_killed_set_leaves_nobody(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_workers *set = gh_workers_new(&ctx, 2);
	struct heard h = { 0 };
	unsigned slot;
	gh_worker_job job = job_of(loops, &h);
	assert_int_equal(gh_worker_start(&ctx, set, &job, &slot), GH_OK);
	gh_workers_free(set);
	EQ(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
	EQ(h.ended, 0, "and nobody is told");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_end_is_an_answer),
		cmocka_unit_test(several_run_at_once_and_one_place_too_many_is_refused),
		cmocka_unit_test(a_worker_that_ended_may_be_followed_from_its_own_callback),
		cmocka_unit_test(a_worker_dies_with_its_parent),
		cmocka_unit_test(a_killed_set_leaves_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
