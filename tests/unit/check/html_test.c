/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/html_in.h"

/* The tokens of a page in one line: "<form action=x>" is "open form action=x". */
static const char *told(const char *page)
{
	static char out[1024];
	static const char *const kinds[] = { "open", "close", "text", "raw", "comment", "server" };
	size_t at = 0;
	gh_html html = gh_html_over(gh_view_text(page));
	out[0] = 0;
	for (gh_html_token t; gh_html_next(&html, &t);) {
		bool tag = t.kind == GH_HTML_OPEN || t.kind == GH_HTML_CLOSE;
		gh_bytes text = tag ? t.name : gh_html_strip(t.text);
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%s %.*s", at ? "|" : "", kinds[t.kind],
				       (int)text.len, text.len ? (const char *)text.ptr : "");
		for (size_t i = 0; i < t.n; i++)
			at += (size_t)snprintf(out + at, sizeof out - at, " %.*s=%.*s", (int)t.attrs[i].name.len,
					       (const char *)t.attrs[i].name.ptr, (int)t.attrs[i].value.len,
					       t.attrs[i].value.len ? (const char *)t.attrs[i].value.ptr : "");
		if (t.server)
			at += (size_t)snprintf(out + at, sizeof out - at, " (server)");
	}
	return out;
}

static void pages_are_cut_into_tokens(void **state)
{
	(void)state;
	static const struct row {
		const char *page, *want;
	} rows[] = {
		{ "", "" },
		{ "a<b>c</b>", "text a|open b|text c|close b" },
		{ "<FORM action=\"x y\" hidden method=post>", "open FORM action=x y hidden= method=post" },
		{ "<input type=file disabled/>", "open input type=file disabled=" },
		{ "<input name = 'a>b' value=>", "open input name=a>b value=" },
		{ "<script>if (a<b) x=\"</b>\"</SCRIPT>y", "open script|raw if (a<b) x=\"</b>\"|close SCRIPT|text y" },
		{ "<style></style>", "open style|raw |close style" },
		{ "<!-- <form> -->z", "comment <form>|text z" },
		{ "<!-- open", "comment open" },
		{ "<!DOCTYPE html>x", "text |text x" },
		{ "<% if a then %>b<? c ?>", "server <% if a then %>|text b|server <? c ?>" },
		{ "<a href=\"<% f(\"x\") %>/y\">", "open a href=<% f(\"x\") %>/y" },
		{ "<div <% if a %>hidden<% end %>>", "open div hidden= (server)" },
		{ "1 < 2 </ 3", "text 1|text < 2|text </ 3" },
		{ "<a href=\"never closed", "open a href=never closed" },
		{ "<", "text <" },
		{ "<% never", "server <% never" },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++)
		SAME(gh_view_text(told(rows[i].page)), gh_view_text(rows[i].want), rows[i].page);
}

static void places_are_right(void **state)
{
	(void)state;
	const char *page = "<html>\n<!-- a\n b -->\n<form\n id=x><input>";
	gh_html html = gh_html_over(gh_view_text(page));
	for (gh_html_token t; gh_html_next(&html, &t);) {
		if (t.kind == GH_HTML_OPEN && gh_html_is(t.name, "form")) {
			EQ(t.line, 4, "line of the form");
			EQ(t.at, strstr(page, "<form") - page, "offset of the form");
			TRUE(gh_html_is(gh_html_attr(&t, "id"), "x"), "its id");
			TRUE(!gh_html_has(&t, "name") && gh_html_attr(&t, "name").len == 0, "it has no name");
		}
		if (t.kind == GH_HTML_OPEN && gh_html_is(t.name, "input"))
			EQ(t.line, 5, "line of the input");
	}
}

static void more_attributes_than_fit_are_left_out(void **state)
{
	(void)state;
	char page[1024] = "<a";
	for (unsigned i = 0; i < 100; i++)
		(void)snprintf(page + strlen(page), sizeof page - strlen(page), " x%u=y", i);
	(void)snprintf(page + strlen(page), sizeof page - strlen(page), "><b>");
	gh_html html = gh_html_over(gh_view_text(page));
	gh_html_token t;
	TRUE(gh_html_next(&html, &t) && t.n == GH_HTML_ATTRS, "the room is full");
	TRUE(gh_html_next(&html, &t) && gh_html_is(t.name, "b"), "the next tag is met");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_cut_into_tokens),
		cmocka_unit_test(places_are_right),
		cmocka_unit_test(more_attributes_than_fit_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
