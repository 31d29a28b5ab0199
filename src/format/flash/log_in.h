/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/flash/log_in - file systems that never overwrite. A wall.
 *
 * JFFS2, UBIFS and YAFFS write a new record for every change and leave the old ones until their block is
 * erased. Each handler brings its records into one form; here they become the entries that a mount would
 * show, and behind them what was before: older versions of files and names that were deleted, with what
 * is still there of their content (gh_entry.past).
 *
 * The rule: of two records about the same thing the one with the higher `seq` is the newer one; records
 * with `now` are those that a mount takes into account. Everything is sorted by numbers and names, so
 * nothing depends on where a record happens to lie.
 *
 *	log          records sorted; one inode's row found; content of a file at a moment
 *	log_tree     the names that a mount would show
 *	log_past     what was before
 */
#ifndef GH_FORMAT_FLASH_LOG_IN_H
#define GH_FORMAT_FLASH_LOG_IN_H

#include "format/flash/ranges_in.h"
#include "format/view_volume_in.h"

/* A name in a directory; inode 0 deletes it. */
typedef struct gh_log_name {
	gh_bytes name;
	uint64_t seq, at;
	uint64_t until; /* the record that ended it, where the clock is one; 0: the next one of the name does */
	uint32_t parent, inode;
	uint8_t  type; /* gh_entry_type + 1, or 0 where the record does not say */
	bool     now;
} gh_log_name;

/* A record about an inode: some content, and what was older than it and is gone by it. */
typedef struct gh_log_item {
	uint64_t seq;
	uint64_t at;     /* of the record, from the start of the volume */
	uint64_t offset; /* of its content in the file */
	uint64_t cut;    /* older content from here on is gone; UINT64_MAX when none */
	uint32_t len;    /* bytes of content, unpacked */
	uint32_t inode;
	bool     now;
	bool     tells;  /* ops->meta can read it */
	bool     hole;   /* its content is zeros, however many */
} gh_log_item;

/* What a record tells of its inode. */
typedef struct gh_log_meta {
	gh_entry_type type;
	uint16_t mode;
	uint32_t uid, gid, nlink, major, minor;
	int64_t  mtime;
	uint64_t size;
	gh_bytes target;
	bool     bare; /* target or device number stand in an older record */
} gh_log_meta;

typedef struct gh_log gh_log;

typedef struct gh_log_ops {
	gh_code (*meta)(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_log_meta *ret);
	/* At most item->len bytes into *out, which is fixed memory of that size. */
	gh_code (*content)(gh_ctx *ctx, const gh_log *log, const gh_log_item *item, gh_buf *out);
	gh_code (*xattrs)(gh_ctx *ctx, const gh_log *log, gh_entry *entry); /* by entry->inode; may be NULL */
} gh_log_ops;

/* All about one inode. */
typedef struct gh_log_inode {
	uint32_t number, first, count; /* its row of items */
	uint32_t entry;                /* the first entry that is it, or GH_LOG_NONE */
} gh_log_inode;

#define GH_LOG_NONE UINT32_MAX
#define GH_LOG_LAST UINT64_MAX /* a moment: all there is */

struct gh_log {
	gh_bytes bytes; /* of the volume */
	uint64_t pos;   /* absolute offset of bytes.ptr */
	const gh_log_ops *ops;
	void    *state; /* the handler's own */
	uint32_t root;
	bool     one_clock; /* names and items share their numbers */
	bool     no_holes;  /* what no record gives is lost, not a hole */
	bool     grows;     /* content newer than what tells the size makes the file longer */
	bool     no_counts; /* records do not say how many names an inode has */
	gh_log_name  *names;
	gh_log_item  *items;
	gh_log_inode *inodes;
	size_t   n_names, names_room, n_items, items_room, n_inodes;
};

/* Zeroed records at the end of the rows, in ctx->arena. */
gh_code gh_log_add_name(gh_ctx *ctx, gh_log *log, gh_log_name **ret) GH_MUST;
gh_code gh_log_add_item(gh_ctx *ctx, gh_log *log, gh_log_item **ret) GH_MUST;

/* Sorts the records; then the entries, present and past, as a volume of `out`. */
gh_code gh_log_volume(gh_ctx *ctx, gh_log *log, gh_node *out) GH_MUST;

/* Within the log_ files. */
gh_code gh_log_sort(gh_ctx *ctx, gh_log *log) GH_MUST;
gh_log_inode *gh_log_find(const gh_log *log, uint32_t number); /* NULL when nothing is known of it */

/* The names of a directory: log->names[first] up to `end`. */
typedef struct gh_log_row {
	size_t first, end;
} gh_log_row;
gh_log_row gh_log_names_of(const gh_log *log, uint32_t parent);
size_t gh_log_same_name(const gh_log *log, size_t first, size_t end); /* behind those with the first one's name */

/* A state of a file: records up to `moment`, only those of now or all. */
typedef struct gh_log_view {
	const gh_log_inode *inode;
	uint64_t moment;
	bool     now;
} gh_log_view;
/* What the newest record in view tells; false when none does. */
bool gh_log_meta_of(gh_ctx *ctx, const gh_log *log, gh_log_view view, gh_log_meta *ret);
/* The content of `size` bytes, from `arena`; *lost says how many bytes no record gave. Trouble of one
 * record still gives the others. */
gh_code gh_log_content(gh_ctx *ctx, const gh_log *log, gh_log_view view, uint64_t size, gh_arena *arena,
                       gh_bytes *ret, uint64_t *lost) GH_MUST;

/* While entries are made. */
typedef struct gh_log_work {
	gh_log   *log;
	gh_entries list;
	size_t    present;
	uint32_t  older, deleted;
} gh_log_work;
gh_code gh_log_fill(gh_ctx *ctx, gh_log_work *w, gh_log_view view, const gh_log_name *name, gh_entry *e) GH_MUST;
gh_code gh_log_path(gh_ctx *ctx, const gh_log_work *w, uint32_t dir, gh_bytes name, gh_bytes *ret) GH_MUST;
gh_code gh_log_tree(gh_ctx *ctx, gh_log_work *w) GH_MUST;
gh_code gh_log_past(gh_ctx *ctx, gh_log_work *w) GH_MUST;
void gh_log_link(gh_log_work *w, uint32_t first, gh_entry *e);
void gh_log_place(gh_entry *e, const gh_log *log, gh_log_view view);

#endif
