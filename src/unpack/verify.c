/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack/verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "codec/sum.h"
#include "format/format.h"

enum { ARENA_MOST_MIB = 2048, LAYERS_MOST = 1024 };

struct again {
	gh_ctx *ctx;
	gh_verified *result;
	unsigned layers;
};

static gh_code verify_children(struct again *v, const gh_node *node, gh_bytes bytes, uint64_t pos);

static void differ(struct again *v, const gh_node *node, const char *fmt, ...) GH_PRINTF(3, 4);

static void differ(struct again *v, const gh_node *node, const char *fmt, ...)
{
	const char *word = node->format ? node->format : gh_node_kind_name(node->kind);
	char text[100];
	va_list args;
	if (v->result->differ++ > 0)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	(void)snprintf(v->result->first, sizeof v->result->first, "%s at 0x%llx: %s", word,
		       (unsigned long long)node->at, text);
}

static void hold_digest(struct again *v, const gh_node *node, gh_bytes bytes)
{
	uint8_t digest[32];
	if (!node->hashed)
		return;
	gh_sha256(&bytes, 1, digest);
	v->result->bytes += bytes.len;
	if (memcmp(digest, node->sha256, sizeof digest) != 0)
		differ(v, node, "its bytes have another digest");
}

/* Files of a volume, read as for the first time; those that hold more are followed. */
static gh_code verify_files(struct again *v, const gh_node *told, const gh_node *fresh, gh_bytes bytes)
{
	const gh_volume *was = told->volume, *is = fresh->volume;
	if (!is || is->count != was->count) {
		differ(v, told, "it lists other files");
		return GH_OK;
	}
	gh_reader reader = { .volume = is, .bytes = bytes, .pos = told->at };
	reader.keep = gh_arena_new(GH_MIB(ARENA_MOST_MIB));
	reader.scratch = gh_arena_new(GH_MIB(ARENA_MOST_MIB));
	gh_code code = reader.keep && reader.scratch ? GH_OK : gh_nomem(v->ctx);
	for (size_t i = 0; i < was->count && code == GH_OK && is->ops && !gh_cancelled(v->ctx); i++) {
		const gh_entry *e = &was->entries[i];
		gh_bytes content = { NULL, 0 };
		uint8_t digest[32];
		if (!e->read || e->hard_link)
			continue;
		gh_arena_reset(reader.scratch);
		code = is->ops->read(v->ctx, &reader, &is->entries[i], &content);
		if (code != GH_OK && !gh_is_about_input(code))
			break;
		gh_sha256(&content, 1, digest);
		v->result->files++;
		v->result->bytes += content.len;
		if (code != GH_OK || memcmp(digest, e->sha256, sizeof digest) != 0)
			differ(v, told, "file %zu of it reads differently", i);
		code = GH_OK;
		if (e->inside)
			code = verify_children(v, e->inside, content, e->inside->at);
	}
	if (is->ops && is->ops->close)
		is->ops->close(&reader);
	gh_arena_free(reader.keep);
	gh_arena_free(reader.scratch);
	return code;
}

/* A part whose content was computed: the fresh node names it at the same place. */
static gh_bytes decoded_of(const gh_node *fresh, const gh_node *part)
{
	for (const gh_node *n = fresh->first; n; n = n->next)
		if (n->opens_space && n->at == part->at && n->size == part->size)
			return n->decoded;
	return gh_view(NULL, 0);
}

/* What a container's handler named, and what was found beside it. */
static gh_code verify_parts(struct again *v, const gh_node *told, const gh_node *fresh, gh_bytes bytes)
{
	gh_code code = verify_children(v, told, bytes, told->at);
	for (const gh_node *part = told->first; part && code == GH_OK; part = part->next)
		if (part->opens_space && !part->format) {
			gh_bytes decoded = decoded_of(fresh, part);
			hold_digest(v, part, decoded);
			code = verify_children(v, part, decoded, 0);
		}
	return code;
}

