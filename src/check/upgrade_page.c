/* SPDX-License-Identifier: Apache-2.0 */
/* One page: its forms for new firmware, and whether an owner can see and use them. */
#include "check/upgrade_in.h"

enum { LINKS_MOST = 16, ASKED_MOST = 4 };

bool gh_upgrade_is_named(gh_bytes text)
{
	static const char *const words[] = { "upgrad", "firmware", "softup",   "fwup",      "fw_up",
					     "swup",   "upd_fw",   "flashops", "upload.cgi" };
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (gh_html_holds(text, words[i]))
			return true;
	return false;
}

bool gh_upgrade_is_settings(gh_bytes text)
{
	static const char *const words[] = { "conf", "cfg", "restore", "backup", "setting", "cert", "import", "param" };
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (gh_html_holds(text, words[i]))
			return true;
	return false;
}

/* The walk: which elements are open. */
typedef struct walk {
	gh_upgrade_page *page;
	gh_style rules;
	gh_hidden open[GH_UPGRADE_DEPTH];
	size_t depth;
	gh_hidden form; /* tag.len 0: none is open */
	gh_bytes action, onsubmit;
	bool conditional; /* server code, or scripts that are not at hand, decide what of the page is seen */
	bool whole;       /* <html> or <body>: no fragment that another page takes in */
	unsigned links, forms;
	bool external; /* there are scripts from elsewhere */
	bool labels;   /* <label for=…> stands for a field */
	bool pending;  /* the form is for firmware, and no field of it was met */
	bool said;
} walk;

static bool is_void(gh_bytes name)
{
	static const char *const list[] = { "area", "base", "br",   "col",   "embed", "frame",  "hr",
					    "img",  "link", "meta", "param", "input", "source", "wbr" };
	for (size_t i = 0; i < GH_COUNT(list); i++)
		if (gh_html_is(name, list[i]))
			return true;
	return false;
}

static bool same_tag(gh_bytes a, gh_bytes b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp((const char *)a.ptr, (const char *)b.ptr, a.len) == 0);
}

/* Elements that end where a brother of theirs begins. */
static void end_brothers(walk *w, gh_bytes name)
{
	static const struct {
		const char *name, *ends[3], *wall;
	} list[] = {
		{ "td", { "td", "th", NULL }, "tr" },    { "th", { "td", "th", NULL }, "tr" },
		{ "tr", { "tr", "td", "th" }, "table" }, { "li", { "li", NULL, NULL }, "ul" },
		{ "p", { "p", NULL, NULL }, "div" },     { "option", { "option", NULL, NULL }, "select" },
		{ "div", { "p", NULL, NULL }, "td" },    { "table", { "p", NULL, NULL }, "td" },
		{ "form", { "p", NULL, NULL }, "td" },
	};
	for (size_t i = 0; i < GH_COUNT(list); i++) {
		if (!gh_html_is(name, list[i].name))
			continue;
		size_t ends = w->depth;
		for (size_t d = w->depth; d > 0 && !gh_html_is(w->open[d - 1].tag, list[i].wall); d--)
			for (size_t e = 0; e < 3; e++)
				if (list[i].ends[e] && gh_html_is(w->open[d - 1].tag, list[i].ends[e]))
					ends = d - 1;
		w->depth = ends;
		return;
	}
}

/* What hides an input and no script shows again; the input itself is not asked, since pages put a button of their
 * own before it. Tenda's pages hide <html> until their texts are there: each element on the way is asked. */
static const gh_hidden *hider(const walk *w)
{
	unsigned asked = 0;
	for (size_t d = 0; d < w->depth && asked < ASKED_MOST; d++)
		if (w->open[d].how && asked++ < ASKED_MOST && !gh_upgrade_shown(&w->page->scripts, &w->open[d]))
			return &w->open[d];
	return w->form.how && !gh_upgrade_shown(&w->page->scripts, &w->form) ? &w->form : NULL;
}

