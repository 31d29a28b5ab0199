/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs bear a name that is meant to be overlooked?
 *
 * One letter from a service is a weak sign, since vendors have families of names; a name that no eye tells
 * from another, or that only the kernel's own threads have, is more than that.
 */
#include <stdio.h>

#include "check/names_in.h"
#include "check/root_in.h"

enum { SAID_MOST = 4, NAMES_MOST = 65536, TWINS_MOST = 32, SET_USER = 04000 };

typedef struct names {
	gh_check_ctx *check;
	const gh_root *root;
	unsigned said, twins;
} names;

static bool is_elf(const gh_entry *e)
{
	return e->leaf && strcmp(e->leaf, "elf") == 0;
}

static bool is_program(const gh_entry *e)
{
	return e->type == GH_ENTRY_FILE && e->past == GH_NOW && e->leaf &&
	       (is_elf(e) || (strcmp(e->leaf, "script") == 0 && (e->mode & 0111)));
}

static bool is_in_folder(gh_bytes path, const char *const *folders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (gh_bytes_start(path, gh_view_text(folders[i])))
			return true;
	return false;
}

static bool is_in_bin(gh_bytes path)
{
	static const char *const folders[] = { "bin/", "sbin/", "usr/bin/", "usr/sbin/", "usr/local/", "opt/" };
	return is_in_folder(path, folders, GH_COUNT(folders));
}

static gh_evidence evidence(const names *w, const gh_entry *e, const char *note)
{
	return (gh_evidence){ .node = w->root->node->id, .path = e->path, .at = GH_NOWHERE, .note = note };
}

static gh_code sign(const names *w, const gh_entry *e, unsigned weight, const char *note)
{
	gh_signal s = { .check = gh_check_look_alike.id, .witness = GH_WITNESS_NAME, .weight = weight };
	if (!note)
		return gh_nomem(w->check->ctx);
	s.evidence = evidence(w, e, note);
	return gh_signal_add(w->check->ctx, w->check->signals, &s);
}

static gh_code say(names *w, const gh_entry *e, const char *id, gh_level level, const char *what, const char *harmless)
{
	gh_ctx *ctx = w->check->ctx;
	if (!what)
		return gh_nomem(ctx);
	if (w->said++ >= SAID_MOST)
		return GH_OK;
	gh_finding f = {
		.id = id,
		.check = gh_check_look_alike.id,
		.level = level,
		.sure = GH_SURE_MEDIUM,
		.title = gh_arena_printf(ctx->scratch, "/%.*s %s", (int)GH_MIN(e->path.len, (size_t)200),
					 (const char *)e->path.ptr, what),
		.why = gh_check_look_alike.why,
		.harmless = harmless,
		.attack = level >= GH_LEVEL_SUSPICIOUS ? gh_check_look_alike.attack : NULL,
		.n_evidence = 1,
	};
	f.evidence[0] = evidence(w, e, "this file");
	gh_code code = f.title ? gh_finding_add(ctx, w->check->out, &f) : gh_nomem(ctx);
	return code == GH_OK ? sign(w, e, 2, what) : code;
}

/* A program of that name in any folder of programs. */
static const char *folder_with(const names *w, const char *name)
{
	static const char *const folders[] = { "bin/", "sbin/", "usr/bin/", "usr/sbin/" };
	for (size_t i = 0; i < GH_COUNT(folders); i++) {
		char path[64];
		int n = snprintf(path, sizeof path, "%s%s", folders[i], name);
		if (n > 0 && (size_t)n < sizeof path && gh_root_at(w->root, gh_view(path, (size_t)n)))
			return folders[i];
	}
	return NULL;
}

static gh_code look_at_likeness(names *w, const gh_entry *e, gh_bytes base)
{
	gh_likeness how;
	gh_ctx *ctx = w->check->ctx;
	const char *like = gh_name_like(base, &how);
	if (!like)
		return GH_OK;
	const char *there = folder_with(w, like);
	if (how == GH_LIKE_CONFUSED) {
		bool ascii = true;
		for (size_t i = 0; i < base.len; i++)
			ascii &= base.ptr[i] < 0x80;
		return say(w, e, "LOOK-ALIKE/confusable", ascii ? GH_LEVEL_NOTICE : GH_LEVEL_SUSPICIOUS,
			   gh_arena_printf(ctx->scratch, "is written so that it reads as %s", like),
			   "A maker's own version of that program.");
	}
	return is_elf(e) ? sign(w, e, there ? 2 : 1,
				there ? gh_arena_printf(ctx->scratch, "its name is one letter away from /%s%s", there,
							like)
				      : gh_arena_printf(ctx->scratch, "its name is one letter away from %s", like))
			 : GH_OK;
}

