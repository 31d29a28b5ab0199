/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs belong to no package, and which lists of digests do not hold?
 *
 * Where a root file system was made of packages, its own database names each file: opkg and ipkg in
 * usr/lib/opkg/info/NAME.list, dpkg in var/lib/dpkg/info/NAME.list and NAME.md5sums, apk (as OpenWrt uses it)
 * in lib/apk/packages/NAME.list. Lists of MD5 as md5sum(1) writes them are also shipped by vendors.
 */
#include "check/md5_lists.h"
#include "check/root_in.h"

enum { LISTS_LEAST = 10, PATHS_MOST = 1 << 20, NOTICE_MOST = 8, ALOUD_MOST = 2 };

static bool holds(gh_bytes text, const char *word)
{
	return text.len && memmem(text.ptr, text.len, word, strlen(word));
}

static bool is_package_list(gh_bytes path)
{
	return gh_bytes_end(path, GH_LIT(".list")) &&
	       (holds(path, "lib/opkg/info/") || holds(path, "lib/ipkg/info/") || holds(path, "lib/dpkg/info/") ||
		holds(path, "lib/apk/packages/"));
}

static bool keeps(const gh_file *file)
{
	bool text = file->content.len && !memchr(file->content.ptr, 0, GH_MIN(file->content.len, (size_t)512));
	return text && (is_package_list(file->path) || gh_md5_is_list(file->path));
}

/* What one volume's lists say. */
typedef struct owners {
	gh_check_ctx *check;
	gh_root root;
	bool *owned;                  /* by entry */
	unsigned lists, paths, wrong; /* wrong: lists that do not hold */
} owners;

static void own(owners *o, gh_bytes path)
{
	const gh_entry *e = path.len ? gh_root_find(&o->root, path) : NULL;
	if (e)
		o->owned[e - o->root.node->volume->entries] = true;
}

static void read_list(owners *o, gh_bytes list)
{
	gh_cur c = gh_cur_over(list, 0);
	o->lists++;
	while (c.left > 0 && o->paths++ < PATHS_MOST)
		own(o, gh_line(&c));
}

static bool is_elf(const gh_entry *e)
{
	return e->leaf && strcmp(e->leaf, "elf") == 0;
}

static bool is_program(const gh_entry *e)
{
	return e->type == GH_ENTRY_FILE && e->past == GH_NOW && e->leaf && !e->hard_link &&
	       (is_elf(e) || (strcmp(e->leaf, "script") == 0 && (e->mode & 0111)));
}

/* Made by the builders themselves: OpenWrt's first script of an image in memory, dpkg's own scripts. */
static bool is_builders(gh_bytes path)
{
	path = gh_root_trim(path);
	return gh_bytes_eq(path, GH_LIT("init")) || holds(path, "lib/dpkg/info/") || holds(path, "lib/opkg/info/") ||
	       holds(path, "lib/ipkg/info/") || holds(path, "lib/apk/");
}

static gh_evidence at_file(const owners *o, const gh_entry *e, const char *note)
{
	return (gh_evidence){ .node = o->root.node->id, .path = e->path, .at = GH_NOWHERE, .note = note };
}

static gh_code sign(const owners *o, const gh_entry *e, const char *note)
{
	gh_signal s = { .check = gh_check_unowned.id, .witness = GH_WITNESS_OWNER, .weight = 2 };
	s.evidence = at_file(o, e, note);
	return gh_signal_add(o->check->ctx, o->check->signals, &s);
}

/* One finding for all of them; where there are many, somebody built the image with files of his own. */
static gh_code say_unowned(owners *o)
{
	const gh_volume *v = o->root.node->volume;
	unsigned programs = 0, n = 0, elfs = 0;
	gh_finding f = { .id = "UNOWNED/file",
			 .check = gh_check_unowned.id,
			 .sure = GH_SURE_MEDIUM,
			 .why = gh_check_unowned.why,
			 .harmless = gh_check_unowned.harmless };
	gh_code code = GH_OK;
	for (size_t i = 0; i < v->count; i++)
		programs += is_program(&v->entries[i]);
	for (unsigned scripts = 0; scripts < 2; scripts++) /* programs first */
		for (size_t i = 0; i < v->count; i++) {
			const gh_entry *e = &v->entries[i];
			if (!is_program(e) || is_elf(e) == (scripts == 1) || o->owned[i] || is_builders(e->path))
				continue;
			n++;
			elfs += is_elf(e);
			if (f.n_evidence < GH_EVIDENCE_MOST)
				f.evidence[f.n_evidence++] = at_file(o, e, "no package lists this file");
		}
	/* The database has to know nearly all, or it is none of this image. */
	if (n == 0 || (uint64_t)n * 10 > programs)
		return GH_OK;
	f.level = elfs > 0 && n <= NOTICE_MOST ? GH_LEVEL_NOTICE : GH_LEVEL_INFO;
	f.title = gh_arena_printf(o->check->ctx->scratch,
				  "%u of %u programs belong%s to no package of the image's own database", n, programs,
				  n == 1 ? "s" : "");
	if (!f.title)
		return gh_nomem(o->check->ctx);
	for (size_t i = 0; i < v->count && code == GH_OK; i++)
		if (is_program(&v->entries[i]) && !o->owned[i] && !is_builders(v->entries[i].path))
			code = sign(o, &v->entries[i], "no package of the image's own database lists it");
	return code == GH_OK ? gh_finding_add(o->check->ctx, o->check->out, &f) : code;
}

