/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CyberTAN's "bin header" before (or, with TRX 2, inside) images of Linksys and others (firmware-utils, addpattern.c).
 *
 *	0                8            b             e        12   13     14      16      18   1a   1c   1e   20
 *	+----------------+------------+-------------+--------+----+------+-------+-------+----+----+----+----+---------+
 *	| board "W54G"   | year-2000, | version,    | "U2ND" | hw | ser. | flags | marks of dual images    | ?  |
 *payload | |                | month, day | 3 numbers   |        |    |      |       |       |    |    |    |    | |
 *	+----------------+------------+-------------+--------+----+------+-------+-------+----+----+----+----+---------+
 *
 * It holds neither length nor checksum: both are the payload's, a TRX or uImage.
 */
#include "format/room_in.h"

enum { HEADER = 0x20, LENGTH_MOST = 256 << 20 };

struct bin {
	gh_bytes board, all;
	uint8_t date[3], version[3], hardware, serial;
	uint16_t flags;
	uint64_t payload;
};

/* How long what follows says it is; 0 where nothing known follows. */
static uint64_t length_of(gh_bytes b)
{
	gh_cur c = gh_cur_over(b, 0);
	if (gh_eat(&c, GH_LIT("HDR0"))) {
		uint32_t length = gh_u32le(&c);
		return gh_cur_ok(&c) && length >= 28 && length <= LENGTH_MOST ? length : 0;
	}
	if (gh_eat(&c, GH_LIT("\x27\x05\x19\x56"))) {
		gh_skip(&c, 8);
		uint32_t length = gh_u32be(&c);
		return gh_cur_ok(&c) && length <= LENGTH_MOST ? (uint64_t)length + 64 : 0;
	}
	return 0;
}

/* Boards whose mark is known from the sources of Tomato and of firmware-utils. */
static const char *model_of(gh_bytes board)
{
	static const struct {
		gh_bytes board;
		const char *model;
	} models[] = {
		{ GH_INIT("W54G"), "WRT54G, WRT54GL" }, { GH_INIT("W54S"), "WRT54GS" },
		{ GH_INIT("W54s"), "WRT54GS v4" },      { GH_INIT("W54U"), "WRTSL54GS" },
		{ GH_INIT("WR41"), "WRH54G" },          { GH_INIT("EWCB"), "WRT300N v1" },
		{ GH_INIT("N150"), "WRT150N" },         { GH_INIT("NL16"), "WRT160NL" },
		{ GH_INIT("NL1X"), "E2100L" },          { GH_INIT("WDHNSTFH"), "My Net Wi-Fi Range Extender" },
	};
	for (size_t i = 0; i < GH_COUNT(models); i++)
		if (gh_bytes_start(board, models[i].board))
			return models[i].model;
	return NULL;
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct bin *ret)
{
	struct bin b = { .all = gh_rest(&c) };
	b.board = gh_take(&c, 8);
	for (unsigned i = 0; i < 3; i++)
		b.date[i] = gh_u8(&c);
	for (unsigned i = 0; i < 3; i++)
		b.version[i] = gh_u8(&c);
	if (!gh_eat(&c, GH_LIT("U2ND")))
		return GH_NOT_MINE;
	b.hardware = gh_u8(&c);
	b.serial = gh_u8(&c);
	b.flags = gh_u16le(&c);
	gh_skip(&c, 10);
	if (!gh_cur_ok(&c))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "the header before a Linksys image is cut short");
	if (!gh_field_is_text(b.board, 3) || b.date[0] > 99 || b.date[1] < 1 || b.date[1] > 12 || b.date[2] < 1 ||
	    b.date[2] > 31)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "board and date of a Linksys header make no sense");
	b.payload = length_of(gh_rest(&c));
	*ret = b;
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct bin b;
	gh_code code = read_header(ctx, c, &b);
	if (code == GH_OK)
		*ret = (gh_span){ .size = HEADER + GH_MIN(b.payload, (uint64_t)b.all.len - HEADER),
				  .proof = GH_PROOF_SHAPE };
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct bin b;
	gh_code code = read_header(ctx, c, &b);
	if (code != GH_OK)
		return code;
	gh_bytes payload = gh_bytes_part(b.all, HEADER, span->size - HEADER);
	const char *model = model_of(b.board);
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("CyberTAN (Linksys)")) ||
	    (model && gh_node_fact(ctx, out, "model", gh_view_text(model))) ||
	    gh_fact_field(ctx, out, "board", b.board) ||
	    gh_node_factf(ctx, out, "version", "%u.%u.%u", b.version[0], b.version[1], b.version[2]) ||
	    gh_node_factf(ctx, out, "created", "%u-%02u-%02u", 2000 + b.date[0], b.date[1], b.date[2]) ||
	    gh_node_factf(ctx, out, "hardware-version", "%u", b.hardware) ||
	    gh_node_factf(ctx, out, "serial", "%u", b.serial) || gh_node_factf(ctx, out, "flags", "0x%04x", b.flags))
		return GH_NOMEM;
	if (b.payload > payload.len &&
	    gh_node_note(ctx, out, GH_TRUNCATED, c.pos + b.all.len, "the payload names %llu bytes, %zu are there",
			 (unsigned long long)b.payload, payload.len))
		return GH_NOMEM;
	code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, gh_bytes_part(b.all, 0, HEADER));
	return code == GH_OK && payload.len > 0 ? gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER, payload)
						: code;
}

const gh_format gh_format_cybertan = {
	.name = "cybertan",
	.title = "CyberTAN header of Linksys images (U2ND)",
	.spec = "openwrt/firmware-utils: addpattern.c",
	.limits = "before anything but a TRX or uImage only the header itself is claimed: it states no length",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[0-~]{3}.{5}[\\x00-\\x63][\\x01-\\x0c][\\x01-\\x1f].{3}U2ND", 18, 0 } },
	.measure = measure,
	.unpack = unpack,
};
