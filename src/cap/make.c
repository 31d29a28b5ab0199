/* SPDX-License-Identifier: Apache-2.0 */
/* The growing tables of a pack. */
#include <stdarg.h>
#include <stdio.h>

#include "cap/parse_in.h"

enum { TEXTS_MOST = 16 << 20, TABLE_MOST = 1 << 20 };

bool gh_maker_fail(gh_maker *m, unsigned line, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(m->why, sizeof m->why, fmt, args);
	va_end(args);
	m->line = line;
	return false;
}

static uint32_t no_memory(gh_maker *m)
{
	m->code = gh_nomem(m->ctx);
	(void)gh_maker_fail(m, 0, "out of memory");
	return UINT32_MAX;
}

uint32_t gh_maker_text(gh_maker *m, const char *text, size_t len)
{
	uint32_t at = (uint32_t)m->texts.len;
	if (gh_buf_add(m->ctx, &m->texts, gh_view(text, len)) != GH_OK ||
	    gh_buf_add(m->ctx, &m->texts, gh_view("", 1)) != GH_OK || m->texts.len > TEXTS_MOST)
		return no_memory(m);
	return at;
}

static bool grow(gh_maker *m, void **table, uint32_t n, uint32_t *room, size_t size)
{
	if (n < *room)
		return true;
	uint32_t more = *room ? *room * 2 : 256;
	void *grown = n < TABLE_MOST ? gh_arena_grow(m->ctx->arena, *table, *room * size, more * size) : NULL;
	if (!grown) {
		(void)no_memory(m);
		return false;
	}
	memset((char *)grown + *room * size, 0, (more - *room) * size);
	*table = grown;
	*room = more;
	return true;
}

static uint64_t mix(uint64_t h, uint64_t n)
{
	return (h ^ n) * 0x9e3779b97f4a7c15U + (h >> 29);
}

static uint64_t hash_of(const gh_feature *f, const char *text, size_t len)
{
	uint64_t h = mix(mix(f->kind, f->index), f->of);
	h = mix(mix(mix(h, f->number), f->mips), f->mask);
	for (size_t i = 0; i < len; i++)
		h = mix(h, (uint8_t)text[i]);
	return h ^ h >> 32;
}

static bool is_same(const gh_maker *m, const gh_feature *a, const gh_feature *f, const char *text, size_t len)
{
	return a->kind == f->kind && a->index == f->index && a->of == f->of && a->number == f->number &&
	       a->mips == f->mips && a->mask == f->mask && a->len == len &&
	       (len == 0 || memcmp(m->texts.ptr + a->text, text, len) == 0);
}

static bool index_anew(gh_maker *m)
{
	uint32_t size = m->index_mask ? (m->index_mask + 1) * 2 : 1024;
	uint32_t *index = gh_arena_alloc(m->ctx->scratch, size * sizeof *index);
	if (!index) {
		(void)no_memory(m);
		return false;
	}
	memset(index, 0xff, size * sizeof *index);
	m->index = index;
	m->index_mask = size - 1;
	for (uint32_t i = 0; i < m->caps.n_features; i++) {
		const gh_feature *f = &m->caps.features[i];
		uint64_t h = hash_of(f, (const char *)m->texts.ptr + f->text, f->len);
		while (index[h & m->index_mask] != UINT32_MAX)
			h++;
		index[h & m->index_mask] = i;
	}
	return true;
}

uint32_t gh_maker_feature(gh_maker *m, gh_feature f, const char *text, size_t len)
{
	if (m->caps.n_features * 2 >= m->index_mask && !index_anew(m))
		return UINT32_MAX;
	uint64_t h = hash_of(&f, text, len);
	for (; m->index[h & m->index_mask] != UINT32_MAX; h++)
		if (is_same(m, &m->caps.features[m->index[h & m->index_mask]], &f, text, len))
			return m->index[h & m->index_mask];
	if (!grow(m, (void **)&m->caps.features, m->caps.n_features, &m->room_features, sizeof f))
		return UINT32_MAX;
	f.len = (uint32_t)len;
	f.text = gh_maker_text(m, text, len);
	if (f.text == UINT32_MAX)
		return UINT32_MAX;
	m->caps.features[m->caps.n_features] = f;
	m->index[h & m->index_mask] = m->caps.n_features;
	return m->caps.n_features++;
}

uint32_t gh_maker_node(gh_maker *m, gh_cap_op op, uint32_t least, uint32_t most, uint32_t feature)
{
	if (!grow(m, (void **)&m->caps.nodes, m->caps.n_nodes, &m->room_nodes, sizeof(gh_cap_node)))
		return UINT32_MAX;
	m->caps.nodes[m->caps.n_nodes] =
		(gh_cap_node){ .op = op, .least = least, .most = most, .feature = feature, .end = m->caps.n_nodes + 1 };
	return m->caps.n_nodes++;
}