static gh_code say(walk *w, const char *kind, gh_level level, const gh_hidden *e, const char *title,
		   const char *harmless)
{
	w->said = true;
	if ((*w->page->said)++ >= GH_UPGRADE_SAID)
		return GH_OK;
	return gh_upgrade_say(w->page->check, w->page->root, w->page->entry, kind, level, e->at, e->line, e->source,
			      title, harmless);
}

#define PATH_FMT "/%.*s"
#define PATH_ARG(e) (int)GH_MIN((e)->path.len, (size_t)160), (const char *)(e)->path.ptr

static gh_code say_hidden(walk *w, const gh_hidden *e)
{
	gh_ctx *ctx = w->page->check->ctx;
	const char *title = gh_arena_printf(ctx->scratch,
					    "the form for new firmware of " PATH_FMT " is hidden (%s), and nothing "
					    "on the page shows it again",
					    PATH_ARG(w->page->entry), e->how);
	if (!title)
		return gh_nomem(ctx);
	return say(w, "hidden-form", w->conditional || !w->whole ? GH_LEVEL_NOTICE : GH_LEVEL_SUSPICIOUS, e, title,
		   "A provider that upgrades the device itself and leaves its customer no way to.");
}

static gh_code say_script(walk *w, gh_bytes statement)
{
	gh_ctx *ctx = w->page->check->ctx;
	gh_html html = gh_html_over(w->page->entry->kept);
	gh_hidden e = { .source = statement, .at = (uint64_t)(statement.ptr - html.page.ptr), .line = 1 };
	for (size_t i = 0; i < e.at; i++)
		e.line += html.page.ptr[i] == '\n';
	const char *title = gh_arena_printf(
		ctx->scratch, "a script hides the form for new firmware of " PATH_FMT " each time the page is loaded",
		PATH_ARG(w->page->entry));
	return title ? say(w, "hidden-by-script", w->conditional || !w->whole ? GH_LEVEL_NOTICE : GH_LEVEL_SUSPICIOUS,
			   &e, title, "A provider that upgrades the device itself and leaves its customer no way to.")
		     : gh_nomem(ctx);
}

static gh_code say_plain(walk *w, const char *kind, const gh_hidden *e, const char *what)
{
	gh_ctx *ctx = w->page->check->ctx;
	const char *title = gh_arena_printf(ctx->scratch, "%s on " PATH_FMT, what, PATH_ARG(w->page->entry));
	return title ? say(w, kind, GH_LEVEL_NOTICE, e, title,
			   "A page that sends the file in another way, or that the maker took out of use.")
		     : gh_nomem(ctx);
}

/* Ways by which a page sends a file without its form's own. */
static bool sends_by_script(const walk *w)
{
	static const char *const words[] = { "submit(", "xmlhttp", "ajax",    "formdata",
					     "fetch(",  "upload",  ".action", ".post(" };
	return gh_upgrade_speaks(&w->page->scripts, words, GH_COUNT(words));
}

static bool enables_by_script(const walk *w)
{
	static const char *const words[] = { "disabled", "attribute(", "prop(", "attr(" };
	return gh_upgrade_speaks(&w->page->scripts, words, GH_COUNT(words));
}

static bool is_dead(gh_bytes action)
{
	action = gh_html_strip(action);
	return gh_html_is(action, "#") || gh_html_begins(action, "javascript:void") ||
	       gh_html_is(action, "about:blank") || gh_html_is(action, "javascript:;");
}

/* A page may put a button of its own before the field, and hide all of the form behind it. */
static bool has_own_button(const walk *w, const gh_html_token *input)
{
	static const char *const words[] = { ".click()", "trigger(", "dispatchevent" };
	return w->labels || gh_upgrade_speaks(&w->page->scripts, words, GH_COUNT(words)) ||
	       (input && (gh_upgrade_is_called(&w->page->scripts, gh_html_attr(input, "id")) ||
			  gh_upgrade_is_called(&w->page->scripts, gh_html_attr(input, "name"))));
}

