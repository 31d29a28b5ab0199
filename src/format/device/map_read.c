/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps as the dump tells them. Nothing here is believed: map_check holds each against the bytes.
 */
#include "format/boot/fdt_in.h"
#include "format/device/map_in.h"

enum { SOURCES_MOST = 64, FIS_ENTRY = 256 };

static bool word(gh_cur *c, gh_bytes text)
{
	return gh_eat(c, text);
}

static unsigned hex_digit(uint8_t ch)
{
	return ch >= '0' && ch <= '9'   ? ch - (unsigned)'0'
	       : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10U
	       : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10U
					: 16;
}

/* C notation with k, m or g behind it, as memparse() of Linux takes it. */
static bool number(gh_cur *c, uint64_t *ret)
{
	uint64_t v = 0;
	unsigned base = word(c, GH_LIT("0x")) || word(c, GH_LIT("0X")) ? 16 : 10, n = 0;
	for (; c->left > 0 && hex_digit(c->ptr[0]) < base && n < 16; n++)
		v = v * base + hex_digit(gh_u8(c));
	if (n == 0 || v > GH_GIB(64))
		return false;
	if (word(c, GH_LIT("k")) || word(c, GH_LIT("K")))
		v <<= 10;
	else if (word(c, GH_LIT("m")) || word(c, GH_LIT("M")))
		v <<= 20;
	else if (word(c, GH_LIT("g")) || word(c, GH_LIT("G")))
		v <<= 30;
	*ret = v;
	return true;
}

static gh_map_part *add(gh_map *m, gh_bytes name, uint64_t at, uint64_t size)
{
	if (m->n == GH_MAP_PARTS)
		return NULL;
	gh_map_part *p = &m->parts[m->n++];
	*p = (gh_map_part){ .at = at, .size = size };
	size_t n = GH_MIN(name.len, sizeof p->name - 1);
	for (size_t i = 0; i < n; i++)
		p->name[i] = (char)(name.ptr[i] > 0x20 && name.ptr[i] < 0x7f ? name.ptr[i] : '_');
	if (n == 0)
		(void)memcpy(p->name, "partition", sizeof "partition");
	return p;
}

/* One `id:part,part,…`: part is SIZE[@OFFSET][(NAME)][ro][lk], SIZE may be "-". */
static bool mtdparts_of_one(gh_cur *c, gh_map *m)
{
	uint64_t next = 0, at, size;
	while (c->left > 0 && c->ptr[0] != ':') {
		if (c->ptr[0] <= ' ' || c->ptr[0] >= 0x7f || c->ptr[0] == ';')
			return false;
		gh_skip(c, 1);
	}
	if (!word(c, GH_LIT(":")))
		return false;
	do {
		bool rest = word(c, GH_LIT("-"));
		if (!rest && !number(c, &size))
			return false;
		if (rest)
			size = UINT64_MAX;
		at = next;
		if (word(c, GH_LIT("@")) && !number(c, &at))
			return false;
		gh_bytes name = { NULL, 0 };
		if (word(c, GH_LIT("("))) {
			const uint8_t *end = memchr(c->ptr, ')', GH_MIN(c->left, (size_t)GH_MAP_NAME));
			if (!end)
				return false;
			name = gh_take(c, (uint64_t)(end - c->ptr));
			gh_skip(c, 1);
		}
		if (!word(c, GH_LIT("ro")))
			(void)word(c, GH_LIT("rw"));
		(void)word(c, GH_LIT("lk"));
		if (!add(m, name, at, size))
			return false;
		next = size == UINT64_MAX ? UINT64_MAX : at + size;
	} while (word(c, GH_LIT(",")) && next != UINT64_MAX);
	return m->n > 0;
}

static void read_mtdparts(gh_bytes b, uint64_t at, gh_map_take *take, void *arg)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 4096), at);
	gh_skip(&c, 9);
	(void)word(&c, GH_LIT("mtdparts="));
	do {
		gh_map m = { .bytes = b, .source = "mtdparts", .source_at = at };
		if (!mtdparts_of_one(&c, &m))
			return;
		take(arg, &m);
	} while (word(&c, GH_LIT(";")));
}

