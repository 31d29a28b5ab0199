/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zyxel's image for access points and firewalls, ZLD (firmware-utils, mkzyxelzldfw.c). The order of bytes is the
 *device's.
 *
 *	0         4           8         a       c        e           18       1c      1e       20      28
 *	+---------+-----------+---------+-------+--------+-----------+--------+-------+--------+------ -+------------+
 *	| checksum| de ad be af| version| files | models | models[5] | length | first | header | info   | capwap[32] |
 *	|         |           |         |       |        |           |        | file  | length | length | model[32]  |
 *	+---------+-----------+---------+-------+--------+-----------+--------+-------+--------+------ -+------------+
 *	per file, 272 bytes: kind, flags, length, checksum, flash offset, name[64], target[128], revision[32], date[32]
 *
 * A checksum is an MD5 whose four words are added; zero is written as one. That of the image is over all behind it,
 *with the first 512 bytes of the kernel, a header with versions, as zeros; that of the kernel is without these.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 104, INFO = 272, FILES_MOST = 32, KERNEL = 2, KERNEL_HEAD = 512 };

struct file {
	gh_bytes name, target, revision, date, data;
	uint64_t at; /* from the start */
	uint32_t length, checksum, flash;
	uint16_t kind;
};

struct zld {
	gh_bytes model, capwap;
	uint32_t checksum, length;
	uint16_t version, files, models[5];
	struct file file[FILES_MOST];
	bool big, cut;
	uint64_t size;
};

static const char *kind_of(uint16_t kind)
{
	static const char *const kinds[] = { "file",     "boot manager",  "kernel", "core",
					     "database", "configuration", "wtp" };
	return kinds[kind < GH_COUNT(kinds) ? kind : 0];
}

static uint32_t fold(const gh_bytes *runs, size_t n)
{
	uint8_t md5[16];
	uint32_t sum = 0;
	gh_md5(runs, n, md5);
	gh_cur c = gh_cur_over(gh_view(md5, sizeof md5), 0);
	for (unsigned i = 0; i < 4; i++)
		sum += gh_u32be(&c);
	return sum ? sum : 1;
}

static gh_code read_image(gh_ctx *ctx, gh_cur c, struct zld *ret)
{
	gh_cur h = c;
	uint64_t left = c.left;
	gh_skip(&h, 4);
	struct zld z = { .big = gh_bytes_start(gh_rest(&h), GH_LIT("\xde\xad\xbe\xaf")) };
	gh_cur first = c;
	z.checksum = gh_u32(&first, z.big);
	gh_skip(&h, 4);
	z.version = gh_u16(&h, z.big);
	z.files = gh_u16(&h, z.big);
	gh_skip(&h, 2);
	for (unsigned i = 0; i < 5; i++)
		z.models[i] = gh_u16(&h, z.big);
	z.length = gh_u32(&h, z.big);
	uint32_t from = gh_u16(&h, z.big);
	gh_skip(&h, 2);
	uint16_t info = gh_u16(&h, z.big);
	gh_skip(&h, 6);
	z.capwap = gh_take(&h, 32);
	z.model = gh_take(&h, 32);
	if (!gh_cur_ok(&h) || z.files == 0 || z.files > FILES_MOST || (info != INFO && info != 0) ||
	    from < HEAD + (uint32_t)z.files * INFO || z.length < from || !gh_field_is_text(z.model, 1))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the fields of a ZLD header make no sense");
	uint64_t at = from;
	for (unsigned i = 0; i < z.files; i++) {
		struct file *f = &z.file[i];
		f->kind = gh_u16(&h, z.big);
		gh_skip(&h, 2);
		f->length = gh_u32(&h, z.big);
		f->checksum = gh_u32(&h, z.big);
		f->flash = gh_u32(&h, z.big);
		f->name = gh_take(&h, 64);
		f->target = gh_take(&h, 128);
		f->revision = gh_take(&h, 32);
		f->date = gh_take(&h, 32);
		f->at = at;
		f->data = gh_bytes_part(gh_bytes_part(gh_rest(&c), 0, z.length), at, f->length);
		at += f->length;
		z.cut |= f->data.len < f->length;
	}
	if (!gh_cur_ok(&h))
		return gh_fail(ctx, GH_TRUNCATED, h.pos, "the list of files of a ZLD image is cut short");
	z.size = GH_MIN(GH_MAX((uint64_t)z.length, from), left);
	*ret = z;
	return GH_OK;
}

static const struct file *kernel_of(const struct zld *z)
{
	for (unsigned i = 0; i < z->files; i++)
		if (z->file[i].kind == KERNEL && z->file[i].data.len >= KERNEL_HEAD)
			return &z->file[i];
	return NULL;
}