/* A form for firmware: can it be seen and used? */
static gh_code judge(walk *w, const gh_html_token *input)
{
	w->page->any = true;
	w->pending = false;
	if (*w->page->left == 0 || w->said)
		return GH_OK;
	(*w->page->left)--;
	const gh_hidden *e = hider(w);
	if (e)
		return has_own_button(w, input) ? GH_OK : say_hidden(w, e);
	gh_bytes statement = gh_upgrade_hides(&w->page->scripts, w->form.id, w->form.name);
	if (statement.len)
		return has_own_button(w, input) ? GH_OK : say_script(w, statement);
	if (w->external) /* what other scripts enable and send is not asked */
		return GH_OK;
	if (input && gh_html_has(input, "disabled") && !gh_style_is_steered(input) && !enables_by_script(w)) {
		gh_hidden field = gh_style_element(input, &w->rules);
		return say_plain(w, "disabled", &field, "the field for new firmware is switched off for good");
	}
	gh_bytes submit = gh_html_strip(w->onsubmit);
	if ((gh_html_is(submit, "return false") || gh_html_is(submit, "return false;")) && !sends_by_script(w))
		return say_plain(w, "no-submit", &w->form, "the form for new firmware never sends it (return false)");
	if (is_dead(w->action) && !sends_by_script(w))
		return say_plain(w, "no-action", &w->form, "the form for new firmware leads nowhere");
	return GH_OK;
}

/* Is this form for firmware? Its own names decide, then the page's. `page` false: only its own. */
static bool is_for_firmware(const walk *w, const gh_html_token *input, bool page)
{
	gh_bytes none = { NULL, 0 };
	gh_bytes own[] = { w->action, w->form.name, w->form.id, input ? gh_html_attr(input, "name") : none,
			   input ? gh_html_attr(input, "id") : none };
	bool named = false, settings = false;
	for (size_t i = 0; i < GH_COUNT(own); i++) {
		named |= gh_upgrade_is_named(own[i]);
		settings |= gh_upgrade_is_settings(own[i]);
	}
	return named || (page && !settings && gh_upgrade_is_named(gh_path_base(w->page->entry->path)));
}

static gh_code close_element(walk *w, gh_bytes name)
{
	gh_code code = GH_OK;
	if (gh_html_is(name, "form")) {
		code = w->pending ? judge(w, NULL) : GH_OK;
		w->form = (gh_hidden){ .how = NULL };
	}
	for (size_t d = w->depth; d > 0; d--)
		if (same_tag(w->open[d - 1].tag, name)) {
			w->depth = d - 1;
			break;
		}
	return code;
}

static gh_code open_element(walk *w, const gh_html_token *t)
{
	static const char *const other[] = { "script", "form", "frame", "iframe", "a", "object", "embed", "applet" };
	for (size_t i = 0; i < GH_COUNT(other); i++)
		w->page->other_content |= gh_html_is(t->name, other[i]);
	w->page->other_content |= t->server || gh_html_has(t, "http-equiv") || gh_html_has(t, "onload");
	end_brothers(w, t->name);
	bool form = gh_html_is(t->name, "form");
	if (form) {
		w->forms++;
		w->form = gh_style_element(t, &w->rules);
		w->action = gh_html_attr(t, "action");
		w->onsubmit = gh_html_attr(t, "onsubmit");
	}
	gh_code code = GH_OK;
	bool file = gh_html_is(t->name, "input") && gh_html_is(gh_html_strip(gh_html_attr(t, "type")), "file");
	if (form) /* a script may write its fields: without any it is judged at its end */
		w->pending = gh_html_holds(gh_html_attr(t, "enctype"), "multipart") && is_for_firmware(w, NULL, false);
	if (file && is_for_firmware(w, t, true))
		code = judge(w, t);
	if (!is_void(t->name) && w->depth < GH_UPGRADE_DEPTH)
		w->open[w->depth++] = gh_style_element(t, &w->rules);
	return code;
}

