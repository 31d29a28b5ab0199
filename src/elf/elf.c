/* SPDX-License-Identifier: Apache-2.0 */
/* The header, the segments, and what the first instructions look like. */
#include "elf/elf_in.h"

enum { START_WORDS = 12, TEXT_MOST = 256 };

enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3, PT_NOTE = 4, PT_GNU_STACK = 0x6474e551, PT_GNU_RELRO = 0x6474e552 };
enum { PF_X = 1, PF_W = 2 };
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3 };

const char *gh_elf_machine(unsigned machine)
{
	switch (machine) {
	case 2:
		return "SPARC";
	case 3:
		return "i386";
	case 4:
		return "68000";
	case 8:
		return "MIPS";
	case 20:
		return "PowerPC";
	case 21:
		return "PowerPC64";
	case 40:
		return "ARM";
	case 42:
		return "SuperH";
	case 45:
	case 93:
	case 195:
		return "ARC";
	case 62:
		return "x86-64";
	case 94:
		return "Xtensa";
	case 183:
		return "AArch64";
	case 243:
		return "RISC-V";
	case 258:
		return "LoongArch";
	default:
		return NULL;
	}
}

gh_bytes gh_elf_memory(const gh_elf_file *f, uint64_t address)
{
	for (unsigned i = 0; i < f->n_segments; i++) {
		const gh_elf_segment *s = &f->segments[i];
		if (s->type == PT_LOAD && address - s->address < s->stored) {
			uint64_t in = address - s->address;
			return gh_bytes_part(gh_bytes_part(f->bytes, s->offset, s->stored), in, s->stored - in);
		}
	}
	return (gh_bytes){ NULL, 0 };
}

gh_code gh_elf_text(const gh_elf_file *f, gh_bytes from, size_t most, const char **ret)
{
	from = gh_bytes_part(from, 0, most);
	const uint8_t *nul = from.len ? memchr(from.ptr, 0, from.len) : NULL;
	*ret = NULL;
	if (!nul || nul == from.ptr)
		return GH_OK;
	*ret = gh_arena_text(f->ctx->arena, from.ptr, (size_t)(nul - from.ptr));
	return *ret ? GH_OK : gh_nomem(f->ctx);
}

static void read_segments(gh_elf_file *f, uint64_t at, unsigned size, unsigned n)
{
	const unsigned w = f->width, wide = f->elf->wide;
	uint64_t order = GH_ELF_DIGEST;
	for (unsigned i = 0; i < GH_MIN(n, (unsigned)GH_ELF_SEGMENTS); i++) {
		gh_bytes p = gh_bytes_part(f->bytes, at + (uint64_t)i * size, size);
		unsigned o = wide ? 8 : 4;
		gh_elf_segment s = {
			.type = (uint32_t)gh_elf_word(f, p, 0, 4),
			.flags = (uint32_t)gh_elf_word(f, p, wide ? 4 : 24, 4),
			.offset = gh_elf_word(f, p, o, w),
			.address = gh_elf_word(f, p, o + w, w),
			.stored = gh_elf_word(f, p, o + 3 * w, w),
			.held = gh_elf_word(f, p, o + 4 * w, w),
			.align = gh_elf_word(f, p, wide ? 48 : 28, w),
		};
		if (p.len < 8 * w - (wide ? 8 : 0))
			break;
		f->segments[f->n_segments++] = s;
		/* What hardening and notes add is asked about elsewhere. */
		if (s.type != PT_NOTE && s.type != PT_GNU_STACK && s.type != PT_GNU_RELRO)
			order = gh_elf_digest(order, s.type);
	}
	f->elf->segment_order = f->n_segments ? order : 0;
}

static bool overlap(const gh_elf_segment *a, const gh_elf_segment *b)
{
	return a->held && b->held && (a->address - b->address < b->held || b->address - a->address < a->held);
}

static void account(gh_elf *elf, const gh_elf_file *f, uint64_t at, uint64_t size)
{
	uint64_t end;
	if (!__builtin_add_overflow(at, size, &end) && end > elf->end)
		elf->end = GH_MIN(end, (uint64_t)f->bytes.len);
}

static void judge_segments(gh_elf_file *f)
{
	gh_elf *elf = f->elf;
	bool any = false, entry = false;
	for (unsigned i = 0; i < f->n_segments; i++) {
		const gh_elf_segment *s = &f->segments[i];
		if (s->type == PT_GNU_STACK) {
			elf->stack_said = true;
			elf->exec_stack = s->flags & PF_X;
		}
		elf->relro |= s->type == PT_GNU_RELRO;
		account(elf, f, s->offset, s->stored);
		if (s->type != PT_LOAD)
			continue;
		elf->base = any ? GH_MIN(elf->base, s->address) : s->address;
		elf->align = GH_MAX(elf->align, s->align);
		any = true;
		if ((s->flags & (PF_W | PF_X)) == (PF_W | PF_X))
			elf->faults |= GH_ELF_WRITE_EXEC;
		if (s->offset > f->bytes.len || s->stored > f->bytes.len - s->offset)
			elf->faults |= GH_ELF_CUT;
		entry |= (s->flags & PF_X) && elf->entry - s->address < s->held;
		for (unsigned j = 0; j < i; j++)
			if (f->segments[j].type == PT_LOAD && overlap(s, &f->segments[j]))
				elf->faults |= GH_ELF_OVERLAP;
	}
	if (any && elf->role == GH_ELF_PROGRAM && !entry)
		elf->faults |= GH_ELF_ENTRY_ASTRAY;
}

