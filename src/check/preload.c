/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a library put before every program? The loader maps what /etc/ld.so.preload names into each process
 * (ld.so(8)); uClibc and musl know LD_PRELOAD. What lies there sees every call, and hides what it likes.
 */
#include "check/mentions.h"
#include "check/root_in.h"

enum { SCRIPTS_MOST = 2048, SAID_MOST = 4 };

static bool is_list(gh_bytes path)
{
	return gh_bytes_end(path, GH_LIT("etc/ld.so.preload"));
}

static bool keeps(const gh_file *file)
{
	gh_bytes text = file->content;
	return text.len > 0 && (is_list(file->path) ||
				(gh_bytes_start(text, GH_LIT("#!")) && memmem(text.ptr, text.len, "LD_PRELOAD", 10)));
}

typedef struct preload {
	gh_check_ctx *check;
	const gh_root *root;
	unsigned said;
} preload;

static gh_bytes first_word(gh_bytes line)
{
	size_t from = 0, to;
	while (from < line.len &&
	       (line.ptr[from] == ' ' || line.ptr[from] == '\t' || line.ptr[from] == '"' || line.ptr[from] == '\''))
		from++;
	for (to = from; to < line.len && line.ptr[to] > ' ' && line.ptr[to] != ':' && line.ptr[to] != '"' &&
			line.ptr[to] != '\'' && line.ptr[to] != ';';)
		to++;
	return gh_bytes_part(line, from, to - from);
}

/* Is this line the only one in the volume that knows the library? */
static bool is_alone(const preload *p, const gh_entry *library)
{
	bool known = false;
	unsigned files = library ? gh_mentions_of(p->root->node, gh_path_base(library->path), &known) : 0;
	return known && files <= 1;
}

/* The library itself gets a sign: it has a role that few have. */
static gh_code sign(const preload *p, const gh_entry *library, const gh_evidence *where)
{
	gh_signal s = { .check = gh_check_preload.id, .witness = GH_WITNESS_ROLE, .weight = 2 };
	if (!library)
		return GH_OK;
	s.about = library->path;
	s.evidence = *where;
	s.evidence.note = "it is put before every program";
	gh_code code = gh_signal_add(p->check->ctx, p->check->signals, &s);
	if (code != GH_OK || !is_alone(p, library))
		return code;
	s.witness = GH_WITNESS_START;
	s.weight = 1;
	s.evidence.note = "nothing else in the image knows the library";
	return gh_signal_add(p->check->ctx, p->check->signals, &s);
}

static gh_code say(preload *p, const gh_evidence *where, const char *id, gh_level level, const char *by,
		   gh_bytes library)
{
	gh_ctx *ctx = p->check->ctx;
	const gh_entry *entry = gh_root_find(p->root, library);
	if (p->said++ >= SAID_MOST)
		return GH_OK;
	gh_finding f = {
		.id = id,
		.check = gh_check_preload.id,
		.level = level,
		.sure = GH_SURE_MEDIUM,
		.title = gh_arena_printf(ctx->scratch, "%s %.*s%s", by, (int)GH_MIN(library.len, (size_t)200),
					 (const char *)library.ptr, entry ? "" : ", which is not in this volume"),
		.why = gh_check_preload.why,
		.harmless = gh_check_preload.harmless,
		.attack = gh_check_preload.attack,
		.n_evidence = 1,
	};
	f.evidence[0] = *where;
	gh_code code = f.title ? gh_finding_add(ctx, p->check->out, &f) : gh_nomem(ctx);
	return code == GH_OK ? sign(p, entry, where) : code;
}

static gh_code look_at_list(preload *p, const gh_entry *e)
{
	gh_cur c = gh_cur_over(e->kept, 0);
	for (uint32_t number = 1; c.left > 0; number++) {
		uint64_t at = c.pos;
		gh_bytes line = gh_line(&c), library = first_word(line);
		if (library.len == 0 || library.ptr[0] == '#')
			continue;
		gh_evidence where = { .node = p->root->node->id,
				      .path = e->path,
				      .at = at,
				      .line = number,
				      .excerpt = gh_bytes_part(line, 0, GH_EXCERPT),
				      .note = "this line" };
		/* a maker's own library is known to what it was made for */
		bool alone = is_alone(p, gh_root_find(p->root, library));
		return say(p, &where, "PRELOAD/list", alone ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE,
			   alone ? "every program is started with a library that nothing else knows,"
				 : "every program is started with",
			   library);
	}
	return GH_OK;
}

/* Libraries that come and go, or that nobody shall see. */
static bool is_odd_place(gh_bytes library)
{
	static const char *const places[] = { "/tmp/", "/var/", "/dev/", "/mnt/", "/media/" };
	for (size_t i = 0; i < GH_COUNT(places); i++)
		if (gh_bytes_start(library, gh_view_text(places[i])))
			return true;
	return gh_bytes_start(gh_path_base(library), GH_LIT("."));
}

/* LD_PRELOAD=… in a script: makers use it for one program of their own, so only odd places are told aloud. */
static gh_code look_at_script(preload *p, const gh_entry *e)
{
	gh_cur c = gh_cur_over(e->kept, 0);
	for (uint32_t number = 1; c.left > 0; number++) {
		uint64_t at = c.pos;
		gh_bytes line = gh_line(&c);
		const uint8_t *found = line.len ? memmem(line.ptr, line.len, "LD_PRELOAD=", 11) : NULL;
		gh_bytes library = found ? first_word(gh_bytes_part(line, (uint64_t)(found - line.ptr) + 11, line.len))
					 : (gh_bytes){ NULL, 0 };
		if (library.len == 0 || library.ptr[0] == '$' || memchr(line.ptr, '#', (size_t)(found - line.ptr)))
			continue;
		gh_evidence where = { .node = p->root->node->id,
				      .path = e->path,
				      .at = at,
				      .line = number,
				      .excerpt = gh_bytes_part(line, 0, GH_EXCERPT),
				      .note = "this line" };
		bool all = memmem(line.ptr, line.len, "export", 6) != NULL; /* not for one program alone */
		gh_code code =
			say(p, &where, "PRELOAD/script", all || is_odd_place(library) ? GH_LEVEL_NOTICE : GH_LEVEL_INFO,
			    "a script starts programs with", library);
		if (code != GH_OK)
			return code;
	}
	return GH_OK;
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_root root = { .node = NULL };
	preload p = { .check = check, .root = &root };
	gh_code code = GH_OK;
	unsigned scripts = 0;
	for (size_t i = 0; code == GH_OK && i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		bool list = is_list(e->path);
		if (e->kept.len == 0 || e->past != GH_NOW || (!list && scripts == SCRIPTS_MOST))
			continue;
		scripts += !list;
		if (!list && !memmem(e->kept.ptr, e->kept.len, "LD_PRELOAD=", 11))
			continue;
		if (!root.node)
			code = gh_root_over(check->ctx, node, &root);
		if (code == GH_OK)
			code = list ? look_at_list(&p, e) : look_at_script(&p, e);
	}
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_preload = {
	.id = "PRELOAD",
	.title = "Is a library put before every program?",
	.why = "Such a library sees what every program does, and decides what files and connections the others see.",
	.harmless = "A maker's way to mend one library without building the others anew.",
	.attack = "T1574.006",
	.kinds = "list, script",
	.keeps = keeps,
	.conclude = conclude,
};
