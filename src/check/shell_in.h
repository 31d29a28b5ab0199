/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/shell_in - the simple commands of a shell script, one after the other, as words.
 *
 *	gh_shell *sh = gh_shell_new(ctx);
 *	gh_shell_read(sh, script);
 *	for (gh_command c; gh_shell_next(sh, &c);)
 *		look_at(c.words, c.n, c.line);
 *
 * Nothing is run and nothing is decided: both arms of an `if` and the bodies of functions are given, a
 * loop is given once. Left out is what a boot does not reach: functions and arms of `case` that are
 * named for stopping. Quotes, comments, continued lines, here documents and redirections are
 * understood after POSIX 2.3 and 2.6 to 2.9, as far as a list of started programs needs it.
 * Variables that the script sets to plain text are put in, numbers inside a loop as '*', since they
 * count; others stay as "$NAME".
 *
 * One pass over the script, no recursion, fixed room: what is too long for it is cut.
 */
#ifndef GH_CHECK_SHELL_IN_H
#define GH_CHECK_SHELL_IN_H

#include "bytes/cur.h"
#include "base/ctx.h"

enum { GH_SHELL_WORDS = 32, GH_SHELL_TEXT = 4096, GH_SHELL_VARS = 64 };
enum { GH_SHELL_NAME = 64, GH_SHELL_VALUE = 256, GH_SHELL_NEST = 32 };

typedef struct gh_command {
	gh_bytes words[GH_SHELL_WORDS]; /* live until the next command */
	bool open[GH_SHELL_WORDS];      /* the word holds a variable or a substitution that is not known */
	size_t n;
	bool background;
	uint32_t line;   /* where its first word stands, from 1 */
	uint64_t at;     /* … and the offset of that word */
	gh_bytes source; /* that line as it is written */
} gh_command;

typedef struct gh_shell gh_shell;

/* A parser in ctx->scratch, NULL when memory is out. It reads many scripts, one after the other. */
gh_shell *gh_shell_new(gh_ctx *ctx);
/* Starts with this script and no variables; its bytes must live until the next one. */
void gh_shell_read(gh_shell *sh, gh_bytes script);
/* A variable the script finds set: "1" for its first argument. */
void gh_shell_set(gh_shell *sh, gh_bytes name, gh_bytes value);
/* The next command with at least one word; false at the end. */
bool gh_shell_next(gh_shell *sh, gh_command *ret);

#endif
