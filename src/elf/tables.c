/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic table, the sections, and notes. */
#include "elf/elf_in.h"

enum { TEXT_MOST = 256, COMMENT_MOST = 4096 };

/* Tags that the linker writes into every file of one kind; all others depend on what is linked. */
static bool telling(uint64_t tag)
{
	switch (tag) {
	case 4:          /* HASH */
	case 5:          /* STRTAB */
	case 6:          /* SYMTAB */
	case 10:         /* STRSZ */
	case 11:         /* SYMENT */
	case 21:         /* DEBUG */
	case 0x6ffffef5: /* GNU_HASH */
		return true;
	default:
		return tag >= 0x70000000 && tag < 0x70000100; /* the CPU's own */
	}
}

gh_code gh_elf_dynamic(gh_elf_file *f, const gh_elf_segment *dynamic)
{
	gh_elf *elf = f->elf;
	gh_bytes table = gh_bytes_part(f->bytes, dynamic->offset, dynamic->stored);
	uint64_t names = 0, order = GH_ELF_DIGEST, at;
	const unsigned w = f->width;
	elf->dynamic = true;
	for (at = 0; at + 2 * w <= table.len && gh_elf_word(f, table, at, w) != 0; at += 2 * w)
		if (gh_elf_word(f, table, at, w) == 5)
			names = gh_elf_word(f, table, at + w, w);
	table = gh_bytes_part(table, 0, at);
	gh_bytes strings = gh_elf_memory(f, names);
	gh_code code = GH_OK;
	for (at = 0; at < table.len && code == GH_OK; at += 2 * w) {
		uint64_t tag = gh_elf_word(f, table, at, w), value = gh_elf_word(f, table, at + w, w);
		gh_bytes text = gh_bytes_part(strings, value, strings.len);
		if (telling(tag))
			order = gh_elf_digest(order, tag);
		if (tag == 1 && elf->n_needed < GH_ELF_NEEDED) {
			code = gh_elf_text(f, text, TEXT_MOST, &elf->needed[elf->n_needed]);
			elf->n_needed += elf->needed[elf->n_needed] != NULL;
		} else if (tag == 14)
			code = gh_elf_text(f, text, TEXT_MOST, &elf->soname);
		else if (tag == 15 || tag == 29)
			code = gh_elf_text(f, text, TEXT_MOST, &elf->rpath);
		elf->sysv_hash |= tag == 4;
		elf->gnu_hash |= tag == 0x6ffffef5;
		elf->bind_now |= tag == 24 || (tag == 30 && value & 8) || (tag == 0x6ffffffb && value & 1);
	}
	elf->dynamic_order = order;
	return code;
}

/* namesz, descsz, type, name, description; each padded to the alignment. Type 3 of "GNU" is the build id. */
void gh_elf_notes(gh_elf_file *f, gh_bytes notes, uint64_t align)
{
	const uint64_t pad = align == 8 ? 7 : 3;
	for (uint64_t at = 0; at + 12 <= notes.len;) {
		uint64_t name = gh_elf_word(f, notes, at, 4), body = gh_elf_word(f, notes, at + 4, 4);
		uint64_t type = gh_elf_word(f, notes, at + 8, 4), from = at + 12 + ((name + pad) & ~pad);
		gh_bytes id = gh_bytes_part(notes, from, body);
		if (type == 3 && gh_bytes_eq(gh_bytes_part(notes, at + 12, name), GH_LIT("GNU\0")) && id.len == body &&
		    id.len > 0 && !f->elf->n_build_id) {
			f->elf->n_build_id = (unsigned)GH_MIN(id.len, sizeof f->elf->build_id);
			memcpy(f->elf->build_id, id.ptr, f->elf->n_build_id);
		}
		at = from + ((body + pad) & ~pad);
	}
}

