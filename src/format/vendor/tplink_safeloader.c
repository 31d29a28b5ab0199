/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SafeLoader, TP-Link's image since about 2014 (firmware-utils, tplink-safeloader.c). Big-endian.
 *
 *	0        4                 14              18                 1014                      1814
 *	+--------+-----------------+---------------+------------------+-------------------------+----- … -----+
 *	| size   | MD5 with a salt | length of the | vendor's text    | table, as text          | partitions  |
 *	|        |                 | vendor's text |                  |                         |             |
 *	+--------+-----------------+---------------+------------------+-------------------------+----- … -----+
 *
 * A row of the table: "fwup-ptn NAME base 0x… size 0x…" and tab, CR, LF; bases count from 1014. The small partitions
 * begin with their length and four zeros. Devices with VxWorks (LeeXiaolan/tplink-vxworks-based-firmware, fw) have the
 * vendor's text at 14, eight bytes for the model at 54, and the table at 5c.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum {
	TABLE = 0x1014,
	TABLE_VXWORKS = 0x5c,
	VENDOR_VXWORKS = 64,
	TABLE_MOST = 0x800,
	ROWS_MOST = 64,
	NAME_MOST = 32,
	MD5_FROM = 0x14,
	SUPPORTED_MOST = 64
};

struct row {
	gh_bytes name;
	uint64_t base, size;
};

struct image {
	uint32_t size, table;
	gh_bytes md5, text, model;
	struct row row[ROWS_MOST];
	unsigned n;
	bool cut;
};

static bool hex(gh_cur *c, uint64_t *ret)
{
	unsigned n = 0;
	if (!gh_eat(c, GH_LIT("0x")))
		return false;
	for (*ret = 0; c->left > 0 && n < 9; n++) {
		uint8_t ch = c->ptr[0];
		unsigned v = ch >= '0' && ch <= '9'   ? ch - (unsigned)'0'
			     : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10U
			     : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10U
						      : 16;
		if (v > 15)
			break;
		*ret = *ret * 16 + v;
		gh_skip(c, 1);
	}
	return n > 0;
}

static bool read_row(gh_cur *c, struct row *ret)
{
	if (!gh_eat(c, GH_LIT("fwup-ptn ")))
		return false;
	const uint8_t *space = memchr(c->ptr, ' ', GH_MIN(c->left, (size_t)NAME_MOST));
	if (!space)
		return false;
	ret->name = gh_take(c, (uint64_t)(space - c->ptr));
	if (!gh_eat(c, GH_LIT(" base ")) || !hex(c, &ret->base) || !gh_eat(c, GH_LIT(" size ")) || !hex(c, &ret->size))
		return false;
	while (c->left > 0 && (c->ptr[0] == '\t' || c->ptr[0] == '\r' || c->ptr[0] == '\n'))
		gh_skip(c, 1);
	return true;
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct image *ret)
{
	gh_bytes all = gh_rest(&c);
	gh_cur h = c;
	*ret = (struct image){ .size = gh_u32be(&h) };
	ret->md5 = gh_take(&h, 16);
	bool vxworks = gh_bytes_start(gh_bytes_part(all, TABLE_VXWORKS, 9), GH_LIT("fwup-ptn "));
	ret->table = vxworks ? TABLE_VXWORKS : TABLE;
	if (!gh_cur_ok(&h) || ret->size <= ret->table || all.len <= ret->table)
		return GH_NOT_MINE;
	if (vxworks) {
		ret->text = gh_text(&h, VENDOR_VXWORKS);
		ret->model = gh_take(&h, 8);
	} else {
		uint32_t text = gh_u32be(&h);
		ret->text = gh_take(&h, GH_MIN(text, (uint32_t)(TABLE - 0x18)));
	}
	gh_cur t = gh_cur_over(gh_bytes_part(gh_bytes_part(all, 0, ret->size), ret->table, TABLE_MOST),
			       c.pos + ret->table);
	while (ret->n < ROWS_MOST && read_row(&t, &ret->row[ret->n]))
		ret->n++;
	if (ret->n < 2)
		return gh_fail(ctx, GH_CORRUPT, t.pos, "the table of SafeLoader has no rows");
	ret->cut = ret->size > all.len;
	return GH_OK;
}

