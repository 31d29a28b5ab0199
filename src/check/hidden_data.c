/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are there programs where nothing should be? In bytes that no format claims, behind the end of another
 * program, or inside a file that says it is something else.
 *
 * Only what stands in the image as it is counts as unclaimed: decompressed kernels carry small ELF files of
 * their own (vdso), and they are no gap in anything.
 */
#include "check/root_in.h"
#include "elf/elf.h"

enum { ELF_HEADER = 52, FILE_SYSTEM = 3, OVERLAY_LEAST = 32, OVERLAY_SIGN = 512, OVERLAYS_MOST = 3 };

/* An ELF header whose every field can be (System V ABI, chapter 4). */
static bool is_elf_header(gh_bytes b)
{
	gh_cur c = gh_cur_over(b, 0);
	if (b.len < ELF_HEADER || !gh_eat(&c, GH_LIT("\x7f"
						     "ELF")))
		return false;
	uint8_t class = gh_u8(&c), order = gh_u8(&c), version = gh_u8(&c);
	if (class < 1 || class > 2 || order < 1 || order > 2 || version != 1)
		return false;
	bool wide = class == 2, big = order == 2;
	gh_skip(&c, 9);
	uint16_t type = gh_u16(&c, big), machine = gh_u16(&c, big);
	uint32_t again = gh_u32(&c, big);
	gh_skip(&c, wide ? 24 : 12); /* entry, tables */
	gh_skip(&c, 4);              /* flags */
	uint16_t size = gh_u16(&c, big), segment = gh_u16(&c, big), segments = gh_u16(&c, big);
	return gh_cur_ok(&c) && (type == 2 || type == 3) && gh_elf_machine(machine) && again == 1 &&
	       size == (wide ? 64 : 52) && segment == (wide ? 56 : 32) && segments > 0 && segments <= 64;
}

/* Where the first one stands, and how many there are. */
static unsigned count_elfs(gh_bytes b, uint64_t *first)
{
	unsigned n = 0;
	for (uint64_t at = 0; at < b.len;) {
		gh_bytes rest = gh_bytes_part(b, at, b.len);
		const uint8_t *found = memmem(rest.ptr, rest.len,
					      "\x7f"
					      "ELF",
					      4);
		if (!found)
			break;
		at += (uint64_t)(found - rest.ptr);
		if (is_elf_header(gh_bytes_part(b, at, 128)) && n++ == 0)
			*first = at;
		at += 4;
	}
	return n;
}

static bool stands_in_image(const gh_node *node)
{
	for (const gh_node *up = node->up; up; up = up->up)
		if (up->opens_space || up->kind == GH_NODE_FILE)
			return false;
	return true;
}

static gh_code say(gh_check_ctx *check, const gh_file *file, const char *id, gh_level level, uint64_t at,
		   const char *title, const char *harmless)
{
	gh_finding f = {
		.id = id,
		.check = gh_check_hidden_data.id,
		.level = level,
		.sure = GH_SURE_MEDIUM,
		.title = title,
		.why = gh_check_hidden_data.why,
		.harmless = harmless,
		.attack = gh_check_hidden_data.attack,
		.n_evidence = 1,
	};
	if (!title)
		return gh_nomem(check->ctx);
	f.evidence[0] = (gh_evidence){ .node = file->node->id,
				       .path = file->path,
				       .at = at + file->pos,
				       .excerpt = gh_bytes_part(file->content, at, 32),
				       .note = "it begins here" };
	return gh_finding_add(check->ctx, check->out, &f);
}

static gh_code look_at_gap(gh_check_ctx *check, const gh_file *file)
{
	gh_ctx *ctx = check->ctx;
	uint64_t at = 0;
	unsigned n = count_elfs(file->content, &at);
	if (n == 0)
		return GH_OK;
	bool system = n > FILE_SYSTEM;
	return say(check, file, "HIDDEN-DATA/gap", system ? GH_LEVEL_INFO : GH_LEVEL_NOTICE, at,
		   gh_arena_printf(ctx->scratch, "%u program%s in bytes that no format claims%s", n, n == 1 ? "" : "s",
				   system ? ": perhaps a file system that is not known yet" : ""),
		   "What an older image left behind; a format that is not known yet.");
}

/* What somebody packs to be unpacked again. */
static const char *packed_as(gh_bytes b)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *what;
	} heads[] = {
		{ "\x1f\x8b\x08", 3, "gzip" },
		{ "PK\x03\x04", 4, "zip" },
		{ "hsqs", 4, "SquashFS" },
		{ "sqsh", 4, "SquashFS" },
		{ "#!/", 3, "script" },
		{ "\xfd"
		  "7zXZ",
		  5, "xz" },
		{ "7z\xbc\xaf", 4, "7z" },
		{ "BZh9", 4, "bzip2" },
	};
	if (is_elf_header(b))
		return "ELF";
	for (size_t i = 0; i < GH_COUNT(heads); i++)
		if (gh_bytes_start(b, gh_view(heads[i].magic, heads[i].len)))
			return heads[i].what;
	return NULL;
}

/* Bytes behind all that an ELF file's own tables account for. */
static gh_code look_at_overlay(gh_check_ctx *check, const gh_file *file)
{
	const gh_elf *elf = file->entry->elf;
	if (!elf || (elf->faults & GH_ELF_CUT) || elf->end < ELF_HEADER || elf->end + OVERLAY_LEAST > file->content.len)
		return GH_OK;
	gh_bytes overlay = gh_bytes_part(file->content, elf->end, file->content.len);
	uint64_t pad = 0;
	while (pad < overlay.len && pad < 4096 && overlay.ptr[pad] == 0)
		pad++;
	const char *what = packed_as(gh_bytes_part(overlay, pad, overlay.len));
	return what ? say(check, file, "HIDDEN-DATA/overlay", GH_LEVEL_NOTICE, elf->end + pad,
			  gh_arena_printf(check->ctx->scratch, "/%.*s carries something behind its end: %s, %zu bytes",
					  (int)GH_MIN(file->path.len, (size_t)160), (const char *)file->path.ptr, what,
					  (size_t)(overlay.len - pad)),
			  "A program that unpacks itself, as installers do.")
		    : GH_OK;
}

