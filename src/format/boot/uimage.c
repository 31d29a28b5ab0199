/* SPDX-License-Identifier: Apache-2.0 */
/*
 * U-Boot's legacy image (U-Boot, include/image.h). All numbers big-endian.
 *
 *	0          4            8      c      10     14      18           1c  1d    1e    1f     20
 *	+----------+------------+------+------+------+-------+------------+---+-----+-----+------+-----------+
 *	| 27051956 | header CRC | time | size | load | entry | data CRC   |os |arch |type |compr.| name [32] |
 *	+----------+------------+------+------+------+-------+------------+---+-----+-----+------+-----------+
 *
 * The header's CRC is computed with its own field zero. A "multi" image starts with a table of sizes,
 * ended by zero, then the parts, each padded to 4 bytes.
 *
 * Asus (firmware-utils, asusuimage.c, mkrtn56uimg.c) keeps four numbers of a version and the product in the name,
 * and where the file system starts, from the header's first byte: behind an a9, or in the last four bytes, as JCG does.
 */
#include "format/room_in.h"

#include "codec/sum.h"

enum { HEADER = 64, CRC_AT = 4, MULTI = 4, MULTI_MOST = 64 };

struct uimage {
	gh_bytes head, body, name, name_field;
	uint32_t head_crc, time, size, load, entry, body_crc;
	uint8_t os, arch, type, compression;
	bool head_right, body_right, cut;
};

/* clang-format off */
static const char *const os_names[] = {
	"invalid", "OpenBSD", "NetBSD", "FreeBSD", "4.4BSD", "Linux", "SVR4", "Esix", "Solaris", "Irix", "SCO", "Dell",
	"NCR", "LynxOS", "VxWorks", "pSOS", "QNX", "firmware (U-Boot)", "RTEMS", "ARTOS", "Unity OS", "INTEGRITY", "OSE",
	"Plan 9", "OpenRTOS", "Trusted Firmware", "TEE", "OpenSBI", "EFI",
};
static const char *const arch_names[] = {
	"invalid", "Alpha", "ARM", "x86", "IA-64", "MIPS", "MIPS 64", "PowerPC", "S/390", "SuperH", "SPARC", "SPARC 64",
	"M68K", "Nios", "MicroBlaze", "Nios II", "Blackfin", "AVR32", "ST200", "sandbox", "NDS32", "OpenRISC", "ARM 64",
	"ARC", "x86-64", "Xtensa", "RISC-V",
};
static const char *const type_names[] = {
	"invalid", "standalone program", "kernel", "RAM disk", "multi", "firmware", "script", "file system",
	"flat device tree", "Kirkwood boot image", "i.MX boot image", "Davinci UBL", "OMAP config", "Davinci AIS",
	"kernel, any address", "Freescale PBL", "MXS boot image", "Keystone header", "Atmel ROM boot image",
};
static const char *const compression_names[] = { "none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd" };
/* clang-format on */

static bool read_image(gh_cur c, struct uimage *ret)
{
	struct uimage u = { 0 };
	gh_cur h = gh_sub(&c, HEADER);
	u.head = gh_rest(&h);
	if (!gh_eat(&h, GH_LIT("\x27\x05\x19\x56")))
		return false;
	u.head_crc = gh_u32be(&h);
	u.time = gh_u32be(&h);
	u.size = gh_u32be(&h);
	u.load = gh_u32be(&h);
	u.entry = gh_u32be(&h);
	u.body_crc = gh_u32be(&h);
	u.os = gh_u8(&h);
	u.arch = gh_u8(&h);
	u.type = gh_u8(&h);
	u.compression = gh_u8(&h);
	u.name_field = gh_rest(&h);
	u.name = gh_text(&h, 32);
	if (!gh_cur_ok(&h))
		return false;
	u.cut = u.size > c.left;
	u.body = gh_take(&c, GH_MIN((uint64_t)u.size, c.left));
	*ret = u;
	return true;
}

static uint32_t head_crc_of(const struct uimage *u)
{
	uint8_t blank[HEADER];
	memcpy(blank, u->head.ptr, HEADER);
	memset(blank + CRC_AT, 0, 4);
	return gh_crc32(gh_view(blank, HEADER));
}

