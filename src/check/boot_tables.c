/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that start programs and are no scripts: inittab (busybox and sysv), crontabs, inetd.conf,
 * xinetd.d, hotplug.d, hotplug2.rules and mdev.conf.
 */
#include "check/boot_in.h"

enum { LINES_MOST = 4096, FIELD_MOST = 12 };

typedef gh_code line_reader(gh_boot *boot, const gh_boot_step *step, gh_bytes line);

static gh_bytes strip(gh_bytes b)
{
	while (b.len && (b.ptr[0] == ' ' || b.ptr[0] == '\t'))
		b = gh_bytes_part(b, 1, b.len);
	return b;
}

/* Each line that is neither empty nor a comment. */
static gh_code each_line(gh_boot *boot, const gh_entry *file, line_reader *reader)
{
	gh_cur c = gh_cur_over(file->kept, 0);
	gh_code code = GH_OK;
	for (uint32_t number = 1; c.left > 0 && number <= LINES_MOST && code == GH_OK && !boot->cut; number++) {
		uint64_t at = c.pos;
		gh_bytes line = strip(gh_line(&c));
		gh_boot_step step = { .file = file, .line = number, .at = at, .source = line };
		if (line.len && line.ptr[0] != '#')
			code = reader(boot, &step, line);
	}
	return code;
}

/* The next field; fields are divided by blanks. What is left of the line stays in *line. */
static gh_bytes next_field(gh_bytes *line)
{
	*line = strip(*line);
	size_t n = 0;
	while (n < line->len && line->ptr[n] != ' ' && line->ptr[n] != '\t')
		n++;
	gh_bytes field = gh_bytes_part(*line, 0, n);
	*line = strip(gh_bytes_part(*line, n, line->len));
	return field;
}

static gh_bytes next_colon(gh_bytes *line)
{
	const uint8_t *colon = line->len ? memchr(line->ptr, ':', line->len) : NULL;
	size_t n = colon ? (size_t)(colon - line->ptr) : line->len;
	gh_bytes field = gh_bytes_part(*line, 0, n);
	*line = colon ? gh_bytes_part(*line, n + 1, line->len) : (gh_bytes){ NULL, 0 };
	return field;
}

static bool is_there(void *arg, const gh_root_name *name)
{
	(void)name;
	*(bool *)arg = true;
	return false;
}

/* procd runs the S-links of /etc/rc.d itself where the rcS of its inittab is no file. */
static bool has_rc_links(const gh_boot *boot)
{
	bool any = false;
	gh_root_glob(&boot->root, GH_LIT("/etc/rc.d/S*"), 1, is_there, &any);
	return any;
}

/* id:runlevels:action:process */
static gh_code inittab_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	static const char *const later[] = { "shutdown",  "ctrlaltdel", "restart",     "initdefault", "off",
					     "powerfail", "powerwait",  "powerokwait", "kbrequest" };
	(void)next_colon(&line);
	(void)next_colon(&line);
	gh_bytes action = next_colon(&line);
	for (size_t i = 0; i < GH_COUNT(later); i++)
		if (gh_bytes_eq(action, gh_view_text(later[i])))
			return GH_OK;
	line = strip(line);
	if (line.len && line.ptr[0] == '-') /* a login shell */
		line = gh_bytes_part(line, 1, line.len);
	gh_bytes rest = line, program = next_field(&rest);
	if (gh_bytes_eq(program, GH_LIT("/etc/init.d/rcS")) && !gh_root_find(&boot->root, program) &&
	    has_rc_links(boot))
		return gh_boot_line(boot, step, GH_LIT("/etc/rc.d/S* boot"));
	return gh_boot_line(boot, step, line);
}

gh_code gh_boot_inittab(gh_boot *boot, const gh_entry *file)
{
	return each_line(boot, file, inittab_line);
}

/* minute hour day month weekday command, or @reboot command; a system crontab names the user first. */
static gh_code cron(gh_boot *boot, const gh_boot_step *step, gh_bytes line, bool with_user)
{
	gh_bytes first = next_field(&line);
	if (first.len == 0 || memchr(first.ptr, '=', first.len))
		return GH_OK;
	for (unsigned i = 0; i < 4 && first.ptr[0] != '@'; i++)
		(void)next_field(&line);
	if (with_user)
		(void)next_field(&line);
	return gh_boot_line(boot, step, line);
}

static gh_code cron_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	return cron(boot, step, line, false);
}

static gh_code system_cron_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	return cron(boot, step, line, true);
}