static bool is_disguise(const char *leaf)
{
	static const char *const list[] = { "png", "gif", "jpeg", "text", "script", "html", "bmp", "ico" };
	for (size_t i = 0; leaf && i < GH_COUNT(list); i++)
		if (strcmp(leaf, list[i]) == 0)
			return true;
	return false;
}

static gh_code look_at_disguise(gh_check_ctx *check, const gh_file *file)
{
	uint64_t at = 0;
	return count_elfs(file->content, &at) > 0
		       ? say(check, file, "HIDDEN-DATA/inside", GH_LEVEL_NOTICE, at,
			     gh_arena_printf(check->ctx->scratch, "/%.*s looks like %s and holds a program",
					     (int)GH_MIN(file->path.len, (size_t)160), (const char *)file->path.ptr,
					     file->leaf),
			     "An installer: a script with what it installs behind it.")
		       : GH_OK;
}

/* MZ, and at the place it names, PE (Microsoft, "PE Format"). */
static bool is_windows_program(gh_bytes b)
{
	gh_cur c = gh_at(gh_cur_over(b, 0), 60);
	uint32_t at = gh_u32le(&c);
	return gh_bytes_start(b, GH_LIT("MZ")) && gh_cur_ok(&c) &&
	       gh_bytes_start(gh_bytes_part(b, at, 4), GH_LIT("PE\0\0"));
}

static gh_code look(gh_check_ctx *check, const gh_file *file)
{
	if (!file->entry)
		return file->node->kind == GH_NODE_GAP && !file->covered && stands_in_image(file->node)
			       ? look_at_gap(check, file)
			       : GH_OK;
	if (file->leaf && strcmp(file->leaf, "elf") == 0)
		return look_at_overlay(check, file);
	if (is_disguise(file->leaf))
		return look_at_disguise(check, file);
	if (is_windows_program(file->content))
		return say(check, file, "HIDDEN-DATA/windows-program", GH_LEVEL_INFO, 0,
			   gh_arena_printf(check->ctx->scratch, "/%.*s is a program for Windows",
					   (int)GH_MIN(file->path.len, (size_t)160), (const char *)file->path.ptr),
			   "A driver or a set-up program for the owner's computer.");
	return GH_OK;
}

/* Inodes of a SquashFS that no directory names, as its handler lists them: mksquashfs makes none. */
static gh_code look_at_nameless(gh_check_ctx *check, const gh_node *node)
{
	unsigned n = 0;
	gh_finding f = {
		.id = "HIDDEN-DATA/nameless",
		.check = gh_check_hidden_data.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.why = gh_check_hidden_data.why,
		.harmless = "A file system made by another tool than mksquashfs, or mended by hand.",
		.attack = gh_check_hidden_data.attack,
	};
	for (size_t i = 0; i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		if (e->past != GH_DELETED || e->type != GH_ENTRY_FILE)
			continue;
		n++;
		if (f.n_evidence < GH_EVIDENCE_MOST)
			f.evidence[f.n_evidence++] = (gh_evidence){
				.node = node->id, .path = e->path, .at = GH_NOWHERE, .note = "this file has no name"
			};
	}
	if (n == 0)
		return GH_OK;
	f.title = gh_arena_printf(check->ctx->scratch, "%u file%s of the file system that no directory names", n,
				  n == 1 ? "" : "s");
	return f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

/* Bytes behind an ELF file's end, of whatever kind: a sign where few files have them. */
static gh_code sign_overlays(gh_check_ctx *check, const gh_node *node)
{
	const gh_entry *few[OVERLAYS_MOST];
	size_t n = 0;
	for (size_t i = 0; i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		if (!e->elf || e->past != GH_NOW || e->elf->role == GH_ELF_MODULE || e->hard_link ||
		    (e->elf->faults & GH_ELF_CUT) || e->elf->end < ELF_HEADER || e->elf->end + OVERLAY_SIGN > e->size)
			continue;
		if (n == OVERLAYS_MOST)
			return GH_OK; /* a way of the maker's */
		few[n++] = e;
	}
	gh_code code = GH_OK;
	for (size_t i = 0; i < n && code == GH_OK; i++) {
		gh_signal s = { .check = gh_check_hidden_data.id, .witness = GH_WITNESS_CARGO, .weight = 1 };
		s.evidence = (gh_evidence){ .node = node->id, .path = few[i]->path, .at = few[i]->elf->end };
		s.evidence.note = gh_arena_printf(check->ctx->scratch, "%llu bytes lie behind its end",
						  (unsigned long long)(few[i]->size - few[i]->elf->end));
		code = s.evidence.note ? gh_signal_add(check->ctx, check->signals, &s) : gh_nomem(check->ctx);
	}
	return code;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_code code = sign_overlays(check, node);
	return code == GH_OK && node->format && strcmp(node->format, "squashfs") == 0 ? look_at_nameless(check, node)
										      : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_hidden_data = {
	.id = "HIDDEN-DATA",
	.title = "Are there programs where nothing should be?",
	.why = "What lies where no list shows it was put there by somebody who knows where to find it again.",
	.harmless = "What an older image left behind.",
	.attack = "T1027.009",
	.kinds = "gap, overlay, inside, nameless, windows-program",
	.look = look,
	.conclude = conclude,
};
