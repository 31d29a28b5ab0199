/* SPDX-License-Identifier: Apache-2.0 */
/* Hash lists: one SHA-256 a line with tab-separated name, family, date, source and licence. */
#include <stdlib.h>

#include "rule/blob_in.h"

enum { COLUMN_MOST = 512 };

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (uint8_t)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_digest(gh_bytes text, uint8_t ret[32])
{
	if (text.len != 64)
		return false;
	for (size_t i = 0; i < 32; i++) {
		int high = hex_digit(text.ptr[2 * i]), low = hex_digit(text.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static gh_bytes next_column(gh_cur *line)
{
	const uint8_t *tab = line->left ? memchr(line->ptr, '\t', line->left) : NULL;
	gh_bytes column = gh_take(line, tab ? (size_t)(tab - line->ptr) : line->left);
	if (tab)
		gh_skip(line, 1);
	while (column.len && column.ptr[column.len - 1] == ' ')
		column.len--;
	return column;
}

static gh_code add_text(gh_ctx *ctx, gh_buf *texts, gh_bytes column)
{
	column.len = GH_MIN(column.len, (size_t)COLUMN_MOST);
	const uint8_t *nul = column.len ? memchr(column.ptr, 0, column.len) : NULL;
	if (nul)
		column.len = (size_t)(nul - column.ptr);
	gh_code code = gh_buf_add(ctx, texts, column);
	return code == GH_OK ? gh_buf_add(ctx, texts, GH_LIT("\0")) : code;
}

static gh_code add_hash(gh_ctx *ctx, gh_rule_hashes *hashes, const gh_rule_hash *hash)
{
	if (hashes->count == hashes->room) {
		size_t room = hashes->room ? 2 * hashes->room : 256;
		gh_rule_hash *items =
			gh_arena_grow(ctx->scratch, hashes->items, hashes->room * sizeof *items, room * sizeof *items);
		if (!items)
			return gh_nomem(ctx);
		hashes->items = items;
		hashes->room = room;
	}
	hashes->items[hashes->count++] = *hash;
	return GH_OK;
}

gh_code gh_rule_hashes_read(gh_ctx *ctx, const gh_rule_file *file, gh_rule_trouble *trouble, void *arg,
			    gh_rule_hashes *hashes)
{
	gh_cur c = gh_cur_over(file->text, 0);
	for (unsigned number = 1; c.left > 0; number++) {
		gh_bytes line = gh_line(&c);
		gh_cur l = gh_cur_over(line, 0);
		gh_rule_hash hash = { .texts = (uint32_t)hashes->texts.len, .builtin = file->builtin };
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!read_digest(next_column(&l), hash.sha256)) {
			if (trouble)
				trouble(arg, file->name, number,
					"the line does not start with a SHA-256 of 64 hex digits");
			continue;
		}
		gh_code code = add_hash(ctx, hashes, &hash);
		for (unsigned i = 0; i < GH_RULE_HASH_TEXTS && code == GH_OK; i++)
			code = add_text(ctx, &hashes->texts, next_column(&l));
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

static int by_digest(const void *a, const void *b)
{
	const gh_rule_hash *x = a, *y = b;
	int order = memcmp(x->sha256, y->sha256, sizeof x->sha256);
	return order ? order : (x->texts > y->texts) - (x->texts < y->texts);
}

void gh_rule_hashes_sort(gh_rule_hashes *hashes)
{
	if (hashes->count > 1)
		qsort(hashes->items, hashes->count, sizeof *hashes->items, by_digest);
}
