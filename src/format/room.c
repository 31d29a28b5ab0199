/* SPDX-License-Identifier: Apache-2.0 */
#include "format/room_in.h"

#include <time.h>

gh_code gh_effort(gh_ctx *ctx, uint64_t n)
{
	return gh_spend_bytes(ctx, n / 16);
}

bool gh_field_is_text(gh_bytes field, size_t least)
{
	size_t n = 0;
	while (n < field.len && field.ptr[n] >= 0x20 && field.ptr[n] < 0x7f)
		n++;
	for (size_t i = n; i < field.len; i++)
		if (field.ptr[i] != 0 && field.ptr[i] != 0xff)
			return false;
	return n >= least;
}

gh_code gh_fact_field(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes field)
{
	size_t n = 0;
	if (!gh_field_is_text(field, 1))
		return GH_OK;
	while (n < field.len && field.ptr[n] >= 0x20 && field.ptr[n] < 0x7f)
		n++;
	while (n > 0 && field.ptr[n - 1] == ' ')
		n--;
	return n > 0 ? gh_node_fact(ctx, node, key, gh_view(field.ptr, n)) : GH_OK;
}

const char *gh_utc(gh_ctx *ctx, int64_t seconds)
{
	struct tm tm;
	time_t t = (time_t)seconds;
	char text[64];
	if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return gh_arena_printf(ctx->scratch, "%lld seconds since 1970", (long long)seconds);
	return gh_arena_text(ctx->scratch, text, strlen(text));
}

/* Few bytes are the first of what is sought: memchr passes the others several times faster than memmem. */
const uint8_t *gh_find(gh_bytes b, gh_bytes what)
{
	while (b.ptr && b.len >= what.len) {
		const uint8_t *hit = memchr(b.ptr, what.ptr[0], b.len - what.len + 1);
		if (!hit || memcmp(hit, what.ptr, what.len) == 0)
			return hit;
		b = gh_bytes_part(b, (uint64_t)(hit - b.ptr) + 1, b.len);
	}
	return NULL;
}

gh_code gh_fact_linux(gh_ctx *ctx, gh_node *node, gh_bytes b)
{
	enum { LOOKED_AT = 64 << 20, LEAST = 24, MOST = 256 };
	static const gh_bytes name = GH_INIT("Linux version ");
	b = gh_bytes_part(b, 0, LOOKED_AT);
	while (b.len > name.len + LEAST) {
		const uint8_t *hit = gh_find(b, name);
		if (!hit)
			return GH_OK;
		gh_bytes line = gh_bytes_part(b, (uint64_t)(hit - b.ptr), MOST);
		size_t n = 0;
		while (n < line.len && line.ptr[n] >= 0x20 && line.ptr[n] < 0x7f)
			n++;
		/* "Linux version %s" and texts about it are none */
		if (n >= LEAST && line.ptr[name.len] >= '1' && line.ptr[name.len] <= '9')
			return gh_node_fact(ctx, node, "kernel", gh_view(line.ptr, n));
		b = gh_bytes_part(b, (uint64_t)(hit - b.ptr) + name.len, b.len);
	}
	return GH_OK;
}

static void put_u32(uint8_t ret[4], uint32_t v, bool big)
{
	for (unsigned i = 0; i < 4; i++)
		ret[big ? 3 - i : i] = (uint8_t)(v >> (8 * i));
}

gh_code gh_sum_u32(gh_ctx *ctx, gh_node *node, gh_sum sum, uint32_t stored, uint32_t computed, bool big)
{
	uint8_t a[4], b[4];
	put_u32(a, stored, big);
	put_u32(b, computed, big);
	sum.stored = gh_view(a, sizeof a);
	sum.computed = gh_view(b, sizeof b);
	sum.state = stored == computed ? GH_SUM_RIGHT : GH_SUM_WRONG;
	return gh_node_sum(ctx, node, &sum);
}

