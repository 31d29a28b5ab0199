/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include "codec/sum.h"

static const char *const common[] = { "text=", "mtime=", "uid=", "gid=", "xattr=", "again", "hole=", "claim=", NULL };
static const char *const of_elf[] = { "mtime=",  "uid=",     "gid=",    "xattr=", "machine=", "kind=", "flags=",
				      "interp=", "comment=", "soname=", "strip",  "again",    NULL };

typedef struct reading {
	lab *l;
	lab_tree *tree;
	unsigned uid, gid;
	uint64_t time;
} reading;

static bool starts_with_digit(const lab_st *st, size_t i)
{
	return st->n > i && st->words[i].len && st->words[i].ptr[0] >= '0' && st->words[i].ptr[0] <= '9';
}

static lab_entry *new_entry(reading *r, const lab_st *st, char type, size_t mode_at, unsigned mode)
{
	lab *l = r->l;
	lab_tree *t = r->tree;
	t->entries = lab_array_grow(l->arena, t->entries, t->n, &t->cap, sizeof(*t->entries));
	lab_entry *e = &t->entries[t->n++];
	bool own_mode = starts_with_digit(st, mode_at);
	if (own_mode)
		mode = (unsigned)lab_number(st, st->words[mode_at], 8);
	*e = (lab_entry){ .st = st, .path = lab_word(l, st, 1), .type = type, .mode = mode };
	lab_keys(st, mode_at + own_mode, lab_is(st->words[0], "elf") ? of_elf : common);
	e->uid = (unsigned)lab_number_of(l, st, "uid", r->uid);
	e->gid = (unsigned)lab_number_of(l, st, "gid", r->gid);
	e->mtime = lab_time_of(l, st, "mtime", r->time);
	size_t cap = 0;
	for (size_t i = 2; i + 1 < st->n; i++) {
		if (!lab_is(st->words[i], "xattr"))
			continue;
		e->xattrs = lab_array_grow(l->arena, e->xattrs, e->xattrs_n, &cap, sizeof(*e->xattrs));
		e->xattrs[e->xattrs_n++] = st->words[i + 1];
	}
	return e;
}

static gh_bytes content_of(lab *l, const lab_st *st)
{
	lab_out out = lab_out_in(l->arena);
	lab_add(&out, lab_value(l, st, "text", ""));
	size_t first = l->volumes_n;
	lab_block_into(l, st, &out);
	l->volumes_n = first; /* a volume inside a file has no offset of its own in the image */
	return lab_view(&out);
}

static void node(reading *r, const lab_st *st)
{
	static const char *const kinds[] = { "c", "b" };
	unsigned kind = lab_choice(st, lab_word(r->l, st, 2), kinds, GH_COUNT(kinds));
	lab_entry *e = new_entry(r, st, kinds[kind][0], 5, 0600);
	e->major = (unsigned)lab_number(st, lab_word(r->l, st, 3), 0);
	e->minor = (unsigned)lab_number(st, lab_word(r->l, st, 4), 0);
}

static void hard_link(reading *r, const lab_st *st)
{
	gh_bytes of = lab_word(r->l, st, 2);
	const lab_entry *first = lab_tree_find(r->tree, of);
	if (!first || first->type == 'd')
		lab_die(st, "a hard link needs an earlier file");
	lab_entry copy = *first;
	lab_entry *e = new_entry(r, st, copy.type, 3, 0);
	copy.path = e->path;
	copy.hard = true;
	if (copy.type != 'l')
		copy.target = of;
	*e = copy;
	e->st = st;
}

