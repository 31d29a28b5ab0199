/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a path of an image becomes. Each component is looked up by the image's bytes in the folder that
 * the ones before it became, so two ways to write a path never meet by accident; a component that
 * cannot be is replaced, and the table of names that stand makes sure that it is by one of its own.
 */
#include "host/output_in.h"

#include <errno.h>

#include "host/names_in.h"

enum {
	DEEPEST = 65,      /* folders, the top one included; what lies deeper gets one long name */
	PATH_MOST = 2048,  /* bytes of a folder's path: PATH_MAX less the target's own and a name */
	SMALL_NUMBERS = 9, /* name~2 … name~9 are tried before a number that is never used again */
	TRIES = 100000,
};

static bool same(const struct record *r, uint32_t parent, gh_bytes name, bool image, uint32_t hash)
{
	return r->hash == hash && r->parent == parent && r->image == image && r->len == name.len &&
	       memcmp(r->name, name.ptr, name.len) == 0;
}

static struct record *find(const gh_output *out, uint32_t parent, gh_bytes name, bool image, uint32_t hash)
{
	size_t mask = out->records_room - 1, at = hash & mask;
	while (out->records[at].name && !same(&out->records[at], parent, name, image, hash))
		at = (at + 1) & mask;
	return &out->records[at];
}

static uint32_t hash_of(const gh_output *out, uint32_t parent, gh_bytes name, bool image)
{
	return (uint32_t)gh_name_hash(out->seed, (uint64_t)parent << 1 | image, name);
}

static gh_code more_room(gh_ctx *ctx, gh_output *out)
{
	size_t room = out->records_room ? out->records_room * 2 : 256;
	struct record *old = out->records, *records = gh_arena_array(out->arena, room, sizeof *records);
	if (!records)
		return gh_nomem(ctx);
	size_t n = out->records_room;
	out->records = records;
	out->records_room = room;
	for (size_t i = 0; i < n; i++) {
		size_t at = old[i].hash & (room - 1);
		if (!old[i].name)
			continue;
		while (records[at].name)
			at = (at + 1) & (room - 1);
		records[at] = old[i];
	}
	return GH_OK;
}

static gh_code record(gh_ctx *ctx, gh_output *out, uint32_t parent, gh_bytes name, bool image, uint32_t dir)
{
	if (out->n_records >= out->records_room / 2 && more_room(ctx, out) != GH_OK)
		return ctx->code;
	uint32_t hash = hash_of(out, parent, name, image);
	*find(out, parent, name, image, hash) = (struct record){
		.name = (const char *)name.ptr,
		.parent = parent,
		.hash = hash,
		.dir = dir,
		.len = (uint32_t)name.len & INT32_MAX,
		.image = image,
	};
	out->n_records++;
	return GH_OK;
}

static const struct record *look_up(const gh_output *out, uint32_t parent, gh_bytes name, bool image)
{
	if (out->records_room == 0)
		return NULL;
	const struct record *r = find(out, parent, name, image, hash_of(out, parent, name, image));
	return r->name ? r : NULL;
}

/* `n`: the first number that is tried. */
static gh_code free_name(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes base, unsigned n, gh_bytes *ret)
{
	gh_bytes name = base;
	struct folder *f = &out->folders[dir];
	for (; look_up(out, dir, name, false); n++) {
		if (n > TRIES)
			return gh_fail(ctx, GH_LIMIT, 0, "no free name for an entry after %d tries", TRIES);
		unsigned number = n <= SMALL_NUMBERS ? n : SMALL_NUMBERS + ++f->twins;
		char *text = gh_arena_printf(out->arena, "%.*s~%u", (int)GH_MIN(base.len, (size_t)GH_NAME_MOST - 12),
					     (const char *)base.ptr, number);
		if (!text)
			return gh_nomem(ctx);
		name = gh_view_text(text);
	}
	*ret = name;
	return record(ctx, out, dir, name, false, 0);
}

gh_code gh_plan_free_name(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes base, gh_bytes *ret)
{
	return free_name(ctx, out, dir, base, 2, ret);
}

gh_code gh_plan_plain_name(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes base, gh_bytes *ret)
{
	gh_bytes plain = gh_name_plain(out->arena, base);
	return plain.ptr ? gh_plan_free_name(ctx, out, dir, plain, ret) : gh_nomem(ctx);
}

gh_code gh_plan_folder(gh_ctx *ctx, gh_output *out, uint32_t parent, gh_bytes name, const char *why, uint32_t *ret)
{
	if (out->n_folders == out->folders_room) {
		size_t room = out->folders_room ? out->folders_room * 2 : 64, size = sizeof *out->folders;
		struct folder *all =
			room > UINT32_MAX ? NULL
					  : gh_arena_grow(out->arena, out->folders, out->n_folders * size, room * size);
		if (!all)
			return gh_nomem(ctx);
		out->folders = all;
		out->folders_room = room;
	}
	if (!out->folders)
		return gh_nomem(ctx);
	const struct folder *up = out->n_folders ? &out->folders[parent] : NULL;
	*ret = (uint32_t)out->n_folders;
	out->folders[out->n_folders++] = (struct folder){
		.name = (const char *)name.ptr,
		.len = (uint8_t)name.len,
		.why = why,
		.parent = parent,
		.depth = up ? (uint8_t)(up->depth + 1) : 0,
		.path_len = up ? (uint16_t)(up->path_len + name.len + 1) : 0,
	};
	return GH_OK;
}

