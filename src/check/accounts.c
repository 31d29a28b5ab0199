/* SPDX-License-Identifier: Apache-2.0 */
/* Who may log in? Second root accounts, empty passwords, and the password hashes that are shipped. */
#include "check/accounts_in.h"
#include "check/root_in.h"

enum { FILES_MOST = 64, ACCOUNTS_MOST = 256, HASHES_MOST = 64 };

/* One passwd or shadow file at work. */
typedef struct file_ctx {
	gh_check_ctx *check;
	const gh_root *root;
	const gh_entry *entry;
} file_ctx;

/* "passwd", "passwd-", "passwd.default", "default_passwd": in any folder, since vendors copy such files
 * to /etc while the device starts. The text decides whether it is one. */
static bool has_name(gh_bytes path, const char *word)
{
	gh_bytes base = gh_path_base(path);
	return base.len && memmem(base.ptr, base.len, word, strlen(word));
}

static bool keeps(const gh_file *file)
{
	return (has_name(file->path, "passwd") || has_name(file->path, "shadow")) && gh_accounts_are(file->content);
}

static gh_code say(const file_ctx *f, const char *kind, gh_level level, const gh_account *a, const gh_account *other,
		   const char *title, const char *harmless)
{
	gh_ctx *ctx = f->check->ctx;
	gh_finding finding = {
		.check = gh_check_accounts.id,
		.id = gh_arena_printf(ctx->scratch, "%s/%s", gh_check_accounts.id, kind),
		.level = level,
		.sure = level == GH_LEVEL_SUSPICIOUS ? GH_SURE_MEDIUM : GH_SURE_HIGH,
		.title = title,
		.why = gh_check_accounts.why,
		.harmless = harmless,
		.attack = level >= GH_LEVEL_SUSPICIOUS ? gh_check_accounts.attack : NULL,
	};
	if (!finding.id || !title)
		return gh_nomem(ctx);
	const gh_account *both[] = { a, other };
	for (size_t i = 0; i < 2; i++)
		if (both[i])
			finding.evidence[finding.n_evidence++] = (gh_evidence){
				.node = f->root->node->id,
				.path = f->entry->path,
				.at = both[i]->at,
				.line = both[i]->line,
				.excerpt = both[i]->source,
				.note = i == 0 ? "this line" : "the account it shares the rights of",
			};
	return gh_finding_add(ctx, f->check->out, &finding);
}

#define NAME_FMT "\"%.*s\""
#define NAME_ARG(a) (int)GH_MIN((a)->name.len, (size_t)64), (const char *)(a)->name.ptr

/* The file beside this one whose name says the other word: etc/shadow for etc/passwd. */
static const gh_entry *twin_of(const file_ctx *f, const char *from, const char *to)
{
	uint8_t path[GH_ROOT_PATH];
	gh_bytes base = gh_path_base(f->entry->path);
	size_t head = f->entry->path.len - base.len;
	const uint8_t *at = base.len ? memmem(base.ptr, base.len, from, strlen(from)) : NULL;
	if (!at || f->entry->path.len + strlen(to) > sizeof path)
		return NULL;
	size_t before = head + (size_t)(at - base.ptr), to_len = strlen(to);
	gh_bytes behind = gh_bytes_part(f->entry->path, before + strlen(from), f->entry->path.len);
	memcpy(path, f->entry->path.ptr, before);
	memcpy(path + before, to, to_len);
	if (behind.len)
		memcpy(path + before + to_len, behind.ptr, behind.len);
	const gh_entry *twin = gh_root_find(f->root, gh_view(path, before + to_len + behind.len));
	return twin && twin->kept.len ? twin : NULL;
}

/* The line of `name` in another account file. */
static bool find_account(const gh_entry *file, gh_bytes name, gh_account *ret)
{
	gh_cur c = gh_cur_over(file ? file->kept : (gh_bytes){ NULL, 0 }, 0);
	gh_account a;
	for (uint32_t number = 0; c.left > 0 && number < ACCOUNTS_MOST;)
		if (gh_account_read(&c, &number, &a) == GH_LINE_ACCOUNT && gh_bytes_eq(a.name, name)) {
			*ret = a;
			return true;
		}
	return false;
}

