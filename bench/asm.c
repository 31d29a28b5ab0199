/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/asm.c - one row of the table of docs/code.md: our reading of programs beside capstone over the same bytes.
 *
 *	bench_asm LABEL FILE…
 *
 * Processor time of one thread. Ours is all of gh_program_read, from the file to the tables; capstone decodes
 * the code once, with no details. `bench/asm` calls it for each architecture.
 */
#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "asm/image_in.h"

typedef struct row {
	unsigned files;
	double ours, peer;
	uint64_t peer_n;
	gh_asm_counts n;
} row;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static gh_bytes whole(const char *path)
{
	gh_bytes b = { NULL, 0 };
	FILE *f = fopen(path, "rb");
	if (!f)
		return b;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	uint8_t *p = size > 0 ? malloc((size_t)size) : NULL;
	if (p && fread(p, 1, (size_t)size, f) == (size_t)size)
		b = (gh_bytes){ p, (size_t)size };
	else
		free(p);
	fclose(f);
	return b;
}

static bool open_peer(const gh_image *image, csh *handle)
{
	static const struct {
		const char *cpu;
		cs_arch arch;
		unsigned mode;
	} table[] = {
		{ "mips", CS_ARCH_MIPS, CS_MODE_MIPS32 }, { "mips64", CS_ARCH_MIPS, CS_MODE_MIPS64 },
		{ "arm", CS_ARCH_ARM, CS_MODE_ARM },      { "aarch64", CS_ARCH_ARM64, CS_MODE_ARM },
		{ "powerpc", CS_ARCH_PPC, CS_MODE_32 },   { "powerpc64", CS_ARCH_PPC, CS_MODE_64 },
		{ "i386", CS_ARCH_X86, CS_MODE_32 },      { "amd64", CS_ARCH_X86, CS_MODE_64 },
	};
	for (size_t i = 0; i < GH_COUNT(table); i++) {
		if (strcmp(table[i].cpu, image->abi->cpu) != 0)
			continue;
		unsigned mode = table[i].mode | (image->mode & GH_DECODE_BIG ? (unsigned)CS_MODE_BIG_ENDIAN : 0);
		if (table[i].arch == CS_ARCH_ARM && (image->mode & 0xff) == GH_MODE_THUMB)
			mode = CS_MODE_THUMB;
		return cs_open(table[i].arch, (cs_mode)mode, handle) == CS_ERR_OK;
	}
	return false;
}

static void peer(row *r, const gh_image *image)
{
	csh handle;
	if (!open_peer(image, &handle))
		return;
	cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	cs_insn *insn = cs_malloc(handle);
	double start = now();
	for (uint32_t i = 0; i < image->n_code; i++) {
		const uint8_t *p = image->code[i].bytes.ptr;
		size_t left = image->code[i].bytes.len;
		uint64_t at = image->code[i].address;
		while (cs_disasm_iter(handle, &p, &left, &at, insn))
			r->peer_n++;
	}
	r->peer += now() - start;
	cs_free(insn, 1);
	cs_close(&handle);
}

static void add(gh_asm_counts *to, const gh_asm_counts *n)
{
	to->code_bytes += n->code_bytes;
	to->instructions += n->instructions;
	to->unknown += n->unknown;
	to->direct += n->direct;
	to->to_import += n->to_import;
	to->to_local += n->to_local;
	to->to_table += n->to_table;
	to->unresolved += n->unresolved;
	to->syscalls += n->syscalls;
	to->syscalls_unnamed += n->syscalls_unnamed;
	to->jumps_unresolved += n->jumps_unresolved;
}

static void file(row *r, const char *path)
{
	gh_bytes b = whole(path);
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB(2)), .scratch = gh_arena_new(GH_GIB(1)) };
	gh_program *p = NULL;
	gh_image *image = NULL;
	double start = now();
	if (b.ptr && gh_program_read(&ctx, b, &p) == GH_OK && p->cpu) {
		r->ours += now() - start;
		r->files++;
		add(&r->n, &p->counts);
		if (gh_image_read(&ctx, b, &image) == GH_OK)
			peer(r, image);
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	free((void *)(uintptr_t)b.ptr);
}

static double share(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0.0;
}

int main(int argc, char **argv)
{
	row r = { 0 };
	for (int i = 2; i < argc; i++)
		file(&r, argv[i]);
	if (argc < 2 || r.files == 0)
		return 1;
	const gh_asm_counts *n = &r.n;
	uint64_t indirect = n->to_import + n->to_local + n->to_table + n->unresolved;
	double ours = (double)n->instructions / r.ours / 1e6, theirs = r.peer > 0 ? (double)r.peer_n / r.peer / 1e6 : 0;
	printf("| %s | %u | %.1f | %.1f | %.1f | %.1f | %.3f %% | %llu | %llu | %.1f %% | %.1f %% | %.1f %% | %.1f %% "
	       "| %llu | %llu | %llu |\n",
	       argv[1], r.files, (double)n->instructions / 1e6, ours, theirs, theirs > 0 ? ours / theirs : 0.0,
	       share(n->unknown, n->unknown + n->instructions), (unsigned long long)n->direct,
	       (unsigned long long)indirect, share(n->to_import, indirect), share(n->to_local, indirect),
	       share(n->to_table, indirect), share(n->unresolved, indirect), (unsigned long long)n->jumps_unresolved,
	       (unsigned long long)n->syscalls, (unsigned long long)n->syscalls_unnamed);
	return 0;
}
