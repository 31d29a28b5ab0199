/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs does the boot start, and through which line of which file?
 *
 * A list in the order of the boot, as far as that is known: the kernel's first script, inittab and
 * what it leads to, cron, inetd, hotplug; at last the start scripts to which no way was found.
 */
#include "check/boot_in.h"

/* Where starting files lie, at any depth of the volume: "etc", "etc_ro", "rom/etc". */
static bool is_below_etc(gh_bytes path)
{
	for (gh_bytes rest = path; rest.len;) {
		const uint8_t *slash = memchr(rest.ptr, '/', rest.len);
		if (slash && gh_bytes_start(rest, GH_LIT("etc")))
			return true;
		rest = slash ? gh_bytes_part(rest, (size_t)(slash - rest.ptr) + 1, rest.len) : (gh_bytes){ NULL, 0 };
	}
	return false;
}

static bool has_boot_name(gh_bytes path)
{
	static const char *const names[] = { "inittab",     "preinit",        "crontab",   "inetd.conf",
					     "xinetd.conf", "hotplug2.rules", "mdev.conf", "init" };
	gh_bytes base = gh_path_base(path);
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (gh_bytes_eq(base, gh_view_text(names[i])))
			return true;
	return gh_bytes_start(base, GH_LIT("rc")) || gh_bytes_start(base, GH_LIT("hotplug2"));
}

static bool is_in_boot_folder(gh_bytes path)
{
	static const char *const parts[] = { "/init", "/rc", "/cron", "/xinetd.d/", "/hotplug", "/preinit/" };
	for (size_t i = 0; i < GH_COUNT(parts); i++)
		if (path.len && memmem(path.ptr, path.len, parts[i], strlen(parts[i])))
			return true;
	return false;
}

bool gh_boot_keeps(const gh_file *file)
{
	if (file->path.len == 0 || file->content.len == 0)
		return false;
	if (gh_bytes_start(file->content, GH_LIT("#!")))
		return true;
	if (memchr(file->content.ptr, 0, GH_MIN(file->content.len, (size_t)512)))
		return false;
	gh_bytes path = gh_root_trim(file->path);
	return (is_below_etc(path) && (has_boot_name(path) || is_in_boot_folder(path))) ||
	       gh_bytes_start(path, GH_LIT("lib/preinit/")) || gh_bytes_start(path, GH_LIT("lib/functions/")) ||
	       gh_bytes_start(path, GH_LIT("var/spool/cron/"));
}

const gh_entry *gh_boot_text(const gh_boot *boot, const char *path)
{
	const gh_entry *entry = gh_root_find(&boot->root, gh_view_text(path));
	return entry && entry->kept.len ? entry : NULL;
}

/* A script that something outside the file system starts; it is the first step itself. */
static gh_code first_script(gh_boot *boot, const char *path, const char *arg)
{
	const gh_entry *entry = gh_boot_text(boot, path);
	gh_bytes args[] = { gh_view_text(arg) };
	return entry ? gh_boot_script(boot, entry, NULL, args, *arg ? 1 : 0) : GH_OK;
}

typedef struct visit {
	gh_boot *boot;
	gh_code code;
} visit;

static bool on_script(void *arg, const gh_root_name *name)
{
	visit *v = arg;
	const gh_entry *file =
		name->entry->type == GH_ENTRY_LINK ? gh_root_find(&v->boot->root, name->path) : name->entry;
	if (file && file->kept.len)
		v->code = gh_boot_script(v->boot, file, NULL, NULL, 0);
	return v->code == GH_OK;
}

static gh_code every_script(gh_boot *boot, const char *pattern)
{
	visit v = { boot, GH_OK };
	gh_root_glob(&boot->root, gh_view_text(pattern), GH_BOOT_GLOB, on_script, &v);
	return v.code;
}

/* From init: what the kernel runs first, then inittab; a vendor's init that is a program of its own
 * is expected to run the scripts that such programs run. */
static gh_code from_init(gh_boot *boot)
{
	static const char *const first[] = { "/etc/preinit", "/init", "/sbin/init", "/linuxrc", "/bin/init" };
	gh_code code = GH_OK;
	boot->reached = true;
	boot->way = "init";
	for (size_t i = 0; i < GH_COUNT(first) && code == GH_OK; i++)
		code = first_script(boot, first[i], "");
	const gh_entry *inittab = gh_boot_text(boot, "/etc/inittab");
	if (code == GH_OK && inittab)
		return gh_boot_inittab(boot, inittab);
	static const char *const scripts[] = { "/etc/init.d/rcS", "/etc/rc.d/rcS", "/etc/rcS", "/etc_ro/rcS",
					       "/etc/rc" };
	for (size_t i = 0; i < GH_COUNT(scripts) && code == GH_OK; i++)
		code = first_script(boot, scripts[i], "S");
	return code == GH_OK ? every_script(boot, "/etc/rc.d/S*") : code;
}

static gh_code without_a_way(gh_boot *boot)
{
	static const char *const left[] = { "/etc/rc.d/S*",  "/etc/init.d/S*", "/etc/rc?.d/S*",
					    "/etc/init.d/*", "/etc/rc.d/rc*",  "/etc/rc*" };
	gh_code code = GH_OK;
	boot->reached = false;
	boot->way = "start script";
	for (size_t i = 0; i < GH_COUNT(left) && code == GH_OK; i++)
		code = every_script(boot, left[i]);
	return code;
}

/* What the checks of single files said about this volume's files, before this check adds its own. */
static void collect_flagged(gh_boot *boot)
{
	for (const gh_finding *f = boot->check->out->first; f && boot->n_flagged < GH_BOOT_FLAGGED; f = f->next)
		if (strncmp(f->id, "KNOWN-IMPLANT/", 14) == 0 && f->n_evidence > 0 && f->evidence[0].path.len > 0 &&
		    f->evidence[0].node == boot->root.node->id)
			boot->flagged[boot->n_flagged++] = f;
}

static bool has_text(const gh_node *node)
{
	for (size_t i = 0; i < node->volume->count; i++)
		if (node->volume->entries[i].kept.len)
			return true;
	return false;
}

gh_code gh_boot_walk(gh_check_ctx *check, const gh_node *node, gh_boot_sayer *say, void *arg)
{
	if (!node->volume || !has_text(node))
		return GH_OK;
	gh_boot *boot = gh_arena_zalloc(check->ctx->scratch, sizeof *boot);
	if (!boot)
		return gh_nomem(check->ctx);
	boot->check = check;
	boot->say = say;
	boot->arg = arg;
	boot->visited = gh_arena_array(check->ctx->scratch, node->volume->count, sizeof *boot->visited);
	if (!boot->visited)
		return gh_nomem(check->ctx);
	gh_code code = gh_root_over(check->ctx, node, &boot->root);
	if (code != GH_OK)
		return code;
	collect_flagged(boot);
	code = from_init(boot);
	if (code == GH_OK)
		code = gh_boot_tables(boot);
	return code == GH_OK ? without_a_way(boot) : code;
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node))
		code = gh_boot_walk(check, node, gh_boot_say, NULL);
	return code;
}

const gh_check gh_check_boot = {
	.id = "BOOT",
	.title = "Which programs does the boot start, and through which line of which file?",
	.why = "What shall survive a restart has to be started by a line somewhere; here are the lines.",
	.harmless = "Nearly all of them: a router starts dozens of programs. Look for the one you cannot explain.",
	.attack = "T1037.004",
	.kinds = "starts, starts-missing, loads-module, starts-known-implant, cut",
	.keeps = gh_boot_keeps,
	.conclude = conclude,
};