/* Names that makers give to a second root of their own: seen in clean images, or documented by the
 * maker. An intruder may choose one too, which is why these are still a notice. */
static bool is_vendor_name(gh_bytes name)
{
	static const char *const names[] = {
		"root",      "Root",         "admin", "Admin",   "administrator", "Administrator", "nobody",
		"support",   "user",         "guest", "super",   "superuser",     "supervisor",    "superadmin",
		"useradmin", "telecomadmin", "tech",  "service", "operator",      "ftp",           "toor",
		"dropbear",  "sysadmin",     "adm",   "cli",     "daemon",        "anonymous",     "default",
	};
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (gh_bytes_eq(name, gh_view_text(names[i])))
			return true;
	return false;
}

/*
 * A second account with uid 0 is suspicious only when all of this holds: it may log in (a shell that
 * is one, and a password that is a hash or empty), the file has a first root account, and the name is
 * none that makers use. Measured on the corpus: no image there reaches it. Realtek's SDK ships "nobody"
 * with uid 0, and makers of modems ship "admin" and "support" as root: those are notices.
 */
static gh_code say_second_root(const file_ctx *f, const gh_account *first, const gh_account *a)
{
	gh_ctx *ctx = f->check->ctx;
	gh_account hidden, *secret = NULL;
	if (a->kind == GH_PASSWORD_SHADOW && find_account(twin_of(f, "passwd", "shadow"), a->name, &hidden))
		secret = &hidden;
	gh_password kind = secret ? secret->kind : a->kind;
	bool opens = gh_account_may_log_in(a) && (kind == GH_PASSWORD_HASH || kind == GH_PASSWORD_EMPTY);
	bool grave = opens && !is_vendor_name(a->name);
	return say(f, "second-root", grave ? GH_LEVEL_SUSPICIOUS : GH_LEVEL_NOTICE, a, first,
		   gh_arena_printf(ctx->scratch,
				   NAME_FMT " has uid 0, as " NAME_FMT " has: a second root account that %s",
				   NAME_ARG(a), NAME_ARG(first),
				   !opens                      ? "cannot log in with a password"
				   : kind == GH_PASSWORD_EMPTY ? "logs in without a password"
							       : "logs in with a password of its own"),
		   "A service account that the maker documents; many modems ship \"admin\" or \"support\" as root.");
}

static gh_code say_password(const file_ctx *f, const gh_account *a, unsigned *hashes)
{
	gh_ctx *ctx = f->check->ctx;
	gh_account owner = *a;
	if (!a->has_ids && !find_account(twin_of(f, "shadow", "passwd"), a->name, &owner))
		owner.shell = (gh_bytes){ NULL, 0 };
	if (a->kind == GH_PASSWORD_EMPTY && gh_account_may_log_in(&owner))
		return say(f, "empty-password", GH_LEVEL_NOTICE, a, NULL,
			   gh_arena_printf(ctx->scratch, NAME_FMT " may log in without a password", NAME_ARG(a)),
			   "Free firmware ships so on purpose: the owner sets the password at the first login.");
	if (a->scheme && (*hashes)++ < HASHES_MOST)
		return say(f, "password-hash", GH_LEVEL_INFO, a, NULL,
			   gh_arena_printf(ctx->scratch,
					   NAME_FMT " has a password, the same on every device with this image: %s%s",
					   NAME_ARG(a), a->scheme, a->kind == GH_PASSWORD_LOCKED ? ", locked" : ""),
			   "A password that the device replaces when it is set up.");
	return GH_OK;
}

