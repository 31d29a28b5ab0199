/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SquashFS 1 to 4: the read-only file system of nearly every router. The files of this reader and the
 * way through them are listed in squashfs_in.h.
 */
#include <time.h>

#include "format/squashfs/squashfs_in.h"

static gh_sqfs open_at(gh_cur c, const gh_sqfs_super *s)
{
	gh_sqfs fs = { .s = *s, .bytes = gh_bytes_part(gh_rest(&c), 0, s->bytes_used), .pos = c.pos };
	fs.meta = fs.data = fs.tail = gh_sqfs_kind_of_header(s->compressor);
	return fs;
}

static gh_code squashfs_measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_sqfs_super s;
	gh_code code = gh_sqfs_super_read(ctx, c, &s);
	if (code != GH_OK)
		return code;
	gh_sqfs fs = open_at(c, &s);
	code = gh_sqfs_settle_meta(ctx, &fs);
	if (code != GH_OK && !gh_is_about_input(code))
		return code;
	*ret = (gh_span){ .size = fs.bytes.len, .proof = code == GH_OK ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code fact_flags(gh_ctx *ctx, gh_node *out, const gh_sqfs_super *s)
{
	static const char *const words[] = {
		"stored-inodes", "stored-data",      "check-marks",        "stored-fragments",
		"no-fragments",  "always-fragments", "duplicates-removed", "exportable",
		"stored-xattrs", "no-xattrs",        "compressor-options", "stored-ids",
	};
	uint8_t text[256];
	gh_buf line = gh_buf_over(text, sizeof text);
	gh_code code = GH_OK;
	for (unsigned i = 0; i < GH_COUNT(words) && code == GH_OK; i++) {
		if (!(s->flags >> i & 1))
			continue;
		if (line.len > 0)
			code = gh_buf_add(ctx, &line, GH_LIT(" "));
		if (code == GH_OK)
			code = gh_buf_add(ctx, &line, gh_view_text(words[i]));
	}
	if (code == GH_OK && line.len == 0)
		code = gh_buf_add(ctx, &line, GH_LIT("none"));
	return code == GH_OK ? gh_node_fact(ctx, out, "flags", gh_buf_view(&line)) : code;
}

static gh_code fact_created(gh_ctx *ctx, gh_node *out, uint32_t when)
{
	char text[32];
	struct tm tm;
	time_t t = (time_t)when;
	if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return GH_OK;
	return gh_node_fact(ctx, out, "created", gh_view_text(text));
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_sqfs *fs)
{
	const gh_sqfs_super *s = &fs->s;
	gh_code code = gh_node_factf(ctx, out, "version", "%u.%u", s->major, s->minor);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "byte-order", "%s", s->big ? "big-endian" : "little-endian");
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "magic", gh_bytes_part(fs->bytes, 0, 4));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "compressor", "%s", gh_sqfs_compressor_name(s->compressor));
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "block-size", "%u", s->block_size);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "inodes", "%u", s->inodes);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "fragments", "%u", s->fragments);
	if (code == GH_OK)
		code = fact_created(ctx, out, s->mkfs_time);
	if (code == GH_OK)
		code = fact_flags(ctx, out, s);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "bytes-used", "%llu", (unsigned long long)s->bytes_used);
	if (code == GH_OK && s->major == 4)
		code = gh_node_factf(ctx, out, "ids", "%u", s->no_ids);
	else if (code == GH_OK)
		code = gh_node_factf(ctx, out, "ids", "%u uids, %u gids", s->no_uids, s->no_guids);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "xattrs", "%s", s->xattrs == GH_SQFS_NONE ? "no" : "yes");
	return code;
}

static gh_code note_options(gh_ctx *ctx, gh_node *out, const gh_sqfs *fs)
{
	enum { AT = GH_SQFS_HEADER, HEAD = 2, MOST = 32, SIZE = 0x7fff };
	char text[2 * MOST + 1] = "";
	static const char digits[] = "0123456789abcdef";
	if (fs->s.major != 4 || !(fs->s.flags & GH_SQFS_OPTIONS))
		return GH_OK;
	gh_cur c = gh_cur_over(gh_bytes_part(fs->bytes, AT, HEAD + MOST), 0);
	unsigned size = gh_u16(&c, fs->s.big) & SIZE;
	gh_bytes options = gh_bytes_part(gh_rest(&c), 0, size);
	for (size_t i = 0; i < options.len; i++) {
		text[2 * i] = digits[options.ptr[i] >> 4];
		text[2 * i + 1] = digits[options.ptr[i] & 15];
	}
	return gh_node_factf(ctx, out, "compressor-options", "%s", text);
}