static void skip_space(gh_cur *c)
{
	while (c->left > 0 && (c->ptr[0] == ' ' || c->ptr[0] == '\t' || c->ptr[0] == '\r' || c->ptr[0] == '\n'))
		gh_skip(c, 1);
}

/* Lines of "partition NAME base 0x… size 0x…", from the first of them on. */
static uint64_t read_lines(gh_bytes b, uint64_t at, gh_map_take *take, void *arg)
{
	gh_map m = { .bytes = b, .source = "partition table of TP-Link as text", .source_at = at };
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 16384), at);
	uint64_t base, size, end = at + 1;
	while (word(&c, GH_LIT("partition "))) {
		const uint8_t *space = memchr(c.ptr, ' ', GH_MIN(c.left, (size_t)GH_MAP_NAME));
		if (!space)
			break;
		gh_bytes name = gh_take(&c, (uint64_t)(space - c.ptr));
		if (!word(&c, GH_LIT(" base ")) || !number(&c, &base) || !word(&c, GH_LIT(" size ")) ||
		    !number(&c, &size))
			break;
		if (!add(&m, name, base, size))
			break;
		skip_space(&c);
		end = c.pos;
	}
	if (m.n > 1)
		take(arg, &m);
	return end;
}

/* Entries of 256 bytes: name 16, flash address 4, memory 4, size 4, entry 4, length 4, …; the first name that begins
 * with ff ends them. Addresses count from where the flash is mapped: the lowest of them is the first block. */
static bool fis(gh_bytes b, uint64_t at, bool big, gh_map *m)
{
	uint64_t base = UINT64_MAX;
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, FIS_ENTRY * (uint64_t)GH_MAP_PARTS), at);
	while (c.left >= FIS_ENTRY) {
		gh_cur e = gh_sub(&c, FIS_ENTRY);
		if (gh_rest(&e).ptr[0] == 0xff)
			break;
		gh_bytes name = gh_text(&e, 16);
		uint32_t flash = gh_u32(&e, big);
		gh_skip(&e, 4);
		uint32_t size = gh_u32(&e, big);
		if (size == 0 || size > b.len || name.len == 0 || !add(m, name, flash, size))
			return false;
		base = GH_MIN(base, (uint64_t)flash);
	}
	/* flash is mapped at a multiple of its size, more or less; the table tells the rest by fitting */
	base &= ~(uint64_t)0xfffff;
	for (size_t i = 0; i < m->n; i++)
		m->parts[i].at -= base;
	return m->n > 1;
}

static void read_fis(gh_bytes b, uint64_t at, gh_map_take *take, void *arg)
{
	/* a name of 16 bytes; zeros are not part of what is searched for, since they are everywhere */
	if (!gh_bytes_eq(gh_bytes_part(b, at, 16), GH_LIT("RedBoot\0\0\0\0\0\0\0\0\0")))
		return;
	for (unsigned big = 0; big < 2; big++) {
		gh_map m = { .bytes = b, .source = "FIS directory of RedBoot", .source_at = at };
		if (fis(b, at, big, &m))
			take(arg, &m); /* where numbers make sense in both orders, what fits decides */
	}
}

/* --- the tree of a device */

typedef struct level {
	bool fixed;        /* compatible = "fixed-partitions" */
	uint32_t cells[2]; /* #address-cells, #size-cells for those below */
	gh_bytes label, reg;
	gh_map map;
} level;

static uint64_t cells(gh_cur *c, uint32_t n)
{
	uint64_t v = 0;
	for (uint32_t i = 0; i < n && i < 3; i++)
		v = v << 32 | gh_u32be(c);
	return v;
}

static void property(level *now, const gh_fdt_step *s)
{
	if (gh_fdt_is(s, "compatible"))
		now->fixed |= gh_bytes_eq(gh_fdt_text(s->value), GH_LIT("fixed-partitions"));
	else if (gh_fdt_is(s, "label"))
		now->label = gh_fdt_text(s->value);
	else if (gh_fdt_is(s, "reg"))
		now->reg = s->value;
	else if (gh_fdt_is(s, "#address-cells"))
		now->cells[0] = gh_fdt_cell(s->value, 0);
	else if (gh_fdt_is(s, "#size-cells"))
		now->cells[1] = gh_fdt_cell(s->value, 0);
}

