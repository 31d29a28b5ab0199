/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FIT, the image of U-Boot as a device tree (U-Boot: doc/usage/fit/source_file_format.rst):
 *
 *	/images/NAME            data, or data-offset (from the tree's end, on a multiple of four) or
 *	                        data-position (from its start) with data-size; type, arch, os, compression …
 *	/images/NAME/hash-N     algo, value: over the data
 *	/images/NAME/signature-N  algo, key-name-hint, value: over the data
 *	/configurations         which images are started together; signatures over them
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/sum.h"
#include "format/boot/boot_in.h"
#include "format/boot/fdt_in.h"

enum { IMAGES_MOST = 64, HASHES_MOST = 8, IMAGE = 2, SUM = 3, DIGEST_MOST = 32 };

struct hash {
	gh_bytes node, algo, value, key;
	uint64_t at;
};

struct image {
	gh_bytes name, data;
	uint64_t at;     /* of data, absolute */
	uint64_t offset; /* of data outside, from `pos`; size 0: it is inside */
	uint64_t size;
	bool placed, cut;
	struct hash hash[HASHES_MOST];
	unsigned n_hashes;
	gh_bytes type, arch, os, compression, description;
};

struct fit {
	gh_fdt fdt;
	uint64_t size; /* with the data behind the tree */
	bool cut;
	struct image image[IMAGES_MOST];
	unsigned n;
};

static struct image *image_of(struct fit *f, const gh_fdt_walk *w)
{
	bool inside = w->depth >= IMAGE && gh_bytes_eq(w->path[1], GH_LIT("images"));
	return inside && f->n > 0 ? &f->image[f->n - 1] : NULL;
}

static void image_property(const gh_fdt *fdt, struct image *i, const gh_fdt_step *s)
{
	gh_bytes text = gh_fdt_text(s->value);
	if (gh_fdt_is(s, "data")) {
		i->data = s->value;
		i->at = s->at;
	} else if (gh_fdt_is(s, "data-offset")) {
		i->offset = ((uint64_t)fdt->stated + 3) / 4 * 4 + gh_fdt_cell(s->value, 0);
		i->placed = true;
	} else if (gh_fdt_is(s, "data-position")) {
		i->offset = gh_fdt_cell(s->value, 0);
		i->placed = true;
	} else if (gh_fdt_is(s, "data-size")) {
		i->size = gh_fdt_cell(s->value, 0);
	} else if (gh_fdt_is(s, "type")) {
		i->type = text;
	} else if (gh_fdt_is(s, "arch")) {
		i->arch = text;
	} else if (gh_fdt_is(s, "os")) {
		i->os = text;
	} else if (gh_fdt_is(s, "compression")) {
		i->compression = text;
	} else if (gh_fdt_is(s, "description")) {
		i->description = text;
	}
}

static void sum_property(struct image *i, const gh_fdt_step *s)
{
	struct hash *h = i->n_hashes ? &i->hash[i->n_hashes - 1] : NULL;
	if (!h)
		return;
	if (gh_fdt_is(s, "algo")) {
		h->algo = gh_fdt_text(s->value);
	} else if (gh_fdt_is(s, "key-name-hint")) {
		h->key = gh_fdt_text(s->value);
	} else if (gh_fdt_is(s, "value")) {
		h->value = s->value;
		h->at = s->at;
	}
}

static void step(struct fit *f, const gh_fdt_walk *w, const gh_fdt_step *s)
{
	struct image *i = image_of(f, w);
	bool below = w->depth >= IMAGE && gh_bytes_eq(w->path[1], GH_LIT("images"));
	if (!below)
		return;
	if (s->kind == GH_FDT_BEGIN && w->depth == IMAGE && f->n < IMAGES_MOST) {
		f->image[f->n++] = (struct image){ .name = s->name };
	} else if (s->kind == GH_FDT_BEGIN && w->depth == SUM && i && i->n_hashes < HASHES_MOST) {
		i->hash[i->n_hashes++] = (struct hash){ .node = s->name };
	} else if (s->kind == GH_FDT_PROPERTY && i) {
		if (w->depth == IMAGE)
			image_property(&f->fdt, i, s);
		else if (w->depth == SUM)
			sum_property(i, s);
	}
}

/* Data that stands outside of the tree, as far as it is there. */
static void place(struct fit *f, gh_cur c)
{
	gh_bytes all = gh_rest(&c);
	f->size = f->fdt.size;
	f->cut = f->fdt.cut;
	for (unsigned k = 0; k < f->n; k++) {
		struct image *i = &f->image[k];
		if (!i->placed || i->size == 0)
			continue;
		i->data = gh_bytes_part(all, i->offset, i->size);
		i->at = c.pos + i->offset;
		i->cut = i->data.len < i->size;
		f->cut |= i->cut;
		if (i->data.len > 0)
			f->size = GH_MAX(f->size, i->offset + i->data.len);
	}
}

static gh_code read_fit(gh_ctx *ctx, gh_cur c, struct fit **ret)
{
	struct fit *f = gh_arena_zalloc(ctx->scratch, sizeof *f);
	if (!f)
		return gh_nomem(ctx);
	gh_code code = gh_fdt_open(ctx, c, &f->fdt);
	if (code == GH_OK)
		code = gh_effort(ctx, f->fdt.structure_size);
	if (code != GH_OK)
		return code;
	gh_fdt_walk w = gh_fdt_start(&f->fdt);
	for (gh_fdt_step s; gh_fdt_next(&w, &s);)
		step(f, &w, &s);
	if (f->n == 0)
		return GH_NOT_MINE;
	f->cut = !w.whole;
	place(f, c);
	f->cut |= !w.whole;
	*ret = f;
	return GH_OK;
}

/* Computes what `h` names; false where its algorithm is not known here. */
static bool digest(gh_bytes data, const struct hash *h, uint8_t ret[DIGEST_MOST], size_t *len)
{
	if (gh_bytes_eq(h->algo, GH_LIT("crc32"))) {
		uint32_t crc = gh_crc32(data);
		for (unsigned i = 0; i < 4; i++)
			ret[i] = (uint8_t)(crc >> (24 - 8 * i));
		*len = 4;
	} else if (gh_bytes_eq(h->algo, GH_LIT("md5"))) {
		gh_md5(&data, 1, ret);
		*len = 16;
	} else if (gh_bytes_eq(h->algo, GH_LIT("sha1"))) {
		gh_sha1(&data, 1, ret);
		*len = 20;
	} else if (gh_bytes_eq(h->algo, GH_LIT("sha256"))) {
		gh_sha256(&data, 1, ret);
		*len = 32;
	} else {
		return false;
	}
	return true;
}

static bool is_signature(const struct hash *h)
{
	return gh_bytes_start(h->node, GH_LIT("signature"));
}

/* All hashes of all data are right, and there is one for each. */
static bool proven(const struct fit *f)
{
	for (unsigned k = 0; k < f->n; k++) {
		const struct image *i = &f->image[k];
		unsigned right = 0;
		for (unsigned n = 0; n < i->n_hashes; n++) {
			uint8_t d[DIGEST_MOST];
			size_t len = 0;
			if (is_signature(&i->hash[n]) || !digest(i->data, &i->hash[n], d, &len))
				continue;
			if (!gh_bytes_eq(i->hash[n].value, gh_view(d, len)))
				return false;
			right++;
		}
		if (right == 0)
			return false;
	}
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct fit *f;
	gh_code code = read_fit(ctx, c, &f);
	if (code != GH_OK)
		return code;
	for (unsigned k = 0; k < f->n && code == GH_OK; k++)
		code = gh_effort(ctx, f->image[k].data.len * GH_MAX(f->image[k].n_hashes, 1U));
	if (code != GH_OK)
		return code;
	*ret = (gh_span){ .size = f->size, .proof = f->cut ? GH_PROOF_SHAPE : GH_PROOF_PARSED };
	if (!f->cut && proven(f))
		ret->proof = GH_PROOF_SUM;
	return GH_OK;
}

static gh_code add_hash(gh_ctx *ctx, gh_node *out, const struct image *i, const struct hash *h)
{
	uint8_t d[DIGEST_MOST];
	size_t len = 0;
	char name[32];
	gh_part_name(i->name, "image", name);
	const char *algorithm =
		gh_arena_printf(ctx->arena, "%.*s", (int)GH_MIN(h->algo.len, (size_t)32), (const char *)h->algo.ptr);
	const char *what = gh_arena_printf(ctx->arena, "%s of %s", is_signature(h) ? "signature" : "hash", name);
	if (!algorithm || !what)
		return gh_nomem(ctx);
	gh_sum sum = { .what = what, .algorithm = algorithm[0] ? algorithm : "unknown", .at = h->at };
	if (h->value.len == 0) {
		sum.state = GH_SUM_ABSENT;
		sum.remark = "the node names an algorithm and no value";
	} else if (is_signature(h)) {
		sum.state = GH_SUM_UNVERIFIABLE;
		sum.remark = h->key.len ? gh_arena_printf(ctx->arena, "needs the key %.*s",
							  (int)GH_MIN(h->key.len, (size_t)64), (const char *)h->key.ptr)
					: "needs a key that is not named";
		if (!sum.remark)
			return gh_nomem(ctx);
	} else if (!digest(i->data, h, d, &len)) {
		sum.state = GH_SUM_UNVERIFIABLE;
		sum.remark = "an algorithm that is not known here";
	} else {
		sum.stored = h->value;
		sum.computed = gh_view(d, len);
		sum.state = gh_bytes_eq(h->value, sum.computed) ? GH_SUM_RIGHT : GH_SUM_WRONG;
		sum.remark = i->cut ? "the data is cut short" : "over the data";
	}
	return gh_node_sum(ctx, out, &sum);
}

static gh_code image_fact(gh_ctx *ctx, gh_node *out, const struct image *i)
{
	const gh_bytes words[] = { i->type, i->arch, i->os, i->compression, i->description };
	char text[256], name[32];
	size_t n;
	gh_part_name(i->name, "image", name);
	n = (size_t)snprintf(text, sizeof text, "%s:", name);
	for (size_t k = 0; k < GH_COUNT(words); k++)
		if (words[k].len > 0 && words[k].len < 100 && n + words[k].len + 2 < sizeof text)
			n += (size_t)snprintf(text + n, sizeof text - n, " %.*s", (int)words[k].len,
					      (const char *)words[k].ptr);
	return gh_node_fact(ctx, out, "image", gh_view(text, GH_MIN(n, sizeof text - 1)));
}

static gh_code add_image(gh_ctx *ctx, gh_node *out, const struct image *i)
{
	char name[32];
	gh_part_name(i->name, "image", name);
	gh_code code = image_fact(ctx, out, i);
	for (unsigned k = 0; k < i->n_hashes && code == GH_OK; k++)
		code = add_hash(ctx, out, i, &i->hash[k]);
	if (code == GH_OK && i->cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, i->at + i->data.len,
				    "%s has %llu bytes, %zu of them are there", name, (unsigned long long)i->size,
				    i->data.len);
	return code;
}

static int by_place(const void *a, const void *b)
{
	const struct image *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

static gh_code root_facts(gh_ctx *ctx, gh_node *out, const gh_fdt *fdt)
{
	gh_code code = GH_OK;
	gh_fdt_walk w = gh_fdt_start(fdt);
	for (gh_fdt_step s; gh_fdt_next(&w, &s) && code == GH_OK;) {
		if (s.kind != GH_FDT_PROPERTY)
			continue;
		if (w.depth == 0 && gh_fdt_is(&s, "description")) {
			code = gh_node_fact(ctx, out, "description", gh_fdt_text(s.value));
		} else if (w.depth == 0 && gh_fdt_is(&s, "timestamp")) {
			const char *created = gh_utc(ctx, gh_fdt_cell(s.value, 0));
			code = created ? gh_node_fact(ctx, out, "created", gh_view_text(created)) : gh_nomem(ctx);
		} else if (w.depth == 1 && gh_fdt_is(&s, "default")) {
			code = gh_node_fact(ctx, out, "default-configuration", gh_fdt_text(s.value));
		}
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct fit *f;
	(void)span;
	gh_code code = read_fit(ctx, c, &f);
	if (code == GH_OK)
		code = root_facts(ctx, out, &f->fdt);
	if (code != GH_OK)
		return code;
	qsort(f->image, f->n, sizeof *f->image, by_place);
	for (unsigned k = 0; k < f->n && code == GH_OK; k++)
		code = add_image(ctx, out, &f->image[k]);
	if (code == GH_OK && f->fdt.cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left,
				    "the tree has %u bytes, %zu of them are there", f->fdt.stated, c.left);
	/* What stands between the data is the tree itself. */
	uint64_t at = c.pos, end = c.pos + f->fdt.size;
	gh_bytes all = gh_rest(&c);
	for (unsigned k = 0; k < f->n && code == GH_OK; k++) {
		struct image *i = &f->image[k];
		char name[32];
		gh_part_name(i->name, "image", name);
		if (i->data.len == 0 || i->at < at)
			continue;
		if (at < end && i->at > at)
			code = gh_node_part(ctx, out, GH_NODE_HEADER, at == c.pos ? "header" : "tree", at,
					    gh_bytes_part(all, at - c.pos, GH_MIN(i->at, end) - at));
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_PART, name, i->at, i->data);
		at = i->at + i->data.len;
	}
	if (code == GH_OK && at < end)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "tree", at, gh_bytes_part(all, at - c.pos, end - at));
	return code;
}

const gh_format gh_format_fit = {
	.name = "fit",
	.title = "FIT, U-Boot image as a device tree",
	.spec = "U-Boot: doc/usage/fit/source_file_format.rst",
	.limits = "signatures are named, not checked; more than 64 images are left out",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\xd0\\x0d\\xfe\\xed", 4, 0 } },
	.measure = measure,
	.unpack = unpack,
};
