/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feature as a rule writes it: a key and a value, which may end in " = description".
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "cap/parse_in.h"

enum { NAME_MOST = 512, BYTES_MOST = 256 };

static const struct {
	const char *key;
	gh_feature_kind kind;
} texts[] = {
	{ "api", GH_F_API },       { "syscall", GH_F_SYSCALL },
	{ "string", GH_F_STRING }, { "substring", GH_F_SUBSTRING },
	{ "bytes", GH_F_BYTES },   { "match", GH_F_MATCH },
	{ "import", GH_F_IMPORT }, { "function-name", GH_F_FUNCTION },
	{ "os", GH_F_OS },         { "arch", GH_F_ARCH },
	{ "format", GH_F_FORMAT }, { "compare", GH_F_COMPARE },
	{ "number", GH_F_NUMBER }, { "characteristic", GH_F_CHARACTERISTIC },
};

/* What programs of Windows and .NET have, and none of ours. */
static const char *const foreign[] = { "property/read", "property/write", "property",     "class",
				       "namespace",     "com/class",      "com/interface" };
static const char *const foreign_traits[] = {
	"peb access", "fs access",        "gs access",      "embedded pe",
	"mixed mode", "forwarded export", "unmanaged call", "cross section flow"
};

static bool is_among(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* The value without its description, in place; gives the description. */
static const char *strip(char *text)
{
	char *mark = strstr(text, " = ");
	if (mark)
		*mark = '\0';
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	return mark ? mark + 3 : "";
}

static bool add(gh_maker *m, gh_feature f, const char *text, size_t len, uint32_t least, uint32_t most)
{
	uint32_t feature = gh_maker_feature(m, f, text, len);
	return feature != UINT32_MAX && gh_maker_node(m, GH_N_FEATURE, least, most, feature) != UINT32_MAX;
}

static bool number_of(const char *text, gh_feature *f)
{
	const gh_constant *c = gh_constant_named(text);
	char *end;
	f->mask = UINT64_MAX;
	if (c) {
		f->number = c->number;
		f->mips = c->mips;
		f->mask = c->mask;
		return true;
	}
	errno = 0;
	bool minus = text[0] == '-';
	uint64_t n = strtoull(text + minus, &end, 0);
	if (errno || end == text + minus || *end || !isdigit((unsigned char)text[minus]))
		return false;
	f->number = f->mips = gh_cap_number(minus ? -n : n);
	return true;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool bytes(gh_maker *m, const gh_yaml *y, const char *text, uint32_t least, uint32_t most)
{
	char raw[BYTES_MOST];
	size_t n = 0;
	while (*text && n < sizeof raw) {
		if (*text == ' ') {
			text++;
			continue;
		}
		int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);
		if (low < 0)
			return gh_maker_fail(m, y->line, "bytes are pairs of hexadecimal digits");
		raw[n++] = (char)(high << 4 | low);
		text += 2;
	}
	if (*text || n < 4)
		return gh_maker_fail(m, y->line, "bytes are from 4 to %d", BYTES_MOST);
	return add(m, (gh_feature){ .kind = GH_F_BYTES }, raw, n, least, most);
}

/* "/expression/" and "/expression/i", as the search wants it. */
static bool is_regex(const gh_yaml *y)
{
	size_t n = y->len;
	return n > 2 && y->text[0] == '/' &&
	       (y->text[n - 1] == '/' || (n > 3 && y->text[n - 1] == 'i' && y->text[n - 2] == '/'));
}

static bool text_feature(gh_maker *m, const gh_yaml *y, uint32_t *ret)
{
	const char *text = y->text;
	size_t len = y->len;
	gh_feature f = { .kind = GH_F_STRING };
	if (is_regex(y)) {
		bool any_case = text[len - 1] == 'i';
		text = gh_arena_printf(m->ctx->scratch, "%s%.*s", any_case ? "(?i)" : "", (int)(len - 2 - any_case),
				       text + 1);
		if (!text)
			return gh_maker_fail(m, y->line, "out of memory");
		len = strlen(text);
		f.kind = GH_F_REGEX;
		gh_pattern p = { .expression = text, .once = true };
		gh_search *search = m->builtin ? NULL : gh_search_new(m->ctx, &p, 1);
		if (!search && !m->builtin)
			return gh_maker_fail(m, y->line, "%.150s", m->ctx->what);
		gh_search_free(search);
	}
	*ret = gh_maker_feature(m, f, text, len);
	return *ret != UINT32_MAX;
}

/* "1 = SOCK_STREAM": a number that is described by a constant's name is that constant, on MIPS, too. */
static void told_constant(gh_feature *f, const char *said)
{
	char name[32];
	size_t n = strspn(said, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	if (n == 0 || n >= sizeof name)
		return;
	memcpy(name, said, n);
	name[n] = '\0';
	const gh_constant *c = gh_constant_named(name);
	if (c && c->number == f->number)
		f->mips = c->mips;
}

static bool named(gh_maker *m, const gh_yaml *y, gh_feature_kind kind, const char *text, const char *said,
		  uint32_t least, uint32_t most)
{
	gh_feature f = { .kind = kind };
	if (kind == GH_F_NUMBER || kind == GH_F_COMPARE) {
		if (!number_of(text, &f))
			return gh_maker_fail(m, y->line, "'%.80s' is neither a number nor a constant that is known",
					     text);
		told_constant(&f, said);
		return add(m, f, "", 0, least, most);
	}
	if (kind == GH_F_CHARACTERISTIC) {
		int i = gh_characteristic_of(text);
		if (is_among(foreign_traits, GH_COUNT(foreign_traits), text))
			return add(m, (gh_feature){ .kind = GH_F_FOREIGN }, text, strlen(text), least, most);
		if (i < 0)
			return gh_maker_fail(m, y->line, "the characteristic '%.80s' is not supported", text);
		f.index = (uint32_t)i;
		return add(m, f, "", 0, least, most);
	}
	if (kind == GH_F_API || kind == GH_F_IMPORT) { /* "libc.socket" */
		const char *dot = strrchr(text, '.');
		text = dot && dot[1] ? dot + 1 : text;
	}
	return add(m, f, text, strlen(text), least, most);
}

bool gh_maker_leaf(gh_maker *m, const char *key, const gh_yaml *y, uint32_t least, uint32_t most)
{
	char text[NAME_MOST];
	size_t i = 0;
	if (strcmp(key, "basic blocks") == 0)
		return add(m, (gh_feature){ .kind = GH_F_BLOCKS }, "", 0, least, most);
	if (is_among(foreign, GH_COUNT(foreign), key))
		return add(m, (gh_feature){ .kind = GH_F_FOREIGN }, key, strlen(key), least, most);
	while (i < GH_COUNT(texts) && strcmp(texts[i].key, key) != 0)
		i++;
	if (i == GH_COUNT(texts))
		return gh_maker_fail(m, y->line, "the feature '%.80s' is not supported", key);
	if (y->kind != GH_YAML_TEXT || y->len == 0)
		return gh_maker_fail(m, y->line, "'%.80s' needs a value", key);
	if (texts[i].kind == GH_F_STRING) {
		uint32_t feature = 0;
		return text_feature(m, y, &feature) &&
		       gh_maker_node(m, GH_N_FEATURE, least, most, feature) != UINT32_MAX;
	}
	if (texts[i].kind == GH_F_SUBSTRING)
		return add(m, (gh_feature){ .kind = GH_F_SUBSTRING }, y->text, y->len, least, most);
	char *copy = y->len < sizeof text ? text : gh_arena_text(m->ctx->scratch, y->text, y->len);
	if (!copy)
		return gh_maker_fail(m, y->line, "out of memory");
	memcpy(copy, y->text, y->len + 1);
	const char *said = strip(copy);
	return texts[i].kind == GH_F_BYTES ? bytes(m, y, copy, least, most)
					   : named(m, y, texts[i].kind, copy, said, least, most);
}

bool gh_maker_argument(gh_maker *m, unsigned index, const gh_yaml *y)
{
	gh_feature f = { .kind = GH_F_ARG_NUMBER, .index = index };
	if (y->kind == GH_YAML_LIST) {
		uint32_t node = gh_maker_node(m, GH_N_OR, 0, 0, 0);
		for (const gh_yaml *i = y->first; i && node != UINT32_MAX; i = i->next)
			if (i->kind == GH_YAML_LIST || !gh_maker_argument(m, index, i))
				return m->why[0] ? false : gh_maker_fail(m, y->line, "a list of lists is no argument");
		if (node != UINT32_MAX)
			m->caps.nodes[node].end = m->caps.n_nodes;
		return node != UINT32_MAX;
	}
	const gh_yaml *part = gh_yaml_get(y, "substring");
	if (y->kind == GH_YAML_MAP && (!part || part->kind != GH_YAML_TEXT || part->len == 0))
		return gh_maker_fail(m, y->line,
				     "an argument is a number, a constant, text, /expression/ or {substring: text}");
	if (!part && !y->quoted && number_of(y->text, &f))
		return add(m, f, "", 0, 1, UINT32_MAX);
	f = (gh_feature){ .kind = GH_F_ARG_TEXT, .index = index };
	if (part)
		f.of = gh_maker_feature(m, (gh_feature){ .kind = GH_F_SUBSTRING }, part->text, part->len);
	else if (!text_feature(m, y, &f.of))
		return false;
	return f.of != UINT32_MAX && add(m, f, "", 0, 1, UINT32_MAX);
}