/* A partition is told of by its parent's cells: reg is an offset and a size. */
static void close_node(const level *now, level *up, gh_bytes name)
{
	gh_cur reg = gh_cur_over(now->reg, 0);
	const uint8_t *at = name.len ? memchr(name.ptr, '@', name.len) : NULL;
	gh_bytes plain = gh_bytes_part(name, 0, at ? (uint64_t)(at - name.ptr) : name.len);
	bool like = up->fixed || gh_bytes_eq(plain, GH_LIT("partition")) || now->label.len > 0;
	if (!like || now->reg.len != (size_t)4 * ((size_t)up->cells[0] + up->cells[1]) || up->cells[1] == 0)
		return;
	uint64_t from = cells(&reg, up->cells[0]), size = cells(&reg, up->cells[1]);
	if (size > 0)
		(void)add(&up->map, now->label.len ? now->label : plain, from, size);
}

static gh_code read_fdt(gh_ctx *ctx, gh_bytes b, uint64_t at, gh_map_take *take, void *arg)
{
	gh_fdt fdt;
	gh_code code = gh_fdt_open(ctx, gh_cur_over(gh_bytes_part(b, at, b.len), at), &fdt);
	if (code == GH_OK && (fdt.cut || fdt.stated > GH_MIB(2)))
		return GH_OK;
	if (code != GH_OK)
		return gh_is_about_input(code) ? GH_OK : code;
	level *levels = gh_arena_array(ctx->scratch, GH_FDT_DEEP, sizeof *levels);
	if (!levels)
		return gh_nomem(ctx);
	gh_fdt_walk w = gh_fdt_start(&fdt);
	for (gh_fdt_step s; gh_fdt_next(&w, &s);) {
		level *now = &levels[w.depth];
		if (s.kind == GH_FDT_BEGIN) {
			*now = (level){ .cells = { 2, 1 } };
			now->map =
				(gh_map){ .bytes = b, .source = "fixed-partitions of a device tree", .source_at = at };
		} else if (s.kind == GH_FDT_PROPERTY) {
			property(now, &s);
		} else {
			if (w.depth > 0)
				close_node(now, now - 1, s.name);
			if (now->map.n > 0)
				take(arg, &now->map);
		}
	}
	return GH_OK;
}

gh_code gh_map_read(gh_ctx *ctx, gh_bytes b, gh_map_take *take, void *arg)
{
	static const struct {
		gh_bytes text;
	} starts[] = { { GH_INIT("mtdparts=") },
		       { GH_INIT("partition ") },
		       { GH_INIT("RedBoot") },
		       { GH_INIT("\xd0\x0d\xfe\xed") } };
	for (size_t i = 0; i < GH_COUNT(starts); i++) {
		gh_code code = gh_effort(ctx, b.len);
		if (code != GH_OK)
			return code;
		size_t at = 0;
		for (unsigned n = 0; n < SOURCES_MOST && at < b.len;) {
			gh_bytes piece = gh_bytes_part(b, at, GH_PASS);
			const uint8_t *hit = gh_find(piece, starts[i].text);
			if (!hit) {
				gh_behind(ctx, piece.ptr, piece.len);
				at += piece.len == GH_PASS ? piece.len - starts[i].text.len + 1 : piece.len;
				continue;
			}
			n++;
			at += (size_t)(hit - piece.ptr);
			uint64_t next = at + 1;
			if (i == 0)
				read_mtdparts(b, at, take, arg);
			else if (i == 1)
				next = read_lines(b, at, take, arg);
			else if (i == 2)
				read_fis(b, at, take, arg);
			else
				code = read_fdt(ctx, b, at, take, arg);
			if (code != GH_OK)
				return code;
			at = (size_t)next;
		}
	}
	return GH_OK;
}
