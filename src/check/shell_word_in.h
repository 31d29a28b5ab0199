/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/shell_word_in - the state of the shell parser, and its lower half: characters, quotes, variables,
 * words. Only shell.c and shell_word.c know it.
 */
#ifndef GH_CHECK_SHELL_WORD_IN_H
#define GH_CHECK_SHELL_WORD_IN_H

#include "check/shell_in.h"

enum { GH_SHELL_HERE = 4 };

typedef struct gh_shell_var {
	char name[GH_SHELL_NAME], value[GH_SHELL_VALUE];
	size_t n_name, len;
	bool open; /* holds what is only known at run time */
} gh_shell_var;

struct gh_shell {
	gh_bytes script;
	size_t at;
	uint32_t line;
	/* the word and command at hand */
	char text[GH_SHELL_TEXT];
	size_t used;
	bool word_open, word_quoted;
	gh_command c;
	/* what surrounds it */
	gh_bytes here[GH_SHELL_HERE]; /* ends of here documents that start at the next line */
	size_t n_here;
	unsigned parens, loops;
	unsigned cases;               /* how many `case` are open */
	bool pattern[GH_SHELL_NEST];  /* the next thing in this `case` is a pattern */
	bool skip_arm[GH_SHELL_NEST]; /* this arm is not for starting */
	unsigned braces, skip_braces; /* `{` that are open; inside a function that is skipped */
	bool skip_next_brace;
	gh_shell_var vars[GH_SHELL_VARS];
	size_t n_vars;
};

/* The character `ahead` of the next one, or -1 at the end. */
int gh_shell_peek(const gh_shell *sh, size_t ahead);
/* Moves past the next character and gives it, or -1. */
int gh_shell_step(gh_shell *sh);
bool gh_shell_ends_word(int c);
/* Moves past blanks, continued lines and comments. */
void gh_shell_blanks(gh_shell *sh);
/* One word from its first character on; sh->word_open and sh->word_quoted say more about it. */
gh_bytes gh_shell_word(gh_shell *sh);
/* Remembers a variable; `open`: its value is only known at run time. */
void gh_shell_var_set(gh_shell *sh, gh_bytes name, gh_bytes value, bool open);
bool gh_shell_is_name(int c);

#endif