static void add_script(gh_scripts *s, gh_bytes text)
{
	if (text.len && s->n < GH_UPGRADE_SCRIPTS)
		s->page[s->n++] = text;
}

/* A script that is not in the volume, or that the server makes: nobody knows what it shows. */
static bool is_at_hand(const walk *w, gh_bytes src)
{
	const uint8_t *query = src.len ? memchr(src.ptr, '?', src.len) : NULL;
	gh_bytes base = gh_path_base(query ? gh_bytes_part(src, 0, (uint64_t)(query - src.ptr)) : src);
	const gh_volume *v = w->page->root->node->volume;
	for (size_t i = 0; i < v->count; i++)
		if (v->entries[i].type == GH_ENTRY_FILE && gh_bytes_eq(gh_path_base(v->entries[i].path), base))
			return v->entries[i].size <= GH_UPGRADE_SCRIPT && gh_bytes_end(base, GH_LIT(".js"));
	return false;
}

static bool is_for_screens(const gh_html_token *t)
{
	gh_bytes media = gh_html_strip(gh_html_attr(t, "media"));
	return media.len == 0 || gh_html_holds(media, "all") || gh_html_holds(media, "screen");
}

static void collect_open(walk *w, const gh_html_token *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (gh_html_begins(t->attrs[i].name, "on"))
			add_script(&w->page->scripts, t->attrs[i].value);
	w->labels |=
		gh_html_is(t->name, "label") && gh_html_has(t, "for") && gh_html_holds(gh_html_attr(t, "for"), "file");
	w->whole |= gh_html_is(t->name, "html") || gh_html_is(t->name, "body");
	if (gh_html_is(t->name, "script") && gh_html_attr(t, "src").len && w->links < LINKS_MOST) {
		w->links++;
		w->external = true;
		w->conditional |= !is_at_hand(w, gh_html_attr(t, "src"));
	}
	gh_bytes href =
		gh_html_is(t->name, "link") && is_for_screens(t) ? gh_html_attr(t, "href") : (gh_bytes){ NULL, 0 };
	if (href.len == 0 || w->links++ >= LINKS_MOST)
		return;
	for (size_t i = 0; i < w->page->n_sheets; i += 2)
		if (gh_bytes_eq(gh_path_base(href), w->page->sheets[i]))
			gh_style_read(&w->rules, w->page->sheets[i + 1]);
}

/* First pass: what may steer the page. */
static void collect(walk *w)
{
	gh_html html = gh_html_over(w->page->entry->kept);
	bool without = false, screen = true; /* inside <noscript>; the last style is for screens */
	for (gh_html_token t; gh_html_next(&html, &t);) {
		if (t.kind == GH_HTML_OPEN || t.kind == GH_HTML_CLOSE)
			without = gh_html_is(t.name, "noscript") ? t.kind == GH_HTML_OPEN : without;
		if (t.kind == GH_HTML_OPEN) {
			screen = is_for_screens(&t);
			collect_open(w, &t);
		} else if (t.kind == GH_HTML_RAW && gh_html_is(t.name, "script")) {
			add_script(&w->page->scripts, t.text);
		} else if (t.kind == GH_HTML_RAW && gh_html_is(t.name, "style") && screen && !without) {
			gh_style_read(&w->rules, t.text);
		} else if (t.kind == GH_HTML_SERVER) {
			w->conditional |= gh_html_holds(t.text, "if") || gh_html_holds(t.text, "else");
		} else if (t.kind == GH_HTML_COMMENT) {
			w->conditional |= gh_html_begins(gh_html_strip(t.text), "#if");
		} else if (t.kind == GH_HTML_TEXT) {
			w->conditional |= gh_html_holds(t.text, "{%") || gh_html_holds(t.text, "{{");
		}
	}
}

