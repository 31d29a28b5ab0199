/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/tree.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

static gh_code keep(gh_ctx *ctx, gh_bytes in, gh_bytes *ret)
{
	char *text = gh_arena_text(ctx->arena, in.ptr, in.len);
	if (!text)
		return gh_nomem(ctx);
	*ret = gh_view(text, in.len);
	return GH_OK;
}

gh_code gh_node_fact(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes value)
{
	gh_fact *fact = gh_arena_zalloc(ctx->arena, sizeof *fact);
	if (!fact || keep(ctx, value, &fact->value) != GH_OK)
		return gh_nomem(ctx);
	fact->key = key;
	gh_fact **end = &node->facts;
	while (*end)
		end = &(*end)->next;
	*end = fact;
	return GH_OK;
}

gh_code gh_node_secret(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes value, size_t open)
{
	gh_code code = gh_node_fact(ctx, node, key, value);
	gh_fact *last = node->facts;
	while (code == GH_OK && last->next)
		last = last->next;
	if (code == GH_OK) {
		last->secret = true;
		last->open = open;
	}
	return code;
}

gh_code gh_node_mask(gh_ctx *ctx, gh_node *node)
{
	for (gh_fact *f = node->facts; f; f = f->next) {
		if (!f->secret)
			continue;
		char *text = gh_arena_text(ctx->arena, f->value.ptr, f->value.len);
		if (!text)
			return gh_nomem(ctx);
		for (size_t i = f->open; i < f->value.len; i++)
			if (isalnum((unsigned char)text[i]))
				text[i] = 'x';
		f->value = gh_view(text, f->value.len);
	}
	return GH_OK;
}

gh_code gh_node_factf(gh_ctx *ctx, gh_node *node, const char *key, const char *fmt, ...)
{
	char text[256];
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	size_t n = len < 0 ? 0 : GH_MIN((size_t)len, sizeof text - 1);
	return gh_node_fact(ctx, node, key, gh_view(text, n));
}

gh_code gh_node_sum(gh_ctx *ctx, gh_node *node, const gh_sum *sum)
{
	gh_sum *copy = gh_arena_alloc(ctx->arena, sizeof *copy);
	if (!copy)
		return gh_nomem(ctx);
	*copy = *sum;
	copy->next = NULL;
	if (keep(ctx, sum->stored, &copy->stored) != GH_OK || keep(ctx, sum->computed, &copy->computed) != GH_OK)
		return GH_NOMEM;
	const char **texts[] = { &copy->what, &copy->algorithm, &copy->remark };
	for (size_t i = 0; i < GH_COUNT(texts); i++) {
		if (!*texts[i])
			continue;
		*texts[i] = gh_arena_text(ctx->arena, *texts[i], strlen(*texts[i]));
		if (!*texts[i])
			return gh_nomem(ctx);
	}
	gh_sum **end = &node->sums;
	while (*end)
		end = &(*end)->next;
	*end = copy;
	return GH_OK;
}

/* A hostile image can give rise to a note for every byte: beyond this many, one line says so. */
enum { NOTES_MOST = 48 };

static gh_code add_note(gh_ctx *ctx, gh_note **list, gh_code code, uint64_t at, const char *text)
{
	unsigned n = 0;
	for (; *list && n < NOTES_MOST; n++)
		list = &(*list)->next;
	if (n == NOTES_MOST && *list)
		return GH_OK;
	if (n == NOTES_MOST)
		text = "further notes are left out";
	gh_note *note = gh_arena_zalloc(ctx->arena, sizeof *note);
	char *copy = gh_arena_text(ctx->arena, text, strlen(text));
	if (!note || !copy)
		return gh_nomem(ctx);
	*note = (gh_note){ .code = code, .at = at, .text = copy };
	*list = note;
	return GH_OK;
}

gh_code gh_node_note(gh_ctx *ctx, gh_node *node, gh_code code, uint64_t at, const char *fmt, ...)
{
	char text[256];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return add_note(ctx, &node->notes, code, at, text);
}

gh_code gh_node_trouble(gh_ctx *ctx, gh_node *node)
{
	return add_note(ctx, &node->notes, ctx->code, ctx->at, ctx->what);
}

gh_code gh_entry_note(gh_ctx *ctx, gh_entry *entry, gh_code code, uint64_t at, const char *fmt, ...)
{
	char text[256];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return add_note(ctx, &entry->notes, code, at, text);
}

gh_node *gh_node_new(gh_ctx *ctx, gh_node_kind kind)
{
	if (gh_spend_nodes(ctx, 1) != GH_OK)
		return NULL;
	gh_node *node = gh_arena_zalloc(ctx->arena, sizeof *node);
	if (node)
		node->kind = kind;
	else
		(void)gh_nomem(ctx);
	return node;
}

