/* SPDX-License-Identifier: Apache-2.0 */
#include "check/html_in.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(uint8_t c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

bool gh_html_is(gh_bytes word, const char *text)
{
	size_t n = strlen(text);
	if (word.len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(word.ptr[i]) != (uint8_t)text[i])
			return false;
	return true;
}

size_t gh_html_find(gh_bytes text, const char *want)
{
	size_t n = strlen(want);
	for (size_t i = 0; i + n <= text.len; i++)
		if (lower(text.ptr[i]) == (uint8_t)want[0] && gh_html_is(gh_bytes_part(text, i, n), want))
			return i;
	return SIZE_MAX;
}

bool gh_html_holds(gh_bytes text, const char *want)
{
	return gh_html_find(text, want) != SIZE_MAX;
}

bool gh_html_begins(gh_bytes text, const char *want)
{
	return gh_html_is(gh_bytes_part(text, 0, strlen(want)), want);
}

gh_bytes gh_html_strip(gh_bytes text)
{
	while (text.len && is_blank(text.ptr[0]))
		text = gh_bytes_part(text, 1, text.len);
	while (text.len && is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

gh_bytes gh_html_word(gh_bytes *text)
{
	*text = gh_html_strip(*text);
	size_t n = 0;
	while (n < text->len && !is_blank(text->ptr[n]))
		n++;
	gh_bytes word = gh_bytes_part(*text, 0, n);
	*text = gh_bytes_part(*text, n, text->len);
	return word;
}

gh_bytes gh_html_attr(const gh_html_token *token, const char *name)
{
	for (size_t i = 0; i < token->n; i++)
		if (gh_html_is(token->attrs[i].name, name))
			return token->attrs[i].value;
	return (gh_bytes){ NULL, 0 };
}

bool gh_html_has(const gh_html_token *token, const char *name)
{
	for (size_t i = 0; i < token->n; i++)
		if (gh_html_is(token->attrs[i].name, name))
			return true;
	return false;
}

gh_html gh_html_over(gh_bytes page)
{
	return (gh_html){ .page = page, .line = 1 };
}

/* Elements whose content is text whatever it looks like. */
static bool is_raw(gh_bytes name)
{
	return gh_html_is(name, "script") || gh_html_is(name, "style") || gh_html_is(name, "textarea") ||
	       gh_html_is(name, "title") || gh_html_is(name, "xmp");
}

/* Where `end` comes next, from `at`; the end of the page where it does not. */
static size_t find_end(gh_bytes page, size_t at, const char *end)
{
	const uint8_t *found = at < page.len ? memmem(page.ptr + at, page.len - at, end, strlen(end)) : NULL;
	return found ? (size_t)(found - page.ptr) : page.len;
}

/* The end of the server code that begins at `at`, or `at` when none does. */
static size_t skip_server(gh_bytes page, size_t at)
{
	gh_bytes head = gh_bytes_part(page, at, 2);
	bool percent = gh_bytes_eq(head, GH_LIT("<%"));
	if (!percent && !gh_bytes_eq(head, GH_LIT("<?")))
		return at;
	size_t end = find_end(page, at + 2, percent ? "%>" : "?>");
	return GH_MIN(end + 2, page.len);
}

/* A value, quoted or not; `at` moves behind it. */
static gh_bytes read_value(gh_bytes page, size_t *at)
{
	uint8_t quote = *at < page.len && (page.ptr[*at] == '"' || page.ptr[*at] == '\'') ? page.ptr[*at] : 0;
	size_t start = *at + (quote ? 1 : 0), i = start;
	while (i < page.len) {
		size_t behind = page.ptr[i] == '<' ? skip_server(page, i) : i;
		if (behind > i) {
			i = behind;
			continue;
		}
		if (quote ? page.ptr[i] == quote : is_blank(page.ptr[i]) || page.ptr[i] == '>')
			break;
		i++;
	}
	*at = i + (quote && i < page.len ? 1 : 0);
	return gh_bytes_part(page, start, i - start);
}

static size_t name_end(gh_bytes page, size_t at)
{
	while (at < page.len && !is_blank(page.ptr[at]) && page.ptr[at] != '>' && page.ptr[at] != '/' &&
	       page.ptr[at] != '=' && page.ptr[at] != '<')
		at++;
	return at;
}

static size_t skip_blank(gh_bytes page, size_t at)
{
	while (at < page.len && is_blank(page.ptr[at]))
		at++;
	return at;
}

/* The attributes of a tag, to behind its '>'. */
static size_t read_attrs(gh_bytes page, size_t at, gh_html_token *t)
{
	while ((at = skip_blank(page, at)) < page.len && page.ptr[at] != '>') {
		size_t behind = page.ptr[at] == '<' ? skip_server(page, at) : at;
		if (behind > at) {
			t->server = true;
			at = behind;
			continue;
		}
		size_t end = name_end(page, at);
		if (end == at) { /* a lonely '/', '=' or '<' */
			at++;
			continue;
		}
		gh_bytes name = gh_bytes_part(page, at, end - at), value = { NULL, 0 };
		at = skip_blank(page, end);
		if (at < page.len && page.ptr[at] == '=') {
			at = skip_blank(page, at + 1);
			value = read_value(page, &at);
		}
		if (t->n < GH_HTML_ATTRS) {
			t->attrs[t->n].name = name;
			t->attrs[t->n++].value = value;
		}
	}
	return GH_MIN(at + 1, page.len);
}

static size_t read_tag(gh_html *html, gh_html_token *t)
{
	gh_bytes page = html->page;
	bool close = page.ptr[html->at + 1] == '/';
	size_t at = html->at + (close ? 2 : 1), end = name_end(page, at);
	t->kind = close ? GH_HTML_CLOSE : GH_HTML_OPEN;
	t->name = gh_bytes_part(page, at, end - at);
	end = read_attrs(page, end, t);
	if (!close && is_raw(t->name))
		html->raw = t->name;
	return end;
}

static bool same_name(gh_bytes a, gh_bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

/* Up to the closing tag of the element that is open. */
static size_t raw_end(const gh_html *html)
{
	size_t at = find_end(html->page, html->at, "</");
	while (at < html->page.len && !same_name(gh_bytes_part(html->page, at + 2, html->raw.len), html->raw))
		at = find_end(html->page, at + 2, "</");
	return at;
}

/* Sets what lies inside and gives where the token ends. */
static size_t read_other(gh_html *html, gh_html_token *t)
{
	gh_bytes page = html->page;
	size_t at = html->at, end;
	gh_bytes rest = gh_bytes_part(page, at, page.len);
	if (html->raw.len) {
		end = raw_end(html);
		*t = (gh_html_token){ .kind = GH_HTML_RAW,
				      .name = html->raw,
				      .text = gh_bytes_part(page, at, end - at) };
		html->raw = (gh_bytes){ NULL, 0 };
		return end;
	}
	if (gh_bytes_start(rest, GH_LIT("<!--"))) {
		end = find_end(page, at + 4, "-->");
		*t = (gh_html_token){ .kind = GH_HTML_COMMENT,
				      .text = gh_bytes_part(page, at + 4, end - GH_MIN(end, at + 4)) };
		return GH_MIN(end + 3, page.len);
	}
	end = skip_server(page, at);
	if (end > at) {
		*t = (gh_html_token){ .kind = GH_HTML_SERVER, .text = gh_bytes_part(page, at, end - at) };
		return end;
	}
	if (gh_bytes_start(rest, GH_LIT("<!"))) {
		end = find_end(page, at, ">");
		*t = (gh_html_token){ .kind = GH_HTML_TEXT, .text = { NULL, 0 } };
		return GH_MIN(end + 1, page.len);
	}
	end = find_end(page, at + 1, "<");
	*t = (gh_html_token){ .kind = GH_HTML_TEXT, .text = gh_bytes_part(page, at, end - at) };
	return end;
}

bool gh_html_next(gh_html *html, gh_html_token *ret)
{
	gh_bytes page = html->page;
	if (html->at >= page.len)
		return false;
	size_t start = html->at;
	uint8_t second = start + 1 < page.len ? page.ptr[start + 1] : 0;
	uint8_t third = start + 2 < page.len ? page.ptr[start + 2] : 0;
	bool tag =
		!html->raw.len && page.ptr[start] == '<' && (is_letter(second) || (second == '/' && is_letter(third)));
	*ret = (gh_html_token){ .kind = GH_HTML_TEXT };
	if (tag) {
		html->at = read_tag(html, ret);
		ret->text = gh_bytes_part(page, start, html->at - start);
	} else {
		html->at = read_other(html, ret);
	}
	ret->at = ret->text.len ? (uint64_t)(ret->text.ptr - page.ptr) : start;
	for (; html->counted < ret->at; html->counted++)
		html->line += page.ptr[html->counted] == '\n';
	ret->line = html->line;
	return true;
}