/* A form that stands in a comment. */
static gh_code look_at_comment(walk *w, const gh_html_token *comment)
{
	if (!gh_html_holds(comment->text, "<form") || !gh_html_holds(comment->text, "multipart/form-data"))
		return GH_OK;
	gh_html html = gh_html_over(comment->text);
	for (gh_html_token t; gh_html_next(&html, &t);) {
		gh_bytes action = gh_html_attr(&t, "action");
		if (t.kind != GH_HTML_OPEN || !gh_html_is(t.name, "form") || gh_upgrade_is_settings(action) ||
		    (!gh_upgrade_is_named(action) && !gh_upgrade_is_named(gh_path_base(w->page->entry->path))))
			continue;
		gh_hidden e = { .source = t.text, .at = comment->at + t.at, .line = comment->line + t.line - 1 };
		return say_plain(w, "commented-out", &e, "the only form for new firmware stands in a comment");
	}
	return GH_OK;
}

/* Scripts that speak of a form and its file, on a page for the upgrade that has no form and writes none. */
static gh_code look_at_absence(walk *w)
{
	static const char *const spoken[] = { "document.forms[", "document.forms." };
	static const char *const others[] = { "xmlhttp", "ajax", "formdata", "fetch(", ".post(" };
	gh_bytes page = w->page->entry->kept;
	if (w->forms > 0 || w->conditional || !w->whole || !gh_upgrade_is_named(gh_path_base(w->page->entry->path)) ||
	    gh_html_holds(page, "<form") || gh_upgrade_speaks(&w->page->scripts, others, GH_COUNT(others)) ||
	    gh_html_holds(page, "createelement") || gh_html_holds(page, "innerhtml = \"<"))
		return GH_OK;
	for (size_t i = 0; i < w->page->scripts.n; i++) {
		gh_bytes script = w->page->scripts.page[i];
		size_t at = GH_MIN(gh_html_find(script, spoken[0]), gh_html_find(script, spoken[1]));
		if (at == SIZE_MAX || !gh_html_holds(script, "file") || !gh_html_holds(script, ".value"))
			continue;
		gh_hidden e = { .source = gh_bytes_part(script, at, 64), .line = 1 };
		e.at = (uint64_t)(e.source.ptr - page.ptr);
		for (size_t n = 0; n < e.at; n++)
			e.line += page.ptr[n] == '\n';
		w->page->any = true; /* it was one: nobody is told of an empty page as well */
		return say_plain(w, "removed-form", &e, "scripts speak of a form for new firmware that is not");
	}
	return GH_OK;
}

static gh_code walk_page(walk *w)
{
	gh_code code = GH_OK;
	gh_html html = gh_html_over(w->page->entry->kept);
	for (gh_html_token t; code == GH_OK && gh_html_next(&html, &t);) {
		if (t.kind == GH_HTML_OPEN)
			code = open_element(w, &t);
		else if (t.kind == GH_HTML_CLOSE)
			code = close_element(w, t.name);
		w->page->other_content |= t.kind == GH_HTML_SERVER;
	}
	if (code == GH_OK && w->pending)
		code = judge(w, NULL);
	if (code != GH_OK || w->page->any)
		return code;
	html = gh_html_over(w->page->entry->kept);
	bool sends = sends_by_script(w);
	for (gh_html_token t; code == GH_OK && !sends && !w->said && gh_html_next(&html, &t);)
		if (t.kind == GH_HTML_COMMENT)
			code = look_at_comment(w, &t);
	w->page->any |= w->said;
	return code == GH_OK && !w->page->any ? look_at_absence(w) : code;
}

gh_code gh_upgrade_look(gh_upgrade_page *page)
{
	walk *w = gh_arena_zalloc(page->check->ctx->scratch, sizeof *w);
	if (!w)
		return gh_nomem(page->check->ctx);
	w->page = page;
	collect(w);
	return walk_page(w);
}
