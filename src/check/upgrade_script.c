/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts of pages, one statement after the other, and who shows or hides what. */
#include "check/upgrade_in.h"

gh_js_reader gh_js_over(gh_bytes script)
{
	return (gh_js_reader){ .script = script };
}

static uint8_t byte_at(gh_bytes b, size_t i)
{
	return i < b.len ? b.ptr[i] : 0;
}

/* Behind a string, a comment; `at` where none begins. A string ends with its line at the latest. */
static size_t skip_quoted(gh_bytes s, size_t at)
{
	uint8_t c = byte_at(s, at), d = byte_at(s, at + 1);
	if (c == '/' && d == '/') {
		while (at < s.len && s.ptr[at] != '\n')
			at++;
		return at;
	}
	if (c == '/' && d == '*') {
		const uint8_t *end = memmem(s.ptr + at, s.len - at, "*/", 2);
		return end ? (size_t)(end - s.ptr) + 2 : s.len;
	}
	if (c != '"' && c != '\'')
		return at;
	for (at++; at < s.len && s.ptr[at] != c && s.ptr[at] != '\n'; at++)
		at += s.ptr[at] == '\\';
	return GH_MIN(at + 1, s.len);
}

static bool is_word_byte(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

static bool is_head(gh_bytes text)
{
	static const char *const heads[] = { "if",      "else",   "for", "while", "case",
					     "default", "switch", "do",  "try",   "catch" };
	for (size_t i = 0; i < GH_COUNT(heads); i++)
		if (gh_bytes_start(text, gh_view_text(heads[i])) && !is_word_byte(byte_at(text, strlen(heads[i]))))
			return true;
	return false;
}

bool gh_js_next(gh_js_reader *r, gh_js *ret)
{
	gh_bytes s = r->script;
	while (r->at < s.len) {
		size_t start = r->at, at = start;
		unsigned parens = 0;
		uint8_t end = 0;
		while (at < s.len && !end) {
			size_t behind = skip_quoted(s, at);
			if (behind > at) {
				at = behind;
				continue;
			}
			uint8_t c = s.ptr[at++];
			if (c == '(')
				parens++;
			else if (c == ')' && parens > 0)
				parens--;
			else if (c == '{' || c == '}' || (parens == 0 && (c == ';' || c == '\n')))
				end = c;
		}
		gh_bytes text = gh_html_strip(gh_bytes_part(s, start, at - start - (end ? 1 : 0)));
		unsigned depth = r->depth;
		r->at = at;
		r->depth += end == '{';
		r->depth -= end == '}' && r->depth > 0;
		if (text.len == 0) {
			r->after_if = r->after_if && end != '}';
			continue;
		}
		bool head = is_head(text);
		*ret = (gh_js){ text, depth == 0 && !head && !r->after_if && end != '{' };
		r->after_if = head && end != ';' && end != '{';
		return true;
	}
	return false;
}

/* Words by which a statement meets elements that it does not call by their id. */
static bool is_general(gh_bytes text)
{
	static const char *const words[] = {
		"forms[",        "forms.",         "getelementsby", "queryselector", "parentnode",
		"parentelement", "childnodes",     "children",      "sibling",       "$(",
		"jquery(",       "all[",           "all.",          "this.",         "firstchild",
		"body",          "documentelement"
	};
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (gh_html_holds(text, words[i]))
			return true;
	return false;
}

/* Words by which a statement changes whether something is seen. */
static bool is_about_sight(gh_bytes text)
{
	static const char *const words[] = { "display",     "visibility", ".hidden",   ".show(",  "toggle",
					     "fadein",      "slidedown",  "class",     "csstext", "attribute(",
					     "removeprop(", "innerhtml",  "outerhtml", ".css(",   "style=",
					     "removechild", ".remove(" };
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (gh_html_holds(text, words[i]))
			return true;
	return false;
}

static unsigned count(gh_bytes text, const char *word)
{
	unsigned n = 0;
	for (size_t at; (at = gh_html_find(text, word)) != SIZE_MAX; n++)
		text = gh_bytes_part(text, at + 1, text.len);
	return n;
}

/* …= "none", ="hidden": it hides, and does nothing else. */
static bool is_hiding(gh_bytes text)
{
	if (memchr(text.ptr, '?', text.len) || gh_html_holds(text, "visible"))
		return false;
	return (gh_html_holds(text, "none") && count(text, "display") == count(text, "none")) ||
	       (gh_html_holds(text, "hidden") && gh_html_holds(text, "visibility") &&
		!gh_html_holds(text, "display")) ||
	       gh_html_holds(text, ".hide(");
}

static bool holds(gh_bytes text, gh_bytes word)
{
	return word.len > 0 && text.len >= word.len && memmem(text.ptr, text.len, word.ptr, word.len);
}

/* A variable that was set to an element found in a general way may be this one. */
static bool sets_general(gh_bytes script)
{
	gh_js_reader r = gh_js_over(script);
	for (gh_js js; gh_js_next(&r, &js);)
		if (memchr(js.text.ptr, '=', js.text.len) && is_general(js.text) && !gh_html_holds(js.text, ".value") &&
		    !gh_html_holds(js.text, ".disabled") && !gh_html_holds(js.text, ".checked"))
			return true;
	return false;
}

/* "word", 'word', "#word form": a whole word that a quote or '#' stands before; of classes, a '.', too. */
static bool is_quoted(gh_bytes script, gh_bytes word, bool class)
{
	for (size_t at = 1; word.len > 0 && at + word.len < script.len; at++) {
		uint8_t before = script.ptr[at - 1];
		bool opens = before == '"' || before == '\'' || before == '#' || (class && before == '.');
		if (opens && memcmp(script.ptr + at, word.ptr, word.len) == 0 &&
		    !is_word_byte(script.ptr[at + word.len]))
			return true;
	}
	return false;
}

/* The word is handed to something in a script of this page, or of the volume. */
static bool is_called(const gh_scripts *s, gh_bytes word, bool anywhere, bool class)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_quoted(s->page[i], word, class))
			return true;
	for (size_t i = 0; anywhere && i < s->n_others; i++)
		if (is_quoted(s->others[i], word, class))
			return true;
	return false;
}

