/* SPDX-License-Identifier: Apache-2.0 */
#include <capstone/capstone.h>
#include <stdio.h>

#include "asm/image_in.h"
#include "asm/print.h"

enum { TEXT = 256, NOTE = 200, SHOWN = 60, MOST = 1 << 20 };

typedef struct printer {
	const gh_program *p;
	csh handle;
	cs_insn *insn;
	char text[TEXT], note[NOTE];
	size_t n; /* of note */
} printer;

static bool mode_of(const gh_program *p, uint64_t address, cs_arch *arch, unsigned *mode)
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
	uint32_t f = gh_program_function_at(p, address);
	for (size_t i = 0; p->cpu && i < GH_COUNT(table); i++) {
		if (strcmp(table[i].cpu, p->cpu) != 0)
			continue;
		*arch = table[i].arch;
		*mode = table[i].mode | (p->big ? (unsigned)CS_MODE_BIG_ENDIAN : 0);
		if (f != GH_NONE && p->functions[f].mode == GH_MODE_THUMB)
			*mode |= CS_MODE_THUMB;
		return true;
	}
	return false;
}

static void put(printer *o, const char *text)
{
	size_t room = sizeof o->note - o->n;
	int n = snprintf(o->note + o->n, room, "%s", text);
	o->n = GH_MIN(o->n + (size_t)(n > 0 ? n : 0), sizeof o->note - 1);
}

/* Bytes of the file, with what is not printable as dots: who prints a report escapes once more. */
static void put_value(printer *o, gh_value v)
{
	char shown[SHOWN + 8];
	gh_bytes b = gh_value_view(o->p, v);
	switch (v.kind) {
	case GH_STRING: {
		size_t n = GH_MIN(b.len, (size_t)SHOWN), at = 0;
		shown[at++] = '"';
		for (size_t i = 0; i < n; i++)
			shown[at++] = (char)(b.ptr[i] >= 0x20 && b.ptr[i] < 0x7f ? b.ptr[i] : '.');
		memcpy(shown + at, b.len > n ? "\"..." : "\"", b.len > n ? 5 : 2);
		break;
	}
	case GH_FUNCTION:
		if (v.index != GH_NONE && o->p->functions[v.index].name) {
			put(o, o->p->functions[v.index].name);
			return;
		}
		snprintf(shown, sizeof shown, "0x%llx", (unsigned long long)v.number);
		break;
	case GH_NUMBER:
	case GH_DATA:
		snprintf(shown, sizeof shown, "0x%llx", (unsigned long long)v.number);
		break;
	case GH_IMPORT:
		put(o, v.index < o->p->n_imports ? o->p->imports[v.index].name : "?");
		return;
	default:
		snprintf(shown, sizeof shown, "%s",
			 v.kind == GH_STACK    ? "frame"
			 : v.kind == GH_RESULT ? "result"
					       : "?");
	}
	put(o, shown);
}

static const gh_call *call_at(const gh_program *p, uint64_t address)
{
	uint32_t low = 0, high = p->n_calls;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (p->calls[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->n_calls && p->calls[low].address == address ? &p->calls[low] : NULL;
}

static const gh_use *use_at(const gh_program *p, uint64_t address)
{
	uint32_t low = 0, high = p->n_uses;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (p->uses[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->n_uses && p->uses[low].address == address ? &p->uses[low] : NULL;
}

static void note(printer *o, uint64_t address)
{
	const gh_call *c = call_at(o->p, address);
	const gh_use *u = use_at(o->p, address);
	char where[32];
	o->n = 0;
	o->note[0] = '\0';
	if (c) {
		snprintf(where, sizeof where, "0x%llx", (unsigned long long)c->number);
		put(o, c->name ? c->name : c->target != GH_NONE ? where : "?");
		put(o, "(");
		for (unsigned i = 0; i < c->n_values; i++) {
			put(o, i ? ", " : "");
			put_value(o, gh_call_argument(o->p, c, i));
		}
		put(o, ")");
	} else if (u && u->value.kind != GH_NUMBER) {
		put_value(o, u->value);
	}
}

static void lines(printer *o, gh_bytes code, uint64_t address, gh_code_line_fn *line, void *to)
{
	const uint8_t *at = code.ptr;
	size_t left = code.len;
	uint64_t pc = address;
	while (left > 0 && cs_disasm_iter(o->handle, &at, &left, &pc, o->insn)) {
		uint32_t f = gh_program_function_at(o->p, o->insn->address);
		bool begins = f != GH_NONE && o->p->functions[f].address == o->insn->address;
		bool operands = o->insn->op_str[0] != '\0';
		snprintf(o->text, sizeof o->text, "%s%s%s", o->insn->mnemonic, operands ? " " : "", o->insn->op_str);
		note(o, o->insn->address);
		gh_code_line l = { o->insn->address, gh_bytes_part(code, o->insn->address - address, o->insn->size),
				   o->text, o->note, begins ? o->p->functions[f].name : NULL };
		line(to, &l);
	}
}

gh_code gh_print_code(gh_ctx *ctx, const gh_program *p, uint64_t address, uint64_t size, gh_code_line_fn *line,
		      void *to)
{
	cs_arch arch = CS_ARCH_MIPS;
	unsigned mode = 0;
	printer o = { .p = p };
	const gh_span *s = gh_span_at(p->spans, p->n_spans, address);
	if (!mode_of(p, address, &arch, &mode))
		return gh_fail(ctx, GH_NOT_MINE, address, "code of a processor that is not known");
	if (!s)
		return gh_fail(ctx, GH_NOT_MINE, address, "no bytes of the file at this address");
	if (cs_open(arch, (cs_mode)mode, &o.handle) != CS_ERR_OK)
		return gh_nomem(ctx);
	cs_option(o.handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	o.insn = cs_malloc(o.handle);
	if (o.insn)
		lines(&o, gh_bytes_part(s->bytes, address - s->address, GH_MIN(size, (uint64_t)MOST)), address, line,
		      to);
	gh_code code = o.insn ? GH_OK : gh_nomem(ctx);
	if (o.insn)
		cs_free(o.insn, 1);
	cs_close(&o.handle);
	return code;
}
