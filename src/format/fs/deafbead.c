/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive in images of D-Link's DSL-500G and DSL-504G (onekey-sec/unblob, deafbead.py). Little-endian.
 *
 *	0             4
 *	+-------------+----+--------+------ … -+----+--------+------ … -+------+-------- … -+ …
 *	| de af be ad | 86 | length | name     | 87 | length | name     | size | contents   |
 *	+-------------+----+--------+------ … -+----+--------+------ … -+------+-------- … -+ …
 *
 * 86 is a folder, 87 a file, packed with gzip; '\' stands between the names of a path. The list ends at another byte.
 */
#include "format/view_volume_in.h"

enum { NAME_MOST = 512 };

struct item {
	gh_bytes name;
	uint64_t at;
	uint32_t size;
	bool folder;
};

static bool read_item(gh_cur *c, struct item *ret)
{
	gh_cur h = *c;
	uint8_t kind = gh_u8(&h);
	if (kind != 0x86 && kind != 0x87)
		return false;
	uint16_t len = gh_u16le(&h);
	*ret = (struct item){ .name = gh_take(&h, len), .folder = kind == 0x86 };
	if (!gh_cur_ok(&h) || len == 0 || len > NAME_MOST)
		return false;
	for (size_t i = 0; i < len; i++)
		if (ret->name.ptr[i] < 0x20)
			return false;
	if (!ret->folder) {
		ret->size = gh_u32le(&h);
		if (!gh_cur_ok(&h) || ret->size == 0)
			return false;
		ret->at = h.pos;
		gh_skip(&h, GH_MIN((uint64_t)ret->size, (uint64_t)h.left));
	}
	*c = h;
	return true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t start = c.pos;
	unsigned files = 0;
	struct item item;
	gh_skip(&c, 4);
	while (read_item(&c, &item)) {
		gh_code code = gh_effort(ctx, 64);
		if (code != GH_OK)
			return code;
		files += !item.folder;
	}
	if (files == 0)
		return gh_fail(ctx, GH_CORRUPT, start, "no file follows the mark of a D-Link archive");
	*ret = (gh_span){ .size = c.pos - start, .proof = files > 1 ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_item(gh_ctx *ctx, const struct item *i, gh_entries *list)
{
	gh_bytes path;
	gh_entry *e;
	gh_code code = gh_path_turned(ctx, i->name, &path);
	if (code == GH_OK)
		code = gh_entries_file(ctx, list, path, i->size, i->folder ? GH_NOWHERE : i->at, &e);
	if (code != GH_OK)
		return code;
	if (i->folder) {
		e->type = GH_ENTRY_DIR;
		e->mode = 0755;
	}
	return gh_entry_path(ctx, e, path, i->at);
}

static const gh_volume_ops ops = { .read = gh_view_read };

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_entries list = { 0 };
	struct item item;
	(void)span;
	gh_skip(&c, 4);
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link"));
	while (code == GH_OK && read_item(&c, &item))
		code = add_item(ctx, &item, &list);
	return gh_entries_end(ctx, &list, &ops, out, code);
}

const gh_format gh_format_deafbead = {
	.name = "deafbead",
	.title = "D-Link archive of the DSL-500G (DEAFBEAD)",
	.spec = "onekey-sec/unblob: deafbead.py",
	.limits = "files stay packed with gzip, as they are stored",
	.kind = GH_NODE_VOLUME,
	.magic = { { "\\xde\\xaf\\xbe\\xad[\\x86\\x87]", 5, 0 } },
	.measure = measure,
	.unpack = unpack,
};
