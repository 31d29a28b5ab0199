/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of a pack: parts of texts and expressions, and runs of bytes. Whole texts are looked up. */
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

const gh_pattern *gh_caps_patterns(gh_ctx *ctx, const gh_caps *caps, bool bytes, size_t *ret_n)
{
	gh_pattern *patterns = gh_arena_array(ctx->scratch, caps->n_features + 1, sizeof *patterns);
	size_t n = 0;
	for (uint32_t i = 0; patterns && i < caps->n_features; i++) {
		const gh_feature *f = &caps->features[i];
		bool is_bytes = f->kind == GH_F_BYTES;
		if (is_bytes != bytes || (!is_bytes && f->kind != GH_F_SUBSTRING && f->kind != GH_F_REGEX))
			continue;
		gh_bytes text = gh_feature_text(caps, f);
		patterns[n] = (gh_pattern){ .id = i, .once = true, .length = is_bytes ? f->len : 0 };
		patterns[n].expression = f->kind == GH_F_REGEX ? (const char *)text.ptr : literal(ctx, text);
		if (!patterns[n++].expression)
			patterns = NULL;
	}
	*ret_n = n;
	if (!patterns)
		(void)gh_nomem(ctx);
	return patterns;
}