bool gh_upgrade_is_called(const gh_scripts *s, gh_bytes id)
{
	return is_called(s, id, true, false);
}

static bool calls_class(const gh_scripts *s, gh_bytes classes)
{
	for (gh_bytes word; (word = gh_html_word(&classes)).len;)
		if (is_called(s, word, true, true))
			return true;
	return false;
}

/* As holds(), but not as a part of a longer word. */
static bool holds_word(gh_bytes text, gh_bytes word)
{
	for (size_t at = 0; word.len > 0 && at + word.len <= text.len; at++)
		if (memcmp(text.ptr + at, word.ptr, word.len) == 0 && (at == 0 || !is_word_byte(text.ptr[at - 1])) &&
		    !is_word_byte(byte_at(text, at + word.len)))
			return true;
	return false;
}

/* A script of the volume that calls the element by its bare name, and changes whether it is seen. */
static bool is_shown_elsewhere(const gh_scripts *s, const gh_hidden *e)
{
	for (size_t i = 0; i < s->n_others; i++) {
		if (!holds(s->others[i], e->id) && !holds(s->others[i], e->name))
			continue;
		gh_js_reader r = gh_js_over(s->others[i]);
		for (gh_js js; gh_js_next(&r, &js);)
			if ((holds_word(js.text, e->id) || holds_word(js.text, e->name)) && is_about_sight(js.text) &&
			    !is_hiding(js.text))
				return true;
	}
	return false;
}

bool gh_upgrade_shown(const gh_scripts *s, const gh_hidden *e)
{
	/* A page that hides itself until it is ready, or against frames, is shown by whatever is there. */
	if (gh_html_is(e->tag, "body") || gh_html_is(e->tag, "html"))
		return true;
	if (is_called(s, e->id, true, false) || is_called(s, e->name, false, false) || calls_class(s, e->class) ||
	    is_shown_elsewhere(s, e))
		return true;
	bool named = e->id.len > 0 || e->name.len > 0;
	for (size_t i = 0; i < s->n; i++) {
		bool general = sets_general(s->page[i]);
		gh_js_reader r = gh_js_over(s->page[i]);
		for (gh_js js; gh_js_next(&r, &js);) {
			if (!is_about_sight(js.text) || is_hiding(js.text))
				continue;
			bool by_id = gh_html_holds(js.text, "getelementbyid(\"") ||
				     gh_html_holds(js.text, "getelementbyid('");
			if (is_general(js.text) || holds(js.text, e->id) || holds(js.text, e->name))
				return true;
			if (!by_id && (named || general))
				return true;
		}
	}
	return false;
}

/* document.forms[0].style.display = "none", not in an if, and nothing shows it again. */
gh_bytes gh_upgrade_hides(const gh_scripts *s, gh_bytes id, gh_bytes name)
{
	gh_bytes found = { NULL, 0 };
	for (size_t i = 0; i < s->n_others; i++)
		if (is_quoted(s->others[i], id, false))
			return found;
	for (size_t i = 0; i < s->n; i++) {
		gh_js_reader r = gh_js_over(s->page[i]);
		for (gh_js js; gh_js_next(&r, &js);) {
			bool form = gh_html_holds(js.text, "forms[0]") || gh_html_holds(js.text, "tagname(\"form\")") ||
				    gh_html_holds(js.text, "tagname('form')") ||
				    gh_html_holds(js.text, "selector(\"form") ||
				    gh_html_holds(js.text, "selector('form") || gh_html_holds(js.text, "$(\"form") ||
				    gh_html_holds(js.text, "$('form") || holds_word(js.text, id) ||
				    holds_word(js.text, name);
			if (!form || !is_about_sight(js.text))
				continue;
			if (!is_hiding(js.text) || !js.bare)
				return (gh_bytes){ NULL, 0 };
			found = js.text;
		}
	}
	return found;
}

bool gh_upgrade_speaks(const gh_scripts *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t w = 0; w < n; w++)
			if (gh_html_holds(s->page[i], words[w]))
				return true;
	return false;
}
