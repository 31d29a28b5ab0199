/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an account open with a password that everybody knows? Each hash is tried with known defaults, with the
 * name of its account, and with words that the image itself shows: its vendor, its model, its host name.
 *
 * What a scan may try is counted in estimated cost, never in time, so that the same is tried everywhere.
 */
#include "check/accounts_in.h"
#include "check/default_passwords_in.h"
#include "check/root_in.h"
#include "codec/password.h"

enum { ACCOUNTS_MOST = 32, WORDS_MOST = 32, WORD_MOST = 40, FILE_LINES = 512, ALOUD_MOST = 3 };

static bool has_name(gh_bytes path)
{
	gh_bytes base = gh_path_base(path);
	return base.len && (memmem(base.ptr, base.len, "passwd", 6) || memmem(base.ptr, base.len, "shadow", 6));
}

static bool keeps(const gh_file *file)
{
	return has_name(file->path) && gh_accounts_are(file->content);
}

/* Words of the image itself. */
typedef struct words {
	char list[WORDS_MOST][WORD_MOST];
	size_t n;
} words;

static void add_word(words *w, gh_bytes text)
{
	while (text.len && (text.ptr[text.len - 1] <= ' '))
		text.len--;
	if (text.len < 3 || text.len >= WORD_MOST || w->n == WORDS_MOST)
		return;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return;
	for (size_t i = 0; i < w->n; i++)
		if (gh_bytes_eq(gh_view_text(w->list[i]), text))
			return;
	memcpy(w->list[w->n], text.ptr, text.len);
	w->list[w->n++][text.len] = 0;
}

static void words_of(words *w, const gh_node *node)
{
	static const char *const keys[] = { "vendor", "product", "model", "board" };
	for (; node; node = node->up)
		for (const gh_fact *f = node->facts; f; f = f->next)
			for (size_t i = 0; i < GH_COUNT(keys); i++)
				if (strcmp(f->key, keys[i]) == 0 && !f->secret)
					add_word(w, f->value);
}

typedef struct trial {
	gh_check_ctx *check;
	const gh_node *node;
	const words *words;
	uint64_t *left; /* of the scan's second */
	unsigned *said;
	gh_bytes tried[ACCOUNTS_MOST];
	size_t n;
} trial;

static gh_code say(const trial *t, const gh_entry *file, const gh_account *a, const char *password, const char *source)
{
	gh_ctx *ctx = t->check->ctx;
	gh_finding f = {
		.id = "DEFAULT-CREDENTIALS/known-password",
		.check = gh_check_default_credentials.id,
		.level = (*t->said)++ < ALOUD_MOST ? GH_LEVEL_NOTICE : GH_LEVEL_INFO,
		.sure = GH_SURE_HIGH,
		.why = gh_check_default_credentials.why,
		.harmless = gh_check_default_credentials.harmless,
		.attack = gh_check_default_credentials.attack,
		.n_evidence = 1,
	};
	f.title = gh_arena_printf(ctx->scratch, "\"%.*s\" opens with the password \"%s\" (%s)",
				  (int)GH_MIN(a->name.len, (size_t)64), (const char *)a->name.ptr, password, source);
	f.evidence[0] = (gh_evidence){ .node = t->node->id,
				       .path = file->path,
				       .at = a->at,
				       .line = a->line,
				       .excerpt = gh_bytes_part(a->source, 0, GH_EXCERPT),
				       .note = "this account" };
	return f.title ? gh_finding_add(ctx, t->check->out, &f) : gh_nomem(ctx);
}

static bool opens(trial *t, const char *password, gh_bytes hash, uint32_t cost)
{
	if (*t->left < cost)
		return false;
	*t->left -= cost;
	return gh_password_matches(password, hash);
}

static bool was_tried(trial *t, gh_bytes hash)
{
	for (size_t i = 0; i < t->n; i++)
		if (gh_bytes_eq(t->tried[i], hash))
			return true;
	if (t->n < ACCOUNTS_MOST)
		t->tried[t->n++] = hash;
	return t->n == ACCOUNTS_MOST;
}

static gh_code try_account(trial *t, const gh_entry *file, const gh_account *a)
{
	char name[WORD_MOST];
	uint32_t cost = a->kind == GH_PASSWORD_HASH ? gh_password_cost(a->password) : 0;
	if (cost == 0 || was_tried(t, a->password))
		return GH_OK;
	if (a->name.len < sizeof name) {
		memcpy(name, a->name.ptr, a->name.len);
		name[a->name.len] = 0;
		if (opens(t, name, a->password, cost))
			return say(t, file, a, name, "the name of the account");
	}
	for (size_t i = 0; i < gh_default_passwords_count; i++)
		if (opens(t, gh_default_passwords[i].password, a->password, cost))
			return say(t, file, a, gh_default_passwords[i].password, gh_default_passwords[i].source);
	for (size_t i = 0; i < t->words->n; i++)
		if (opens(t, t->words->list[i], a->password, cost))
			return say(t, file, a, t->words->list[i], "a word of the image's own header");
	return GH_OK;
}

static gh_code look_at(trial *t, const gh_entry *file)
{
	gh_cur c = gh_cur_over(file->kept, 0);
	gh_code code = GH_OK;
	gh_account a;
	for (uint32_t number = 0; c.left > 0 && number < FILE_LINES && code == GH_OK;)
		if (gh_account_read(&c, &number, &a) == GH_LINE_ACCOUNT)
			code = try_account(t, file, &a);
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	uint64_t left = GH_PASSWORD_SECOND;
	unsigned said = 0;
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node)) {
		if (!node->volume)
			continue;
		words own = { .n = 0 };
		words_of(&own, node);
		trial t = { .check = check, .node = node, .words = &own, .left = &left, .said = &said };
		for (size_t i = 0; i < node->volume->count && code == GH_OK; i++) {
			const gh_entry *e = &node->volume->entries[i];
			if (e->kept.len && e->past == GH_NOW && has_name(e->path) && gh_accounts_are(e->kept))
				code = look_at(&t, e);
		}
	}
	return code;
}

const gh_check gh_check_default_credentials = {
	.id = "DEFAULT-CREDENTIALS",
	.title = "Does an account open with a password that everybody knows?",
	.why = "Bots try such passwords on every address there is; the owner often cannot change this one.",
	.harmless = "A password that the device replaces when it is set up, or an account that no service lets in.",
	.attack = "T1078.001",
	.kinds = "known-password",
	.keeps = keeps,
	.conclude = conclude,
};