static bool same_kind(gh_sqfs_kind a, gh_sqfs_kind b)
{
	return a.algo == b.algo && a.lc == b.lc && a.lp == b.lp && a.pb == b.pb;
}

static gh_code fact_kind(gh_ctx *ctx, gh_node *out, const char *key, gh_sqfs_kind k)
{
	if (k.algo == GH_SQFS_LZMA_RAW)
		return gh_node_factf(ctx, out, key, "%s, lc %u lp %u pb %u", gh_sqfs_kind_name(k), k.lc, k.lp, k.pb);
	return gh_node_factf(ctx, out, key, "%s", gh_sqfs_kind_name(k));
}

/* How the data really is; and a note where that is not what the header says. */
static gh_code fact_found(gh_ctx *ctx, gh_node *out, const gh_sqfs *fs)
{
	gh_sqfs_kind said = gh_sqfs_kind_of_header(fs->s.compressor);
	gh_code code = fact_kind(ctx, out, "compressor-found", fs->data);
	if (code == GH_OK && !same_kind(fs->meta, fs->data))
		code = fact_kind(ctx, out, "compressor-of-metadata", fs->meta);
	if (code == GH_OK && !same_kind(fs->tail, fs->data))
		code = fact_kind(ctx, out, "compressor-of-fragments", fs->tail);
	if (code == GH_OK && fs->s.compressor && said.algo != fs->data.algo)
		code = gh_node_note(ctx, out, GH_OK, fs->pos + 20, "the header says %s, the data is %s",
				    gh_sqfs_compressor_name(fs->s.compressor), gh_sqfs_kind_name(fs->data));
	return code;
}

static const gh_volume_ops ops = { .read = gh_sqfs_read };

static gh_code grow(gh_ctx *ctx, gh_sqfs *fs, gh_node *out)
{
	gh_volume *v = gh_arena_zalloc(ctx->arena, sizeof *v);
	if (!v)
		return gh_nomem(ctx);
	v->ops = &ops;
	v->state = fs;
	gh_code code = gh_sqfs_tables_load(ctx, fs, out);
	if (code == GH_OK)
		code = gh_sqfs_walk(ctx, fs, out, v);
	if (code == GH_OK)
		code = gh_sqfs_place(ctx, fs, v);
	if (code == GH_OK)
		code = gh_sqfs_settle_data(ctx, fs, v);
	if (code == GH_OK)
		code = gh_sqfs_used(ctx, fs, v);
	if (code == GH_OK)
		gh_node_volume(out, v);
	return code;
}

static gh_code squashfs_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_sqfs_super s;
	gh_code code = gh_sqfs_super_read(ctx, c, &s);
	(void)span;
	if (code != GH_OK)
		return code;
	gh_sqfs *fs = gh_arena_alloc(ctx->arena, sizeof *fs);
	if (!fs)
		return gh_nomem(ctx);
	*fs = open_at(c, &s);
	code = facts(ctx, out, fs);
	if (code == GH_OK)
		code = note_options(ctx, out, fs);
	if (code == GH_OK && fs->bytes.len < s.bytes_used)
		code = gh_node_note(ctx, out, GH_TRUNCATED, fs->pos + fs->bytes.len, "%llu of %llu bytes are there",
				    (unsigned long long)fs->bytes.len, (unsigned long long)s.bytes_used);
	if (code != GH_OK)
		return code;
	if (gh_sqfs_settle_meta(ctx, fs) != GH_OK)
		code = gh_sqfs_trouble(ctx, fs, out);
	if (code == GH_OK)
		code = grow(ctx, fs, out);
	return code == GH_OK ? fact_found(ctx, out, fs) : code;
}

const gh_format gh_format_squashfs = {
	.name = "squashfs",
	.title = "SquashFS 1 to 4",
	.spec = "linux/fs/squashfs/squashfs_fs.h; squashfs-tools squashfs_compat.h",
	.kind = GH_NODE_VOLUME,
	.magic = {
		{ "hsqs", 4, 0 }, { "sqsh", 4, 0 }, { "sqlz", 4, 0 }, { "zlqs", 4, 0 },
		{ "qshs", 4, 0 }, { "shsq", 4, 0 }, { "tqsh", 4, 0 }, { "hsqt", 4, 0 },
	},
	.measure = squashfs_measure,
	.unpack = squashfs_unpack,
};
