/* SPDX-License-Identifier: Apache-2.0 */
/* A device tree as source: texts as texts, what divides by four as cells, all else as bytes. */
#include "format/boot/fdt_in.h"

#include <stdarg.h>
#include <stdio.h>

enum { SOURCE_MOST = 8 << 20 };

struct pen {
	gh_ctx *ctx;
	gh_buf out;
	gh_code code;
};

static void put(struct pen *p, gh_bytes b)
{
	if (p->code == GH_OK)
		p->code = gh_buf_add(p->ctx, &p->out, b);
}

GH_PRINTF(2, 3) static void putf(struct pen *p, const char *fmt, ...)
{
	char text[64];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (n > 0)
		put(p, gh_view(text, GH_MIN((size_t)n, sizeof text - 1)));
}

static void indent(struct pen *p, unsigned depth)
{
	static const char tabs[GH_FDT_DEEP + 1] = "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t";
	put(p, gh_view(tabs, GH_MIN(depth, (unsigned)GH_FDT_DEEP)));
}

/* One or more texts, each ended by NUL, none of them empty. */
static bool is_text(gh_bytes v)
{
	if (v.len < 2 || v.ptr[v.len - 1] != 0)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] == 0 ? i == 0 || v.ptr[i - 1] == 0 : v.ptr[i] < 0x20 || v.ptr[i] > 0x7e)
			return false;
	return true;
}

static void put_texts(struct pen *p, gh_bytes v)
{
	put(p, GH_LIT("\""));
	for (size_t i = 0; i + 1 < v.len; i++)
		if (v.ptr[i] == 0)
			put(p, GH_LIT("\", \""));
		else if (v.ptr[i] == '"' || v.ptr[i] == '\\')
			putf(p, "\\%c", v.ptr[i]);
		else
			put(p, gh_view(v.ptr + i, 1));
	put(p, GH_LIT("\""));
}

static void put_value(struct pen *p, gh_bytes v)
{
	if (is_text(v)) {
		put_texts(p, v);
	} else if (v.len % 4 == 0) {
		for (unsigned i = 0; i < v.len / 4 && p->code == GH_OK; i++)
			putf(p, "%s0x%02x", i ? " " : "<", gh_fdt_cell(v, i));
		put(p, GH_LIT(">"));
	} else {
		for (size_t i = 0; i < v.len && p->code == GH_OK; i++)
			putf(p, "%s%02x", i ? " " : "[", v.ptr[i]);
		put(p, GH_LIT("]"));
	}
}

static void put_reserved(struct pen *p, const gh_fdt *f)
{
	gh_cur c = gh_cur_over(gh_bytes_part(f->all, f->reserved, f->all.len), 0);
	for (;;) {
		uint64_t at = gh_u64be(&c), size = gh_u64be(&c);
		if (!gh_cur_ok(&c) || (at == 0 && size == 0) || p->code != GH_OK)
			break;
		putf(p, "/memreserve/ 0x%llx 0x%llx;\n", (unsigned long long)at, (unsigned long long)size);
	}
}

gh_code gh_fdt_source(gh_ctx *ctx, const gh_fdt *f, gh_bytes *ret)
{
	struct pen p = { ctx, gh_buf_in(ctx->arena, SOURCE_MOST), GH_OK };
	gh_fdt_walk w = gh_fdt_start(f);
	put(&p, GH_LIT("/dts-v1/;\n"));
	if (f->reserved < f->structure)
		put_reserved(&p, f);
	put(&p, GH_LIT("\n"));
	for (gh_fdt_step s; gh_fdt_next(&w, &s) && p.code == GH_OK;) {
		indent(&p, w.depth + (s.kind == GH_FDT_PROPERTY));
		if (s.kind == GH_FDT_CLOSE) {
			put(&p, GH_LIT("};\n"));
			continue;
		}
		put(&p, s.kind == GH_FDT_BEGIN && s.name.len == 0 ? GH_LIT("/") : s.name);
		if (s.kind == GH_FDT_BEGIN) {
			put(&p, GH_LIT(" {\n"));
			continue;
		}
		if (s.value.len > 0) {
			put(&p, GH_LIT(" = "));
			put_value(&p, s.value);
		}
		put(&p, GH_LIT(";\n"));
	}
	*ret = gh_buf_view(&p.out);
	return p.code;
}
