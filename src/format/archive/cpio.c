/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpio as the initramfs has it (Linux: Documentation/driver-api/early-userspace/buffer-format.rst) and
 * the older kinds (cpio(5)). An archive is a row of members, the last one named "TRAILER!!!".
 *
 *	newc 070701, crc 070702   6 magic, 13 fields of 8 hex digits: ino mode uid gid nlink mtime
 *	                          filesize devmajor devminor rdevmajor rdevminor namesize check;
 *	                          name and content are padded to 4 bytes each
 *	odc  070707               octal text: 6 dev 6 ino 6 mode 6 uid 6 gid 6 nlink 6 rdev 11 mtime
 *	                          6 namesize 11 filesize; no padding
 *	binary c771 / 71c7        13 words of 16 bits in the writer's order; padded to 2 bytes
 */
#include "format/archive/cpio_in.h"

enum { NEWC_HEADER = 110, NAME_MOST = 4096 };

/* A field of digits; anything else turns the cursor bad. */
static uint32_t digits(gh_cur *c, unsigned width, unsigned base)
{
	gh_bytes b = gh_take(c, width);
	uint64_t v = 0;
	for (size_t i = 0; i < b.len; i++) {
		uint8_t ch = b.ptr[i];
		unsigned d = ch >= '0' && ch <= '9'   ? (unsigned)(ch - '0')
			     : ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a' + 10)
			     : ch >= 'A' && ch <= 'F' ? (unsigned)(ch - 'A' + 10)
						      : 16;
		if (d >= base)
			c->bad = true;
		v = v * base + d;
	}
	if (v > UINT32_MAX)
		c->bad = true; /* eleven octal digits hold a little more */
	return (uint32_t)v;
}

static void read_newc(gh_cur *c, gh_cpio_member *m)
{
	m->inode = digits(c, 8, 16);
	m->mode = digits(c, 8, 16);
	m->uid = digits(c, 8, 16);
	m->gid = digits(c, 8, 16);
	m->nlink = digits(c, 8, 16);
	m->mtime = digits(c, 8, 16);
	m->size = digits(c, 8, 16);
	m->dev_major = digits(c, 8, 16);
	m->dev_minor = digits(c, 8, 16);
	m->major = digits(c, 8, 16);
	m->minor = digits(c, 8, 16);
	m->name_size = digits(c, 8, 16);
	m->check = digits(c, 8, 16);
	m->pad = 4;
}

static void read_odc(gh_cur *c, gh_cpio_member *m)
{
	m->dev_minor = digits(c, 6, 8);
	m->inode = digits(c, 6, 8);
	m->mode = digits(c, 6, 8);
	m->uid = digits(c, 6, 8);
	m->gid = digits(c, 6, 8);
	m->nlink = digits(c, 6, 8);
	uint32_t rdev = digits(c, 6, 8);
	m->major = rdev >> 8;
	m->minor = rdev & 0xff;
	m->mtime = digits(c, 11, 8);
	m->name_size = digits(c, 6, 8);
	m->size = digits(c, 11, 8);
	m->pad = 1;
}

static void read_binary(gh_cur *c, gh_cpio_member *m, bool big)
{
	m->dev_minor = gh_u16(c, big);
	m->inode = gh_u16(c, big);
	m->mode = gh_u16(c, big);
	m->uid = gh_u16(c, big);
	m->gid = gh_u16(c, big);
	m->nlink = gh_u16(c, big);
	uint16_t rdev = gh_u16(c, big);
	m->major = rdev >> 8;
	m->minor = rdev & 0xff;
	/* A pair of words has the higher one first, in either order of bytes. */
	uint32_t high = gh_u16(c, big);
	m->mtime = high << 16 | gh_u16(c, big);
	m->name_size = gh_u16(c, big);
	high = gh_u16(c, big);
	m->size = high << 16 | gh_u16(c, big);
	m->pad = 2;
}

static void pad(gh_cur *c, uint64_t start, unsigned to)
{
	uint64_t n = (to - (c->pos - start) % to) % to;
	gh_skip(c, GH_MIN(n, c->left)); /* the last padding of a file may be missing */
}