static bool md5_holds(gh_bytes all, const struct image *i, uint8_t ret[16])
{
	static const uint8_t salt[16] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
					  0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };
	const gh_bytes runs[] = { gh_view(salt, sizeof salt),
				  gh_bytes_part(all, MD5_FROM, i->size - (uint64_t)MD5_FROM) };
	gh_md5(runs, GH_COUNT(runs), ret);
	return memcmp(ret, i->md5.ptr, 16) == 0;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct image i;
	uint8_t md5[16];
	gh_code code = read_image(ctx, c, &i);
	if (code == GH_OK)
		code = gh_effort(ctx, GH_MIN((uint64_t)i.size, c.left));
	if (code != GH_OK)
		return code;
	bool right = !i.cut && md5_holds(gh_rest(&c), &i, md5);
	*ret = (gh_span){ .size = GH_MIN((uint64_t)i.size, c.left), .proof = right ? GH_PROOF_SUM : GH_PROOF_PARSED };
	return GH_OK;
}

/* A small partition: length, four zeros, then what it says. */
static gh_bytes body_of(gh_bytes part)
{
	gh_cur c = gh_cur_over(part, 0);
	uint32_t len = gh_u32be(&c), zero = gh_u32be(&c);
	return gh_cur_ok(&c) && zero == 0 ? gh_bytes_part(part, 8, len) : gh_view(NULL, 0);
}

static gh_code soft_version(gh_ctx *ctx, gh_node *out, gh_bytes part)
{
	gh_bytes b = body_of(part);
	gh_cur c = gh_cur_over(b, 0);
	if (b.len > 0 && b.ptr[0] >= 0x20 && b.ptr[0] < 0x7f) {
		gh_bytes line = gh_line(&c);
		return line.len < 200 ? gh_fact_field(ctx, out, "version", line) : GH_OK;
	}
	gh_skip(&c, 1);
	unsigned major = gh_u8(&c), minor = gh_u8(&c), patch = gh_u8(&c);
	unsigned century = gh_u8(&c), year = gh_u8(&c), month = gh_u8(&c), day = gh_u8(&c);
	uint32_t revision = gh_u32be(&c);
	if (!gh_cur_ok(&c))
		return GH_OK;
	gh_code code = gh_node_factf(ctx, out, "version", "%u.%u.%u", major, minor, patch);
	/* the date is in decimal digits, two a byte */
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "created", "%02x%02x-%02x-%02x", century, year, month, day);
	return code == GH_OK ? gh_node_factf(ctx, out, "build", "%u", revision) : code;
}

static gh_code lines(gh_ctx *ctx, gh_node *out, const char *key, gh_bytes part)
{
	gh_cur c = gh_cur_over(body_of(part), 0);
	gh_code code = GH_OK;
	for (unsigned n = 0; c.left > 0 && n < SUPPORTED_MOST && code == GH_OK; n++) {
		gh_bytes line = gh_line(&c);
		while (line.len > 0 && line.ptr[line.len - 1] <= ' ')
			line.len--;
		if (line.len > 0 && line.len < 200 && !gh_bytes_eq(line, GH_LIT("SupportList:")))
			code = gh_fact_field(ctx, out, key, line);
	}
	return code;
}

static gh_code row_facts(gh_ctx *ctx, gh_node *out, const struct row *r, gh_bytes part)
{
	if (gh_bytes_eq(r->name, GH_LIT("soft-version")))
		return soft_version(ctx, out, part);
	if (gh_bytes_eq(r->name, GH_LIT("support-list")))
		return lines(ctx, out, "board", part);
	if (gh_bytes_eq(r->name, GH_LIT("product-info")))
		return lines(ctx, out, "product", part);
	return GH_OK;
}

