/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/cur.h"
#include "cap/pack_in.h"

#define MAGIC "GHCAPS02"
enum { TEXTS = 6, FEATURE_SIZE = 5 * 4 + 3 * 8, NODE_SIZE = 6 * 4, RULE_SIZE = (5 + TEXTS) * 4, DEPTH_MOST = 128 };

static gh_code put(gh_ctx *ctx, gh_buf *out, uint64_t n, unsigned width)
{
	uint8_t raw[8];
	for (unsigned i = 0; i < width; i++)
		raw[i] = (uint8_t)(n >> 8 * i);
	return gh_buf_add(ctx, out, gh_view(raw, width));
}

static gh_code put_all(gh_ctx *ctx, gh_buf *out, const uint32_t *n, size_t count)
{
	gh_code code = GH_OK;
	for (size_t i = 0; i < count && code == GH_OK; i++)
		code = put(ctx, out, n[i], 4);
	return code;
}

static gh_code write_feature(gh_ctx *ctx, gh_buf *out, const gh_feature *f)
{
	uint32_t words[] = { f->kind, f->index, f->of, f->text, f->len };
	gh_code code = put_all(ctx, out, words, GH_COUNT(words));
	if (code == GH_OK)
		code = put(ctx, out, f->number, 8);
	if (code == GH_OK)
		code = put(ctx, out, f->mips, 8);
	return code == GH_OK ? put(ctx, out, f->mask, 8) : code;
}

static gh_code write_rule(gh_ctx *ctx, gh_buf *out, gh_buf *texts, const gh_cap_rule *r)
{
	const char *all[TEXTS] = { r->name, r->space, r->description, r->attack, r->mbc, r->homes };
	uint32_t words[5 + TEXTS] = { r->root, r->scope, r->weight, r->lib, r->builtin };
	for (size_t i = 0; i < TEXTS; i++) {
		words[5 + i] = (uint32_t)texts->len;
		gh_code code = gh_buf_add(ctx, texts, gh_view(all[i], strlen(all[i]) + 1));
		if (code != GH_OK)
			return code;
	}
	return put_all(ctx, out, words, GH_COUNT(words));
}

static gh_code save_search(gh_ctx *ctx, const gh_caps *caps, gh_cap_search which, gh_buf *out)
{
	size_t n;
	const gh_pattern *patterns = gh_caps_patterns(ctx, caps, which, &n);
	if (!patterns)
		return GH_NOMEM;
	if (n == 0)
		return GH_OK;
	gh_search *search = gh_search_new(ctx, patterns, n);
	if (!search)
		return ctx->code;
	gh_code code = gh_search_save(ctx, search, out);
	gh_search_free(search);
	return code;
}

gh_code gh_caps_write(gh_ctx *ctx, const gh_caps *c, gh_buf *texts, gh_buf *blob)
{
	gh_buf rules = gh_buf_in(ctx->scratch, blob->most), searches = gh_buf_in(ctx->scratch, blob->most);
	gh_code code = GH_OK;
	for (uint32_t i = 0; i < c->n_rules && code == GH_OK; i++)
		code = write_rule(ctx, &rules, texts, &c->rules[i]);
	gh_caps now = *c; /* the texts have moved */
	now.texts = (const char *)texts->ptr;
	uint32_t ends[GH_SEARCHES] = { 0 };
	for (unsigned i = 0; i < GH_SEARCHES && code == GH_OK; i++) {
		code = save_search(ctx, &now, (gh_cap_search)i, &searches);
		ends[i] = (uint32_t)searches.len;
	}
	uint32_t head[] = { c->n_features, c->n_nodes,        c->n_rules,       (uint32_t)texts->len,
			    ends[0],       ends[1] - ends[0], ends[2] - ends[1] };
	if (code == GH_OK)
		code = gh_buf_add(ctx, blob, GH_LIT(MAGIC));
	if (code == GH_OK)
		code = put_all(ctx, blob, head, GH_COUNT(head));
	for (uint32_t i = 0; i < c->n_features && code == GH_OK; i++)
		code = write_feature(ctx, blob, &c->features[i]);
	for (uint32_t i = 0; i < c->n_nodes && code == GH_OK; i++) {
		const gh_cap_node *n = &c->nodes[i];
		uint32_t words[] = { n->op, n->scope, n->least, n->most, n->feature, n->end };
		code = put_all(ctx, blob, words, GH_COUNT(words));
	}
	const gh_buf *rest[] = { &rules, texts, &searches };
	for (size_t i = 0; i < GH_COUNT(rest) && code == GH_OK; i++)
		code = gh_buf_add(ctx, blob, gh_buf_view(rest[i]));
	return code;
}

static bool read_features(gh_cur *c, gh_caps *caps)
{
	for (uint32_t i = 0; i < caps->n_features; i++) {
		gh_feature *f = &caps->features[i];
		f->kind = gh_u32le(c);
		f->index = gh_u32le(c);
		f->of = gh_u32le(c);
		f->text = gh_u32le(c);
		f->len = gh_u32le(c);
		f->number = gh_u64le(c);
		f->mips = gh_u64le(c);
		f->mask = gh_u64le(c);
		if (f->kind > GH_F_LAST || f->of >= caps->n_features || f->text >= caps->n_texts ||
		    f->len >= caps->n_texts - f->text)
			return false;
	}
	return true;
}

