/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can the owner put a good image back? Whoever wants to stay takes that way away: Horse Shell hides the
 * form of TP-Link's upgrade page; others send the update hosts to the device itself or empty the updater.
 */
#include "check/upgrade_in.h"

#include "check/shell_in.h"

static bool has_ending(gh_bytes path, const char *const *endings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(endings[i]);
		if (path.len > len && gh_html_is(gh_bytes_part(path, path.len - len, len), endings[i]))
			return true;
	}
	return false;
}

static bool is_page(gh_bytes path)
{
	static const char *const endings[] = { ".htm", ".html", ".asp",   ".aspx", ".php",
					       ".cgi", ".jsp",  ".shtml", ".xhtml" };
	return has_ending(path, endings, GH_COUNT(endings));
}

static bool is_script(gh_bytes path)
{
	static const char *const endings[] = { ".js" };
	return has_ending(path, endings, GH_COUNT(endings));
}

static bool is_sheet(gh_bytes path)
{
	static const char *const endings[] = { ".css" };
	return has_ending(path, endings, GH_COUNT(endings));
}

/* The updaters that are scripts by their nature. */
static bool is_updater(gh_bytes path)
{
	static const char *const names[] = { "sysupgrade",       "fwupgrade",    "fw_upgrade", "fwupdate",
					     "firmware_upgrade", "fwupgrade.sh", "upgrade.sh" };
	gh_bytes base = gh_path_base(path);
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (gh_bytes_eq(base, gh_view_text(names[i])))
			return gh_bytes_eq(gh_root_trim(path), base) || memmem(path.ptr, path.len, "bin/", 4) != NULL;
	return false;
}

static bool is_hosts(gh_bytes path)
{
	return gh_bytes_end(path, GH_LIT("etc/hosts"));
}

static bool keeps(const gh_file *file)
{
	gh_bytes text = file->content;
	if (text.len == 0 || memchr(text.ptr, 0, GH_MIN(text.len, (size_t)512)))
		return false;
	if (is_page(file->path))
		return gh_upgrade_is_named(gh_path_base(file->path)) ||
		       (gh_html_holds(text, "multipart/form-data") && gh_upgrade_is_named(text));
	if (is_script(file->path))
		return gh_html_holds(text, "display") || gh_html_holds(text, "visibility") ||
		       gh_html_holds(text, "show(") || gh_html_holds(text, "class");
	if (is_sheet(file->path))
		return gh_html_holds(text, "display") || gh_html_holds(text, "visibility");
	return is_updater(file->path) || is_hosts(file->path);
}

gh_code gh_upgrade_say(gh_check_ctx *check, const gh_root *root, const gh_entry *entry, const char *kind,
		       gh_level level, uint64_t at, uint32_t line, gh_bytes source, const char *title,
		       const char *harmless)
{
	gh_ctx *ctx = check->ctx;
	gh_finding f = {
		.id = gh_arena_printf(ctx->scratch, "%s/%s", gh_check_upgrade_blocked.id, kind),
		.check = gh_check_upgrade_blocked.id,
		.level = level,
		.sure = GH_SURE_MEDIUM,
		.title = title,
		.why = gh_check_upgrade_blocked.why,
		.harmless = harmless,
		.attack = level >= GH_LEVEL_SUSPICIOUS ? gh_check_upgrade_blocked.attack : NULL,
		.n_evidence = 1,
	};
	if (!f.id)
		return gh_nomem(ctx);
	f.evidence[0] = (gh_evidence){
		.node = root->node->id,
		.path = entry->path,
		.at = at,
		.line = line,
		.excerpt = gh_bytes_part(source, 0, GH_EXCERPT),
		.note = "here",
	};
	return gh_finding_add(ctx, check->out, &f);
}

/* 127.0.0.1 firmware.vendor.com */
static gh_code look_at_hosts(gh_check_ctx *check, const gh_root *root, const gh_entry *entry)
{
	static const char *const words[] = { "update", "upgrade", "firmware", "fota", "download" };
	gh_cur c = gh_cur_over(entry->kept, 0);
	for (uint32_t number = 1; c.left > 0; number++) {
		uint64_t at = c.pos;
		gh_bytes line = gh_html_strip(gh_line(&c));
		bool own = gh_bytes_start(line, GH_LIT("127.")) || gh_bytes_start(line, GH_LIT("0.0.0.0")) ||
			   gh_bytes_start(line, GH_LIT("::1"));
		const uint8_t *hash = line.len ? memchr(line.ptr, '#', line.len) : NULL;
		gh_bytes names = gh_bytes_part(line, 9, hash ? (size_t)(hash - line.ptr) : line.len);
		bool vendor = gh_html_holds(names, ".com") || gh_html_holds(names, ".net") ||
			      gh_html_holds(names, ".org") || gh_html_holds(names, ".cn");
		for (size_t i = 0; own && vendor && i < GH_COUNT(words); i++) {
			if (!gh_html_holds(names, words[i]))
				continue;
			const char *title = gh_arena_printf(
				check->ctx->scratch, "/%.*s sends the name of an update server to the device itself",
				(int)GH_MIN(entry->path.len, (size_t)160), (const char *)entry->path.ptr);
			return title ? gh_upgrade_say(check, root, entry, "update-host", GH_LEVEL_SUSPICIOUS, at,
						      number, line, title,
						      "An owner who wants no updates from the maker wrote it.")
				     : gh_nomem(check->ctx);
		}
	}
	return GH_OK;
}