static gh_code add_compiler(gh_elf_file *f, gh_bytes text)
{
	gh_elf *elf = f->elf;
	for (unsigned i = 0; i < elf->n_compilers; i++)
		if (gh_bytes_eq(gh_view_text(elf->compiler[i]), text))
			return GH_OK;
	if (elf->n_compilers == GH_ELF_COMPILERS)
		return GH_OK;
	const char *copy = gh_arena_text(f->ctx->arena, text.ptr, text.len);
	if (!copy)
		return gh_nomem(f->ctx);
	elf->compiler[elf->n_compilers++] = copy;
	return GH_OK;
}

/* Texts that end in NUL, one for each object file, mostly the same. */
static gh_code read_comment(gh_elf_file *f, gh_bytes comment)
{
	comment = gh_bytes_part(comment, 0, COMMENT_MOST);
	gh_code code = GH_OK;
	for (size_t at = 0; at < comment.len && code == GH_OK;) {
		size_t len = 0;
		while (at + len < comment.len && comment.ptr[at + len])
			len++;
		if (len > 0)
			code = add_compiler(f, gh_bytes_part(comment, at, GH_MIN(len, (size_t)TEXT_MOST)));
		at += len + 1;
	}
	return code;
}

typedef struct section {
	uint32_t name, type;
	uint64_t address, offset, size;
	bool loaded;
} section;

static section read_section(const gh_elf_file *f, unsigned i)
{
	const unsigned w = f->width;
	gh_bytes s = gh_bytes_part(f->bytes, f->sections_at + (uint64_t)i * f->section_size, f->section_size);
	return (section){
		.name = (uint32_t)gh_elf_word(f, s, 0, 4),
		.type = (uint32_t)gh_elf_word(f, s, 4, 4),
		.loaded = gh_elf_word(f, s, 8, w) & 2,
		.address = gh_elf_word(f, s, 8 + w, w),
		.offset = gh_elf_word(f, s, 8 + 2 * w, w),
		.size = gh_elf_word(f, s, 8 + 3 * w, w),
	};
}

enum { SHT_SYMTAB = 2, SHT_NOTE = 7, SHT_NOBITS = 8 };

gh_code gh_elf_sections(gh_elf_file *f)
{
	gh_elf *elf = f->elf;
	uint64_t size = (uint64_t)f->section_size * f->n_sections;
	if (f->n_sections == 0 || f->sections_at == 0)
		return GH_OK;
	if (f->sections_at > f->bytes.len || size > f->bytes.len - f->sections_at ||
	    f->section_size < 16 + 6 * f->width) {
		elf->faults |= GH_ELF_SECTIONS_LIE;
		return GH_OK;
	}
	elf->sections = true;
	elf->end = GH_MAX(elf->end, f->sections_at + size);
	section names = read_section(f, f->names);
	gh_bytes strings = gh_bytes_part(f->bytes, names.offset, names.size);
	bool entry = elf->role != GH_ELF_PROGRAM;
	for (unsigned i = 1; i < GH_MIN(f->n_sections, (unsigned)GH_ELF_SECTIONS); i++) {
		section s = read_section(f, i);
		gh_bytes body = gh_bytes_part(f->bytes, s.offset, s.size);
		entry |= s.loaded && elf->entry - s.address < s.size;
		elf->symbols |= s.type == SHT_SYMTAB;
		if (s.type == SHT_NOBITS)
			continue;
		elf->end = GH_MAX(elf->end, GH_MIN(s.offset, (uint64_t)f->bytes.len) + body.len);
		if (s.type == SHT_NOTE)
			gh_elf_notes(f, body, 4);
		if (!s.loaded && gh_bytes_start(gh_bytes_part(strings, s.name, 9), GH_LIT(".comment\0"))) {
			gh_code code = read_comment(f, body);
			if (code != GH_OK)
				return code;
		}
	}
	if (!entry)
		elf->faults |= GH_ELF_SECTIONS_LIE;
	return GH_OK;
}
