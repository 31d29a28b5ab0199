/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/label.h"

#include <stdio.h>

enum {
	LAYERS = 512,    /* spaces above a node; trees are bounded far below by the budget */
	COMPONENT = 200, /* bytes of a name; file systems take 255, and writers may add to it */
	SIBLINGS = 4096  /* how many files of a volume are asked for the same path */
};

/* Measures first (ptr NULL), then writes the same. */
struct text {
	char *ptr;
	size_t len;
};

static void put(struct text *t, const char *bytes, size_t len)
{
	if (t->ptr)
		memcpy(t->ptr + t->len, bytes, len);
	t->len += len;
}

static void put_text(struct text *t, const char *text)
{
	put(t, text, strlen(text));
}

static void put_at(struct text *t, uint64_t at)
{
	char hex[24];
	int len = snprintf(hex, sizeof hex, "0x%llx-", (unsigned long long)at);
	put(t, hex, (size_t)len);
}

static bool is_plain(uint8_t v)
{
	return (v >= '0' && v <= '9') || (v >= 'A' && v <= 'Z') || (v >= 'a' && v <= 'z') ||
	       (v != 0 && strchr("._+@ -", v) != NULL);
}

/* FNV-1a, so that two long names with one beginning stay apart. */
static uint64_t digest(gh_bytes b)
{
	uint64_t h = 0xcbf29ce484222325;
	for (size_t i = 0; i < b.len; i++)
		(void)__builtin_mul_overflow(h ^ b.ptr[i], 0x100000001b3, &h); /* wraps, as it should */
	return h;
}

static void put_component(struct text *t, gh_bytes name)
{
	bool dots = gh_bytes_eq(name, GH_LIT(".")) || gh_bytes_eq(name, GH_LIT(".."));
	bool ours = gh_bytes_start(name, GH_LIT("0x"));
	size_t from = t->len;
	if (name.len == 0)
		put_text(t, "%");
	for (size_t i = 0; i < name.len; i++) {
		char hex[4];
		if (t->len - from > COMPONENT) {
			char tail[24];
			int len = snprintf(tail, sizeof tail, "~%016llx", (unsigned long long)digest(name));
			put(t, tail, (size_t)len);
			break;
		}
		if (is_plain(name.ptr[i]) && !dots && !(ours && i == 0)) {
			put(t, (const char *)name.ptr + i, 1);
			continue;
		}
		(void)snprintf(hex, sizeof hex, "%%%02x", name.ptr[i]);
		put(t, hex, 3);
	}
}

static void put_path(struct text *t, gh_bytes path)
{
	size_t from = 0;
	for (size_t i = 0; i <= path.len; i++)
		if (i == path.len || path.ptr[i] == '/') {
			if (from > 0)
				put_text(t, "/");
			put_component(t, gh_bytes_part(path, from, i - from));
			from = i + 1;
		}
}

/* A volume may hold one path twice: later ones get a number. Beyond a bound the number of the entry
 * is always there, so that nobody counts for ever. */
static void put_repeat(struct text *t, const gh_node *file)
{
	unsigned before = 0, same = 0;
	const gh_node *n = file->up->first;
	char text[32];
	for (; n && n != file && before < SIBLINGS; n = n->next, before++)
		same += n->kind == GH_NODE_FILE && n->entry && gh_bytes_eq(n->entry->path, file->entry->path);
	if (n != file)
		(void)snprintf(text, sizeof text, "~n%u", file->id);
	else if (same > 0)
		(void)snprintf(text, sizeof text, "~%u", same + 1);
	else
		return;
	put_text(t, text);
}

static void put_space(struct text *t, const gh_node *space)
{
	if (space->kind == GH_NODE_FILE && space->entry && space->up) {
		put_at(t, space->up->at);
		put_text(t, space->up->format ? space->up->format : "volume");
		put_text(t, ".inside/");
		put_path(t, space->entry->path);
		put_repeat(t, space);
	} else {
		put_at(t, space->at);
		put_text(t, space->format ? space->format : "stream");
	}
	put_text(t, "/");
}

bool gh_node_padding(const gh_node *node)
{
	gh_look look = node->profile.look;
	return node->kind == GH_NODE_GAP &&
	       (look == GH_LOOK_EMPTY || look == GH_LOOK_ZERO || look == GH_LOOK_ERASED || look == GH_LOOK_FILL);
}

static const char *suffix_of(const gh_node *node)
{
	if (node->kind == GH_NODE_VOLUME)
		return "";
	if (node->kind == GH_NODE_STREAM && node->opens_space)
		return ".out";
	if (node->kind == GH_NODE_GAP && !gh_node_padding(node))
		return ".bin";
	return NULL;
}

gh_code gh_node_folder(gh_ctx *ctx, const gh_node *node, const char **ret)
{
	const gh_node *space[LAYERS];
	const char *suffix = suffix_of(node);
	size_t n = 0;
	if (!suffix) {
		*ret = NULL;
		return GH_OK;
	}
	for (const gh_node *up = node->up; up; up = up->up) {
		if (!up->opens_space)
			continue;
		if (n == LAYERS)
			return gh_fail(ctx, GH_LIMIT, node->at, "more than %d layers above a node", LAYERS);
		space[n++] = up;
	}
	struct text text = { NULL, 0 };
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = n; i > 0; i--)
			put_space(&text, space[i - 1]);
		put_at(&text, node->at);
		put_text(&text, node->kind == GH_NODE_GAP ? "gap" : node->format ? node->format : "unnamed");
		put_text(&text, suffix);
		if (pass > 0)
			break;
		char *ptr = gh_arena_alloc(ctx->arena, text.len + 1);
		if (!ptr)
			return gh_nomem(ctx);
		ptr[text.len] = '\0';
		text = (struct text){ ptr, 0 };
	}
	*ret = text.ptr;
	return GH_OK;
}