/* A script of this name that runs nothing. */
static gh_code look_at_updater(gh_check_ctx *check, const gh_root *root, const gh_entry *entry, gh_shell *shell)
{
	static const char *const idle[] = { "exit",  "return", "true", "echo", ":",
					    "false", "sleep",  "[",    "test", "printf" };
	if (!gh_bytes_start(entry->kept, GH_LIT("#!")) || !gh_html_holds(gh_bytes_part(entry->kept, 0, 32), "sh"))
		return GH_OK;
	gh_shell_read(shell, entry->kept);
	for (gh_command c; gh_shell_next(shell, &c);) {
		bool idles = false;
		for (size_t i = 0; i < GH_COUNT(idle); i++)
			idles |= gh_bytes_eq(c.words[0], gh_view_text(idle[i]));
		if (!idles)
			return GH_OK;
	}
	const char *title = gh_arena_printf(check->ctx->scratch, "/%.*s, the device's updater, does nothing",
					    (int)GH_MIN(entry->path.len, (size_t)160), (const char *)entry->path.ptr);
	return title ? gh_upgrade_say(
			       check, root, entry, "updater-stub",
			       gh_bytes_eq(gh_path_base(entry->path), GH_LIT("sysupgrade")) ? GH_LEVEL_SUSPICIOUS
											    : GH_LEVEL_NOTICE,
			       0, 1, entry->kept, title,
			       "A device that cannot be upgraded from within, as an image that runs from memory.")
		     : gh_nomem(check->ctx);
}

/* Pages beside the one that upgrades: help, progress, results. */
static bool is_beside(gh_bytes base)
{
	static const char *const words[] = { "help",   "err",     "wait", "prog", "info", "result", "status",
					     "reboot", "success", "fail", "done", "log",  "check",  "to",
					     "auto",   "online",  "pop",  "menu", "tip",  "restart" };
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (gh_html_holds(base, words[i]))
			return true;
	return false;
}

/* The contents of this volume that pages lean on. */
typedef struct volume_files {
	gh_bytes scripts[GH_UPGRADE_FILES], sheets[GH_UPGRADE_FILES]; /* sheets: name, text, name, text, … */
	size_t n_scripts, n_sheets;
} volume_files;

static void collect(const gh_node *node, volume_files *files)
{
	for (size_t i = 0; i < node->volume->count; i++) {
		const gh_entry *e = &node->volume->entries[i];
		if (e->kept.len && e->past == GH_NOW && is_script(e->path) && files->n_scripts < GH_UPGRADE_FILES)
			files->scripts[files->n_scripts++] = e->kept;
		if (e->kept.len && e->past == GH_NOW && is_sheet(e->path) && files->n_sheets + 1 < GH_UPGRADE_FILES) {
			files->sheets[files->n_sheets++] = gh_path_base(e->path);
			files->sheets[files->n_sheets++] = e->kept;
		}
	}
}

static gh_code say_empty(gh_check_ctx *check, const gh_root *root, const gh_entry *entry)
{
	const char *title = gh_arena_printf(check->ctx->scratch,
					    "/%.*s is named for the upgrade and offers none, nor does any other page",
					    (int)GH_MIN(entry->path.len, (size_t)160), (const char *)entry->path.ptr);
	return title ? gh_upgrade_say(check, root, entry, "empty-page", GH_LEVEL_NOTICE, 0, 1, entry->kept, title,
				      "A page that the web server fills in, or one that only tells how it went.")
		     : gh_nomem(check->ctx);
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	gh_root root = { .node = node };
	gh_shell *shell = gh_shell_new(check->ctx);
	volume_files *files = gh_arena_zalloc(check->ctx->scratch, sizeof *files);
	if (!shell || !files)
		return gh_nomem(check->ctx);
	collect(node, files);
	const gh_entry *empty = NULL;
	bool any = false;
	gh_code code = GH_OK;
	unsigned pages = 0, left = GH_UPGRADE_FORMS, said = 0;
	for (size_t i = 0; i < node->volume->count && code == GH_OK; i++) {
		const gh_entry *entry = &node->volume->entries[i];
		if (entry->past != GH_NOW || entry->kept.len == 0)
			continue;
		if (is_hosts(entry->path))
			code = look_at_hosts(check, &root, entry);
		else if (is_updater(entry->path))
			code = look_at_updater(check, &root, entry, shell);
		else if (is_page(entry->path) && pages++ < GH_UPGRADE_FILES) {
			gh_upgrade_page page = { .check = check,
						 .root = &root,
						 .entry = entry,
						 .scripts = { .others = files->scripts, .n_others = files->n_scripts },
						 .sheets = files->sheets,
						 .n_sheets = files->n_sheets,
						 .left = &left,
						 .said = &said };
			code = gh_upgrade_look(&page);
			any |= page.any;
			gh_bytes base = gh_path_base(entry->path);
			if (!page.any && !page.other_content && gh_upgrade_is_named(base) && !is_beside(base))
				empty = empty ? empty : entry;
		}
	}
	return code == GH_OK && empty && !any ? say_empty(check, &root, empty) : code;
}

static bool has_text(const gh_node *node)
{
	for (size_t i = 0; i < node->volume->count; i++)
		if (node->volume->entries[i].kept.len)
			return true;
	return false;
}

static gh_code ask(gh_check_ctx *check, const gh_node *volume)
{
	return has_text(volume) ? conclude_volume(check, volume) : GH_OK;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, ask);
}

const gh_check gh_check_upgrade_blocked = {
	.id = "UPGRADE-BLOCKED",
	.title = "Can the owner still put a good image on the device?",
	.why = "Whoever wants to stay takes away the way by which an owner would be rid of him: the upgrade.",
	.harmless = "A provider that upgrades the device itself.",
	.attack = "T1562.001",
	.kinds = "hidden-form, hidden-by-script, disabled, no-submit, no-action, commented-out, empty-page, "
		 "removed-form, "
		 "update-host, updater-stub",
	.keeps = keeps,
	.conclude = conclude,
};
