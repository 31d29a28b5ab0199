/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Motorola's eight bytes before a TRX (firmware-utils, motorola-bin.c). Big-endian.
 *
 *	0                 4                      8
 *	+-----------------+----------------------+--------------+
 *	| CRC-32 of 4..end| model, "10 57 70 50" | TRX to the   |
 *	|                 |                      | end of file  |
 *	+-----------------+----------------------+--------------+
 *
 * The CRC starts with ffffffff and is not inverted at its end.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 8, LENGTH_MOST = 64 << 20 };

struct moto {
	gh_bytes all;
	uint32_t crc;
	uint8_t model;
	uint64_t size; /* of header and TRX, or to the end */
	bool right;
};

static uint32_t crc_of(const struct moto *m)
{
	return ~gh_crc32(gh_bytes_part(m->all, 4, m->size - 4));
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct moto *ret)
{
	struct moto m = { .all = gh_rest(&c) };
	m.crc = gh_u32be(&c);
	if (!gh_eat(&c, GH_LIT("\x10\x57\x70")))
		return GH_NOT_MINE;
	m.model = gh_u8(&c);
	if (!gh_eat(&c, GH_LIT("HDR0")))
		return GH_NOT_MINE;
	uint32_t length = gh_u32le(&c);
	if (!gh_cur_ok(&c) || length < 28 || length > LENGTH_MOST)
		return GH_NOT_MINE;
	/* The checksum is of the file; the TRX may be shorter. */
	const uint64_t sizes[] = { m.all.len, (uint64_t)length + HEADER };
	for (size_t i = 0; i < GH_COUNT(sizes) && !m.right; i++) {
		m.size = sizes[i];
		if (m.size > m.all.len || (i == 1 && m.size == sizes[0]))
			continue;
		gh_code code = gh_effort(ctx, m.size);
		if (code != GH_OK)
			return code;
		m.right = crc_of(&m) == m.crc;
	}
	*ret = m;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct moto m;
	gh_code code = read_header(ctx, c, &m);
	if (code == GH_OK)
		*ret = (gh_span){ .size = GH_MIN(m.size, (uint64_t)m.all.len),
				  .proof = m.right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct moto m;
	(void)span;
	gh_code code = read_header(ctx, c, &m);
	if (code != GH_OK)
		return code;
	const char *model = m.model == 0x50 ? "WR850G" : m.model == 0x40 ? "WA840G" : m.model == 0 ? "WE800G" : NULL;
	bool cut = m.size > m.all.len;
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos };
	sum.remark = cut ? "the image is cut short" : "over everything behind the checksum";
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Motorola")) ||
	    (model && gh_node_fact(ctx, out, "model", gh_view_text(model))) ||
	    gh_node_factf(ctx, out, "board", "0x105770%02x", m.model) ||
	    gh_sum_u32(ctx, out, sum, m.crc, crc_of(&m), true))
		return GH_NOMEM;
	if (cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + m.all.len, "the TRX ends behind the end"))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(m.all, 0, HEADER));
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER,
					    gh_bytes_part(m.all, HEADER, m.size - HEADER))
			     : code;
}

const gh_format gh_format_motorola = {
	.name = "motorola",
	.title = "Motorola image (WR850G and others)",
	.spec = "openwrt/firmware-utils: motorola-bin.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x10\\x57\\x70.HDR0", 8, 4 } },
	.measure = measure,
	.unpack = unpack,
};
