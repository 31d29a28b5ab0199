/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flattened device tree: what the board is, how the kernel is started, how its flash is divided. Layout in
 * fdt_in.h; the bindings are Linux's Documentation/devicetree/bindings/mtd/partitions.
 */
#include "format/boot/boot_in.h"
#include "format/boot/fdt_in.h"

enum { FACTS_MOST = 256 };

/* What a node's children are understood by. */
struct level {
	uint32_t address_cells, size_cells;
	bool partitions; /* "fixed-partitions", or a chip of flash that lists them itself */
};

struct partition {
	gh_bytes label, reg;
	bool read_only;
};

struct reading {
	gh_ctx *ctx;
	gh_node *out;
	unsigned facts;
	gh_code code;
	struct level level[GH_FDT_DEEP];
	struct partition at[GH_FDT_DEEP];
};

static bool is_fit(const gh_fdt *f)
{
	gh_fdt_walk w = gh_fdt_start(f);
	for (gh_fdt_step s; gh_fdt_next(&w, &s);)
		if (s.kind == GH_FDT_BEGIN && w.depth == 1 && gh_fdt_is(&s, "images"))
			return true;
	return false;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_fdt f;
	gh_code code = gh_fdt_open(ctx, c, &f);
	if (code != GH_OK)
		return code;
	code = gh_effort(ctx, f.size);
	if (code != GH_OK)
		return code;
	if (is_fit(&f))
		return GH_NOT_MINE;
	gh_fdt_walk w = gh_fdt_start(&f);
	gh_fdt_step s;
	uint64_t steps = 0;
	while (gh_fdt_next(&w, &s))
		steps++;
	if (!w.whole && (!f.cut || steps < 8))
		return gh_fail(ctx, GH_CORRUPT, w.c.pos, "the device tree's structure breaks off");
	*ret = (gh_span){ .size = f.size, .proof = w.whole && !f.cut ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static void add(struct reading *r, const char *key, gh_bytes value)
{
	if (r->code == GH_OK && r->facts++ < FACTS_MOST)
		r->code = gh_node_fact(r->ctx, r->out, key, value);
}

/* The list of a "compatible", its NULs as commas. */
static void add_list(struct reading *r, const char *key, gh_bytes value)
{
	uint8_t text[256];
	size_t n = GH_MIN(value.len, sizeof text);
	memcpy(text, value.ptr, n);
	while (n > 0 && text[n - 1] == 0)
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] == 0)
			text[i] = ' ';
	add(r, key, gh_view(text, n));
}

static bool contains(gh_bytes value, const char *word)
{
	return value.len > 0 && memmem(value.ptr, value.len, word, strlen(word)) != NULL;
}

static void root_property(struct reading *r, const gh_fdt_step *s)
{
	if (gh_fdt_is(s, "model"))
		add(r, "model", gh_fdt_text(s->value));
	else if (gh_fdt_is(s, "compatible") && s->value.len > 0)
		add_list(r, "compatible", s->value);
	else if (gh_fdt_is(s, "serial-number"))
		add(r, "serial-number", gh_fdt_text(s->value));
}

static void chosen_property(struct reading *r, const gh_fdt_step *s)
{
	if (gh_fdt_is(s, "bootargs") || gh_fdt_is(s, "bootargs-override") || gh_fdt_is(s, "bootargs-append"))
		add(r, "bootargs", gh_fdt_text(s->value));
	else if (gh_fdt_is(s, "stdout-path"))
		add(r, "console", gh_fdt_text(s->value));
}