static uint32_t image_sum(gh_cur c, const struct zld *z)
{
	static const uint8_t zeros[KERNEL_HEAD];
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, z->size);
	const struct file *k = kernel_of(z);
	if (!k) {
		gh_bytes rest = gh_bytes_part(all, 4, all.len);
		return fold(&rest, 1);
	}
	const gh_bytes runs[] = { gh_bytes_part(all, 4, k->at - 4), gh_view(zeros, sizeof zeros),
				  gh_bytes_part(all, k->at + KERNEL_HEAD, all.len) };
	return fold(runs, GH_COUNT(runs));
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct zld *z = gh_arena_alloc(ctx->scratch, sizeof *z);
	if (!z)
		return gh_nomem(ctx);
	gh_code code = read_image(ctx, c, z);
	if (code == GH_OK)
		code = gh_effort(ctx, z->size);
	if (code != GH_OK)
		return code;
	bool right = !z->cut && image_sum(c, z) == z->checksum;
	*ret = (gh_span){ .size = z->size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_file(gh_ctx *ctx, uint64_t start, const struct zld *z, const struct file *f, gh_node *out)
{
	gh_bytes data = f->data;
	uint64_t at = start + f->at;
	char name[65] = { 0 };
	for (size_t i = 0; i < 64 && f->name.ptr[i] > 0x20 && f->name.ptr[i] < 0x7f; i++)
		name[i] = (char)f->name.ptr[i];
	if (gh_fact_field(ctx, out, "build", f->revision) || gh_fact_field(ctx, out, "created", f->date) ||
	    gh_node_factf(ctx, out, "file", "%s %s: 0x%x bytes, flash 0x%08x", kind_of(f->kind), name, f->length,
			  f->flash))
		return GH_NOMEM;
	gh_code code = GH_OK;
	if (f->kind == KERNEL && data.len >= KERNEL_HEAD) {
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "kernel header", at, gh_bytes_part(data, 0, KERNEL_HEAD));
		data = gh_bytes_part(data, KERNEL_HEAD, data.len);
		at += KERNEL_HEAD;
	}
	const char *what = gh_arena_printf(ctx->arena, "sum of %s", name[0] ? name : kind_of(f->kind));
	if (!what)
		return gh_nomem(ctx);
	gh_sum s = { .what = what, .algorithm = "md5, its words added", .at = start };
	if (code == GH_OK && f->data.len == f->length)
		code = gh_sum_u32(ctx, out, s, f->checksum, fold(&data, 1), z->big);
	if (code == GH_OK && data.len > 0)
		code = gh_node_part(ctx, out, GH_NODE_PART, name[0] ? name : kind_of(f->kind), at, data);
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct zld *z = gh_arena_alloc(ctx->scratch, sizeof *z);
	if (!z)
		return gh_nomem(ctx);
	(void)span;
	gh_code code = read_image(ctx, c, z);
	if (code == GH_OK)
		code = gh_effort(ctx, 2 * z->size);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("Zyxel")) || gh_fact_field(ctx, out, "model", z->model) ||
	    gh_node_factf(ctx, out, "version", "0x%04x", z->version) || gh_fact_field(ctx, out, "capwap", z->capwap))
		return GH_NOMEM;
	for (unsigned i = 0; i < 5; i++)
		if (z->models[i] != UINT16_MAX && gh_node_factf(ctx, out, "board", "0x%04x", z->models[i]))
			return GH_NOMEM;
	gh_sum s = { .what = "image sum",
		     .algorithm = "md5, its words added",
		     .at = c.pos,
		     .remark = z->cut ? "the image is cut short"
				      : "over all behind it, the header of the kernel as zeros" };
	code = gh_sum_u32(ctx, out, s, z->checksum, image_sum(c, z), z->big);
	if (code == GH_OK && z->cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + z->size,
				    "the header names more bytes than are there");
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos,
				    gh_bytes_part(gh_rest(&c), 0, HEAD + (uint64_t)z->files * INFO));
	for (unsigned i = 0; i < z->files && code == GH_OK; i++)
		if (z->file[i].at + z->file[i].data.len <= z->size)
			code = add_file(ctx, c.pos, z, &z->file[i], out);
	return code;
}

const gh_format gh_format_zyxel_zld = {
	.name = "zyxel-zld",
	.title = "Zyxel ZLD image",
	.spec = "openwrt/firmware-utils: mkzyxelzldfw.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xde\\xad\\xbe\\xaf.{2}\\x00[\\x01-\\x20]", 8, 4 },
		   { "\\xaf\\xbe\\xad\\xde.{2}[\\x01-\\x20]\\x00", 8, 4 } },
	.measure = measure,
	.unpack = unpack,
};
