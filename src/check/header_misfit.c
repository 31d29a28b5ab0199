/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do headers, kernel and root file system speak of the same device and build?
 *
 * Whoever packs a root file system of his own mostly leaves the kernel as it was, and takes over the header of the
 * image he had. A kernel whose modules are those of another version, and a header that names another processor
 * than the programs are made for, do not come from one build.
 */
#include "check/root_in.h"
#include "elf/elf.h"

enum { KERNELS_MOST = 8, PROGRAMS_LEAST = 8, VERSION_MOST = 24 };

static const char *const kernel_id = "HEADER-MISFIT/kernel";

/* "Linux version 2.6.31 (builder@host) (gcc …) #1 …": init/version.c of Linux */
static gh_code look(gh_check_ctx *check, const gh_file *file)
{
	if (file->entry || file->covered || file->content.len == 0)
		return GH_OK;
	gh_bytes rest = file->content;
	const uint8_t *found = memmem(rest.ptr, rest.len, "Linux version ", 14);
	gh_bytes line = found ? gh_bytes_part(rest, (uint64_t)(found - rest.ptr), GH_EXCERPT) : (gh_bytes){ NULL, 0 };
	if (line.len < 20 || line.ptr[14] < '2' || line.ptr[14] > '9' || line.ptr[15] != '.')
		return GH_OK;
	size_t n = 0;
	while (n < line.len && line.ptr[n] >= ' ' && line.ptr[n] < 0x7f)
		n++;
	gh_finding f = {
		.id = kernel_id,
		.check = gh_check_header_misfit.id,
		.level = GH_LEVEL_INFO,
		.sure = GH_SURE_HIGH,
		.title = gh_arena_printf(check->ctx->scratch, "the kernel calls itself: %.*s", (int)n,
					 (const char *)line.ptr),
		.why = gh_check_header_misfit.why,
		.harmless = gh_check_header_misfit.harmless,
		.n_evidence = 1,
	};
	f.evidence[0] = (gh_evidence){ .node = file->node->id,
				       .at = file->pos + (uint64_t)(found - rest.ptr),
				       .excerpt = gh_bytes_part(line, 0, n),
				       .note = "here" };
	return f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

/* Digits and dots at the start. */
static gh_bytes numbers(gh_bytes text)
{
	size_t n = 0;
	while (n < text.len && n < VERSION_MOST && ((text.ptr[n] >= '0' && text.ptr[n] <= '9') || text.ptr[n] == '.'))
		n++;
	while (n > 0 && text.ptr[n - 1] == '.')
		n--;
	return gh_bytes_part(text, 0, n);
}

typedef struct kernels {
	gh_bytes version[KERNELS_MOST];
	const gh_finding *said[KERNELS_MOST];
	size_t n;
} kernels;

static kernels collect_kernels(const gh_check_ctx *check)
{
	kernels k = { .n = 0 };
	for (const gh_finding *f = check->out->first; f && k.n < KERNELS_MOST; f = f->next) {
		if (strcmp(f->id, kernel_id) != 0 || f->n_evidence == 0)
			continue;
		gh_bytes version = numbers(gh_bytes_part(f->evidence[0].excerpt, 14, VERSION_MOST));
		if (version.len >= 3) {
			k.said[k.n] = f;
			k.version[k.n++] = version;
		}
	}
	return k;
}

static gh_code say(gh_check_ctx *check, const char *id, const char *title, const gh_evidence *a, const gh_evidence *b)
{
	gh_finding f = {
		.id = id,
		.check = gh_check_header_misfit.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.title = title,
		.why = gh_check_header_misfit.why,
		.harmless = gh_check_header_misfit.harmless,
		.attack = gh_check_header_misfit.attack,
		.n_evidence = 2,
	};
	f.evidence[0] = *a;
	f.evidence[1] = *b;
	return title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

/* The folder "lib/modules/VERSION" of a path; empty where it is none. */
static gh_bytes module_version(gh_bytes path)
{
	path = gh_root_trim(path);
	if (!gh_bytes_start(path, GH_LIT("lib/modules/")) || !gh_bytes_end(path, GH_LIT(".ko")))
		return (gh_bytes){ NULL, 0 };
	return numbers(gh_bytes_part(path, 12, path.len));
}

/* 2.6.22 is what 2.6.22.19 is, and not what 2.6.2 is. */
static bool is_same(gh_bytes a, gh_bytes b)
{
	gh_bytes shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;
	return gh_bytes_start(longer, shorter) && (longer.len == shorter.len || longer.ptr[shorter.len] == '.');
}

/* Modules of none of the image's kernels. */
static gh_code compare_modules(gh_check_ctx *check, const gh_node *node, const kernels *k)
{
	const gh_entry *odd = NULL;
	for (size_t i = 0; i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		gh_bytes version = e->past == GH_NOW ? module_version(e->path) : (gh_bytes){ NULL, 0 };
		if (version.len < 3)
			continue;
		for (size_t n = 0; n < k->n; n++)
			if (is_same(version, k->version[n]))
				return GH_OK;
		odd = odd ? odd : e;
	}
	if (!odd || k->n == 0)
		return GH_OK;
	gh_bytes version = module_version(odd->path);
	gh_evidence module = { .node = node->id, .path = odd->path, .at = GH_NOWHERE, .note = "a module" };
	gh_evidence kernel = k->said[0]->evidence[0];
	kernel.note = "the kernel";
	return say(check, "HEADER-MISFIT/modules",
		   gh_arena_printf(check->ctx->scratch,
				   "the root file system has modules for Linux %.*s, the image's kernel is %.*s",
				   (int)version.len, (const char *)version.ptr, (int)k->version[0].len,
				   (const char *)k->version[0].ptr),
		   &module, &kernel);
}

/* Words of uImage headers for processors, and of ELF. */
static const struct processor {
	const char *header;
	uint16_t machine;
} processors[] = {
	{ "ARM", 40 },    { "ARM 64", 183 }, { "AArch64", 183 }, { "MIPS", 8 },
	{ "MIPS 64", 8 }, { "PowerPC", 20 }, { "x86", 3 },       { "SuperH", 42 },
};

/* The machine of nine programs in ten, or 0. */
static uint16_t machine_of(const gh_node *node, const gh_entry **one)
{
	unsigned programs = 0, alike = 0;
	uint16_t machine = 0;
	for (size_t i = 0; i < node->volume->count; i++) { /* the one that outlasts the others (Boyer and Moore) */
		const gh_elf *elf = node->volume->entries[i].elf;
		if (!elf)
			continue;
		programs++;
		if (alike == 0)
			machine = elf->machine;
		alike += elf->machine == machine ? 1 : -1U;
	}
	alike = 0;
	for (size_t i = 0; i < node->volume->count; i++) {
		const gh_elf *elf = node->volume->entries[i].elf;
		if (!elf || elf->machine != machine)
			continue;
		alike++;
		*one = &node->volume->entries[i];
	}
	return programs >= PROGRAMS_LEAST && alike * 10 >= programs * 9 ? machine : 0;
}

static gh_code compare_processor(gh_check_ctx *check, const gh_node *header, const gh_fact *fact)
{
	const struct processor *says = NULL;
	for (size_t i = 0; i < GH_COUNT(processors) && !says; i++)
		if (gh_bytes_eq(fact->value, gh_view_text(processors[i].header)))
			says = &processors[i];
	for (const gh_node *n = check->root; says && n; n = gh_node_after(check->root, n)) {
		const gh_entry *one = NULL;
		uint16_t machine = n->volume ? machine_of(n, &one) : 0;
		bool arm = (machine == 40 || machine == 183) && (says->machine == 40 || says->machine == 183);
		if (machine == 0 || machine == says->machine || arm || !gh_elf_machine(machine))
			continue;
		gh_evidence a = { .node = header->id, .at = GH_NOWHERE, .note = "the header" };
		gh_evidence b = { .node = n->id, .path = one->path, .at = GH_NOWHERE, .note = "one of the programs" };
		return say(check, "HEADER-MISFIT/processor",
			   gh_arena_printf(check->ctx->scratch, "the %s header says %s, the programs are made for %s",
					   header->format ? header->format : "image", says->header,
					   gh_elf_machine(machine)),
			   &a, &b);
	}
	return GH_OK;
}

static gh_code conclude(gh_check_ctx *check)
{
	kernels k = collect_kernels(check);
	gh_code code = GH_OK;
	unsigned headers = 0;
	for (const gh_node *n = check->root; n && code == GH_OK; n = gh_node_after(check->root, n)) {
		if (n->volume)
			code = compare_modules(check, n, &k);
		for (const gh_fact *f = n->facts; f && code == GH_OK && headers < KERNELS_MOST; f = f->next)
			if (strcmp(f->key, "architecture") == 0) {
				headers++;
				code = compare_processor(check, n, f);
			}
	}
	return code;
}

const gh_check gh_check_header_misfit = {
	.id = "HEADER-MISFIT",
	.title = "Do headers, kernel and root file system speak of the same device and build?",
	.why = "Who packs a root file system of his own mostly leaves kernel and header as they were.",
	.harmless = "A maker that takes modules over from a build before; a dump that holds two systems.",
	.attack = "T1601.001",
	.kinds = "kernel, modules, processor",
	.look = look,
	.conclude = conclude,
};
