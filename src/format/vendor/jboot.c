/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers of JBOOT, the boot loader of Amit's devices, sold by D-Link (firmware-utils, mkdlinkfw.c). All
 * little-endian, one inside the other: AUH says how an update is flashed, STAG marks a part of flash, SCH2 a kernel.
 *
 *	AUH   80   rom id[12], scramble u16, sum of the data u16, 10 bytes, 01, 00, time, erase start and length, data
 *	           start and length (all in flash), 16 bytes, "BH" 0002 0000 04 04, 4 bytes, family u16, sum of all this
 *	STAG  16   mark, id 04, 24 2b, time, length, sum of the data u16, sum of all this with mark = id
 *	SCH2  40   24 21, compression, 02, memory address, kernel length, CRC, entry, root fs address (in flash),
 *length, CRC, CRC of this header with this field zero, header length u16, length of a command line u16
 *
 * Newer devices (E15, R15, M30 …) have a length in the ten bytes of an AUH: then the data are pieces of so many bytes,
 * each behind an IV, enciphered by AES-256-CBC and padded as of PKCS #7 (binwalk-ng/delink dlk.rs). An AUH with the
 * signature goes before.
 *
 * Amit's older devices (makeamitbin.c) have "BH" 0101 0050 and a second name where the newer have that length.
 *
 * The sum is that of 16-bit words with carries added again, not inverted for data, inverted for headers. Times count in
 * steps of four seconds from 1998-03-07.
 */
#include "codec/sum.h"
#include "format/vendor/keys_in.h"

enum { AUH = 80, STAG = 16, SCH2 = 40, SCH2_CRC = 0x20, EPOCH = 0x35016f00 };

static uint16_t sum_of(gh_bytes b)
{
	uint64_t n = 0;
	gh_cur c = gh_cur_over(b, 0);
	while (c.left > 1)
		n += gh_u16le(&c);
	if (c.left > 0)
		n += gh_u8(&c) + 0xffff - 0xffu;
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return (uint16_t)n;
}

static gh_code add_time(gh_ctx *ctx, uint32_t time, gh_node *out)
{
	const char *created = gh_utc(ctx, (int64_t)time * 4 + EPOCH);
	return created ? gh_node_fact(ctx, out, "created", gh_view_text(created)) : gh_nomem(ctx);
}

/* A sum over data that may be cut short. */
static gh_code add_data_sum(gh_ctx *ctx, gh_node *out, uint64_t at, uint16_t stored, gh_bytes data, uint64_t length)
{
	const uint8_t raw[2] = { (uint8_t)stored, (uint8_t)(stored >> 8) };
	gh_sum s = { .what = "image sum", .algorithm = "16-bit words, carries added", .at = at };
	if (data.len == length)
		return gh_sum_u16(ctx, out, s, stored, sum_of(data), false);
	s.state = GH_SUM_UNVERIFIABLE;
	s.stored = gh_view(raw, sizeof raw);
	s.remark = "the data are cut short";
	gh_code code = gh_node_sum(ctx, out, &s);
	return code != GH_OK ? code
			     : gh_node_note(ctx, out, GH_TRUNCATED, at, "the header names %llu bytes, %zu are there",
					    (unsigned long long)length, data.len);
}

/* ---- AUH */

struct auh {
	gh_bytes head, rom, data;
	uint32_t piece, time, erase_at, erase_len, data_at, data_len;
	uint16_t scramble, sum, family, head_sum;
	bool older;
};

static gh_code read_auh(gh_ctx *ctx, gh_cur c, struct auh *ret)
{
	gh_cur h = c;
	struct auh a = { .head = gh_take(&c, AUH) };
	a.rom = gh_take(&h, 12);
	a.scramble = gh_u16le(&h);
	a.sum = gh_u16le(&h);
	a.piece = gh_u32le(&h);
	gh_skip(&h, 6);
	uint16_t lpvs = gh_u16le(&h);
	a.time = gh_u32le(&h);
	a.erase_at = gh_u32le(&h);
	a.erase_len = gh_u32le(&h);
	a.data_at = gh_u32le(&h);
	a.data_len = gh_u32le(&h);
	gh_skip(&h, 16 + 2);
	a.older = gh_u16le(&h) == 0x0101;
	gh_skip(&h, 8);
	a.family = gh_u16le(&h);
	a.head_sum = gh_u16le(&h);
	if (a.older)
		a.piece = 0;
	if (!gh_cur_ok(&h) || (lpvs != 1 && !a.older) || a.data_len == 0 || !gh_field_is_text(a.rom, 3))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a JBOOT update header make no sense");
	a.data = gh_take(&c, GH_MIN((uint64_t)a.data_len, (uint64_t)c.left));
	*ret = a;
	return a.data.len > 0 ? GH_OK : gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a JBOOT update header");
}

