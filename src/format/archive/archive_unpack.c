/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of an archive, and their content. A file that lies in the archive as it is becomes a
 * view with its absolute offset, so that a SquashFS in a tar stands where a hex editor finds it;
 * archives with anything else are read in order by one reader.
 */
#include "format/archive/archive_in.h"
#include "format/view_volume_in.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

static gh_bytes text_copy(gh_ctx *ctx, const char *text)
{
	char *copy = text ? gh_arena_text(ctx->arena, text, strlen(text)) : NULL;
	return copy ? gh_view_text(copy) : gh_view(NULL, 0);
}

/* zip marks names as UTF-8, which libarchive cannot give in the C locale: take them as they stand. */
static gh_bytes zip_name(gh_cur all, int64_t at)
{
	gh_cur h = gh_at(all, at < 0 ? UINT64_MAX : (uint64_t)at);
	if (!gh_eat(&h, GH_LIT("PK\3\4")))
		return gh_view(NULL, 0);
	gh_skip(&h, 22);
	uint16_t len = gh_u16le(&h);
	gh_skip(&h, 2);
	return gh_take(&h, len);
}

static gh_code name_entry(gh_ctx *ctx, gh_cur all, gh_archive_kind kind, struct archive *a, struct archive_entry *from,
			  size_t number, gh_entry *e)
{
	int64_t at = archive_read_header_position(a);
	uint64_t pos = all.pos + (at < 0 ? 0 : (uint64_t)at);
	gh_bytes name = kind == GH_ARCHIVE_ZIP ? zip_name(all, at) : gh_view(NULL, 0);
	if (name.len == 0)
		name = text_copy(ctx, archive_entry_pathname(from));
	if (name.len == 0)
		name = text_copy(ctx, archive_entry_pathname_utf8(from));
	if (name.len > 0)
		return gh_entry_path(ctx, e, name, pos);
	char *made = gh_arena_printf(ctx->arena, "entry-%zu", number);
	if (!made)
		return gh_nomem(ctx);
	e->path = gh_view_text(made);
	return gh_entry_note(ctx, e, GH_UNSUPPORTED, pos, "the stored name is empty or cannot be told");
}

static gh_entry_type type_of(struct archive_entry *from)
{
	switch (archive_entry_filetype(from)) {
	case AE_IFDIR:
		return GH_ENTRY_DIR;
	case AE_IFLNK:
		return GH_ENTRY_LINK;
	case AE_IFCHR:
		return GH_ENTRY_CHAR;
	case AE_IFBLK:
		return GH_ENTRY_BLOCK;
	case AE_IFIFO:
		return GH_ENTRY_FIFO;
	case AE_IFSOCK:
		return GH_ENTRY_SOCKET;
	default:
		return GH_ENTRY_FILE;
	}
}

static gh_code add_xattrs(gh_ctx *ctx, struct archive_entry *from, gh_entry *e)
{
	enum { XATTRS_MOST = 1024 };
	int n = archive_entry_xattr_reset(from);
	if (n <= 0)
		return GH_OK;
	size_t room = GH_MIN((size_t)n, (size_t)XATTRS_MOST);
	e->xattrs = gh_arena_array(ctx->arena, room, sizeof *e->xattrs);
	if (!e->xattrs)
		return gh_nomem(ctx);
	const char *name;
	const void *value;
	size_t len;
	while (e->n_xattrs < room && archive_entry_xattr_next(from, &name, &value, &len) == ARCHIVE_OK) {
		char *copy = gh_arena_text(ctx->arena, value, len);
		if (!copy)
			return gh_nomem(ctx);
		e->xattrs[e->n_xattrs++] = (gh_xattr){ text_copy(ctx, name), gh_view(copy, len) };
	}
	return GH_OK;
}

/* Where the content lies in the archive as it is; the kinds for which asking costs a block at most. */
static void find_view(gh_cur all, gh_archive_kind kind, struct archive *a, gh_entry *e)
{
	const void *block;
	size_t len;
	la_int64_t offset;
	bool cheap =
		kind == GH_ARCHIVE_TAR || kind == GH_ARCHIVE_AR || kind == GH_ARCHIVE_ISO || kind == GH_ARCHIVE_ZIP;
	if (!cheap || e->type != GH_ENTRY_FILE || e->size == 0 ||
	    archive_read_data_block(a, &block, &len, &offset) != ARCHIVE_OK || offset != 0 || len != e->size)
		return;
	uintptr_t first = (uintptr_t)all.ptr, here = (uintptr_t)block;
	if (here >= first && here - first <= all.left && len <= all.left - (here - first))
		e->at = all.pos + (here - first);
}