static bool fields_known(const struct uimage *u)
{
	return u->os > 0 && u->os < GH_COUNT(os_names) && u->arch > 0 && u->arch < GH_COUNT(arch_names) &&
	       u->type > 0 && u->type < GH_COUNT(type_names) && u->compression < GH_COUNT(compression_names) &&
	       gh_field_is_text(u->name_field, 0) && u->size > 0;
}

static gh_code judge(gh_ctx *ctx, gh_cur c, struct uimage *u)
{
	if (!read_image(c, u))
		return c.left < HEADER ? gh_fail(ctx, GH_TRUNCATED, c.pos, "uImage header is cut short") : GH_NOT_MINE;
	u->head_right = head_crc_of(u) == u->head_crc;
	if (!u->head_right && !fields_known(u))
		return gh_fail(ctx, GH_CORRUPT, c.pos + CRC_AT,
			       "uImage header checksum is wrong and its fields make no sense");
	gh_code code = gh_effort(ctx, u->body.len);
	if (code != GH_OK)
		return code;
	u->body_right = !u->cut && gh_crc32(u->body) == u->body_crc;
	if (!u->head_right && u->cut)
		return gh_fail(ctx, GH_CORRUPT, c.pos + CRC_AT,
			       "uImage header checksum is wrong and its payload is not there");
	return GH_OK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct uimage u;
	gh_code code = judge(ctx, c, &u);
	if (code != GH_OK)
		return code;
	/* A checksum over no bytes at all proves nothing. */
	bool sum = u.body_right && (u.size > 0);
	*ret = (gh_span){ .size = HEADER + u.body.len, .proof = sum ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code word_fact(gh_ctx *ctx, gh_node *out, const char *key, const char *const *names, size_t n, uint8_t v)
{
	return v < n ? gh_node_fact(ctx, out, key, gh_view_text(names[v]))
		     : gh_node_factf(ctx, out, key, "number %u", v);
}

static gh_bytes asus_product(const struct uimage *u)
{
	const uint8_t *v = u->name_field.ptr;
	return v[0] < 0x20 && v[1] < 0x20 && v[2] < 0x20 && v[3] < 0x20
		       ? gh_asus_product(gh_bytes_part(u->name_field, 4, 12))
		       : gh_view(NULL, 0);
}

static gh_code add_name(gh_ctx *ctx, const struct uimage *u, gh_node *out)
{
	gh_bytes product = asus_product(u);
	const uint8_t *v = u->name_field.ptr;
	if (product.len == 0)
		return gh_node_fact(ctx, out, "name", u->name);
	unsigned build = v[16] + v[17] * 256u, more = v[18] + v[19] * 256u;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Asus")) || gh_node_fact(ctx, out, "product", product) ||
	    gh_node_factf(ctx, out, "firmware-version", "%u.%u.%u.%u", v[0], v[1], v[2], v[3]))
		return GH_NOMEM;
	return build >= 360 && build < 500 ? gh_node_factf(ctx, out, "build", "%u_%u", build, more) : GH_OK;
}

/* Where in the payload a file system starts, as the name field says; 0 where it says nothing that is so. */
static uint64_t rootfs_in(const struct uimage *u)
{
	for (unsigned i = 16; i <= 28; i += 2) {
		gh_cur c = gh_cur_over(gh_bytes_part(u->name_field, i, 4), 0);
		uint32_t v = gh_u32be(&c), at = v & 0xffffff;
		bool marked = v >> 24 == 0xa9 || (i == 28 && v >> 24 == 0);
		if (marked && at > HEADER && gh_smells_of_fs(gh_bytes_part(u->body, at - HEADER, u->body.len)))
			return at - HEADER;
	}
	return 0;
}

static gh_code add_facts(gh_ctx *ctx, const struct uimage *u, gh_node *out)
{
	const char *created = gh_utc(ctx, u->time);
	if (!created || add_name(ctx, u, out) || gh_node_fact(ctx, out, "created", gh_view_text(created)) ||
	    word_fact(ctx, out, "os", os_names, GH_COUNT(os_names), u->os) ||
	    word_fact(ctx, out, "architecture", arch_names, GH_COUNT(arch_names), u->arch) ||
	    word_fact(ctx, out, "type", type_names, GH_COUNT(type_names), u->type) ||
	    word_fact(ctx, out, "compression", compression_names, GH_COUNT(compression_names), u->compression) ||
	    gh_node_factf(ctx, out, "load-address", "0x%08x", u->load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", u->entry) ||
	    gh_node_factf(ctx, out, "payload-length", "%u", u->size))
		return GH_NOMEM;
	return GH_OK;
}

static gh_code add_sums(gh_ctx *ctx, gh_cur c, const struct uimage *u, gh_node *out)
{
	gh_sum head = { .what = "header CRC",
			.algorithm = "crc32",
			.at = c.pos + CRC_AT,
			.remark = "over the 64 bytes of the header, this field zero" };
	gh_sum body = { .what = "payload CRC",
			.algorithm = "crc32",
			.at = c.pos + 0x18,
			.remark = u->cut ? "the payload is cut short" : "over the payload" };
	if (gh_sum_u32(ctx, out, head, u->head_crc, head_crc_of(u), true) ||
	    gh_sum_u32(ctx, out, body, u->body_crc, gh_crc32(u->body), true))
		return GH_NOMEM;
	if (!u->head_right &&
	    gh_node_note(ctx, out, GH_CORRUPT, c.pos + CRC_AT,
			 u->body_right ? "the header was changed: its checksum is wrong, the payload's is right"
				       : "the header is damaged: its checksum is wrong"))
		return GH_NOMEM;
	if (u->cut && gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left,
				   "the header names %u bytes of payload, %zu are there", u->size, u->body.len))
		return GH_NOMEM;
	return GH_OK;
}

/* The table of sizes; false when it does not add up to the payload. */
static bool read_table(gh_cur *table, uint32_t sizes[MULTI_MOST], unsigned *ret)
{
	uint64_t all = 0;
	for (unsigned n = 0; n <= MULTI_MOST && table->left >= 4; n++) {
		uint32_t size = gh_u32be(table);
		if (size == 0) {
			*ret = n;
			return n > 0 && all <= (uint64_t)table->left + 3;
		}
		if (n == MULTI_MOST)
			return false;
		sizes[n] = size;
		all += (uint64_t)size + (4 - size % 4) % 4;
	}
	return false;
}

static gh_code add_multi(gh_ctx *ctx, gh_cur body, gh_node *out)
{
	gh_cur c = body;
	uint32_t sizes[MULTI_MOST];
	unsigned n = 0;
	if (!read_table(&c, sizes, &n)) {
		if (gh_node_note(ctx, out, GH_CORRUPT, body.pos, "the table of parts does not add up"))
			return GH_NOMEM;
		return gh_node_part(ctx, out, GH_NODE_PART, "payload", body.pos, gh_rest(&body));
	}
	gh_code code = gh_node_part(ctx, out, GH_NODE_HEADER, "table", body.pos,
				    gh_bytes_part(gh_rest(&body), 0, c.pos - body.pos));
	for (unsigned i = 0; i < n && code == GH_OK; i++) {
		char name[] = "part-00";
		name[5] = (char)('0' + i / 10);
		name[6] = (char)('0' + i % 10);
		uint64_t pos = c.pos;
		gh_bytes part = gh_take(&c, GH_MIN((uint64_t)sizes[i], c.left));
		gh_skip(&c, GH_MIN((4 - (uint64_t)sizes[i] % 4) % 4, c.left));
		if (part.len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, name, pos, part);
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct uimage u;
	(void)span;
	gh_code code = judge(ctx, c, &u);
	if (code != GH_OK)
		return code;
	if (add_facts(ctx, &u, out) || add_sums(ctx, c, &u, out))
		return GH_NOMEM;
	code = gh_fact_linux(ctx, out, u.body); /* where it is not compressed */
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, u.head);
	if (code != GH_OK || u.body.len == 0)
		return code;
	if (u.type == MULTI)
		return add_multi(ctx, gh_cur_over(u.body, c.pos + HEADER), out);
	uint64_t rootfs = rootfs_in(&u);
	if (rootfs > 0) {
		code = gh_node_part(ctx, out, GH_NODE_PART, "kernel", c.pos + HEADER, gh_bytes_part(u.body, 0, rootfs));
		return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_PART, "rootfs", c.pos + HEADER + rootfs,
						    gh_bytes_part(u.body, rootfs, u.body.len))
				     : code;
	}
	return gh_node_part(ctx, out, GH_NODE_PART, "payload", c.pos + HEADER, u.body);
}

const gh_format gh_format_uimage = {
	.name = "uimage",
	.title = "U-Boot legacy image",
	.spec = "U-Boot: include/image.h",
	.limits = "a header whose four magic bytes are damaged is not recognised",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x27\\x05\\x19\\x56", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