static uint16_t auh_head_sum(const struct auh *a)
{
	return (uint16_t)~sum_of(gh_bytes_part(a->head, 0, AUH - 2));
}

static gh_code measure_auh(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct auh a;
	gh_code code = read_auh(ctx, c, &a);
	if (code == GH_OK)
		code = gh_effort(ctx, a.data.len);
	if (code != GH_OK)
		return code;
	bool head = auh_head_sum(&a) == a.head_sum, data = a.data.len == a.data_len && sum_of(a.data) == a.sum;
	if (!head && !data)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of a JBOOT update header holds");
	*ret = (gh_span){ .size = AUH + a.data.len, .proof = head && data ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* Which key pads a whole piece with a whole block? */
static const gh_key *piece_key(const struct auh *a)
{
	uint8_t last[GH_AES_BLOCK];
	uint64_t whole = (uint64_t)a->piece + 2 * GH_AES_BLOCK;
	gh_bytes piece = gh_bytes_part(a->data, 0, whole);
	if (a->piece == 0 || a->piece % GH_AES_BLOCK != 0 || piece.len < whole)
		return NULL;
	for (const gh_key *k = gh_key_next("dlink-mh01", NULL); k; k = gh_key_next("dlink-mh01", k)) {
		gh_aes aes = { .key = k->key };
		memcpy(aes.iv, piece.ptr + piece.len - 2 * (size_t)GH_AES_BLOCK, sizeof aes.iv);
		(void)gh_aes_decipher(&aes, gh_bytes_part(piece, piece.len - GH_AES_BLOCK, GH_AES_BLOCK), last);
		if (gh_pkcs7(gh_view(last, sizeof last)) == GH_AES_BLOCK)
			return k;
	}
	return NULL;
}

static gh_code add_pieces(gh_ctx *ctx, uint64_t at, const struct auh *a, const gh_key *key, gh_node *out)
{
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_aes aes = { .key = key->key };
	gh_code code = gh_buf_room(ctx, &plain, a->data.len);
	if (code != GH_OK)
		return code;
	if (plain.cap < a->data.len)
		return gh_fail(ctx, GH_LIMIT, at, "deciphering needs more memory than there is");
	gh_cur c = gh_cur_over(a->data, at);
	while (c.left > GH_AES_BLOCK) {
		memcpy(aes.iv, gh_take(&c, GH_AES_BLOCK).ptr, sizeof aes.iv);
		gh_bytes in = gh_take(&c, GH_MIN((uint64_t)a->piece + GH_AES_BLOCK, (uint64_t)c.left));
		uint8_t *to = plain.ptr + plain.len;
		size_t n = gh_aes_decipher(&aes, in, to);
		plain.len += n - gh_pkcs7(gh_view(to, n));
	}
	const char *how = gh_arena_printf(ctx->scratch, "aes-256-cbc in pieces of %u bytes, key of %s (%s)", a->piece,
					  key->device, key->source);
	if (!how)
		return gh_nomem(ctx);
	return gh_node_part_decoded(ctx, out, "image", how, at, a->data, gh_buf_view(&plain));
}

static gh_code unpack_auh(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct auh a;
	(void)span;
	gh_code code = read_auh(ctx, c, &a);
	if (code == GH_OK)
		code = gh_fact_field(ctx, out, "board", a.rom);
	if (code == GH_OK && a.older)
		code = gh_fact_field(ctx, out, "model", gh_bytes_part(a.head, 16, 12));
	else if (code == GH_OK)
		code = add_time(ctx, a.time, out);
	if (code != GH_OK)
		return code;
	if (gh_node_factf(ctx, out, "family", "0x%04x", a.family) ||
	    gh_node_factf(ctx, out, "flash", "0x%x bytes at 0x%x; erased: 0x%x bytes at 0x%x", a.data_len, a.data_at,
			  a.erase_len, a.erase_at))
		return GH_NOMEM;
	gh_sum s = { .what = "header sum", .algorithm = "16-bit words, inverted", .at = c.pos + AUH - 2 };
	code = gh_sum_u16(ctx, out, s, a.head_sum, auh_head_sum(&a), false);
	if (code == GH_OK)
		code = add_data_sum(ctx, out, c.pos + 14, a.sum, a.data, a.data_len);
	if (code == GH_OK && a.scramble != 0)
		code = gh_node_note(ctx, out, GH_UNSUPPORTED, c.pos + 12, "the update is scrambled (0x%04x)",
				    a.scramble);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, a.head);
	const gh_key *key = piece_key(&a);
	if (code == GH_OK && key)
		return add_pieces(ctx, c.pos + AUH, &a, key, out);
	if (code == GH_OK && a.piece != 0)
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos + AUH,
				    "pieces of %u bytes; none of the published keys opens them", a.piece);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + AUH, a.data);
	return code;
}