/* A name for `part` that can be and that is free; *why gets a reason unless it has one already. */
static gh_code settle(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes part, bool folder, gh_bytes *ret,
		      const char **why)
{
	const char *bad = NULL;
	gh_bytes safe = gh_name_safe(out->arena, part, &bad);
	if (!safe.ptr)
		return gh_nomem(ctx);
	const struct record *there = look_up(out, dir, safe, false);
	if (there && !bad)
		bad = folder       ? "something that is no folder has this name"
		      : there->dir ? "a folder has this name"
				   : "the name occurs twice";
	if (!*why)
		*why = bad;
	return gh_plan_free_name(ctx, out, dir, safe, ret);
}

/* The folder that the image calls `part` in `dir`. */
static gh_code enter(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes part, const char *extra, uint32_t *ret)
{
	gh_bytes name;
	const struct record *known = look_up(out, dir, part, true);
	const char *why = out->folders[dir].why ? out->folders[dir].why : extra;
	if (known) {
		*ret = known->dir;
		return GH_OK;
	}
	gh_code code = settle(ctx, out, dir, part, true, &name, &why);
	if (code == GH_OK)
		code = gh_plan_folder(ctx, out, dir, name, why, ret);
	if (code == GH_OK)
		code = record(ctx, out, dir, part, true, *ret);
	if (code == GH_OK) /* so that a file of that name learns that a folder has it */
		find(out, dir, name, false, hash_of(out, dir, name, false))->dir = *ret;
	return code;
}

/* What comes before the first component and behind the last one says nothing: "./bin/", "/bin". */
static gh_bytes strip(gh_bytes path, const char **why)
{
	while (path.len > 0 && (path.ptr[0] == '/' || (path.ptr[0] == '.' && (path.len == 1 || path.ptr[1] == '/')))) {
		if (path.ptr[0] == '/' && !*why)
			*why = "the path is absolute";
		size_t n = path.ptr[0] == '/' || path.len == 1 ? 1 : 2;
		path = gh_bytes_part(path, n, path.len);
	}
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	return path;
}

static gh_code plan(gh_ctx *ctx, gh_output *out, uint32_t dir, gh_bytes path, gh_place_kind kind, gh_place *ret)
{
	const char *extra = NULL;
	gh_code code = GH_OK;
	gh_bytes part = strip(path, &extra), rest = part;
	bool more = kind != GH_PLACE_DIR || rest.len > 0;
	while (more && code == GH_OK) {
		const uint8_t *slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
		part = slash ? gh_bytes_part(rest, 0, (uint64_t)(slash - rest.ptr)) : rest;
		const struct folder *f = &out->folders[dir];
		if (slash && (f->depth >= DEEPEST || f->path_len + part.len >= PATH_MOST)) {
			extra = extra ? extra : "the path is too long or too deep";
			part = rest;
			slash = NULL;
		}
		if (slash && part.len == 0)
			extra = extra ? extra : "the path has an empty component";
		else if (slash || kind == GH_PLACE_DIR)
			code = enter(ctx, out, dir, part, extra, &dir);
		more = slash != NULL;
		if (slash)
			rest = gh_bytes_part(rest, (uint64_t)(slash - rest.ptr) + 1, rest.len);
	}
	if (code != GH_OK)
		return code;
	const char *why = out->folders[dir].why ? out->folders[dir].why : extra;
	gh_bytes name = { (const uint8_t *)out->folders[dir].name, out->folders[dir].len };
	if (kind != GH_PLACE_DIR)
		code = settle(ctx, out, dir, part, false, &name, &why);
	*ret = (gh_place){
		.name = (const char *)name.ptr, .why = why, .dir = dir, .len = (uint8_t)name.len, .kind = (uint8_t)kind
	};
	return code;
}

gh_code gh_output_plan(gh_ctx *ctx, gh_output *out, const gh_place *top, gh_bytes path, gh_place_kind kind,
		       gh_place *ret)
{
	if (path.len > INT32_MAX)
		return gh_fail(ctx, GH_LIMIT, 0, "a path of %zu bytes", path.len);
	(void)pthread_mutex_lock(&out->lock);
	gh_code code = plan(ctx, out, top->dir, path, kind, ret);
	(void)pthread_mutex_unlock(&out->lock);
	if (code == GH_OK && ret->why)
		out->renamed++;
	if (code == GH_OK && kind != GH_PLACE_DIR)
		out->planned++;
	return code;
}

bool gh_plan_other_name(gh_ctx *ctx, gh_output *out, uint32_t dir, int error, gh_bytes *name, const char **why)
{
	if (dir == 0) /* top-level names are ours and were promised: they do not change */
		return false;
	switch (error) {
	case EEXIST:
		*why = "the file system takes this name and another one for the same";
		/* a number that no other entry here gets, so that a thousand twins are not a million tries */
		return free_name(ctx, out, dir, *name, SMALL_NUMBERS + 1, name) == GH_OK;
	case EILSEQ:
	case EINVAL:
	case ENAMETOOLONG:
		*why = "the file system does not take this name";
		return gh_plan_plain_name(ctx, out, dir, *name, name) == GH_OK;
	default:
		return false;
	}
}
