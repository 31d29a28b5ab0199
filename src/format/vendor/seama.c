/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seama ("seattle image") of Alpha Networks, which builds for D-Link and others (firmware-utils, seama.h). Older
 * images call it DLOB. Big-endian; devices of the other byte order have it little-endian.
 *
 *	0             4          6           8            c          1c
 *	+-------------+----------+-----------+------------+----------+------ … ------+------ … ------+
 *	| 5e a3 a4 17 | reserved | meta size | image size | MD5[16]  | meta          | image         |
 *	+-------------+----------+-----------+------------+----------+------ … ------+------ … ------+
 *
 * An image size of zero means that neither a digest nor an image follows: a seal around the entities behind it.
 * The meta text is words like "signature=wrgac25_dlink.2013gui_dir850l", "dev=/dev/mtdblock/2", each ended by NUL.
 * The digest is over the image alone.
 */
#include "codec/sum.h"
#include "format/room_in.h"

enum { HEAD = 12, DIGEST = 16, ENTITIES_MOST = 16, META_MOST = 4096 };

struct entity {
	gh_bytes head, digest, meta, image;
	uint64_t at, image_at;
	uint32_t size;
};

struct seama {
	struct entity entity[ENTITIES_MOST];
	unsigned n;
	uint64_t size;
	bool big;
};

static bool meta_is_text(gh_bytes meta)
{
	for (size_t i = 0; i < meta.len; i++)
		if (meta.ptr[i] != 0 && (meta.ptr[i] < 0x20 || meta.ptr[i] > 0x7e))
			return false;
	return true;
}

static bool read_entity(gh_cur *c, bool big, struct entity *ret)
{
	gh_bytes all = gh_rest(c);
	uint64_t at = c->pos;
	gh_cur h = *c;
	if (gh_u32(&h, big) != 0x5ea3a417)
		return false;
	uint32_t reserved = gh_u16(&h, big), meta = gh_u16(&h, big);
	*ret = (struct entity){ .at = at, .size = gh_u32(&h, big) };
	if (ret->size > 0)
		ret->digest = gh_take(&h, DIGEST);
	ret->meta = gh_take(&h, meta);
	if (!gh_cur_ok(&h) || reserved != 0 || meta > META_MOST || !meta_is_text(ret->meta) ||
	    (ret->size == 0 && meta == 0))
		return false;
	ret->head = gh_bytes_part(all, 0, h.pos - at);
	ret->image_at = h.pos;
	ret->image = gh_take(&h, GH_MIN((uint64_t)ret->size, (uint64_t)h.left));
	*c = h;
	return true;
}

static gh_code read_all(gh_ctx *ctx, gh_cur c, struct seama *ret)
{
	gh_cur look = c;
	uint64_t start = c.pos, images = 0;
	*ret = (struct seama){ .big = gh_u8(&look) == 0x5e };
	while (ret->n < ENTITIES_MOST && read_entity(&c, ret->big, &ret->entity[ret->n])) {
		const struct entity *e = &ret->entity[ret->n];
		/* a second seal begins another file */
		if (ret->n > 0 && e->size == 0)
			break;
		images += e->image.len;
		ret->size = c.pos - start;
		ret->n++;
	}
	return images > 0 ? GH_OK : gh_fail(ctx, GH_CORRUPT, start, "no image follows the seal of a Seama file");
}

static bool cut(const struct entity *e)
{
	return e->image.len < e->size;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct seama s;
	gh_code code = read_all(ctx, c, &s);
	if (code == GH_OK)
		code = gh_effort(ctx, s.size);
	if (code != GH_OK)
		return code;
	bool right = true;
	for (unsigned i = 0; i < s.n && right; i++) {
		const struct entity *e = &s.entity[i];
		uint8_t md5[16];
		gh_md5(&e->image, 1, md5);
		right = e->size == 0 || (!cut(e) && gh_bytes_eq(gh_view(md5, sizeof md5), e->digest));
	}
	*ret = (gh_span){ .size = s.size, .proof = right ? GH_PROOF_SUM : GH_PROOF_SHAPE };
	return GH_OK;
}

/* "signature=wrgac25_dlink.2013gui_dir850l" names the board; what else there is keeps its own name. */
static gh_code add_meta(gh_ctx *ctx, const struct entity *e, gh_node *out)
{
	gh_cur c = gh_cur_over(e->meta, 0);
	while (c.left > 0) {
		const uint8_t *nul = memchr(c.ptr, 0, c.left);
		gh_bytes word = gh_take(&c, nul ? (size_t)(nul - c.ptr) : c.left);
		if (nul)
			gh_skip(&c, 1);
		gh_cur w = gh_cur_over(word, 0);
		const char *key = "meta";
		if (gh_eat(&w, GH_LIT("signature=")))
			key = "board";
		else if (gh_eat(&w, GH_LIT("dev=")))
			key = "device";
		else if (gh_eat(&w, GH_LIT("version=")))
			key = "version";
		gh_code code = w.left > 0 ? gh_node_fact(ctx, out, key, gh_rest(&w)) : GH_OK;
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

static gh_code add_digest(gh_ctx *ctx, const struct entity *e, unsigned nth, gh_node *out)
{
	uint8_t md5[16];
	const char *what = gh_arena_printf(ctx->arena, nth == 0 ? "image MD5" : "MD5 of image %u", nth + 1);
	if (!what)
		return gh_nomem(ctx);
	gh_sum s = { .what = what, .algorithm = "md5", .at = e->at + HEAD, .remark = "over the image alone" };
	if (cut(e)) {
		s.state = GH_SUM_UNVERIFIABLE;
		s.stored = e->digest;
		s.remark = "the image is cut short";
		return gh_node_sum(ctx, out, &s);
	}
	gh_md5(&e->image, 1, md5);
	return gh_sum_digest(ctx, out, s, e->digest, md5);
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct seama s;
	gh_code code = read_all(ctx, c, &s);
	unsigned images = 0;
	(void)span;
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "byte-order", s.big ? GH_LIT("big") : GH_LIT("little"));
	for (unsigned i = 0; i < s.n && code == GH_OK; i++) {
		const struct entity *e = &s.entity[i];
		code = add_meta(ctx, e, out);
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_HEADER, e->size ? "entity header" : "seal", e->at,
					    e->head);
		if (e->size == 0 || code != GH_OK)
			continue;
		code = add_digest(ctx, e, images++, out);
		if (code == GH_OK && cut(e))
			code = gh_node_note(ctx, out, GH_TRUNCATED, e->image_at + e->image.len,
					    "the image has %u bytes, %zu are there", e->size, e->image.len);
		if (code == GH_OK && e->image.len > 0)
			code = gh_node_part(ctx, out, GH_NODE_PART, "image", e->image_at, e->image);
	}
	return code;
}

const gh_format gh_format_seama = {
	.name = "seama",
	.title = "Seama image of Alpha Networks, D-Link (DLOB)",
	.spec = "openwrt/firmware-utils: seama.h, seama.c",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x5e\\xa3\\xa4\\x17\\x00\\x00", 6, 0 }, { "\\x17\\xa4\\xa3\\x5e\\x00\\x00", 6, 0 } },
	.measure = measure,
	.unpack = unpack,
};
