/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every ELF program in every image of the corpus is read: none breaks anything, and what is not
 * understood is a small share, printed for each CPU. Skipped where the corpus is absent.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asm/program.h"
#include "check.h"
#include "unpack/unpack.h"

enum { CPUS = 8 };

typedef struct sums {
	const char *cpu;
	unsigned programs;
	gh_asm_counts n;
} sums;

static sums all[CPUS];

static void add(const gh_program *p)
{
	sums *s = all;
	while (s < all + CPUS - 1 && s->cpu && strcmp(s->cpu, p->cpu) != 0)
		s++;
	s->cpu = p->cpu;
	s->programs++;
	s->n.instructions += p->counts.instructions;
	s->n.unknown += p->counts.unknown;
	s->n.to_import += p->counts.to_import;
	s->n.to_local += p->counts.to_local;
	s->n.to_table += p->counts.to_table;
	s->n.unresolved += p->counts.unresolved;
}

static gh_code on_visit(void *arg, gh_ctx *scan, const gh_visit *v)
{
	(void)arg;
	(void)scan;
	if (!v->entry || !gh_bytes_start(v->content, GH_LIT("\177ELF")))
		return GH_OK;
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB(1)), .scratch = gh_arena_new(GH_GIB(1)) };
	gh_program *p = NULL;
	gh_code code = gh_program_read(&ctx, v->content, &p);
	TRUE(code == GH_OK || code == GH_NOT_MINE, ctx.what);
	if (p && p->cpu)
		add(p);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return GH_OK;
}

static void read_image(const char *path, const gh_search *search)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || st.st_size <= 0)
		fail_msg("%s cannot be read", path);
	void *image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	assert_true(image != MAP_FAILED);
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB(1)), .scratch = gh_arena_new(GH_GIB(1)) };
	gh_budget budget = { .depth = 16 };
	atomic_store(&budget.bytes_left, (int64_t)GH_GIB(1));
	atomic_store(&budget.nodes_left, 1000000);
	gh_unpack_options options = { .jobs = 1, .files = true, .search = search, .budget = &budget };
	gh_visitor visitor = { .visit = on_visit };
	gh_unpacked *unpacked = NULL;
	EQ(gh_unpack(&ctx, gh_view(image, (size_t)st.st_size), &options, &visitor, &unpacked), GH_OK, path);
	gh_unpacked_free(unpacked);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	(void)munmap(image, (size_t)st.st_size);
}

static double share(uint64_t part, uint64_t rest)
{
	return part + rest ? 100.0 * (double)part / (double)(part + rest) : 0;
}

static void every_program_is_read(void **state)
{
	(void)state;
	const char *corpus = getenv("GIFTHORSE_CORPUS");
	char path[1024], line[4096];
	(void)snprintf(path, sizeof path, "%s/INDEX.tsv", corpus ? corpus : "");
	FILE *index = corpus ? fopen(path, "r") : NULL;
	if (!index) {
		print_message("no corpus: skipped\n");
		skip();
	}
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_search *search = gh_unpack_search_new(&ctx);
	assert_non_null(search);
	for (unsigned n = 0; fgets(line, sizeof line, index); n++) {
		char *tab = strchr(line, '\t');
		if (n == 0 || !tab)
			continue;
		*tab = '\0';
		if (snprintf(path, sizeof path, "%s/%s", corpus, line) < (int)sizeof path)
			read_image(path, search);
	}
	(void)fclose(index);
	gh_search_free(search);
	for (const sums *s = all; s < all + CPUS && s->cpu; s++) {
		uint64_t resolved = s->n.to_import + s->n.to_local + s->n.to_table;
		double undecoded = share(s->n.unknown, s->n.instructions), lost = share(s->n.unresolved, resolved);
		print_message("%s: %u programs, %.3f %% not decoded, %.1f %% of indirect calls unresolved\n", s->cpu,
			      s->programs, undecoded, lost);
		TRUE(undecoded < 2, s->cpu);
		if (strcmp(s->cpu, "mips") == 0)
			TRUE(lost < 10, s->cpu);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_program_is_read) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