static gh_code add_rows(gh_ctx *ctx, gh_cur c, const struct image *i, gh_node *out)
{
	gh_bytes all = gh_rest(&c);
	uint64_t end = i->table;
	gh_code code = GH_OK;
	for (unsigned k = 0; k < i->n && code == GH_OK; k++) {
		const struct row *r = &i->row[k];
		char name[NAME_MOST + 1] = { 0 };
		for (size_t n = 0; n < r->name.len; n++)
			name[n] = r->name.ptr[n] > 0x20 && r->name.ptr[n] < 0x7f ? (char)r->name.ptr[n] : '_';
		gh_bytes part = gh_bytes_part(all, i->table + r->base, r->size);
		code = gh_node_factf(ctx, out, "partition", "%s 0x%llx, %llu bytes", name, (unsigned long long)r->base,
				     (unsigned long long)r->size);
		if (code == GH_OK && part.len < r->size)
			code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + all.len,
					    "%s has %llu bytes, %zu of them are there", name,
					    (unsigned long long)r->size, part.len);
		if (code != GH_OK || part.len == 0)
			continue;
		code = row_facts(ctx, out, r, part);
		if (code == GH_OK && i->table + r->base >= end) {
			bool table = gh_bytes_eq(r->name, GH_LIT("fwup-ptn"));
			code = gh_node_part(ctx, out, table ? GH_NODE_HEADER : GH_NODE_PART, name,
					    c.pos + i->table + r->base, part);
			end = i->table + r->base + part.len;
		}
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct image i;
	uint8_t md5[16];
	(void)span;
	gh_code code = read_image(ctx, c, &i);
	if (code != GH_OK)
		return code;
	bool cloud = i.text.len > 13 && memmem(i.text.ptr, i.text.len, "fw-type:Cloud", 13) != NULL;
	gh_sum sum = { .what = "image MD5",
		       .algorithm = "md5 with a public salt",
		       .at = c.pos + 4,
		       .stored = i.md5,
		       .state = GH_SUM_UNVERIFIABLE,
		       .remark = "the image is cut short" };
	if (!i.cut) {
		sum.state = md5_holds(gh_rest(&c), &i, md5) ? GH_SUM_RIGHT : GH_SUM_WRONG;
		sum.computed = gh_view(md5, sizeof md5);
		sum.remark = "over everything behind it";
	}
	code = gh_node_fact(ctx, out, "vendor", GH_LIT("TP-Link"));
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "vendor-text", gh_bytes_part(i.text, 0, 120));
	if (code == GH_OK && i.model.len > 0)
		code = gh_node_factf(ctx, out, "model", "%02x%02x%02x%02x %02x%02x%02x%02x", i.model.ptr[0],
				     i.model.ptr[1], i.model.ptr[2], i.model.ptr[3], i.model.ptr[4], i.model.ptr[5],
				     i.model.ptr[6], i.model.ptr[7]);
	if (code == GH_OK && cloud)
		code = gh_node_fact(ctx, out, "signature",
				    GH_LIT("RSA, in front of the table; needs the vendor's key"));
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK && i.cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the header names %u bytes, %zu are there",
				    i.size, c.left);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(gh_rest(&c), 0, i.table));
	return code == GH_OK ? add_rows(ctx, c, &i, out) : code;
}

const gh_format gh_format_tplink_safeloader = {
	.name = "tplink-safeloader",
	.title = "TP-Link SafeLoader image",
	.spec = "openwrt/firmware-utils: tplink-safeloader.c; LeeXiaolan/tplink-vxworks-based-firmware: fw",
	.limits = "signatures of \"fw-type:Cloud\" are named, not checked; the variant \"?NEW\"",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "fwup-ptn [ -~]{4}", 13, TABLE }, { "fwup-ptn [ -~]{4}", 13, TABLE_VXWORKS } },
	.measure = measure,
	.unpack = unpack,
};
