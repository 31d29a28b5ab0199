/* SPDX-License-Identifier: Apache-2.0 */
/* What hides an element: its own style, its attributes, the style rules of its page. */
#include <strings.h>

#include "check/upgrade_in.h"

/* The value of a property in a list "a: b; c: d". */
static gh_bytes property(gh_bytes style, const char *name)
{
	gh_bytes found = { NULL, 0 };
	while (style.len) {
		const uint8_t *semi = memchr(style.ptr, ';', style.len);
		size_t n = semi ? (size_t)(semi - style.ptr) : style.len;
		gh_bytes one = gh_bytes_part(style, 0, n);
		const uint8_t *colon = one.len ? memchr(one.ptr, ':', one.len) : NULL;
		if (colon && gh_html_is(gh_html_strip(gh_bytes_part(one, 0, (size_t)(colon - one.ptr))), name))
			found = gh_html_strip(gh_bytes_part(one, (size_t)(colon - one.ptr) + 1, one.len));
		style = gh_bytes_part(style, n + 1, style.len);
	}
	return found;
}

static const char *hidden_by(gh_bytes style)
{
	if (gh_html_begins(property(style, "display"), "none"))
		return "display:none";
	if (gh_html_begins(property(style, "visibility"), "hidden") ||
	    gh_html_begins(property(style, "visibility"), "collapse"))
		return "visibility:hidden";
	return NULL;
}

static bool is_simple(gh_bytes selector)
{
	for (size_t i = 0; i < selector.len; i++)
		if (strchr(" >+~:[*,\t\r\n", selector.ptr[i]))
			return false;
	return selector.len > 0;
}

static void add_rule(gh_style *r, gh_bytes selector, const char *how, bool shows)
{
	for (size_t i = 0; i < r->n; i++)
		if (gh_bytes_eq(r->list[i].selector, selector) && (how || shows)) {
			r->list[i].how = how;
			return;
		}
	if (how && r->n < GH_UPGRADE_RULES) {
		r->list[r->n].how = how;
		r->list[r->n++].selector = selector;
	}
}

/* Rules outside of @media and the like. Where a sheet is not what it seems, rules are lost, not made. */
void gh_style_read(gh_style *r, gh_bytes sheet)
{
	size_t at = 0;
	while (at < sheet.len) {
		const uint8_t *open = memchr(sheet.ptr + at, '{', sheet.len - at);
		if (!open)
			return;
		size_t body = (size_t)(open - sheet.ptr) + 1, end = body;
		unsigned depth = 1;
		while (end < sheet.len && depth > 0) {
			depth += sheet.ptr[end] == '{';
			depth -= sheet.ptr[end] == '}';
			end++;
		}
		gh_bytes head = gh_bytes_part(sheet, at, body - 1 - at),
			 style = gh_bytes_part(sheet, body, end - body - 1);
		const uint8_t *comment = head.len ? memrchr(head.ptr, '/', head.len) : NULL;
		if (comment)
			head = gh_bytes_part(head, (size_t)(comment - head.ptr) + 1, head.len);
		at = end;
		const char *how = hidden_by(style);
		bool shows = property(style, "display").len > 0 || property(style, "visibility").len > 0;
		while (head.len && !memchr(style.ptr ? style.ptr : head.ptr, '{', style.len)) {
			const uint8_t *comma = memchr(head.ptr, ',', head.len);
			size_t n = comma ? (size_t)(comma - head.ptr) : head.len;
			gh_bytes selector = gh_html_strip(gh_bytes_part(head, 0, n));
			if (is_simple(selector))
				add_rule(r, selector, how, shows);
			head = gh_bytes_part(head, n + 1, head.len);
		}
	}
}

static bool has_class(gh_bytes classes, gh_bytes want)
{
	for (gh_bytes word; (word = gh_html_word(&classes)).len;)
		if (gh_bytes_eq(word, want))
			return true;
	return false;
}

static bool matches(gh_bytes selector, const gh_hidden *e)
{
	size_t n = 0;
	while (n < selector.len && selector.ptr[n] != '.' && selector.ptr[n] != '#')
		n++;
	gh_bytes tag = gh_bytes_part(selector, 0, n), mark = gh_bytes_part(selector, n, selector.len);
	if (tag.len &&
	    (tag.len != e->tag.len || strncasecmp((const char *)tag.ptr, (const char *)e->tag.ptr, tag.len) != 0))
		return false;
	gh_bytes word = gh_bytes_part(mark, 1, mark.len);
	if (mark.len == 0)
		return tag.len > 0;
	return mark.ptr[0] == '.' ? has_class(e->class, word) : gh_bytes_eq(e->id, word);
}

/* A framework shows what carries its marks, or the server decides: not known. */
bool gh_style_is_steered(const gh_html_token *t)
{
	static const char *const heads[] = { "ng-", "v-", "x-", "data-", ":", "@", "*", "[", "(", "#" };
	for (size_t i = 0; i < t->n; i++) {
		gh_bytes value = t->attrs[i].value;
		bool sight = gh_html_is(t->attrs[i].name, "style") || gh_html_is(t->attrs[i].name, "class") ||
			     gh_html_is(t->attrs[i].name, "id");
		if (gh_html_holds(value, "{{") || (sight && (gh_html_holds(value, "<%") || gh_html_holds(value, "<?"))))
			return true;
		for (size_t h = 0; h < GH_COUNT(heads); h++)
			if (gh_html_begins(t->attrs[i].name, heads[h]))
				return true;
	}
	return t->server;
}

gh_hidden gh_style_element(const gh_html_token *t, const gh_style *r)
{
	gh_hidden e = { .id = gh_html_attr(t, "id"),
			.name = gh_html_attr(t, "name"),
			.class = gh_html_attr(t, "class"),
			.tag = t->name,
			.source = t->text,
			.at = t->at,
			.line = t->line };
	if (gh_style_is_steered(t))
		return e;
	e.how = hidden_by(gh_html_attr(t, "style"));
	if (!e.how && gh_html_has(t, "hidden"))
		e.how = "hidden";
	for (size_t i = 0; i < r->n && !e.how; i++)
		if (r->list[i].how && matches(r->list[i].selector, &e)) {
			e.how = r->list[i].how;
			e.by_class = true;
		}
	return e;
}