static void read_into(reading *r, const lab_st *st)
{
	for (; st; st = st->next) {
		gh_bytes what = st->words[0];
		if (lab_is(what, "repeat")) {
			uint64_t times = lab_number(st, lab_word(r->l, st, 1), 0), before = r->l->turn;
			r->l->turning = true;
			for (r->l->turn = 0; r->l->turn < times; r->l->turn++)
				read_into(r, st->first);
			r->l->turn = before;
			r->l->turning = false;
		} else if (lab_is(what, "dir")) {
			new_entry(r, st, 'd', 2, 0755);
		} else if (lab_is(what, "file")) {
			gh_bytes content = content_of(r->l, st);
			new_entry(r, st, 'f', 2, 0644)->content = content;
		} else if (lab_is(what, "elf")) {
			lab_out out = lab_out_in(r->l->arena);
			lab_elf(r->l, st, &out);
			new_entry(r, st, 'f', 2, 0755)->content = lab_view(&out);
		} else if (lab_is(what, "link") || lab_is(what, "loop")) {
			gh_bytes target = lab_word(r->l, st, 2);
			new_entry(r, st, lab_is(what, "link") ? 'l' : 'L', 3, 0777)->target = target;
		} else if (lab_is(what, "hard")) {
			hard_link(r, st);
		} else if (lab_is(what, "node")) {
			node(r, st);
		} else if (lab_is(what, "fifo") || lab_is(what, "socket")) {
			new_entry(r, st, lab_is(what, "fifo") ? 'p' : 's', 2, 0644);
		} else if (!lab_is(what, "super") && !lab_is(what, "root")) {
			lab_die(st, "a file tree knows no \"%s\"", (const char *)what.ptr);
		}
	}
}

lab_tree lab_tree_read(lab *l, const lab_st *st)
{
	lab_tree tree = { 0 };
	reading r = { l, &tree, (unsigned)lab_number_of(l, st, "uid", 0), (unsigned)lab_number_of(l, st, "gid", 0),
		      lab_time_of(l, st, "mtime", lab_time_of(l, st, "time", 0)) };
	read_into(&r, st->first);
	return tree;
}

lab_entry *lab_tree_find(const lab_tree *tree, gh_bytes path)
{
	for (size_t i = 0; i < tree->n; i++) {
		if (gh_bytes_eq(tree->entries[i].path, path))
			return &tree->entries[i];
	}
	return NULL;
}

void lab_volume_add(lab *l, lab_tree tree, uint64_t at)
{
	l->volumes = lab_array_grow(l->arena, l->volumes, l->volumes_n, &l->volumes_cap, sizeof(*l->volumes));
	l->volumes[l->volumes_n++] = (lab_volume){ .at = { at }, .levels = 1, .tree = tree };
}

void lab_volumes_shift(lab *l, size_t first, uint64_t by)
{
	for (size_t i = first; i < l->volumes_n; i++)
		l->volumes[i].at[0] += by;
}

void lab_volumes_wrap(lab *l, size_t first)
{
	for (size_t i = first; i < l->volumes_n; i++) {
		lab_volume *v = &l->volumes[i];
		if (v->levels == LAB_LEVELS)
			lab_die(NULL, "streams in streams go %d deep", LAB_LEVELS);
		memmove(v->at + 1, v->at, v->levels++ * sizeof(v->at[0]));
		v->at[0] = 0;
	}
}

static void print_entry(const lab_volume *v, const lab_entry *e, FILE *to)
{
	for (unsigned i = 0; i < v->levels; i++)
		(void)fprintf(to, "%s%ju", i ? ">" : "", (uintmax_t)v->at[i]);
	bool special = !strchr("dfl", e->type);
	(void)fprintf(to, "\t%.*s\t%c\t%04o\t%zu\t", (int)e->path.len, (const char *)e->path.ptr,
		      special ? 's' : e->type, e->mode, e->content.len);
	if (e->type == 'f') {
		uint8_t sum[32];
		gh_sha256(&e->content, 1, sum);
		for (size_t i = 0; i < sizeof(sum); i++)
			(void)fprintf(to, "%02x", sum[i]);
		(void)fputc('\n', to);
	} else {
		(void)fprintf(to, "%s\n", e->type == 'l' ? (const char *)e->target.ptr : "-");
	}
}

void lab_manifest(const lab *l, FILE *to)
{
	(void)fputs("#offset\tpath\ttype\tmode\tsize\tsha256_or_target\n", to);
	for (size_t i = 0; i < l->volumes_n; i++) {
		for (size_t k = 0; k < l->volumes[i].tree.n; k++) {
			if (l->volumes[i].tree.entries[k].type != 'L')
				print_entry(&l->volumes[i], &l->volumes[i].tree.entries[k], to);
		}
	}
}