static void property(struct reading *r, const gh_fdt_walk *w, const gh_fdt_step *s)
{
	struct level *level = &r->level[w->depth];
	struct partition *part = &r->at[w->depth];
	if (w->depth == 0)
		root_property(r, s);
	if (w->depth == 1 && gh_bytes_eq(w->path[1], GH_LIT("chosen")))
		chosen_property(r, s);
	if (gh_fdt_is(s, "#address-cells"))
		level->address_cells = gh_fdt_cell(s->value, 0);
	else if (gh_fdt_is(s, "#size-cells"))
		level->size_cells = gh_fdt_cell(s->value, 0);
	else if (gh_fdt_is(s, "compatible"))
		level->partitions |= contains(s->value, "fixed-partitions") || contains(s->value, "spi-nor") ||
				     contains(s->value, "cfi-flash") || contains(s->value, "nand") ||
				     contains(s->value, "m25p80");
	else if (gh_fdt_is(s, "label"))
		part->label = gh_fdt_text(s->value);
	else if (gh_fdt_is(s, "reg"))
		part->reg = s->value;
	else if (gh_fdt_is(s, "read-only"))
		part->read_only = true;
}

static uint64_t cells(gh_bytes reg, unsigned from, unsigned n)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < n; i++)
		v = v << 32 | gh_fdt_cell(reg, from + i);
	return v;
}

static bool begins(gh_bytes name, const char *word)
{
	return gh_bytes_start(name, gh_view_text(word));
}

/* A node that has a place on flash: below "fixed-partitions", or by the old binding below the chip itself. */
static void partition(struct reading *r, const gh_fdt_walk *w)
{
	const struct partition *p = &r->at[w->depth];
	const struct level *above = w->depth > 0 ? &r->level[w->depth - 1] : NULL;
	if (!above || !above->partitions || above->address_cells == 0 || above->address_cells > 2 ||
	    above->size_cells == 0 || above->size_cells > 2 ||
	    p->reg.len != 4 * ((size_t)above->address_cells + above->size_cells))
		return;
	gh_bytes name = p->label;
	if (name.len == 0) {
		const uint8_t *at =
			w->path[w->depth].len ? memchr(w->path[w->depth].ptr, '@', w->path[w->depth].len) : NULL;
		name = w->path[w->depth];
		if (at && !begins(name, "partition@"))
			name.len = (size_t)(at - name.ptr);
	}
	if (r->code == GH_OK && r->facts++ < FACTS_MOST)
		r->code = gh_fact_partition(r->ctx, r->out, name, cells(p->reg, 0, above->address_cells),
					    cells(p->reg, above->address_cells, above->size_cells), p->read_only);
}

static gh_code add_facts(gh_ctx *ctx, const gh_fdt *f, gh_node *out)
{
	struct reading r = { .ctx = ctx, .out = out };
	gh_fdt_walk w = gh_fdt_start(f);
	for (gh_fdt_step s; gh_fdt_next(&w, &s) && r.code == GH_OK;) {
		if (s.kind == GH_FDT_BEGIN) {
			r.level[w.depth] = (struct level){ 2, 1, false };
			r.at[w.depth] = (struct partition){ 0 };
		} else if (s.kind == GH_FDT_PROPERTY) {
			property(&r, &w, &s);
		} else {
			partition(&r, &w);
		}
	}
	if (r.code == GH_OK && r.facts > FACTS_MOST)
		r.code = gh_node_note(ctx, out, GH_LIMIT, f->pos, "%u facts of the device tree are left out",
				      r.facts - FACTS_MOST);
	return r.code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_fdt f;
	gh_bytes source;
	(void)span;
	gh_code code = gh_fdt_open(ctx, c, &f);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "version", "%u", f.version);
	if (code == GH_OK)
		code = add_facts(ctx, &f, out);
	if (code == GH_OK && f.cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				    f.stated, c.left);
	if (code == GH_OK)
		code = gh_fdt_source(ctx, &f, &source);
	if (code == GH_LIMIT)
		return gh_node_note(ctx, out, code, c.pos, "too large to be written as source");
	if (code != GH_OK)
		return code;
	/* Every byte of it was walked: the source says what the tree says. */
	return gh_node_part_decoded(ctx, out, "source", "written as device tree source", c.pos, f.all, source);
}

const gh_format gh_format_dtb = {
	.name = "dtb",
	.title = "Flattened device tree",
	.spec = "Devicetree Specification 0.4, chapter 5; Linux: Documentation/devicetree/bindings/mtd/partitions",
	.limits = "versions before 16; overlays are not applied; data between the blocks is not looked into",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xd0\\x0d\\xfe\\xed", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