gh_code gh_sum_u16(gh_ctx *ctx, gh_node *node, gh_sum sum, uint16_t stored, uint16_t computed, bool big)
{
	const uint8_t a[2] = { (uint8_t)(stored >> (big ? 8 : 0)), (uint8_t)(stored >> (big ? 0 : 8)) };
	const uint8_t b[2] = { (uint8_t)(computed >> (big ? 8 : 0)), (uint8_t)(computed >> (big ? 0 : 8)) };
	return gh_sum_digest(ctx, node, sum, gh_view(a, sizeof a), b);
}

gh_code gh_sum_digest(gh_ctx *ctx, gh_node *node, gh_sum sum, gh_bytes stored, const uint8_t *computed)
{
	sum.stored = stored;
	sum.computed = gh_view(computed, stored.len);
	sum.state = gh_bytes_eq(sum.stored, sum.computed) ? GH_SUM_RIGHT : GH_SUM_WRONG;
	return gh_node_sum(ctx, node, &sum);
}

uint64_t gh_fwtool_tail(gh_bytes b)
{
	enum { TRAILER = 16, RECORDS_MOST = 8, RECORD_MOST = 64 << 10 };
	uint64_t tail = 0;
	for (unsigned i = 0; i < RECORDS_MOST && b.len - tail >= TRAILER; i++) {
		gh_cur c = gh_cur_over(gh_bytes_part(b, b.len - tail - TRAILER, TRAILER), 0);
		if (!gh_eat(&c, GH_LIT("FWx0")))
			break;
		gh_skip(&c, 8);
		uint32_t size = gh_u32be(&c);
		if (size < TRAILER || size > RECORD_MOST || size > b.len - tail)
			break;
		tail += size;
	}
	return tail;
}

gh_bytes gh_asus_product(gh_bytes field)
{
	size_t n = 0, dash = 0;
	for (; n < field.len && field.ptr[n] != 0; n++) {
		uint8_t b = field.ptr[n];
		bool letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
		if (!letter && b != '-' && b != '_')
			return gh_view(NULL, 0);
		if (b == '-' && dash == 0)
			dash = n;
	}
	return dash >= 2 && dash <= 7 && n > dash + 2 ? gh_view(field.ptr, n) : gh_view(NULL, 0);
}

bool gh_smells_of_fs(gh_bytes b)
{
	/* SquashFS with vendors' magics, UBI, JFFS2 in both orders, cramfs. */
	static const char magics[][5] = { "hsqs", "sqsh", "shsq", "qshs", "tqsh", "hsqt", "sqlz", "UBI#" };
	for (size_t i = 0; i < GH_COUNT(magics); i++)
		if (gh_bytes_start(b, gh_view(magics[i], 4)))
			return true;
	return gh_bytes_start(b, GH_LIT("\x85\x19")) || gh_bytes_start(b, GH_LIT("\x19\x85")) ||
	       gh_bytes_start(b, GH_LIT("\x45\x3d\xcd\x28")) || gh_bytes_start(b, GH_LIT("\x28\xcd\x3d\x45"));
}

bool gh_smells_of_disk(gh_bytes b)
{
	gh_bytes mark = gh_bytes_part(b, 510, 2), gpt = gh_bytes_part(b, 512, 8), ext = gh_bytes_part(b, 0x438, 2);
	return gh_bytes_eq(mark, GH_LIT("\x55\xaa")) || gh_bytes_eq(gpt, GH_LIT("EFI PART")) ||
	       gh_bytes_eq(ext, GH_LIT("\x53\xef"));
}

gh_bytes gh_path_plain(gh_bytes p)
{
	for (;;) {
		if (p.len > 1 && p.ptr[0] == '.' && p.ptr[1] == '/')
			p = gh_bytes_part(p, 2, p.len);
		else if (p.len > 0 && p.ptr[0] == '/')
			p = gh_bytes_part(p, 1, p.len);
		else
			break;
	}
	while (p.len > 0 && p.ptr[p.len - 1] == '/')
		p.len--;
	return p.len > 0 ? p : GH_LIT(".");
}