/* Every node lies within its parent, so that a walk ends. */
static bool read_nodes(gh_cur *c, gh_caps *caps)
{
	uint32_t ends[DEPTH_MOST];
	unsigned depth = 0;
	for (uint32_t i = 0; i < caps->n_nodes; i++) {
		gh_cap_node *n = &caps->nodes[i];
		n->op = gh_u32le(c);
		n->scope = gh_u32le(c);
		n->least = gh_u32le(c);
		n->most = gh_u32le(c);
		n->feature = gh_u32le(c);
		n->end = gh_u32le(c);
		while (depth && ends[depth - 1] <= i)
			depth--;
		uint32_t most = depth ? ends[depth - 1] : caps->n_nodes;
		if (n->op > GH_N_LAST || n->scope > GH_S_LAST || n->end <= i || n->end > most || depth == DEPTH_MOST)
			return false;
		if (n->op == GH_N_FEATURE ? n->feature >= caps->n_features || n->end != i + 1 : false)
			return false;
		if ((n->op == GH_N_NOT || n->op == GH_N_SCOPE) && n->end == i + 1)
			return false;
		ends[depth++] = n->end;
	}
	return true;
}

static bool read_rules(gh_cur *c, gh_caps *caps)
{
	for (uint32_t i = 0; i < caps->n_rules; i++) {
		gh_cap_rule *r = &caps->rules[i];
		const char **all[TEXTS] = { &r->name, &r->space, &r->description, &r->attack, &r->mbc, &r->homes };
		r->root = gh_u32le(c);
		uint32_t scope = gh_u32le(c), weight = gh_u32le(c);
		r->lib = gh_u32le(c) != 0;
		r->builtin = gh_u32le(c) != 0;
		for (size_t k = 0; k < TEXTS; k++) {
			uint32_t at = gh_u32le(c);
			if (at >= caps->n_texts)
				return false;
			*all[k] = caps->texts + at;
		}
		if (r->root >= caps->n_nodes || scope > GH_S_LAST || weight > GH_CAP_NOTICE)
			return false;
		r->scope = (uint8_t)scope;
		r->weight = (uint8_t)weight;
	}
	return true;
}

static gh_code load_search(gh_ctx *ctx, gh_caps *caps, gh_cap_search which, gh_bytes saved)
{
	size_t n;
	const gh_pattern *patterns = gh_caps_patterns(ctx, caps, which, &n);
	if (!patterns)
		return GH_NOMEM;
	if (n == 0)
		return GH_OK;
	gh_search *search = gh_search_load(ctx, patterns, n, saved);
	caps->searches[which] = search ? search : gh_search_new(ctx, patterns, n);
	return caps->searches[which] ? GH_OK : ctx->code;
}

gh_code gh_caps_load(gh_ctx *ctx, gh_bytes blob, gh_caps **ret)
{
	gh_cur c = gh_cur_over(blob, 0);
	gh_caps *caps = gh_arena_zalloc(ctx->arena, sizeof *caps);
	if (!caps)
		return gh_nomem(ctx);
	bool ours = gh_eat(&c, GH_LIT(MAGIC));
	caps->n_features = gh_u32le(&c);
	caps->n_nodes = gh_u32le(&c);
	caps->n_rules = gh_u32le(&c);
	caps->n_texts = gh_u32le(&c);
	uint32_t sizes[GH_SEARCHES];
	gh_bytes saved[GH_SEARCHES];
	for (unsigned i = 0; i < GH_SEARCHES; i++)
		sizes[i] = gh_u32le(&c);
	gh_cur features = gh_sub(&c, (uint64_t)caps->n_features * FEATURE_SIZE),
	       nodes = gh_sub(&c, (uint64_t)caps->n_nodes * NODE_SIZE);
	gh_cur rules = gh_sub(&c, (uint64_t)caps->n_rules * RULE_SIZE);
	gh_bytes texts = gh_take(&c, caps->n_texts);
	for (unsigned i = 0; i < GH_SEARCHES; i++)
		saved[i] = gh_take(&c, sizes[i]);
	caps->texts = (const char *)texts.ptr;
	if (!ours || !gh_cur_ok(&c) || (texts.len && texts.ptr[texts.len - 1] != 0))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the compiled rules for programs are damaged");
	caps->features = gh_arena_array(ctx->arena, caps->n_features + 1, sizeof *caps->features);
	caps->nodes = gh_arena_array(ctx->arena, caps->n_nodes + 1, sizeof *caps->nodes);
	caps->rules = gh_arena_array(ctx->arena, caps->n_rules + 1, sizeof *caps->rules);
	if (!caps->features || !caps->nodes || !caps->rules)
		return gh_nomem(ctx);
	if (!read_features(&features, caps) || !read_nodes(&nodes, caps) || !read_rules(&rules, caps))
		return gh_fail(ctx, GH_CORRUPT, 0, "the compiled rules for programs are damaged");
	gh_code code = gh_caps_index(ctx, caps);
	for (unsigned i = 0; i < GH_SEARCHES && code == GH_OK; i++)
		code = load_search(ctx, caps, (gh_cap_search)i, saved[i]);
	if (code != GH_OK)
		gh_caps_free(caps);
	else
		*ret = caps;
	return code;
}

void gh_caps_free(gh_caps *caps)
{
	if (!caps)
		return;
	for (unsigned i = 0; i < GH_SEARCHES; i++) {
		gh_search_free(caps->searches[i]);
		caps->searches[i] = NULL;
	}
}

size_t gh_caps_count(const gh_caps *caps)
{
	return caps ? caps->n_rules : 0;
}