/* ---- STAG */

struct stag {
	gh_bytes head, data;
	uint32_t time, length;
	uint16_t sum, head_sum;
	uint8_t mark, id;
};

static gh_code read_stag(gh_ctx *ctx, gh_cur c, struct stag *ret)
{
	gh_cur h = c;
	struct stag s = { .head = gh_take(&c, STAG), .mark = gh_u8(&h), .id = gh_u8(&h) };
	gh_skip(&h, 2);
	s.time = gh_u32le(&h);
	s.length = gh_u32le(&h);
	s.sum = gh_u16le(&h);
	s.head_sum = gh_u16le(&h);
	s.data = gh_take(&c, GH_MIN((uint64_t)s.length, (uint64_t)c.left));
	*ret = s;
	if (!gh_cur_ok(&h) || s.data.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a JBOOT tag");
	return GH_OK;
}

static uint16_t stag_head_sum(const struct stag *s)
{
	uint8_t head[STAG - 2];
	memcpy(head, s->head.ptr, sizeof head);
	head[0] = s->id;
	return (uint16_t)~sum_of(gh_view(head, sizeof head));
}

static gh_code measure_stag(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct stag s;
	gh_code code = read_stag(ctx, c, &s);
	if (code == GH_OK)
		code = gh_effort(ctx, s.data.len);
	if (code != GH_OK)
		return code;
	bool head = stag_head_sum(&s) == s.head_sum, data = s.data.len == s.length && sum_of(s.data) == s.sum;
	if (!head && !data)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither sum of a JBOOT tag holds");
	*ret = (gh_span){ .size = STAG + s.data.len, .proof = head && data ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code unpack_stag(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct stag s;
	(void)span;
	gh_code code = read_stag(ctx, c, &s);
	if (code == GH_OK)
		code = add_time(ctx, s.time, out);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "kind", s.mark == s.id ? GH_LIT("system") : GH_LIT("factory"));
	if (code != GH_OK)
		return code;
	gh_sum sum = { .what = "header sum", .algorithm = "16-bit words, inverted", .at = c.pos + STAG - 2 };
	code = gh_sum_u16(ctx, out, sum, s.head_sum, stag_head_sum(&s), false);
	if (code == GH_OK)
		code = add_data_sum(ctx, out, c.pos + 12, s.sum, s.data, s.length);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, s.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + STAG, s.data);
	return code;
}

/* ---- SCH2 */

struct sch2 {
	gh_bytes head, kernel, rootfs; /* rootfs: what stands behind the kernel, where it is that */
	uint32_t load, length, crc, entry, rootfs_at, rootfs_len, rootfs_crc, head_crc;
	uint8_t compression;
};

static gh_code read_sch2(gh_ctx *ctx, gh_cur c, struct sch2 *ret)
{
	gh_cur h = c;
	struct sch2 s = { .length = 0 };
	gh_skip(&h, 2);
	s.compression = gh_u8(&h);
	gh_skip(&h, 1);
	s.load = gh_u32le(&h);
	s.length = gh_u32le(&h);
	s.crc = gh_u32le(&h);
	s.entry = gh_u32le(&h);
	s.rootfs_at = gh_u32le(&h);
	s.rootfs_len = gh_u32le(&h);
	s.rootfs_crc = gh_u32le(&h);
	s.head_crc = gh_u32le(&h);
	uint16_t head = gh_u16le(&h), command = gh_u16le(&h);
	if (!gh_cur_ok(&h) || head != SCH2 || s.length == 0)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a JBOOT kernel header make no sense");
	s.head = gh_take(&c, (uint64_t)SCH2 + command);
	s.kernel = gh_take(&c, GH_MIN((uint64_t)s.length, (uint64_t)c.left));
	if (!gh_cur_ok(&c) || s.kernel.len == 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "nothing follows a JBOOT kernel header");
	gh_bytes behind = gh_bytes_part(gh_rest(&c), 0, s.rootfs_len);
	if (s.rootfs_len > 0 && behind.len == s.rootfs_len && gh_smells_of_fs(behind))
		s.rootfs = behind;
	*ret = s;
	return GH_OK;
}

static uint32_t sch2_head_crc(const struct sch2 *s)
{
	static const uint8_t zero[4];
	uint32_t crc = gh_crc32(gh_bytes_part(s->head, 0, SCH2_CRC));
	crc = gh_crc32_more(crc, gh_view(zero, sizeof zero));
	return gh_crc32_more(crc, gh_bytes_part(s->head, SCH2_CRC + 4, SCH2 - SCH2_CRC - 4));
}

static gh_code measure_sch2(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct sch2 s;
	gh_code code = read_sch2(ctx, c, &s);
	if (code == GH_OK)
		code = gh_effort(ctx, s.kernel.len + s.rootfs.len);
	if (code != GH_OK)
		return code;
	bool head = sch2_head_crc(&s) == s.head_crc, kernel = gh_crc32(s.kernel) == s.crc;
	if (!head && !kernel)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "neither CRC of a JBOOT kernel header holds");
	*ret = (gh_span){ .size = s.head.len + s.kernel.len + s.rootfs.len,
			  .proof = head && kernel ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_sch2_sums(gh_ctx *ctx, gh_cur c, const struct sch2 *s, gh_node *out)
{
	gh_sum sum = { .what = "header CRC", .algorithm = "crc32", .at = c.pos + SCH2_CRC };
	gh_code code = gh_sum_u32(ctx, out, sum, s->head_crc, sch2_head_crc(s), false);
	sum.what = "kernel CRC";
	sum.at = c.pos + 12;
	sum.remark = s->kernel.len < s->length ? "the kernel is cut short" : NULL;
	if (code == GH_OK)
		code = gh_sum_u32(ctx, out, sum, s->crc, gh_crc32(s->kernel), false);
	if (code != GH_OK || s->rootfs_len == 0)
		return code;
	sum.what = "rootfs CRC";
	sum.at = c.pos + 28;
	if (s->rootfs.len > 0)
		return gh_sum_u32(ctx, out, sum, s->rootfs_crc, gh_crc32(s->rootfs), false);
	sum.state = GH_SUM_UNVERIFIABLE;
	sum.stored = gh_bytes_part(s->head, 28, 4);
	sum.remark = "the root file system does not stand behind the kernel";
	return gh_node_sum(ctx, out, &sum);
}

static gh_code unpack_sch2(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	static const char *const compressions[] = { "none", "jz", "gzip", "lzma" };
	struct sch2 s;
	(void)span;
	gh_code code = read_sch2(ctx, c, &s);
	if (code != GH_OK)
		return code;
	const char *compression = s.compression < GH_COUNT(compressions) ? compressions[s.compression] : "unknown";
	if (gh_node_fact(ctx, out, "compression", gh_view_text(compression)) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", s.load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", s.entry) ||
	    gh_node_factf(ctx, out, "rootfs", "0x%x bytes at 0x%x of flash", s.rootfs_len, s.rootfs_at))
		return GH_NOMEM;
	code = add_sch2_sums(ctx, c, &s, out);
	if (code == GH_OK && s.kernel.len < s.length)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + s.head.len + s.kernel.len,
				    "the header names a kernel of %u bytes, %zu are there", s.length, s.kernel.len);
	uint64_t at = c.pos + s.head.len;
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, s.head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "kernel", at, s.kernel);
	if (code == GH_OK && s.rootfs.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, "rootfs", at + s.kernel.len, s.rootfs);
	return code;
}

