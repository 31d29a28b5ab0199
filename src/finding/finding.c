/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/keep_in.h"

gh_code gh_keep_text(gh_ctx *ctx, const char **text)
{
	if (!*text)
		return GH_OK;
	*text = gh_arena_text(ctx->arena, *text, strlen(*text));
	return *text ? GH_OK : gh_nomem(ctx);
}

gh_code gh_keep_bytes(gh_ctx *ctx, gh_bytes *b, size_t most)
{
	size_t len = GH_MIN(b->len, most);
	char *copy = gh_arena_text(ctx->arena, b->ptr, len);
	if (!copy)
		return gh_nomem(ctx);
	*b = gh_view(copy, len);
	return GH_OK;
}

gh_code gh_keep_evidence(gh_ctx *ctx, gh_evidence *e)
{
	if (gh_keep_text(ctx, &e->note) || gh_keep_bytes(ctx, &e->path, SIZE_MAX) ||
	    gh_keep_bytes(ctx, &e->excerpt, GH_EXCERPT))
		return GH_NOMEM;
	return GH_OK;
}

gh_code gh_finding_add(gh_ctx *ctx, gh_findings *list, const gh_finding *finding)
{
	gh_finding *f = gh_arena_alloc(ctx->arena, sizeof *f);
	if (!f)
		return gh_nomem(ctx);
	*f = *finding;
	f->next = NULL;
	const char **texts[] = { &f->id, &f->check, &f->title, &f->why, &f->harmless, &f->attack, &f->source };
	for (size_t i = 0; i < GH_COUNT(texts); i++)
		if (gh_keep_text(ctx, texts[i]))
			return GH_NOMEM;
	for (size_t i = 0; i < f->n_evidence; i++)
		if (gh_keep_evidence(ctx, &f->evidence[i]))
			return GH_NOMEM;
	if (list->last)
		list->last->next = f;
	else
		list->first = f;
	list->last = f;
	list->count++;
	return GH_OK;
}

void gh_findings_join(gh_findings *list, gh_findings *more)
{
	if (!more->first)
		return;
	if (list->last)
		list->last->next = more->first;
	else
		list->first = more->first;
	list->last = more->last;
	list->count += more->count;
	*more = (gh_findings){ 0 };
}

static const char *const level_names[] = {
	[GH_LEVEL_INFO] = "info",
	[GH_LEVEL_NOTICE] = "notice",
	[GH_LEVEL_SUSPICIOUS] = "suspicious",
	[GH_LEVEL_MALICIOUS] = "malicious",
};

const char *gh_level_name(gh_level level)
{
	return (size_t)level < GH_COUNT(level_names) ? level_names[level] : "unknown";
}

bool gh_level_of(const char *word, gh_level *ret)
{
	for (size_t i = 0; i < GH_COUNT(level_names); i++)
		if (strcmp(word, level_names[i]) == 0) {
			*ret = (gh_level)i;
			return true;
		}
	return false;
}

const char *gh_sure_name(gh_sure sure)
{
	return sure == GH_SURE_HIGH ? "high" : sure == GH_SURE_MEDIUM ? "medium" : "low";
}
