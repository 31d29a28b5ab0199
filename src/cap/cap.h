/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cap/cap - what a program can do, by rules: "binds a port, accepts, runs a shell on the connection".
 *
 * Rules are YAML, one a file, in the language of capa with our additions (docs/rooms/cap.md). They are
 * compiled to a flat blob in a process of its own, since rule files are untrusted input too; whoever
 * looks at programs loads the blob. libyaml types stay in yaml.c.
 *
 *	gh_caps_load(ctx, blob, &pack);
 *	gh_program_read(ctx, file, &program);
 *	gh_caps_match(ctx, pack, program, &found);
 *	for (uint32_t i = 0; i < found.n; i++)
 *		say(found.matches[i].rule->name);
 */
#ifndef GH_CAP_CAP_H
#define GH_CAP_CAP_H

#include "asm/program.h"
#include "bytes/buf.h"

typedef struct gh_caps gh_caps;

typedef struct gh_cap_file {
	const char *name; /* for messages */
	gh_bytes    text;
	bool        builtin;
} gh_cap_file;

/* Told about every rule that cannot be used, and why; `line` is 0 where there is none to name. */
typedef void gh_cap_trouble(void *arg, const char *file, unsigned line, const char *message);

/* Compiles rule files into one blob appended to `blob`. A rule that is wrong or needs what we do not
 * have is left out and told about, and so are those that build on it. */
gh_code gh_caps_compile(gh_ctx *ctx, const gh_cap_file *files, size_t n, gh_cap_trouble *trouble, void *arg,
                        gh_buf *blob) GH_MUST;

/* Loads what gh_caps_compile made; lives in ctx->arena and borrows the blob. Free after all threads. */
gh_code gh_caps_load(gh_ctx *ctx, gh_bytes blob, gh_caps **ret) GH_MUST;
void    gh_caps_free(gh_caps *caps);
size_t  gh_caps_count(const gh_caps *caps);

/* How much a capability weighs in a scan, outside of its homes. */
typedef enum gh_cap_weight {
	GH_CAP_NONE,   /* a thing that programs do */
	GH_CAP_NOTICE, /* worth a look */
} gh_cap_weight;

typedef struct gh_cap_rule {
	const char *name, *space, *description, *attack, *mbc; /* "" where the rule does not say */
	const char *homes; /* names of programs that may do this, one a line; "*" at the end stands for more */
	uint32_t    root;  /* node */
	uint8_t     scope, weight;
	bool        lib;   /* only for other rules */
	bool        builtin;
} gh_cap_rule;

typedef struct gh_cap_match {
	const gh_cap_rule *rule;
	uint64_t address;  /* where: a function, a block, a call */
	uint32_t function; /* in the program; GH_NONE: the file as a whole */
	uint32_t block, call;
	uint32_t count;    /* places where it matches; this is the first */
} gh_cap_match;

typedef struct gh_cap_found {
	const gh_cap_match *matches; /* by name of the rule */
	uint32_t n;
	bool     cut; /* the work was ended early: more may be there */
	struct gh_cap_hits *hits; /* for gh_caps_why */
} gh_cap_found;

/* Which rules match a program. Any number of threads may ask one pack. Results in ctx->arena. */
gh_code gh_caps_match(gh_ctx *ctx, const gh_caps *caps, const gh_program *p, gh_cap_found *ret) GH_MUST;

/* Can a file match a rule that weighs anything, judged by the names and texts it holds? Much cheaper than
 * to read its code; true where only the code can tell. */
gh_code gh_caps_worth(gh_ctx *ctx, const gh_caps *caps, gh_bytes file, bool *ret) GH_MUST;

/* One line of the reason for a match: what holds, and where. */
typedef struct gh_cap_reason {
	const char *text;
	uint64_t    address;  /* 0: none */
	uint32_t    function; /* GH_NONE */
	uint32_t    call;     /* GH_NONE */
	unsigned    depth;
} gh_cap_reason;
typedef gh_code gh_cap_reason_fn(void *arg, const gh_cap_reason *reason);

gh_code gh_caps_why(gh_ctx *ctx, const gh_caps *caps, const gh_program *p, const gh_cap_found *found,
                    const gh_cap_match *match, gh_cap_reason_fn *fn, void *arg) GH_MUST;

/* May a program of this name (of a path, the last part) do what the rule says? */
bool gh_cap_at_home(const gh_cap_rule *rule, gh_bytes path);

const char *gh_cap_scope_name(unsigned scope);

#endif