/* service type protocol wait user program name arguments */
static gh_code inetd_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	for (unsigned i = 0; i < 5; i++)
		(void)next_field(&line);
	gh_bytes program = next_field(&line);
	bool path = program.len && program.ptr[0] == '/';
	return path ? gh_boot_line(boot, step, program) : GH_OK;
}

/* server = /path */
static gh_code xinetd_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	bool server = gh_bytes_eq(next_field(&line), GH_LIT("server")) && gh_bytes_eq(next_field(&line), GH_LIT("="));
	return server ? gh_boot_line(boot, step, next_field(&line)) : GH_OK;
}

/* … exec command or $include; makedev and others start nothing */
static gh_code hotplug2_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	gh_bytes verb = next_field(&line);
	bool runs = gh_bytes_eq(verb, GH_LIT("exec")) || gh_bytes_eq(verb, GH_LIT("run"));
	return runs ? gh_boot_line(boot, step, line) : GH_OK;
}

/* device user:group mode [@|$|*command] */
static gh_code mdev_line(gh_boot *boot, const gh_boot_step *step, gh_bytes line)
{
	for (unsigned i = 0; i < FIELD_MOST && line.len; i++) {
		gh_bytes rest = line, field = next_field(&rest);
		if (i >= 3 && field.len > 1 && (field.ptr[0] == '@' || field.ptr[0] == '$' || field.ptr[0] == '*'))
			return gh_boot_line(boot, step,
					    gh_bytes_part(line, (size_t)(field.ptr - line.ptr) + 1, line.len));
		line = rest;
	}
	return GH_OK;
}

/* Where such files are; a '*' stands for every file of a folder. */
static const struct place {
	const char *path, *way;
	line_reader *reader; /* NULL: each is a script of its own */
} places[] = {
	{ "/etc/crontabs/*", "cron", cron_line },
	{ "/var/spool/cron/*", "cron", cron_line },
	{ "/var/spool/cron/crontabs/*", "cron", cron_line },
	{ "/etc/crontab", "cron", system_cron_line },
	{ "/etc/cron.d/*", "cron", system_cron_line },
	{ "/etc/cron.hourly/*", "cron", NULL },
	{ "/etc/cron.daily/*", "cron", NULL },
	{ "/etc/inetd.conf", "inetd", inetd_line },
	{ "/etc/xinetd.conf", "inetd", xinetd_line },
	{ "/etc/xinetd.d/*", "inetd", xinetd_line },
	{ "/etc/hotplug2.rules", "hotplug", hotplug2_line },
	{ "/etc/hotplug2-*.rules", "hotplug", hotplug2_line },
	{ "/etc/mdev.conf", "hotplug", mdev_line },
	{ "/etc/hotplug.d/*/*", "hotplug", NULL },
	{ "/etc/hotplug/*", "hotplug", NULL },
};

typedef struct visit {
	gh_boot *boot;
	line_reader *reader;
	gh_code code;
} visit;

static bool on_file(void *arg, const gh_root_name *name)
{
	visit *v = arg;
	const gh_entry *file =
		name->entry->type == GH_ENTRY_LINK ? gh_root_find(&v->boot->root, name->path) : name->entry;
	if (!file || file->kept.len == 0)
		return true;
	v->code = v->reader ? each_line(v->boot, file, v->reader) : gh_boot_script(v->boot, file, NULL, NULL, 0);
	return v->code == GH_OK;
}

/* hotplug.d has a folder for each kind of event. */
static bool on_folder(void *arg, const gh_root_name *name)
{
	visit *v = arg;
	char path[GH_ROOT_PATH];
	if (name->entry->type != GH_ENTRY_DIR || name->path.len + 3 > sizeof path)
		return true;
	memcpy(path, name->path.ptr, name->path.len);
	memcpy(path + name->path.len, "/*", 2);
	gh_root_glob(&v->boot->root, gh_view(path, name->path.len + 2), GH_BOOT_GLOB, on_file, v);
	return v->code == GH_OK;
}

gh_code gh_boot_tables(gh_boot *boot)
{
	for (size_t i = 0; i < GH_COUNT(places); i++) {
		visit v = { boot, places[i].reader, GH_OK };
		gh_bytes path = gh_view_text(places[i].path);
		boot->way = places[i].way;
		if (gh_bytes_end(path, GH_LIT("*/*")))
			gh_root_glob(&boot->root, gh_bytes_part(path, 0, path.len - 2), GH_BOOT_GLOB, on_folder, &v);
		else
			gh_root_glob(&boot->root, path, GH_BOOT_GLOB, on_file, &v);
		if (v.code != GH_OK)
			return v.code;
	}
	return GH_OK;
}
