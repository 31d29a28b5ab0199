/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Linux kernel for x86 (linux/Documentation/arch/x86/boot.rst), little-endian.
 *
 *	0        1f1     1f4     1fe     202    206       20e       248      24c
 *	+--- … --+-------+-------+-------+------+---------+---------+--------+--------+-- … --+------------+---------+
 *	| boot   | setup | size  | 55 aa | HdrS | version | name at | payload| length | setup | code       | payload |
 *	| sector | sect. | in 16 |       |      |         |         |        |        | code  |            |         |
 *	+--- … --+-------+-------+-------+------+---------+---------+--------+--------+-- … --+------------+---------+
 *
 * Since version 2.08 the payload's place is told, from the end of the setup sectors on, and the CRC-32 of the whole
 * file, not inverted at its end, is in its last four bytes.
 */
#include "codec/sum.h"
#include "format/boot/boot_in.h"

enum { HEADER = 0x250, SECTOR = 512, PROTOCOL_PAYLOAD = 0x208, SETUP_MOST = 64 };

struct kernel {
	unsigned protocol;
	uint64_t setup, size, payload, length;
	uint32_t name;
};

static uint32_t u32_at(gh_bytes b, uint64_t at)
{
	gh_cur c = gh_cur_over(gh_bytes_part(b, at, 4), 0);
	return gh_u32le(&c);
}

static gh_code read_header(gh_ctx *ctx, gh_cur c, struct kernel *ret)
{
	gh_bytes b = gh_rest(&c);
	if (b.len < HEADER || u32_at(b, 0x202) != 0x53726448 || b.ptr[0x1fe] != 0x55 || b.ptr[0x1ff] != 0xaa)
		return GH_NOT_MINE;
	struct kernel k = { .protocol = u32_at(b, 0x206) & 0xffff,
			    .setup = b.ptr[0x1f1],
			    .name = u32_at(b, 0x20e) & 0xffff };
	k.setup = ((k.setup ? k.setup : 4) + 1) * SECTOR;
	/* the size of the rest, in paragraphs of 16 bytes */
	k.size = k.setup + (uint64_t)u32_at(b, 0x1f4) * 16;
	if (k.protocol >= PROTOCOL_PAYLOAD) {
		k.payload = k.setup + u32_at(b, 0x248);
		k.length = u32_at(b, 0x24c);
	}
	if (k.protocol < 0x200 || k.protocol > 0x2ff || k.setup > (SETUP_MOST + 1) * SECTOR || k.size <= k.setup ||
	    k.size > GH_MIB(256) || k.payload + k.length > k.size)
		return gh_fail(ctx, GH_CORRUPT, c.pos + 0x1f1, "the numbers of the bzImage make no sense");
	*ret = k;
	return GH_OK;
}

static bool crc_of(const struct kernel *k, gh_bytes all, uint32_t *stored, uint32_t *computed)
{
	if (k->protocol < PROTOCOL_PAYLOAD || all.len < k->size)
		return false;
	*stored = u32_at(all, all.len - 4);
	*computed = ~gh_crc32(gh_bytes_part(all, 0, all.len - 4));
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct kernel k;
	uint32_t stored, computed;
	gh_code code = read_header(ctx, c, &k);
	if (code != GH_OK)
		return code;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, k.size);
	bool right = crc_of(&k, all, &stored, &computed) && stored == computed;
	*ret = (gh_span){ .size = all.len, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return gh_effort(ctx, all.len);
}

static gh_code parts(gh_ctx *ctx, const struct kernel *k, gh_cur c, gh_bytes all, gh_node *out)
{
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "setup", c.pos, gh_bytes_part(all, 0, k->setup));
	if (code != GH_OK || k->length == 0 || gh_bytes_part(all, k->payload, 1).len == 0)
		return code;
	code = gh_node_part(ctx, out, GH_NODE_PART, "decompressor", c.pos + k->setup,
			    gh_bytes_part(all, k->setup, k->payload - k->setup));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "payload", c.pos + k->payload,
				    gh_bytes_part(all, k->payload, k->length));
	return code;
}

/* Kernels are EFI programs as well: who signs one changes its header, and leaves the CRC as it was. */
static gh_code add_sum(gh_ctx *ctx, gh_cur c, gh_bytes all, uint32_t stored, uint32_t computed, gh_node *out)
{
	gh_sum sum = { .what = "image CRC", .algorithm = "crc32, not inverted", .at = c.pos + all.len - 4 };
	if (stored == computed || !gh_bytes_start(all, GH_LIT("MZ")))
		return gh_sum_u32(ctx, out, sum, stored, computed, false);
	sum.state = GH_SUM_UNVERIFIABLE;
	sum.remark = "an EFI program: a signature would have changed it";
	return gh_node_sum(ctx, out, &sum);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct kernel k;
	uint32_t stored, computed;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	gh_code code = read_header(ctx, c, &k);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "protocol", "%u.%02u", k.protocol >> 8, k.protocol & 0xff);
	if (code == GH_OK && k.name != 0) {
		gh_cur name = gh_cur_over(gh_bytes_part(all, (uint64_t)SECTOR + k.name, 256), 0);
		code = gh_fact_field(ctx, out, "version", gh_text(&name, name.left));
	}
	if (code == GH_OK && crc_of(&k, all, &stored, &computed))
		code = add_sum(ctx, c, all, stored, computed, out);
	if (code == GH_OK && all.len < k.size)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + all.len, "%llu bytes are named, %zu are there",
				    (unsigned long long)k.size, all.len);
	return code == GH_OK ? parts(ctx, &k, c, all, out) : code;
}

const gh_format gh_format_bzimage = {
	.name = "bzimage",
	.title = "Linux kernel for x86 (bzImage)",
	.spec = "linux/Documentation/arch/x86/boot.rst",
	.limits = "kernels signed for UEFI are longer than their header says; the signature is a gap behind them",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x55\\xaa\\xeb.HdrS", 8, 0x1fe } },
	.measure = measure,
	.unpack = unpack,
};