/* Proves and unpacks a claim from its own bytes alone; `fresh` is what comes out. */
static gh_code claim_again(struct again *v, const gh_node *told, gh_ctx *ctx, gh_bytes bytes, gh_node *fresh)
{
	const gh_format *format = gh_format_named(told->format);
	gh_span span = { 0 };
	fresh->at = told->at;
	fresh->size = told->size;
	fresh->content = bytes;
	if (!format) {
		differ(v, told, "no format has this name");
		return GH_CORRUPT;
	}
	gh_code code = format->measure(ctx, gh_cur_over(bytes, told->at), &span);
	if (gh_is_about_input(code) || span.size != told->size || span.proof != told->proof)
		differ(v, told, "it proves otherwise from its own bytes alone");
	if (code == GH_OK)
		code = format->unpack(ctx, gh_cur_over(bytes, told->at), &span, fresh);
	return gh_is_about_input(code) ? GH_OK : code;
}

static gh_code verify_claim(struct again *v, const gh_node *told, gh_bytes bytes)
{
	gh_ctx ctx = { .budget = v->ctx->budget };
	ctx.arena = gh_arena_new(GH_MIB(ARENA_MOST_MIB));
	ctx.scratch = gh_arena_new(GH_MIB(ARENA_MOST_MIB));
	gh_node *fresh = ctx.arena && ctx.scratch ? gh_node_new(&ctx, told->kind) : NULL;
	gh_code code = fresh ? claim_again(v, told, &ctx, bytes, fresh) : gh_nomem(v->ctx);
	if (fresh && code == GH_OK) {
		if (told->volume) {
			code = verify_files(v, told, fresh, bytes);
		} else if (told->opens_space) {
			hold_digest(v, told, fresh->decoded);
			code = verify_children(v, told, fresh->decoded, 0);
		} else {
			code = verify_parts(v, told, fresh, bytes);
		}
	}
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return gh_is_about_input(code) ? GH_OK : code;
}

static gh_code verify_one(struct again *v, const gh_node *node, gh_bytes bytes)
{
	v->result->regions++;
	if (node->format)
		return verify_claim(v, node, bytes);
	if (node->kind == GH_NODE_STREAM) /* its container's handler makes it */
		return GH_OK;
	if (node->kind == GH_NODE_GAP || node->kind == GH_NODE_HEADER)
		hold_digest(v, node, bytes);
	return node->first ? verify_children(v, node, bytes, node->at) : GH_OK;
}

/* The children of a node are the bytes they stand in, one behind the other; below a volume, and in a file
 * that is told of for what it holds, there may be fewer. */
static gh_code verify_children(struct again *v, const gh_node *node, gh_bytes bytes, uint64_t pos)
{
	uint64_t at = pos;
	gh_code code = GH_OK;
	if (v->layers >= LAYERS_MOST)
		return GH_OK;
	v->layers++;
	for (const gh_node *n = node->first; n && code == GH_OK && !gh_cancelled(v->ctx); n = n->next) {
		if (n->at != at || n->size > bytes.len - (at - pos)) {
			differ(v, n, "it does not stand where the one before it ends");
			break;
		}
		code = verify_one(v, n, gh_bytes_part(bytes, at - pos, n->size));
		at += n->size;
	}
	if (node->first && code == GH_OK && at != pos + bytes.len && v->result->differ == 0)
		differ(v, node, "what is in it ends %llu bytes before it does",
		       (unsigned long long)(pos + bytes.len - at));
	v->layers--;
	return code;
}

gh_code gh_verify(gh_ctx *ctx, const gh_node *root, gh_bytes image, gh_verified *ret)
{
	*ret = (gh_verified){ .regions = 1 };
	struct again v = { .ctx = ctx, .result = ret };
	hold_digest(&v, root, image);
	return verify_children(&v, root, image, 0);
}
