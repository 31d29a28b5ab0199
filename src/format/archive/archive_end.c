/* SPDX-License-Identifier: Apache-2.0 */
/* Where an archive ends, by its own words: each kind says it in another place. */
#include "format/archive/archive_in.h"

#include "codec/sum.h"

enum { BLOCK = 512, AR_HEADER = 60, STEP_COST = 512 };

static gh_code span_of(gh_ctx *ctx, gh_cur c, uint64_t size, gh_proof proof, gh_span *ret)
{
	if (size == 0 || size > c.left)
		return gh_fail(ctx, GH_TRUNCATED, c.pos + c.left, "the archive has %llu bytes, %zu are there",
			       (unsigned long long)size, c.left);
	*ret = (gh_span){ .size = size, .proof = proof };
	return GH_OK;
}

/* A number of a tar header: octal text, or base 256 when the top bit of the first byte is set. */
static bool tar_number(gh_bytes field, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;
	if (field.ptr[0] & 0x80) {
		for (v = field.ptr[0] & 0x7f, i = 1; i < field.len; i++) {
			if (v >> 55)
				return false;
			v = v << 8 | field.ptr[i];
		}
		*ret = v;
		return true;
	}
	while (i < field.len && field.ptr[i] == ' ')
		i++;
	for (; i < field.len && field.ptr[i] >= '0' && field.ptr[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field.ptr[i] - '0');
	*ret = v;
	return i == field.len || field.ptr[i] == 0 || field.ptr[i] == ' ';
}

/* The sum of all bytes of the header, those of the sum itself taken as blanks (POSIX, pax). */
static bool tar_sum_right(gh_bytes h)
{
	uint64_t stored, sum = 0;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? (uint8_t)' ' : h.ptr[i];
	return tar_number(gh_bytes_part(h, 148, 8), &stored) && stored == sum;
}

static bool all_zero(gh_bytes b)
{
	return b.len > 0 && b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0;
}

/* "NN size=VALUE\n" in a pax header: the size of the member behind it. */
static bool pax_size(gh_cur records, uint64_t *ret)
{
	while (records.left > 0) {
		gh_bytes line = gh_line(&records);
		const uint8_t *blank = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
		gh_cur c = gh_cur_over(blank ? gh_bytes_part(line, (size_t)(blank - line.ptr) + 1, line.len) : line, 0);
		if (!blank || !gh_eat(&c, GH_LIT("size=")))
			continue;
		uint64_t v = 0;
		for (; c.left > 0; gh_skip(&c, 1)) {
			if (*c.ptr < '0' || *c.ptr > '9' || v > UINT64_MAX / 16)
				return false;
			v = v * 10 + (uint64_t)(*c.ptr - '0');
		}
		*ret = v;
		return true;
	}
	return false;
}

static gh_code tar_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t start = c.pos, members = 0, pax = UINT64_MAX;
	bool magic = gh_bytes_eq(gh_bytes_part(gh_rest(&c), 257, 5), GH_LIT("ustar"));
	if (!magic && start != 0)
		return GH_NOT_MINE; /* without a magic only as a whole file */
	for (;;) {
		gh_cur next = c;
		gh_bytes h = gh_take(&next, BLOCK);
		uint64_t size;
		gh_code code = gh_effort(ctx, STEP_COST);
		if (code != GH_OK)
			return code;
		if (h.len == BLOCK && all_zero(h)) {
			bool second = all_zero(gh_bytes_part(gh_rest(&next), 0, BLOCK)) && next.left >= BLOCK;
			if (members == 0)
				return GH_NOT_MINE;
			return span_of(
				ctx,
				gh_cur_over(gh_view(c.ptr - (c.pos - start), (size_t)(c.pos - start) + c.left), start),
				c.pos - start + BLOCK + (second ? BLOCK : 0), GH_PROOF_PARSED, ret);
		}
		if (h.len < BLOCK || !tar_sum_right(h) || !tar_number(gh_bytes_part(h, 124, 12), &size))
			break;
		uint8_t type = h.ptr[156];
		if (pax != UINT64_MAX && type != 'x' && type != 'g' && type != 'L' && type != 'K') {
			size = pax;
			pax = UINT64_MAX;
		}
		if (type >= '1' && type <= '6')
			size = 0; /* links, devices and folders have no content, whatever they say */
		/* GNU's sparse map may go on in further blocks: byte 482 of the header, 504 of those. */
		bool more = type == 'S' && h.ptr[482];
		while (more) {
			gh_bytes map = gh_take(&next, BLOCK);
			more = map.len == BLOCK && map.ptr[504];
		}
		if (!gh_cur_ok(&next))
			break;
		uint64_t padded = size > UINT64_MAX - BLOCK ? size : (size + BLOCK - 1) / BLOCK * BLOCK;
		if (type == 'x' && padded <= next.left)
			(void)pax_size(gh_cur_over(gh_bytes_part(gh_rest(&next), 0, size), 0), &pax);
		if (size > next.left)
			break;
		gh_skip(&next, GH_MIN(padded, (uint64_t)next.left));
		c = next;
		members++;
	}
	if (members == 0)
		return gh_fail(ctx, GH_CORRUPT, start,
			       "the first header of the tar archive is wrong or its file is cut short");
	*ret = (gh_span){ .size = c.pos - start, .proof = GH_PROOF_SHAPE };
	return GH_OK;
}

