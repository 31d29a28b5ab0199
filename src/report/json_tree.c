/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_in.h"

#include "tree/label.h"

void gh_json_notes(gh_pen *pen, const gh_note *notes)
{
	if (!notes)
		return;
	gh_pen_open(pen, "notes", '[');
	for (const gh_note *note = notes; note; note = note->next) {
		gh_pen_flat(pen, NULL, '{');
		gh_pen_word(pen, "code", gh_code_name(note->code));
		if (note->at != GH_NOWHERE)
			gh_pen_number(pen, "offset", note->at);
		gh_pen_word(pen, "text", note->text ? note->text : "");
		gh_pen_close(pen, '}');
	}
	gh_pen_close(pen, ']');
}

static void facts(gh_pen *pen, const gh_fact *list)
{
	if (!list)
		return;
	gh_pen_open(pen, "facts", '[');
	for (const gh_fact *f = list; f; f = f->next) {
		gh_pen_flat(pen, NULL, '{');
		gh_pen_word(pen, "key", f->key);
		gh_pen_raw(pen, "value", f->value);
		gh_pen_close(pen, '}');
	}
	gh_pen_close(pen, ']');
}

static void sums(gh_pen *pen, const gh_sum *list)
{
	if (!list)
		return;
	gh_pen_open(pen, "sums", '[');
	for (const gh_sum *s = list; s; s = s->next) {
		gh_pen_flat(pen, NULL, '{');
		gh_pen_word(pen, "what", s->what);
		gh_pen_word(pen, "algorithm", s->algorithm);
		gh_pen_word(pen, "state", gh_sum_state_name(s->state));
		gh_pen_number(pen, "offset", s->at);
		gh_pen_hex(pen, "stored", s->stored);
		gh_pen_hex(pen, "computed", s->computed);
		if (s->remark)
			gh_pen_word(pen, "remark", s->remark);
		gh_pen_close(pen, '}');
	}
	gh_pen_close(pen, ']');
}

void gh_json_entry(gh_pen *pen, const gh_entry *e)
{
	char mode[8];
	(void)snprintf(mode, sizeof mode, "%04o", e->mode & 07777U);
	gh_pen_flat(pen, NULL, '{');
	gh_pen_raw(pen, "path", e->path);
	gh_pen_word(pen, "type", gh_entry_type_name(e->type));
	if (e->past != GH_NOW)
		gh_pen_word(pen, "past", gh_past_name(e->past));
	gh_pen_word(pen, "mode", mode);
	gh_pen_number(pen, "uid", e->uid);
	gh_pen_number(pen, "gid", e->gid);
	gh_pen_signed(pen, "mtime", e->mtime);
	gh_pen_number(pen, "size", e->size);
	gh_pen_number(pen, "inode", e->inode);
	gh_pen_number(pen, "links", e->nlink);
	if (e->at != GH_NOWHERE)
		gh_pen_number(pen, "offset", e->at);
	if (e->type == GH_ENTRY_LINK || e->hard_link) {
		gh_pen_bool(pen, "hard_link", e->hard_link);
		gh_pen_raw(pen, "target", e->target);
	}
	if (e->type == GH_ENTRY_CHAR || e->type == GH_ENTRY_BLOCK) {
		gh_pen_number(pen, "major", e->major);
		gh_pen_number(pen, "minor", e->minor);
	}
	if (e->read)
		gh_pen_hex(pen, "sha256", gh_view(e->sha256, sizeof e->sha256));
	if (e->leaf)
		gh_pen_word(pen, "content", e->leaf);
	if (e->n_xattrs > 0 && e->xattrs) {
		gh_pen_open(pen, "xattrs", '[');
		for (size_t i = 0; i < e->n_xattrs; i++) {
			gh_pen_flat(pen, NULL, '{');
			gh_pen_raw(pen, "name", e->xattrs[i].name);
			gh_pen_hex(pen, "value_hex", e->xattrs[i].value);
			gh_pen_close(pen, '}');
		}
		gh_pen_close(pen, ']');
	}
	gh_json_notes(pen, e->notes);
	gh_pen_close(pen, '}');
}