static const gh_elf_segment *segment(const gh_elf_file *f, uint32_t type)
{
	for (unsigned i = 0; i < f->n_segments; i++)
		if (f->segments[i].type == type)
			return &f->segments[i];
	return NULL;
}

/* The bits of an instruction that no linker fills in. */
static uint32_t opcode_mask(unsigned machine, uint32_t word)
{
	if (machine == 40)
		return (word >> 24 & 0xe) == 0xa ? 0xff000000 : 0xffff0000; /* bl */
	if (machine != 183)
		return 0xffff0000;
	if ((word >> 26 & 0x1f) == 5)
		return 0xfc000000;                                    /* b, bl */
	return (word >> 24 & 0x1f) == 0x10 ? 0x9f00001f : 0xffc003ff; /* adr, adrp; an immediate of 12 bits */
}

/* The first instructions without what a linker fills in: start-up code is the same in all programs of one C
 * library, whatever they do. Words whose lower half is an operand on every CPU that has fixed words. */
static void look_at_start(gh_elf_file *f)
{
	const gh_elf *elf = f->elf;
	bool fixed = elf->machine == 8 || elf->machine == 20 || elf->machine == 21 || elf->machine == 183 ||
		     (elf->machine == 40 && !(elf->entry & 1));
	gh_bytes code = gh_elf_memory(f, elf->entry);
	if (elf->role != GH_ELF_PROGRAM || !fixed || code.len < 4 * START_WORDS)
		return;
	uint64_t digest = GH_ELF_DIGEST;
	for (unsigned i = 0; i < START_WORDS; i++) {
		uint32_t word = (uint32_t)gh_elf_word(f, code, 4 * i, 4);
		/* ARM keeps its literals behind the code: what is no instruction any more is no idiom. */
		if (elf->machine == 40 && word >> 28 != 0xe)
			break;
		digest = gh_elf_digest(digest, word & opcode_mask(elf->machine, word));
	}
	f->elf->start = digest;
}

static gh_code read_body(gh_elf_file *f)
{
	const gh_elf_segment *dynamic = segment(f, PT_DYNAMIC), *interp = segment(f, PT_INTERP);
	gh_elf *elf = f->elf;
	gh_code code = GH_OK;
	if (interp)
		code = gh_elf_text(f, gh_bytes_part(f->bytes, interp->offset, interp->stored), TEXT_MOST,
				   &elf->interpreter);
	if (code == GH_OK && dynamic)
		code = gh_elf_dynamic(f, dynamic);
	elf->role = elf->type == ET_REL                                                       ? GH_ELF_MODULE
		    : elf->type == ET_EXEC || (elf->type == ET_DYN && interp && !elf->soname) ? GH_ELF_PROGRAM
		    : elf->type == ET_DYN                                                     ? GH_ELF_LIBRARY
											      : GH_ELF_OTHER;
	judge_segments(f);
	look_at_start(f);
	for (unsigned i = 0; i < f->n_segments; i++)
		if (f->segments[i].type == PT_NOTE)
			gh_elf_notes(f, gh_bytes_part(f->bytes, f->segments[i].offset, f->segments[i].stored),
				     f->segments[i].align);
	return code == GH_OK ? gh_elf_sections(f) : code;
}

gh_code gh_elf_read(gh_ctx *ctx, gh_bytes file, gh_elf **ret)
{
	if (file.len < 16 || !gh_bytes_start(file, GH_LIT("\177ELF")))
		return GH_NOT_MINE;
	gh_elf *elf = gh_arena_zalloc(ctx->arena, sizeof *elf);
	if (!elf)
		return gh_nomem(ctx);
	elf->wide = file.ptr[4] == 2;
	elf->big = file.ptr[5] == 2;
	elf->os_abi = file.ptr[7];
	gh_elf_file f = { .ctx = ctx, .bytes = file, .elf = elf, .width = elf->wide ? 8 : 4 };
	const unsigned w = f.width, tail = 24 + 3 * w;
	if (file.len < tail + 16)
		return gh_fail(ctx, GH_TRUNCATED, file.len, "ELF header is cut short");
	elf->type = (uint16_t)gh_elf_word(&f, file, 16, 2);
	elf->machine = (uint16_t)gh_elf_word(&f, file, 18, 2);
	elf->entry = gh_elf_word(&f, file, 24, w);
	elf->flags = (uint32_t)gh_elf_word(&f, file, tail, 4);
	f.sections_at = gh_elf_word(&f, file, 24 + 2 * w, w);
	f.section_size = (unsigned)gh_elf_word(&f, file, tail + 10, 2);
	f.n_sections = (unsigned)gh_elf_word(&f, file, tail + 12, 2);
	f.names = (unsigned)gh_elf_word(&f, file, tail + 14, 2);
	uint64_t segments = gh_elf_word(&f, file, 24 + w, w);
	unsigned size = (unsigned)gh_elf_word(&f, file, tail + 6, 2), n = (unsigned)gh_elf_word(&f, file, tail + 8, 2);
	account(elf, &f, 0, tail + 16);
	account(elf, &f, segments, (uint64_t)size * n);
	read_segments(&f, segments, size, n);
	gh_code code = read_body(&f);
	*ret = code == GH_OK ? elf : NULL;
	return code;
}