/* "busybox-rel", "httpd.bak": a program beside the one whose name it takes over. */
static gh_code look_at_tail(names *w, const gh_entry *e, gh_bytes path)
{
	static const char *const tails[] = { "-rel", ".bak", ".old", ".orig", ".real", ".org", "_" };
	for (size_t i = 0; i < GH_COUNT(tails); i++) {
		gh_bytes tail = gh_view_text(tails[i]);
		const gh_entry *real = gh_bytes_end(path, tail)
					       ? gh_root_at(w->root, gh_bytes_part(path, 0, path.len - tail.len))
					       : NULL;
		if (real && (is_elf(real) || real->type == GH_ENTRY_LINK) && is_elf(e))
			return sign(w, e, 1,
				    "it takes over the name of the program beside it, with something behind it");
	}
	return GH_OK;
}

/* A folder on the way whose name begins with a dot. */
static bool is_in_hidden_folder(gh_bytes path)
{
	bool start = true;
	for (size_t i = 0; i + 1 < path.len; i++) {
		if (start && path.ptr[i] == '.' && path.ptr[i + 1] != '.' && path.ptr[i + 1] != '/' &&
		    memchr(path.ptr + i, '/', path.len - i))
			return true;
		start = path.ptr[i] == '/';
	}
	return false;
}

/* "[kworker/0:1]": the kernel's names hold a '/', which makes a folder of them. */
static gh_bytes thread_name(gh_bytes path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.ptr[i - 1] == '[' && (i == 1 || path.ptr[i - 2] == '/'))
			return gh_bytes_part(path, i - 1, path.len);
	return gh_path_base(path);
}

/* A program with the set-user-id bit that is, byte for byte, another one without. */
static const gh_entry *twin_of(const names *w, const gh_entry *e)
{
	for (size_t i = 0; i < w->root->count; i++) {
		const gh_entry *other = w->root->names[i].entry;
		if (other != e && is_elf(other) && other->read && !(other->mode & SET_USER) && !other->hard_link &&
		    other->size == e->size && memcmp(other->sha256, e->sha256, sizeof e->sha256) == 0)
			return other;
	}
	return NULL;
}

static gh_code look_at_rights(names *w, const gh_entry *e)
{
	if (!is_elf(e) || !(e->mode & SET_USER) || !e->read || e->hard_link || e->uid != 0 || w->twins++ >= TWINS_MOST)
		return GH_OK;
	const gh_entry *twin = twin_of(w, e);
	return twin ? say(w, e, "LOOK-ALIKE/root-copy", GH_LEVEL_NOTICE,
			  gh_arena_printf(w->check->ctx->scratch,
					  "is a copy of /%.*s that runs as root whoever starts it",
					  (int)GH_MIN(twin->path.len, (size_t)160), (const char *)twin->path.ptr),
			  "A program of many names, of which one needs the right and is kept apart.")
		    : GH_OK;
}

static gh_code look_at(names *w, const gh_entry *e, gh_bytes path)
{
	static const char *const passing[] = { "dev/", "tmp/", "var/tmp/", "var/run/", "run/", "proc/", "sys/" };
	gh_bytes base = gh_path_base(path);
	gh_bytes thread = thread_name(path);
	if (gh_name_is_kernel_thread(thread) && (is_elf(e) || gh_bytes_start(thread, GH_LIT("["))))
		return say(w, e, "LOOK-ALIKE/kernel-thread", GH_LEVEL_SUSPICIOUS,
			   "is named as a thread of the kernel, which has no file",
			   "None is known: threads of the kernel have no programs.");
	if (gh_name_is_invisible(base))
		return say(w, e, "LOOK-ALIKE/invisible", is_elf(e) ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE,
			   "bears a name with blanks at its end or with bytes that no list shows",
			   "A slip of the pen in a script that made the image.");
	if (is_elf(e) && ((base.len > 1 && base.ptr[0] == '.') || is_in_hidden_folder(path)))
		return say(w, e, "LOOK-ALIKE/hidden", GH_LEVEL_NOTICE,
			   "is a program that an ordinary list of files does not show",
			   "A marker or a cache of the maker's tools.");
	if (is_elf(e) && is_in_folder(path, passing, GH_COUNT(passing)))
		return say(w, e, "LOOK-ALIKE/odd-place", GH_LEVEL_NOTICE,
			   "is a program in a folder for devices or for what comes and goes",
			   "Left over from a build; most devices mount another file system over the folder.");
	gh_code code = look_at_rights(w, e);
	if (code != GH_OK || !is_in_bin(path))
		return code;
	code = look_at_tail(w, e, path);
	return code == GH_OK ? look_at_likeness(w, e, base) : code;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_root root;
	gh_code code = gh_root_over(check->ctx, node, &root);
	names w = { .check = check, .root = &root };
	for (size_t i = 0; code == GH_OK && i < root.count && i < NAMES_MOST; i++)
		if (is_program(root.names[i].entry))
			code = look_at(&w, root.names[i].entry, root.names[i].path);
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_look_alike = {
	.id = "LOOK-ALIKE",
	.title = "Which programs bear a name that is meant to be overlooked?",
	.why = "Who reads a list of programs passes over a name that he thinks he knows, or cannot see.",
	.harmless = "A family of programs with similar names.",
	.attack = "T1036.005",
	.kinds = "confusable, hidden, invisible, kernel-thread, odd-place, root-copy",
	.conclude = conclude,
};