/* ar(5): 60 bytes of text each, ended by "`\n"; contents are padded to 2 bytes. */
static gh_code ar_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t start = c.pos, members = 0;
	gh_skip(&c, 8);
	while (c.left >= AR_HEADER) {
		gh_cur next = c;
		gh_bytes h = gh_take(&next, AR_HEADER);
		gh_code code = gh_effort(ctx, STEP_COST);
		if (code != GH_OK || !h.ptr)
			return code;
		uint64_t size = 0;
		unsigned digits = 0;
		for (size_t i = 48; i < 58 && h.ptr[i] >= '0' && h.ptr[i] <= '9'; i++, digits++)
			size = size * 10 + (uint64_t)(h.ptr[i] - '0');
		if (h.ptr[58] != '`' || h.ptr[59] != '\n' || digits == 0 || size > next.left)
			break;
		gh_skip(&next, size);
		gh_skip(&next, GH_MIN(size % 2, (uint64_t)next.left));
		c = next;
		members++;
	}
	if (members == 0)
		return gh_fail(ctx, GH_CORRUPT, start, "the first member of the ar archive makes no sense");
	*ret = (gh_span){ .size = c.pos - start, .proof = GH_PROOF_PARSED };
	return GH_OK;
}

/* APPNOTE.TXT 4.3.16: the end record says where the directory is, counted from the first header. */
static gh_code zip_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	enum { END = 22, CENTRAL = 46 };
	gh_cur h = c;
	gh_skip(&h, 4);
	uint16_t needed = gh_u16le(&h);
	gh_skip(&h, 2);
	uint16_t method = gh_u16le(&h);
	gh_skip(&h, 16);
	uint16_t name = gh_u16le(&h);
	if (!gh_cur_ok(&h) || (needed & 0xff) > 63 || method > 99 || name == 0)
		return GH_NOT_MINE;
	gh_bytes all = gh_rest(&c);
	gh_code code = gh_effort(ctx, all.len);
	for (uint64_t from = 0; code == GH_OK;) {
		const uint8_t *hit = from < all.len ? memmem(all.ptr + from, all.len - from, "PK\5\6", 4) : NULL;
		if (!hit)
			return gh_fail(ctx, GH_TRUNCATED, c.pos, "no end of the zip archive's directory");
		uint64_t at = (uint64_t)(hit - all.ptr);
		gh_cur e = gh_at(c, at + 8);
		uint16_t here = gh_u16le(&e), total = gh_u16le(&e);
		uint32_t size = gh_u32le(&e), offset = gh_u32le(&e);
		uint16_t comment = gh_u16le(&e);
		from = at + 4;
		if (!gh_cur_ok(&e) || (uint64_t)offset + size > at)
			return gh_fail(ctx, GH_CORRUPT, c.pos + at,
				       "the zip directory belongs to an archive that starts earlier");
		if ((uint64_t)offset + size != at || here != total || total == 0)
			continue;
		gh_cur d = gh_sub(&(gh_cur){ c.ptr + offset, all.len - offset, c.pos + offset, false }, size);
		for (unsigned i = 0; i < total; i++) {
			if (!gh_eat(&d, GH_LIT("PK\1\2")))
				return gh_fail(ctx, GH_CORRUPT, d.pos, "the zip directory breaks off");
			gh_skip(&d, 24);
			uint32_t n = gh_u16le(&d);
			n += gh_u16le(&d);
			n += gh_u16le(&d);
			gh_skip(&d, CENTRAL - 34 + (uint64_t)n);
		}
		if (!gh_cur_ok(&d))
			return gh_fail(ctx, GH_CORRUPT, d.pos, "the zip directory breaks off");
		return span_of(ctx, c, at + END + GH_MIN((uint64_t)comment, all.len - at - END), GH_PROOF_PARSED, ret);
	}
	return code;
}