const gh_format gh_format_jboot_auh = {
	.name = "jboot-auh",
	.title = "JBOOT update, D-Link and Amit",
	.spec = "openwrt/firmware-utils: mkdlinkfw.c, makeamitbin.c",
	.limits = "scrambled updates are named, not put in order",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x42\\x48\\x02\\x00\\x00\\x00", 6, 0x40 },
		   { "\\x42\\x48\\x01\\x01\\x50\\x00\\x00[\\x01\\x05]", 8, 0x40 } },
	.measure = measure_auh,
	.unpack = unpack_auh,
};

const gh_format gh_format_jboot_sch2 = {
	.name = "jboot-sch2",
	.title = "JBOOT kernel, D-Link",
	.spec = "openwrt/firmware-utils: mkdlinkfw.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x24\\x21[\\x00-\\x03]\\x02.{32}\\x28\\x00", 38, 0 } },
	.measure = measure_sch2,
	.unpack = unpack_sch2,
};

const gh_format gh_format_jboot_stag = {
	.name = "jboot-stag",
	.title = "JBOOT part of flash, D-Link",
	.spec = "openwrt/firmware-utils: mkdlinkfw.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "[\\x04\\xff]\\x04\\x24\\x2b.{12}\\x24\\x21[\\x00-\\x03]\\x02", 20, 0 } },
	.measure = measure_stag,
	.unpack = unpack_stag,
};