static void volume(gh_pen *pen, const gh_report *report, const gh_volume *v)
{
	gh_pen_open(pen, "volume", '{');
	gh_pen_flat(pen, "count", '{');
	for (size_t i = 0; i < GH_COUNT(v->total); i++)
		gh_pen_number(pen, gh_entry_type_name((gh_entry_type)i), v->total[i]);
	gh_pen_close(pen, '}');
	bool any = report->list_files;
	for (size_t i = 0; v->entries && !any && i < v->count; i++)
		any = gh_notes_trouble(v->entries[i].notes);
	if (any) {
		gh_pen_open(pen, "entries", '[');
		for (size_t i = 0; v->entries && i < v->count; i++)
			if (report->list_files || gh_notes_trouble(v->entries[i].notes))
				gh_json_entry(pen, &v->entries[i]);
		gh_pen_close(pen, ']');
	}
	gh_pen_close(pen, '}');
}

/* All of a node but its children and the bracket that closes it. */
static void open_node(gh_pen *pen, gh_paper *p, const gh_report *report, const char *key, const gh_node *n)
{
	gh_ctx ctx = { .arena = p->arena, .scratch = p->arena };
	const char *label = NULL;
	if (gh_node_folder(&ctx, n, &label) != GH_OK)
		p->nomem = true;
	gh_pen_open(pen, key, '{');
	gh_pen_number(pen, "id", n->id);
	gh_pen_word(pen, "kind", gh_node_kind_name(n->kind));
	gh_pen_word(pen, "format", n->format);
	if (n->name)
		gh_pen_raw(pen, "name", gh_view_text(n->name));
	gh_pen_number(pen, "offset", n->at);
	gh_pen_number(pen, "size", n->size);
	gh_pen_word(pen, "proof", gh_proof_name(n->proof));
	if (n->kind != GH_NODE_GAP)
		gh_pen_word(pen, "status", gh_status_name(gh_node_status(n)));
	if (n->kind == GH_NODE_FILE && n->entry)
		gh_pen_raw(pen, "path", n->entry->path);
	if (n->opens_space)
		gh_pen_number(pen, "decoded_size", n->decoded_size);
	if (n->transform)
		gh_pen_word(pen, "transform", n->transform);
	if (n->hashed)
		gh_pen_hex(pen, "sha256", gh_view(n->sha256, sizeof n->sha256));
	if (label)
		gh_pen_word(pen, "folder", label);
	if (n->kind == GH_NODE_GAP) {
		gh_pen_flat(pen, "profile", '{');
		gh_pen_word(pen, "look", gh_look_name(n->profile.look));
		gh_pen_bool(pen, "padding", gh_node_padding(n));
		gh_pen_number(pen, "entropy_millibits", n->profile.entropy_millibits);
		gh_pen_number(pen, "fill", n->profile.fill);
		gh_pen_number(pen, "fill_permille", n->profile.fill_permille);
		gh_pen_close(pen, '}');
	}
	facts(pen, n->facts);
	sums(pen, n->sums);
	gh_json_notes(pen, n->notes);
	if (n->volume)
		volume(pen, report, n->volume);
	if (n->first)
		gh_pen_open(pen, "children", '[');
	gh_paper_reset(p);
}

/* No recursion: a tree may be deeper than a stack. */
void gh_json_tree(gh_pen *pen, gh_paper *p, const gh_report *report)
{
	const gh_node *n = report->root;
	if (!n) {
		gh_pen_null(pen, "tree");
		return;
	}
	open_node(pen, p, report, "tree", n);
	for (;;) {
		if (n->first) {
			n = n->first;
			open_node(pen, p, report, NULL, n);
			continue;
		}
		gh_pen_close(pen, '}');
		while (n != report->root && !n->next) {
			n = n->up;
			gh_pen_close(pen, ']');
			gh_pen_close(pen, '}');
		}
		if (n == report->root)
			return;
		n = n->next;
		open_node(pen, p, report, NULL, n);
	}
}