static gh_code fill(gh_ctx *ctx, gh_cur all, gh_archive_kind kind, struct archive *a, struct archive_entry *from,
		    size_t number, gh_entry *e)
{
	e->locator[0] = number;
	e->type = type_of(from);
	e->mode = archive_entry_perm(from) & 07777;
	e->uid = (uint32_t)archive_entry_uid(from);
	e->gid = (uint32_t)archive_entry_gid(from);
	e->mtime = archive_entry_mtime_is_set(from) ? archive_entry_mtime(from) : 0;
	e->major = (uint32_t)archive_entry_rdevmajor(from);
	e->minor = (uint32_t)archive_entry_rdevminor(from);
	e->nlink = archive_entry_nlink(from);
	int64_t size = archive_entry_size(from);
	e->size = e->type == GH_ENTRY_FILE && archive_entry_size_is_set(from) && size > 0 ? (uint64_t)size : 0;
	gh_code code = name_entry(ctx, all, kind, a, from, number, e);
	if (code != GH_OK)
		return code;
	const char *hard = archive_entry_hardlink(from), *soft = archive_entry_symlink(from);
	if (e->type == GH_ENTRY_LINK) {
		e->target = text_copy(ctx, soft ? soft : archive_entry_symlink_utf8(from));
	} else if (hard) {
		e->type = GH_ENTRY_FILE;
		e->hard_link = true;
		e->target = gh_path_plain(text_copy(ctx, hard));
		e->size = 0;
	}
	if (archive_entry_is_encrypted(from))
		code = gh_entry_note(ctx, e, GH_UNSUPPORTED, all.pos, "the content is encrypted");
	if (code == GH_OK && e->size == 0 && e->type == GH_ENTRY_FILE && !e->hard_link &&
	    !archive_entry_size_is_set(from))
		e->size = 0;
	if (code == GH_OK)
		code = add_xattrs(ctx, from, e);
	if (code == GH_OK && archive_entry_sparse_count(from) == 0 && !e->hard_link)
		find_view(all, kind, a, e);
	return code;
}

/* Hard links name a path; the entry of that path comes before. Sorted once, searched by halves. */
static int by_path(const void *a, const void *b)
{
	const gh_entry *x = *(const gh_entry *const *)a, *y = *(const gh_entry *const *)b;
	int order = gh_bytes_cmp(x->path, y->path);
	return order ? order : (x > y) - (x < y);
}

