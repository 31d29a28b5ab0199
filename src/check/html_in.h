/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/html_in - a page of a web interface as tags, texts and scripts.
 *
 *	gh_html html = gh_html_over(page);
 *	for (gh_html_token t; gh_html_next(&html, &t);)
 *		if (t.kind == GH_HTML_OPEN && gh_html_is(t.name, "form"))
 *			action = gh_html_attr(&t, "action");
 *
 * Pages of routers are templates (<% %>, <? ?>) and seldom valid: nothing is refused, what is not
 * closed reaches to the end. Tokens after the HTML standard's tokenizer (13.2.5), without character
 * references. One pass, no recursion, no memory of its own.
 */
#ifndef GH_CHECK_HTML_IN_H
#define GH_CHECK_HTML_IN_H

#include "bytes/view.h"

enum { GH_HTML_ATTRS = 32 };

typedef enum gh_html_kind {
	GH_HTML_OPEN,    /* <name attributes> */
	GH_HTML_CLOSE,   /* </name> */
	GH_HTML_TEXT,    /* between tags */
	GH_HTML_RAW,     /* content of the script, style, … that was opened last */
	GH_HTML_COMMENT, /* between <!-- and --> */
	GH_HTML_SERVER,  /* <% … %>, <? … ?>: run before the page is sent */
} gh_html_kind;

typedef struct gh_html_token {
	gh_html_kind kind;
	gh_bytes name; /* of a tag, as written; of RAW, the element's */
	gh_bytes text; /* the token: a whole tag, or what is inside */
	uint64_t at;   /* where `text` stands */
	uint32_t line; /* from 1 */
	bool server;   /* server code stands between the attributes: not all of them are known */
	size_t n;
	struct {
		gh_bytes name, value;
	} attrs[GH_HTML_ATTRS]; /* more are left out */
} gh_html_token;

typedef struct gh_html {
	gh_bytes page;
	size_t at;
	size_t counted; /* lines are counted up to here */
	uint32_t line;
	gh_bytes raw; /* the element whose raw content comes next */
} gh_html;

gh_html gh_html_over(gh_bytes page);
bool gh_html_next(gh_html *html, gh_html_token *ret);

/* Value of an attribute; empty (ptr NULL) where it is not there. */
gh_bytes gh_html_attr(const gh_html_token *token, const char *lower_name);
bool gh_html_has(const gh_html_token *token, const char *lower_name);

/* Texts of pages know no upper and lower case; `lower` is in lower case. */
bool gh_html_is(gh_bytes word, const char *lower);
bool gh_html_begins(gh_bytes text, const char *lower);
size_t gh_html_find(gh_bytes text, const char *lower); /* SIZE_MAX: not there */
bool gh_html_holds(gh_bytes text, const char *lower);
gh_bytes gh_html_strip(gh_bytes text); /* blanks at both ends */
/* The next word of a list that blanks divide; empty at its end. */
gh_bytes gh_html_word(gh_bytes *text);

#endif