gh_code gh_cpio_next(gh_ctx *ctx, gh_cur *c, uint64_t start, gh_cpio_member *ret)
{
	gh_cpio_member m = { .at = c->pos };
	gh_cur h = *c;
	if (gh_eat(&h, GH_LIT("070701")) || gh_eat(&h, GH_LIT("070702"))) {
		m.kind = h.ptr[-1] == '2' ? GH_CPIO_CRC : GH_CPIO_NEWC;
		read_newc(&h, &m);
	} else if (gh_eat(&h, GH_LIT("070707"))) {
		m.kind = GH_CPIO_ODC;
		read_odc(&h, &m);
	} else if (gh_eat(&h, GH_LIT("\xc7\x71"))) {
		m.kind = GH_CPIO_BINARY;
		read_binary(&h, &m, false);
	} else if (gh_eat(&h, GH_LIT("\x71\xc7"))) {
		m.kind = GH_CPIO_BINARY;
		read_binary(&h, &m, true);
	} else {
		return gh_fail(ctx, GH_CORRUPT, c->pos, "no cpio member where the next one should be");
	}
	if (!gh_cur_ok(&h) && h.left == c->left - 6 && h.left >= NEWC_HEADER)
		return gh_fail(ctx, GH_CORRUPT, c->pos, "cpio header is not made of digits");
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c->pos, "cpio header is cut short or not made of digits");
	if (m.name_size == 0 || m.name_size > NAME_MOST)
		return gh_fail(ctx, GH_CORRUPT, c->pos, "cpio name of %u bytes", m.name_size);
	gh_bytes name = gh_take(&h, m.name_size);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, h.pos, "cpio name is cut short");
	if (name.ptr[name.len - 1] != 0)
		return gh_fail(ctx, GH_CORRUPT, c->pos, "cpio name has no end");
	m.name = gh_view(name.ptr, strnlen((const char *)name.ptr, name.len));
	pad(&h, start, m.pad);
	m.trailer = gh_bytes_eq(m.name, GH_LIT("TRAILER!!!"));
	m.content_at = h.pos;
	m.content = gh_take(&h, m.size);
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, c->pos, "the content of a cpio member of %u bytes is cut short",
			       m.size);
	pad(&h, start, m.pad);
	*c = h;
	*ret = m;
	return GH_OK;
}

/* Archivers sum regular files only; for a link the field is 0. */
bool gh_cpio_summed(const gh_cpio_member *m)
{
	return m->kind == GH_CPIO_CRC && m->mode >> 12 == 8;
}

/* The check field of 070702 is the sum of all bytes of the content. */
bool gh_cpio_sum_right(const gh_cpio_member *m)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < m->content.len; i++)
		sum += m->content.ptr[i];
	return sum == m->check;
}

static bool type_known(uint32_t mode)
{
	uint32_t type = mode >> 12;
	return type == 1 || type == 2 || type == 4 || type == 6 || type == 8 || type == 10 || type == 12;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	enum { HEADER_COST = 256 };
	uint64_t start = c.pos, members = 0, sums = 0, wrong = 0;
	gh_cpio_member m = { 0 };
	gh_cpio_kind kind = GH_CPIO_BINARY;
	gh_code code;
	for (;; members++) {
		code = gh_effort(ctx, HEADER_COST);
		gh_cur next = c;
		if (code == GH_OK)
			code = gh_cpio_next(ctx, &next, start, &m);
		if (code == GH_OK && members == 0)
			kind = m.kind;
		/* An archive is of one kind: another one's header is where it ends. */
		if (code != GH_OK || m.kind != kind || (!m.trailer && !type_known(m.mode)) || gh_cancelled(ctx))
			break;
		c = next;
		if (m.trailer)
			break;
		if (gh_cpio_summed(&m) && m.size > 0) {
			sums++;
			wrong += !gh_cpio_sum_right(&m);
		}
	}
	if (members == 0)
		return code == GH_OK ? gh_fail(ctx, GH_CORRUPT, start, "no cpio member of a known type") : code;
	bool whole = code == GH_OK && m.trailer && m.kind == kind;
	if (!whole && kind == GH_CPIO_BINARY)
		return gh_fail(ctx, GH_NOT_MINE, start, "two bytes of magic and no end are not enough");
	*ret = (gh_span){
		.size = c.pos - start,
		.proof = !whole                   ? GH_PROOF_SHAPE
			 : sums > 0 && wrong == 0 ? GH_PROOF_SUM
						  : GH_PROOF_PARSED,
	};
	return GH_OK;
}

const gh_format gh_format_cpio = {
	.name = "cpio", .title = "cpio archive (initramfs)",
	.spec = "Linux: Documentation/driver-api/early-userspace/buffer-format.rst; cpio(5)", .kind = GH_NODE_VOLUME,
	.magic = {
		{ "07070[12]", 6, 0 },
		{ "070707", 6, 0 },
		/* The high nibble of the mode is the file type. */
		{ "\\xc7\\x71.{5}[\\x10-\\x2f\\x40-\\x4f\\x60-\\x6f\\x80-\\x8f\\xa0-\\xaf\\xc0-\\xcf]", 8, 0 },
		{ "\\x71\\xc7.{4}[\\x10-\\x2f\\x40-\\x4f\\x60-\\x6f\\x80-\\x8f\\xa0-\\xaf\\xc0-\\xcf]", 7, 0 },
	},
	.measure = measure, .unpack = gh_cpio_unpack,
};
