/* SPDX-License-Identifier: Apache-2.0 */
#include <libfyaml.h>

#include "cap/yaml_in.h"

enum { FILE_MOST = 1 << 20, NODES_MOST = 1 << 16, DEPTH_MOST = 32 };

typedef struct reader {
	gh_ctx *ctx;
	unsigned nodes;
	bool bad;
} reader;

static gh_yaml *refuse(reader *r, unsigned line, const char *why)
{
	if (!r->bad)
		gh_trouble(r->ctx, GH_CORRUPT, line, "%s", why);
	r->bad = true;
	return NULL;
}

static unsigned line_of(struct fy_node *node)
{
	struct fy_token *token = node ? fy_node_get_scalar_token(node) : NULL;
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
	return mark && mark->line >= 0 ? (unsigned)mark->line + 1 : 0;
}

static gh_yaml *convert(reader *r, struct fy_node *node, unsigned depth);

static gh_yaml *convert_text(reader *r, struct fy_node *node, gh_yaml *y)
{
	size_t len = 0;
	const char *text = node ? fy_node_get_scalar(node, &len) : NULL;
	y->kind = GH_YAML_TEXT;
	y->line = line_of(node);
	y->len = text ? len : 0;
	y->text = gh_arena_text(r->ctx->scratch, text ? text : "", y->len);
	enum fy_node_style style = node ? fy_node_get_style(node) : FYNS_PLAIN;
	y->quoted = style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED;
	return y->text ? y : refuse(r, 0, "out of memory");
}

static gh_yaml *convert_list(reader *r, struct fy_node *node, gh_yaml *y, unsigned depth)
{
	gh_yaml **at = &y->first;
	void *i = NULL;
	y->kind = GH_YAML_LIST;
	for (struct fy_node *n; (n = fy_node_sequence_iterate(node, &i)) != NULL; at = &(*at)->next) {
		*at = convert(r, n, depth + 1);
		if (!*at)
			return NULL;
		y->line = y->line ? y->line : (*at)->line;
	}
	return y;
}

static gh_yaml *convert_map(reader *r, struct fy_node *node, gh_yaml *y, unsigned depth)
{
	gh_yaml **at = &y->first;
	void *i = NULL;
	y->kind = GH_YAML_MAP;
	for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &i)) != NULL; at = &(*at)->next) {
		struct fy_node *key = fy_node_pair_key(pair);
		size_t len = 0;
		const char *text = key && fy_node_is_scalar(key) ? fy_node_get_scalar(key, &len) : NULL;
		if (!text)
			return refuse(r, y->line, "a key is not text");
		*at = convert(r, fy_node_pair_value(pair), depth + 1);
		if (!*at)
			return NULL;
		(*at)->key = gh_arena_text(r->ctx->scratch, text, len);
		if (!(*at)->key)
			return refuse(r, 0, "out of memory");
		unsigned line = line_of(key);
		(*at)->line = line ? line : (*at)->line;
		y->line = y->line ? y->line : line;
	}
	return y;
}

static gh_yaml *convert(reader *r, struct fy_node *node, unsigned depth)
{
	gh_yaml *y = gh_arena_zalloc(r->ctx->scratch, sizeof *y);
	if (!y)
		return refuse(r, 0, "out of memory");
	if (depth > DEPTH_MOST || ++r->nodes > NODES_MOST)
		return refuse(r, line_of(node), "the file is nested too deeply or too large");
	if (node && (fy_node_is_alias(node) || fy_node_get_anchor(node)))
		return refuse(r, line_of(node), "anchors and aliases have no place in a rule");
	if (node && fy_node_is_sequence(node))
		return convert_list(r, node, y, depth);
	if (node && fy_node_is_mapping(node))
		return convert_map(r, node, y, depth);
	return convert_text(r, node, y);
}

static void tell_error(gh_ctx *ctx, struct fy_diag *diag)
{
	void *i = NULL;
	const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &i);
	gh_trouble(ctx, GH_CORRUPT, e && e->line > 0 ? (uint64_t)e->line : 0, "the file is not YAML: %.100s",
		   e && e->msg ? e->msg : "it holds no document");
}

const gh_yaml *gh_yaml_read(gh_ctx *ctx, gh_bytes text)
{
	reader r = { .ctx = ctx };
	struct fy_diag_cfg how;
	const gh_yaml *ret = NULL;
	if (text.len > FILE_MOST)
		return refuse(&r, 0, "the file is larger than 1 MiB");
	if (text.len == 0 || memchr(text.ptr, 0, text.len))
		return refuse(&r, 0, "the file is not text");
	fy_diag_cfg_default(&how);
	how.fp = NULL;
	struct fy_diag *diag = fy_diag_create(&how);
	if (!diag)
		return refuse(&r, 0, "out of memory");
	fy_diag_set_collect_errors(diag, true);
	struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET | FYPCF_DISABLE_MMAP_OPT, .diag = diag };
	struct fy_document *doc = fy_document_build_from_string(&cfg, (const char *)text.ptr, text.len);
	if (doc)
		ret = convert(&r, fy_document_root(doc), 0);
	else
		tell_error(ctx, diag);
	fy_document_destroy(doc);
	fy_diag_destroy(diag);
	return ret;
}

const gh_yaml *gh_yaml_get(const gh_yaml *map, const char *key)
{
	for (const gh_yaml *y = map && map->kind == GH_YAML_MAP ? map->first : NULL; y; y = y->next)
		if (strcmp(y->key, key) == 0)
			return y;
	return NULL;
}
