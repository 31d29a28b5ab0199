/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/upgrade_in - what UPGRADE-BLOCKED asks of scripts and pages, shared by the upgrade_*.c files.
 *
 * A page may hide a part of itself and have a script show it again: then it is the vendor's way of
 * offering it to some. Only what no script of the page can show again is blocked. In doubt a script can.
 */
#ifndef GH_CHECK_UPGRADE_IN_H
#define GH_CHECK_UPGRADE_IN_H

#include "check/html_in.h"
#include "check/root_in.h"

enum {
	GH_UPGRADE_SCRIPTS = 64, /* scripts of one page */
	GH_UPGRADE_RULES = 64,   /* style rules of one page that hide something */
	GH_UPGRADE_DEPTH = 128,  /* open elements */
	GH_UPGRADE_FILES = 512,  /* pages, scripts and style sheets of one volume */
	GH_UPGRADE_SCRIPT = 256 << 10, /* what is kept of a script at most */
	GH_UPGRADE_SAID = 3,
	GH_UPGRADE_FORMS = 32,   /* forms of one volume that are judged */
};

/* One statement of a script; `bare`: it is run whenever the page is loaded, whatever the page holds. */
typedef struct gh_js {
	gh_bytes text;
	bool bare;
} gh_js;

typedef struct gh_js_reader {
	gh_bytes script;
	size_t at;
	unsigned depth;
	bool after_if; /* the statement before was the head of an if, a loop, … */
} gh_js_reader;

gh_js_reader gh_js_over(gh_bytes script);
bool gh_js_next(gh_js_reader *reader, gh_js *ret);

/* An element as far as a script may name it. */
typedef struct gh_hidden {
	gh_bytes id, name, class, tag;
	const char *how; /* "style display:none"; NULL: it is not hidden */
	gh_bytes source; /* its tag */
	uint64_t at;
	uint32_t line;
	bool by_class;
} gh_hidden;

/* What simple selectors hide: "form", ".late", "#up", "form.late". */
typedef struct gh_style {
	struct {
		gh_bytes selector;
		const char *how;
	} list[GH_UPGRADE_RULES];
	size_t n;
} gh_style;

/* Adds the rules of a sheet; where it is not what it seems, rules are lost, not made. */
void gh_style_read(gh_style *style, gh_bytes sheet);
gh_hidden gh_style_element(const gh_html_token *tag, const gh_style *style);
/* A framework shows what carries its marks, or the server decides: not known. */
bool gh_style_is_steered(const gh_html_token *tag);

/* The scripts of one page, and those of the volume. */
typedef struct gh_scripts {
	gh_bytes page[GH_UPGRADE_SCRIPTS];
	size_t n;
	const gh_bytes *others;
	size_t n_others;
} gh_scripts;

/* Can a script show this element again? */
bool gh_upgrade_shown(const gh_scripts *scripts, const gh_hidden *element);
/* The statement that hides a form of the page (or the element `id`) each time it is loaded; empty where none does. */
gh_bytes gh_upgrade_hides(const gh_scripts *scripts, gh_bytes id, gh_bytes name);
/* Does a script of the page, or of the volume, name it in quotes? */
bool gh_upgrade_is_called(const gh_scripts *scripts, gh_bytes id);
/* Does any script of the page hold one of these words? */
bool gh_upgrade_speaks(const gh_scripts *scripts, const char *const *words, size_t n);

typedef struct gh_upgrade_page {
	gh_check_ctx *check;
	const gh_root *root;
	const gh_entry *entry;
	gh_scripts scripts;
	const gh_bytes *sheets; /* style sheets of the volume */
	size_t n_sheets;
	unsigned *left; /* forms that may still be judged in this volume */
	unsigned *said; /* findings about pages of this volume: copies of one page in many languages are told a few times */
	/* what was found */
	bool any;           /* a way to upgrade, seen or not */
	bool other_content; /* scripts, frames, links, server code: it may do what it does in another way */
} gh_upgrade_page;

/* Looks at one page and says what blocks the upgrade on it. */
gh_code gh_upgrade_look(gh_upgrade_page *page) GH_MUST;
gh_code gh_upgrade_say(gh_check_ctx *check, const gh_root *root, const gh_entry *entry, const char *kind, gh_level level,
		       uint64_t at, uint32_t line, gh_bytes source, const char *title, const char *harmless) GH_MUST;

/* Does the name speak of upgrading the firmware? Of the settings? */
bool gh_upgrade_is_named(gh_bytes text);
bool gh_upgrade_is_settings(gh_bytes text);

#endif