static gh_code resolve_links(gh_ctx *ctx, gh_entries *list)
{
	size_t n = 0, links = 0;
	gh_entry **files = gh_arena_array(ctx->scratch, list->count + 1, sizeof *files);
	if (!files)
		return gh_nomem(ctx);
	for (size_t i = 0; i < list->count; i++) {
		links += list->items[i].hard_link;
		if (list->items[i].type == GH_ENTRY_FILE && !list->items[i].hard_link)
			files[n++] = &list->items[i];
	}
	if (links == 0)
		return GH_OK;
	qsort(files, n, sizeof *files, by_path);
	for (size_t i = 0; i < list->count; i++) {
		gh_entry *e = &list->items[i];
		if (!e->hard_link)
			continue;
		size_t low = 0, high = n;
		while (low < high) {
			size_t mid = low + (high - low) / 2;
			if (gh_bytes_cmp(files[mid]->path, e->target) < 0)
				low = mid + 1;
			else
				high = mid;
		}
		if (low < n && gh_bytes_eq(files[low]->path, e->target) && files[low] < e) {
			e->same_as = (uint32_t)(files[low] - list->items);
			e->size = files[low]->size;
			e->at = files[low]->at;
			continue;
		}
		e->hard_link = false;
		gh_code code = gh_entry_note(ctx, e, GH_CORRUPT, 0, "hard link to a file that is not there");
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

/* One thread's open archive and the number of the entry that comes next. */
struct open_archive {
	struct archive *a;
	struct archive_entry *entry;
	uint64_t next;
};

static void close_reader(gh_reader *reader)
{
	struct open_archive *o = reader->state;
	if (o && o->a)
		archive_read_free(o->a);
	reader->state = NULL;
}

static gh_code go_to(gh_ctx *ctx, gh_reader *reader, uint64_t number, struct open_archive **ret)
{
	struct open_archive *o = reader->state;
	if (o && o->next > number) {
		close_reader(reader);
		o = NULL;
	}
	if (!o) {
		o = gh_arena_zalloc(reader->keep, sizeof *o);
		if (!o)
			return gh_nomem(ctx);
		gh_archive_kind kind = gh_archive_kind_of(gh_cur_over(reader->bytes, reader->pos));
		gh_code code = gh_archive_open(ctx, reader->bytes, kind, &o->a);
		if (code != GH_OK)
			return code;
		reader->state = o;
	}
	for (; o->next <= number; o->next++) {
		int r = archive_read_next_header(o->a, &o->entry);
		if (r < ARCHIVE_WARN || r == ARCHIVE_EOF)
			return gh_fail(ctx, GH_CORRUPT, reader->pos, "the archive cannot be read up to this file");
	}
	*ret = o;
	return GH_OK;
}

static gh_code read_file(gh_ctx *ctx, gh_reader *reader, const gh_entry *entry, gh_bytes *ret)
{
	if (entry->at != GH_NOWHERE)
		return gh_view_read(ctx, reader, entry, ret);
	*ret = gh_view(NULL, 0);
	struct open_archive *o;
	gh_code code = go_to(ctx, reader, entry->locator[0], &o);
	if (code != GH_OK)
		return code;
	gh_buf out = gh_buf_in(reader->scratch, GH_GIB(1));
	for (;;) {
		static const uint8_t zeros[4096];
		const void *block;
		size_t len;
		la_int64_t offset;
		int r = archive_read_data_block(o->a, &block, &len, &offset);
		if (r == ARCHIVE_EOF)
			break;
		if (r < ARCHIVE_WARN) {
			const char *why = archive_error_string(o->a);
			code = gh_fail(ctx, GH_CORRUPT, reader->pos, "%s", why ? why : "the content is damaged");
			break;
		}
		/* Holes of sparse files are zeros. */
		while (code == GH_OK && offset > 0 && (uint64_t)offset > out.len)
			code = gh_buf_add(ctx, &out,
					  gh_view(zeros, (size_t)GH_MIN((uint64_t)offset - out.len, sizeof zeros)));
		if (code == GH_OK)
			code = gh_buf_add(ctx, &out, gh_view(block, len));
		if (code != GH_OK)
			break;
	}
	while (code == GH_OK && out.len < entry->size && archive_entry_sparse_count(o->entry) > 0) {
		static const uint8_t hole[4096];
		code = gh_buf_add(ctx, &out, gh_view(hole, (size_t)GH_MIN(entry->size - out.len, sizeof hole)));
	}
	*ret = gh_buf_view(&out);
	return code;
}

static const gh_volume_ops ops = { .read = read_file, .close = close_reader };

static gh_code list_entries(gh_ctx *ctx, gh_cur all, gh_archive_kind kind, struct archive *a, gh_entries *list,
			    gh_node *out)
{
	struct archive_entry *from;
	for (size_t number = 0; !gh_cancelled(ctx); number++) {
		int r = archive_read_next_header(a, &from);
		if (r == ARCHIVE_EOF)
			return GH_OK;
		if (r < ARCHIVE_WARN) {
			const char *why = archive_error_string(a);
			return gh_node_note(ctx, out, GH_CORRUPT, all.pos,
					    "the archive breaks off behind %zu entries: %s", list->count,
					    why ? why : "damaged");
		}
		gh_entry *e;
		gh_code code = gh_entries_add(ctx, list, &e);
		if (code == GH_LIMIT)
			return gh_node_trouble(ctx, out);
		if (code == GH_OK)
			code = fill(ctx, all, kind, a, from, number, e);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

gh_code gh_archive_unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct archive *a;
	gh_entries list = { 0 };
	gh_archive_kind kind = gh_archive_kind_of(c);
	gh_code code = gh_archive_open(ctx, gh_rest(&c), kind, &a);
	if (code != GH_OK)
		return code;
	code = list_entries(ctx, c, kind, a, &list, out);
	archive_read_free(a);
	if (code != GH_OK)
		return code;
	if (gh_node_fact(ctx, out, "kind", gh_view_text(gh_archive_kind_name(kind))))
		return GH_NOMEM;
	if (span->proof < GH_PROOF_PARSED &&
	    gh_node_note(ctx, out, GH_TRUNCATED, c.pos + c.left, "the archive has no proper end"))
		return GH_NOMEM;
	code = resolve_links(ctx, &list);
	return code == GH_OK ? gh_entries_volume(ctx, &list, &ops, out) : code;
}
