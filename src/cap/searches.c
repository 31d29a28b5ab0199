/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of a pack. Whole texts are looked up where a program is matched. */
#include "cap/pack_in.h"

/* A literal as an expression: every byte as \xNN. */
static const char *literal(gh_ctx *ctx, gh_bytes b)
{
	static const char digits[] = "0123456789abcdef";
	char *out = gh_arena_alloc(ctx->scratch, b.len * 4 + 1);
	if (!out)
		return NULL;
	for (size_t i = 0; i < b.len; i++) {
		out[4 * i] = '\\';
		out[4 * i + 1] = 'x';
		out[4 * i + 2] = digits[b.ptr[i] >> 4];
		out[4 * i + 3] = digits[b.ptr[i] & 15];
	}
	out[4 * b.len] = '\0';
	return out;
}

static bool is_in(gh_cap_search which, gh_feature_kind kind)
{
	if (which == GH_SEARCH_BYTES)
		return kind == GH_F_BYTES;
	if (which == GH_SEARCH_TEXTS)
		return kind == GH_F_SUBSTRING || kind == GH_F_REGEX;
	return gh_cap_is_literal(kind);
}

bool gh_cap_is_literal(gh_feature_kind kind)
{
	return kind == GH_F_API || kind == GH_F_IMPORT || kind == GH_F_STRING || kind == GH_F_SUBSTRING ||
	       kind == GH_F_BYTES;
}

const gh_pattern *gh_caps_patterns(gh_ctx *ctx, const gh_caps *caps, gh_cap_search which, size_t *ret_n)
{
	gh_pattern *patterns = gh_arena_array(ctx->scratch, caps->n_features + 1, sizeof *patterns);
	size_t n = 0;
	for (uint32_t i = 0; patterns && i < caps->n_features; i++) {
		const gh_feature *f = &caps->features[i];
		if (!is_in(which, f->kind))
			continue;
		gh_bytes text = gh_feature_text(caps, f);
		patterns[n] = (gh_pattern){ .id = i, .once = true, .length = f->kind == GH_F_BYTES ? f->len : 0 };
		patterns[n].expression = f->kind == GH_F_REGEX ? (const char *)text.ptr : literal(ctx, text);
		if (!patterns[n++].expression)
			patterns = NULL;
	}
	*ret_n = n;
	if (!patterns)
		(void)gh_nomem(ctx);
	return patterns;
}