static gh_code look_at_file(const file_ctx *f)
{
	gh_cur c = gh_cur_over(f->entry->kept, 0);
	gh_account a, first = { 0 }, malformed = { 0 };
	unsigned roots = 0, wrong = 0, hashes = 0;
	gh_code code = GH_OK;
	uint32_t number = 0;
	while (c.left > 0 && number < ACCOUNTS_MOST && code == GH_OK) {
		gh_account before = { .line = number + 1, .at = c.pos };
		gh_line_kind kind = gh_account_read(&c, &number, &a);
		if (kind == GH_LINE_MALFORMED && wrong++ == 0) {
			malformed = before;
			malformed.source = gh_bytes_part(f->entry->kept, before.at, GH_EXCERPT);
		}
		if (kind != GH_LINE_ACCOUNT)
			continue;
		code = say_password(f, &a, &hashes);
		if (code != GH_OK || !a.has_ids || a.uid != 0)
			continue;
		if (roots++ == 0)
			first = a;
		else if (!gh_bytes_eq(a.name, first.name))
			code = say_second_root(f, &first, &a);
	}
	gh_ctx *ctx = f->check->ctx;
	if (code == GH_OK && wrong > 0)
		code = say(f, "malformed", GH_LEVEL_INFO, &malformed, NULL,
			   gh_arena_printf(ctx->scratch, "%u line%s of this account file cannot be read", wrong,
					   wrong == 1 ? "" : "s"),
			   "A comment or a vendor's own field.");
	if (code == GH_OK && c.left > 0) {
		gh_account rest = { .line = number + 1,
				    .at = c.pos,
				    .source = gh_bytes_part(f->entry->kept, c.pos, GH_EXCERPT) };
		code = say(f, "many-accounts", GH_LEVEL_NOTICE, &rest, NULL,
			   gh_arena_printf(ctx->scratch, "the file has more than %d lines: the rest was not looked at",
					   ACCOUNTS_MOST),
			   "No router needs so many accounts.");
	}
	return code;
}

/* etc/passwd that is a link to where nothing is yet: the accounts are made while the device runs. */
static gh_code look_at_link(const file_ctx *f)
{
	gh_ctx *ctx = f->check->ctx;
	gh_bytes base = gh_path_base(f->entry->path), target = f->entry->target;
	if ((!gh_bytes_eq(base, GH_LIT("passwd")) && !gh_bytes_eq(base, GH_LIT("shadow"))) ||
	    !gh_bytes_end(gh_bytes_part(f->entry->path, 0, f->entry->path.len - base.len), GH_LIT("etc/")) ||
	    gh_root_find(f->root, f->entry->path))
		return GH_OK;
	gh_account none = { .at = GH_NOWHERE };
	return say(f, "made-at-run-time", GH_LEVEL_INFO, &none, NULL,
		   gh_arena_printf(ctx->scratch, "/%.*s is a link to %.*s: its accounts are made while the device runs",
				   (int)GH_MIN(f->entry->path.len, (size_t)128), (const char *)f->entry->path.ptr,
				   (int)GH_MIN(target.len, (size_t)128), (const char *)target.ptr),
		   "Usual where /etc cannot be written. Which accounts there will be is not seen in the image.");
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_root root = { .node = NULL };
	unsigned files = 0;
	gh_code code = GH_OK;
	for (size_t i = 0; i < node->volume->count && code == GH_OK && files < FILES_MOST; i++) {
		const gh_entry *entry = &node->volume->entries[i];
		bool file = entry->kept.len > 0, link = entry->type == GH_ENTRY_LINK;
		if ((!file && !link) || (!has_name(entry->path, "passwd") && !has_name(entry->path, "shadow")))
			continue;
		if (file && !gh_accounts_are(entry->kept)) /* kept for another check */
			continue;
		if (!root.node)
			code = gh_root_over(check->ctx, node, &root);
		file_ctx f = { check, &root, entry };
		if (code == GH_OK)
			code = file ? look_at_file(&f) : look_at_link(&f);
		files++;
	}
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_accounts = {
	.id = "ACCOUNTS",
	.title = "Who may log in, and with whose rights?",
	.why = "An account that is not the owner's opens the device, and stays when the owner changes his password.",
	.harmless = "Accounts that the maker documents.",
	.attack = "T1136.001",
	.kinds = "second-root, empty-password, password-hash, made-at-run-time, malformed, many-accounts",
	.keeps = keeps,
	.conclude = conclude,
};