void gh_node_append(gh_node *parent, gh_node *child)
{
	child->up = parent;
	child->depth = parent->depth + 1;
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

gh_code gh_node_part(gh_ctx *ctx, gh_node *node, gh_node_kind kind, const char *name, uint64_t at, gh_bytes content)
{
	gh_node *part = gh_node_new(ctx, kind);
	if (!part)
		return ctx->code;
	part->name = gh_arena_text(ctx->arena, name, strlen(name));
	if (!part->name)
		return gh_nomem(ctx);
	part->at = at;
	part->size = content.len;
	part->content = content;
	gh_node_append(node, part);
	return GH_OK;
}

gh_code gh_node_part_decoded(gh_ctx *ctx, gh_node *node, const char *name, const char *transform, uint64_t at,
			     gh_bytes content, gh_bytes decoded)
{
	gh_code code = gh_node_part(ctx, node, GH_NODE_STREAM, name, at, content);
	if (code != GH_OK)
		return code;
	node->last->transform = gh_arena_text(ctx->arena, transform, strlen(transform));
	if (!node->last->transform)
		return gh_nomem(ctx);
	gh_node_decoded(node->last, decoded);
	return GH_OK;
}

void gh_node_decoded(gh_node *node, gh_bytes decoded)
{
	node->decoded = decoded;
	node->decoded_size = decoded.len;
	node->opens_space = true;
}

void gh_node_volume(gh_node *node, gh_volume *volume)
{
	node->volume = volume;
	memset(volume->total, 0, sizeof volume->total);
	for (size_t i = 0; i < volume->count; i++)
		volume->total[volume->entries[i].type] += volume->entries[i].past == GH_NOW;
}

uint64_t gh_volume_total(const gh_volume *volume)
{
	uint64_t n = 0;
	for (size_t i = 0; i < GH_COUNT(volume->total); i++)
		n += volume->total[i];
	return n;
}

const gh_node *gh_node_after(const gh_node *root, const gh_node *node)
{
	if (node->first)
		return node->first;
	while (node != root && !node->next)
		node = node->up;
	return node == root ? NULL : node->next;
}

const char *gh_node_kind_name(gh_node_kind kind)
{
	static const char *const names[] = {
		[GH_NODE_IMAGE] = "image",   [GH_NODE_CONTAINER] = "container",
		[GH_NODE_PART] = "part",     [GH_NODE_HEADER] = "header",
		[GH_NODE_STREAM] = "stream", [GH_NODE_VOLUME] = "volume",
		[GH_NODE_FILE] = "file",     [GH_NODE_GAP] = "gap",
	};
	return (size_t)kind < GH_COUNT(names) ? names[kind] : "unknown";
}

const char *gh_proof_name(gh_proof proof)
{
	static const char *const names[] = {
		[GH_PROOF_NONE] = "none",     [GH_PROOF_MAGIC] = "magic", [GH_PROOF_SHAPE] = "shape",
		[GH_PROOF_PARSED] = "parsed", [GH_PROOF_SUM] = "sum",
	};
	return (size_t)proof < GH_COUNT(names) ? names[proof] : "unknown";
}

const char *gh_sum_state_name(gh_sum_state state)
{
	static const char *const names[] = {
		[GH_SUM_RIGHT] = "right",
		[GH_SUM_WRONG] = "wrong",
		[GH_SUM_ABSENT] = "absent",
		[GH_SUM_UNVERIFIABLE] = "unverifiable",
	};
	return (size_t)state < GH_COUNT(names) ? names[state] : "unknown";
}

const char *gh_entry_type_name(gh_entry_type type)
{
	static const char *const names[] = {
		[GH_ENTRY_FILE] = "file",     [GH_ENTRY_DIR] = "dir",     [GH_ENTRY_LINK] = "link",
		[GH_ENTRY_CHAR] = "char",     [GH_ENTRY_BLOCK] = "block", [GH_ENTRY_FIFO] = "fifo",
		[GH_ENTRY_SOCKET] = "socket",
	};
	return (size_t)type < GH_COUNT(names) ? names[type] : "unknown";
}

const char *gh_past_name(gh_past past)
{
	static const char *const names[] = { [GH_NOW] = "now", [GH_OLDER] = "older", [GH_DELETED] = "deleted" };
	return (size_t)past < GH_COUNT(names) ? names[past] : "unknown";
}

static gh_status status_of(gh_code code)
{
	switch (code) {
	case GH_TRUNCATED:
		return GH_STATUS_PARTIAL;
	case GH_CORRUPT:
		return GH_STATUS_DAMAGED;
	case GH_UNSUPPORTED:
		return GH_STATUS_UNSUPPORTED;
	case GH_ENCRYPTED:
		return GH_STATUS_ENCRYPTED;
	case GH_LIMIT:
		return GH_STATUS_LIMIT;
	case GH_OK:
	case GH_NOT_MINE:
	case GH_IO:
	case GH_NOMEM:
		break;
	}
	return GH_STATUS_OK;
}

gh_status gh_node_status(const gh_node *node)
{
	gh_status worst = GH_STATUS_OK;
	for (const gh_note *n = node->kind == GH_NODE_GAP ? NULL : node->notes; n; n = n->next)
		worst = GH_MAX(worst, status_of(n->code));
	return worst;
}

const char *gh_status_name(gh_status status)
{
	static const char *const names[] = {
		[GH_STATUS_OK] = "ok",
		[GH_STATUS_PARTIAL] = "partial",
		[GH_STATUS_DAMAGED] = "damaged",
		[GH_STATUS_UNSUPPORTED] = "unsupported dialect",
		[GH_STATUS_ENCRYPTED] = "encrypted",
		[GH_STATUS_LIMIT] = "limit",
	};
	return (size_t)status < GH_COUNT(names) ? names[status] : "unknown";
}