/* 7zFormat.txt: the start header has a CRC of its own and one of the real header at the end. */
static gh_code sevenzip_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	enum { START = 32 };
	gh_cur h = gh_at(c, 8);
	uint32_t start_crc = gh_u32le(&h);
	gh_bytes start = gh_bytes_part(gh_rest(&h), 0, 20);
	uint64_t offset = gh_u64le(&h), size = gh_u64le(&h);
	uint32_t crc = gh_u32le(&h);
	if (!gh_cur_ok(&h) || gh_crc32(start) != start_crc)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "7z start header is cut short or its checksum is wrong");
	uint64_t end;
	if (__builtin_add_overflow(offset, size, &end) || end > UINT64_MAX - START)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "7z header offset makes no sense");
	gh_code code = span_of(ctx, c, START + end, GH_PROOF_PARSED, ret);
	if (code == GH_OK)
		code = gh_effort(ctx, size);
	if (code == GH_OK && gh_crc32(gh_bytes_part(gh_rest(&c), START + offset, size)) != crc)
		return gh_fail(ctx, GH_CORRUPT, c.pos + START + offset, "7z header checksum is wrong");
	return code;
}

/* [MS-CAB] 2.1: reserved fields are zero, the size stands at 8. */
static gh_code cab_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_cur h = gh_at(c, 4);
	uint32_t zero = gh_u32le(&h), size = gh_u32le(&h);
	zero |= gh_u32le(&h);
	uint32_t files = gh_u32le(&h);
	zero |= gh_u32le(&h);
	uint8_t minor = gh_u8(&h), major = gh_u8(&h);
	if (!gh_cur_ok(&h) || zero != 0 || major != 1 || minor > 4 || files >= size)
		return GH_NOT_MINE;
	return span_of(ctx, c, size, GH_PROOF_SHAPE, ret);
}

/* ECMA-119 8.4: volume space size and block size in both orders. */
static gh_code iso_end(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_cur h = gh_at(c, 0x8000 + 80);
	uint32_t blocks = gh_u32le(&h), same = gh_u32be(&h);
	h = gh_at(c, 0x8000 + 128);
	uint16_t block = gh_u16le(&h), again = gh_u16be(&h);
	if (!gh_cur_ok(&h) || blocks != same || block != again || (block != 2048 && block != 1024 && block != 512))
		return GH_NOT_MINE;
	return span_of(ctx, c, (uint64_t)blocks * block, GH_PROOF_SHAPE, ret);
}

gh_code gh_archive_end(gh_ctx *ctx, gh_cur c, gh_archive_kind kind, gh_span *ret)
{
	switch (kind) {
	case GH_ARCHIVE_TAR:
		return tar_end(ctx, c, ret);
	case GH_ARCHIVE_AR:
		return ar_end(ctx, c, ret);
	case GH_ARCHIVE_ZIP:
		return zip_end(ctx, c, ret);
	case GH_ARCHIVE_7Z:
		return sevenzip_end(ctx, c, ret);
	case GH_ARCHIVE_CAB:
		return cab_end(ctx, c, ret);
	case GH_ARCHIVE_ISO:
		return iso_end(ctx, c, ret);
	case GH_ARCHIVE_RAR4:
	case GH_ARCHIVE_RAR5:
	case GH_ARCHIVE_LHA:
		/* Only reading it tells. */
		*ret = (gh_span){ .size = 0, .proof = GH_PROOF_SHAPE };
		return GH_OK;
	case GH_ARCHIVE_NONE:
		break;
	}
	return GH_NOT_MINE;
}
