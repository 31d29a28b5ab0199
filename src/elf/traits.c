/* SPDX-License-Identifier: Apache-2.0 */
/* Who made it, as far as the file shows: each trait in words that can be compared. */
#include <inttypes.h>
#include <stdio.h>

#include "elf/elf_in.h"

enum { WORDS = 512, MACHINE_MIPS = 8 };

const char *gh_elf_trait_name(gh_elf_trait trait)
{
	static const char *const names[GH_TRAITS] = {
		[GH_TRAIT_CPU] = "CPU and ABI",     [GH_TRAIT_LINKING] = "linking",
		[GH_TRAIT_LAYOUT] = "layout",       [GH_TRAIT_REMAINS] = "what strip left",
		[GH_TRAIT_COMPILER] = "compiler",   [GH_TRAIT_HARDENING] = "hardening",
		[GH_TRAIT_START] = "start-up code",
	};
	return names[trait];
}

/* Flags that hold for each file alone are not the build's: position independence and calls through it differ
 * between programs and libraries of one build. */
static uint32_t build_flags(const gh_elf *elf)
{
	return elf->machine == MACHINE_MIPS ? elf->flags & ~7U : elf->flags;
}

/* The C library it asks for: "libc.so.0" of uClibc, "libc.so.6" of glibc, "libc.so" of musl. */
static const char *c_library(const gh_elf *elf)
{
	for (unsigned i = 0; i < elf->n_needed; i++)
		if (strncmp(elf->needed[i], "libc.", 5) == 0 || strncmp(elf->needed[i], "libuClibc", 9) == 0)
			return elf->needed[i];
	return "no C library";
}

static void linking(const gh_elf *elf, char *w)
{
	const char *interp = elf->interpreter ? elf->interpreter : "no interpreter";
	if (elf->role == GH_ELF_PROGRAM && !elf->dynamic)
		(void)snprintf(w, WORDS, "static%s", elf->type == 3 ? ", position independent" : "");
	else if (elf->role == GH_ELF_PROGRAM)
		(void)snprintf(w, WORDS, "%.100s, %.100s, %s%s", interp, c_library(elf),
			       elf->type == 3 ? "position independent" : "fixed address",
			       elf->gnu_hash ? ", GNU hash" : "");
	else
		(void)snprintf(w, WORDS, "%.100s%s%s", c_library(elf), elf->sysv_hash ? ", SysV hash" : "",
			       elf->gnu_hash ? ", GNU hash" : "");
}

static void layout(const gh_elf *elf, char *w)
{
	(void)snprintf(w, WORDS, "segments %016" PRIx64 " aligned to 0x%" PRIx64 "%s, dynamic table %016" PRIx64,
		       elf->segment_order, elf->align, elf->base ? "" : " from 0 on", elf->dynamic_order);
}

gh_code gh_elf_trait_text(gh_ctx *ctx, const gh_elf *elf, gh_elf_trait trait, const char **ret)
{
	char w[WORDS] = "";
	const char *machine = gh_elf_machine(elf->machine);
	const bool loaded = elf->role == GH_ELF_PROGRAM || elf->role == GH_ELF_LIBRARY;
	switch (trait) {
	case GH_TRAIT_CPU:
		(void)snprintf(w, sizeof w, "%s %s-bit %s-endian, flags 0x%x, OS ABI %u", machine ? machine : "machine",
			       elf->wide ? "64" : "32", elf->big ? "big" : "little", build_flags(elf), elf->os_abi);
		break;
	case GH_TRAIT_LINKING:
		if (loaded)
			linking(elf, w);
		break;
	case GH_TRAIT_LAYOUT:
		if (loaded && elf->dynamic) /* a static file has other segments because it is static */
			layout(elf, w);
		break;
	case GH_TRAIT_REMAINS:
		(void)snprintf(w, sizeof w, "%s%s%s", elf->sections ? "section headers" : "no section headers",
			       elf->symbols ? ", symbols" : "", elf->n_build_id ? ", build id" : "");
		break;
	case GH_TRAIT_COMPILER:
		(void)snprintf(w, sizeof w, "%.200s", elf->n_compilers ? elf->compiler[0] : "no mark");
		break;
	case GH_TRAIT_HARDENING:
		if (loaded)
			(void)snprintf(w, sizeof w, "%s%s%s",
				       !elf->stack_said  ? "stack not said"
				       : elf->exec_stack ? "stack may be run"
							 : "stack may not be run",
				       elf->relro ? ", RELRO" : "", elf->bind_now ? ", bound at once" : "");
		break;
	case GH_TRAIT_START:
		if (elf->start)
			(void)snprintf(w, sizeof w, "%016" PRIx64, elf->start);
		break;
	case GH_TRAITS:
		break;
	}
	*ret = gh_arena_text(ctx->arena, w, strlen(w));
	return *ret ? GH_OK : gh_nomem(ctx);
}