typedef struct digests {
	owners *owners;
	const gh_entry *list;
	unsigned right, wrong;
	gh_finding finding;
	gh_code code;
} digests;

static void on_digest(void *arg, const gh_md5_line *line)
{
	digests *d = arg;
	owners *o = d->owners;
	uint8_t path[GH_ROOT_PATH];
	bool absolute = gh_bytes_start(line->path, GH_LIT("/"));
	gh_bytes folder = absolute ? (gh_bytes){ NULL, 0 } : gh_md5_folder(d->list->path);
	if (folder.len + line->path.len > sizeof path || d->code != GH_OK)
		return;
	if (folder.len)
		memcpy(path, folder.ptr, folder.len);
	memcpy(path + folder.len, line->path.ptr, line->path.len);
	const gh_entry *e = gh_root_find(&o->root, gh_view(path, folder.len + line->path.len));
	if (!e || !e->has_md5)
		return;
	if (memcmp(e->md5, line->md5, sizeof e->md5) == 0) {
		d->right++;
		return;
	}
	d->wrong++;
	if (d->finding.n_evidence + 1 < GH_EVIDENCE_MOST) {
		d->finding.evidence[d->finding.n_evidence++] = at_file(o, e, "this file has another MD5");
		d->finding.evidence[d->finding.n_evidence] = at_file(o, d->list, "than this line says");
		d->finding.evidence[d->finding.n_evidence].at = line->at;
		d->finding.evidence[d->finding.n_evidence].line = line->line;
		d->finding.evidence[d->finding.n_evidence++].excerpt = gh_bytes_part(line->source, 0, GH_EXCERPT);
	}
	d->code = sign(o, e, "it is not the file that its list of digests names");
}

static gh_code say_digests(owners *o, const gh_entry *list)
{
	gh_ctx *ctx = o->check->ctx;
	digests d = { .owners = o, .list = list };
	gh_md5_each(list->kept, on_digest, &d);
	bool package = holds(list->path, "lib/dpkg/info/");
	if (d.code != GH_OK || (d.wrong == 0 && (d.right == 0 || package)))
		return d.code;
	d.finding.id = d.wrong ? "UNOWNED/digest-wrong" : "UNOWNED/digests-right";
	d.finding.check = gh_check_unowned.id;
	bool aloud = d.wrong && d.wrong <= d.right && o->wrong++ < ALOUD_MOST;
	d.finding.level = aloud ? GH_LEVEL_NOTICE : GH_LEVEL_INFO;
	d.finding.sure = GH_SURE_HIGH;
	d.finding.why = gh_check_unowned.why;
	d.finding.harmless = "A list of an older build; files that the device writes.";
	d.finding.title = gh_arena_printf(ctx->scratch, "/%.*s: %u digest%s right, %u wrong%s",
					  (int)GH_MIN(list->path.len, (size_t)160), (const char *)list->path.ptr,
					  d.right, d.right == 1 ? " is" : "s are", d.wrong,
					  d.wrong ? "" : ", which proves nothing about origin");
	if (d.finding.n_evidence == 0)
		d.finding.evidence[d.finding.n_evidence++] = at_file(o, list, "this list");
	return d.finding.title ? gh_finding_add(ctx, o->check->out, &d.finding) : gh_nomem(ctx);
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	const gh_volume *v = node->volume;
	owners o = { .check = check };
	gh_code code = GH_OK;
	for (size_t i = 0; i < v->count && code == GH_OK; i++) {
		const gh_entry *e = &v->entries[i];
		bool list = is_package_list(e->path), md5 = gh_md5_is_list(e->path);
		if (e->kept.len == 0 || e->past != GH_NOW || (!list && !md5))
			continue;
		if (!o.owned) {
			code = gh_root_over(check->ctx, node, &o.root);
			o.owned = gh_arena_array(check->ctx->scratch, v->count, sizeof *o.owned);
			if (!o.owned)
				return gh_nomem(check->ctx);
			memset(o.owned, 0, v->count * sizeof *o.owned);
		}
		if (list)
			read_list(&o, e->kept);
		else if (code == GH_OK)
			code = say_digests(&o, e);
	}
	return code == GH_OK && o.lists >= LISTS_LEAST && o.paths < PATHS_MOST ? say_unowned(&o) : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_unowned = {
	.id = "UNOWNED",
	.title = "Which programs belong to no package, and which lists of digests do not hold?",
	.why = "What a build puts into an image is in its lists; what somebody adds or changes later is not.",
	.harmless = "A file that the builder of the image added by hand.",
	.attack = "T1554",
	.kinds = "file, digest-wrong, digests-right",
	.keeps = keeps,
	.conclude = conclude,
};
