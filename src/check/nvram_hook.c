/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the settings of the device run commands, hold keys, or open it to the outside?
 *
 * Settings outlive an upgrade: what hangs there comes back with the next image. They lie as NAME=VALUE, divided
 * by NUL in NVRAM (Broadcom's begins with "FLSH" and 16 bytes more) and by line ends in files of defaults.
 */
#include "check/root_in.h"

enum {
	RECORDS_MOST = 8192,
	PAIRS_LEAST = 8,
	NVRAM_MOST = 128 << 10,
	NVRAM_HEAD = 20,
	FILE_MOST = 256 << 10,
	KEY_MOST = 40,
	SHOWN_MOST = 48
};

typedef enum hook_kind { HOOK_COMMAND, HOOK_KEY, HOOK_OPEN, HOOK_KINDS } hook_kind;

/* Names as ASUS's firmware, Tomato, DD-WRT and Padavan's firmware write them, in their public sources. */
static const struct hook {
	const char *name;
	hook_kind kind;
} hooks[] = {
	{ "jffs2_exec", HOOK_COMMAND },
	{ "rc_custom", HOOK_COMMAND },
	{ "rc_firewall", HOOK_COMMAND },
	{ "rc_shutdown", HOOK_COMMAND },
	{ "rc_startup", HOOK_COMMAND },
	{ "script_fire", HOOK_COMMAND },
	{ "script_init", HOOK_COMMAND },
	{ "script_mwanup", HOOK_COMMAND },
	{ "script_usbhotplug", HOOK_COMMAND },
	{ "script_usbmount", HOOK_COMMAND },
	{ "script_usbumount", HOOK_COMMAND },
	{ "script_wanup", HOOK_COMMAND },
	{ "sshd_authkeys", HOOK_KEY },
	{ "sshd_authorized_keys", HOOK_KEY },
	{ "http_wan", HOOK_OPEN },
	{ "misc_http_x", HOOK_OPEN },
	{ "remote_management", HOOK_OPEN },
	{ "remote_mgt_https", HOOK_OPEN },
	{ "remote_mgt_ssh", HOOK_OPEN },
	{ "remote_mgt_telnet", HOOK_OPEN },
	{ "sshd_remote", HOOK_OPEN },
	{ "sshd_wan", HOOK_OPEN },
	{ "telnetd_wan", HOOK_OPEN },
};

static const struct saying {
	const char *id, *title, *note, *harmless;
	gh_level level;
} sayings[HOOK_KINDS] = {
	[HOOK_COMMAND] = { "NVRAM-HOOK/command", "the settings run commands of their own", "this setting is run",
			   "The owner wrote them: free firmware offers a page for it.", GH_LEVEL_NOTICE },
	[HOOK_KEY] = { "NVRAM-HOOK/key", "the settings let the holder of a key log in", "this key may log in",
		       "The owner's own key.", GH_LEVEL_NOTICE },
	[HOOK_OPEN] = { "NVRAM-HOOK/open", "the settings open the device to the outside", "this setting is on",
			"The owner, or the provider, manages the device from afar.", GH_LEVEL_NOTICE },
};

static bool is_key_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.' || c == ':' || c == '/';
}

/* "name=value"; the name's length, or 0 */
static size_t name_len(gh_bytes record)
{
	size_t n = 0;
	while (n < record.len && n < KEY_MOST && is_key_byte(record.ptr[n]))
		n++;
	return n > 0 && n < record.len && record.ptr[n] == '=' ? n : 0;
}

static gh_bytes unquoted(gh_bytes value)
{
	while (value.len && (value.ptr[0] == '"' || value.ptr[0] == '\'' || value.ptr[0] == ' '))
		value = gh_bytes_part(value, 1, value.len);
	while (value.len &&
	       (value.ptr[value.len - 1] == '"' || value.ptr[value.len - 1] == '\'' || value.ptr[value.len - 1] <= ' '))
		value.len--;
	return value;
}

static const struct hook *hook_of(gh_bytes name, gh_bytes value)
{
	for (size_t i = 0; i < GH_COUNT(hooks); i++) {
		if (!gh_bytes_eq(name, gh_view_text(hooks[i].name)))
			continue;
		bool on = gh_bytes_eq(value, GH_LIT("1")) || gh_bytes_eq(value, GH_LIT("on"));
		bool set = value.len > 1 || (value.len == 1 && value.ptr[0] != '0');
		return hooks[i].kind == HOOK_OPEN ? (on ? &hooks[i] : NULL) : (set ? &hooks[i] : NULL);
	}
	return NULL;
}

/* What was met, one finding of each kind. */
typedef struct met {
	gh_finding found[HOOK_KINDS];
	unsigned pairs;
} met;

static void meet(met *m, gh_bytes record, const gh_evidence *where)
{
	size_t name = name_len(record);
	m->pairs += name > 0;
	const struct hook *hook =
		name ? hook_of(gh_bytes_part(record, 0, name), unquoted(gh_bytes_part(record, name + 1, record.len)))
		     : NULL;
	gh_finding *f = hook ? &m->found[hook->kind] : NULL;
	if (!f || f->n_evidence == GH_EVIDENCE_MOST)
		return;
	f->evidence[f->n_evidence] = *where;
	f->evidence[f->n_evidence].excerpt = gh_bytes_part(record, 0, SHOWN_MOST);
	f->evidence[f->n_evidence++].note = sayings[hook->kind].note;
}

static gh_code say(gh_check_ctx *check, met *m)
{
	gh_code code = GH_OK;
	for (unsigned kind = 0; kind < HOOK_KINDS && code == GH_OK && m->pairs >= PAIRS_LEAST; kind++) {
		gh_finding *f = &m->found[kind];
		if (f->n_evidence == 0)
			continue;
		f->id = sayings[kind].id;
		f->check = gh_check_nvram_hook.id;
		f->level = sayings[kind].level;
		f->sure = GH_SURE_MEDIUM;
		f->title = sayings[kind].title;
		f->why = gh_check_nvram_hook.why;
		f->harmless = sayings[kind].harmless;
		f->attack = gh_check_nvram_hook.attack;
		code = gh_finding_add(check->ctx, check->out, f);
	}
	return code;
}

/* The settings in one run of bytes. `pos`: where it begins in what the report speaks of. */
static gh_code read_settings(gh_check_ctx *check, const gh_file *file, gh_bytes settings, uint64_t pos, uint8_t end)
{
	met m = { .pairs = 0 };
	unsigned records = 0;
	for (size_t at = 0; at < settings.len && records < RECORDS_MOST; records++) {
		const uint8_t *stop = memchr(settings.ptr + at, end, settings.len - at);
		size_t n = stop ? (size_t)(stop - settings.ptr) - at : settings.len - at;
		if (n == 0 && end == 0)
			break; /* NVRAM ends with an empty record */
		gh_evidence where = { .node = file->node->id, .path = file->path, .at = pos + at };
		meet(&m, gh_bytes_part(settings, at, n), &where);
		at += n + 1;
	}
	return say(check, &m);
}

/* "FLSH", length, then 12 bytes, then the settings (bcmnvram.h of Broadcom's published sources). */
static gh_code look_at_region(gh_check_ctx *check, const gh_file *file)
{
	gh_code code = GH_OK;
	unsigned heads = 0;
	for (uint64_t at = 0; at + NVRAM_HEAD < file->content.len && code == GH_OK && heads < 4;) {
		gh_bytes rest = gh_bytes_part(file->content, at, file->content.len);
		const uint8_t *found = rest.ptr ? memmem(rest.ptr, rest.len, "FLSH", 4) : NULL;
		if (!found)
			break;
		at += (uint64_t)(found - rest.ptr);
		gh_cur c = gh_cur_over(gh_bytes_part(file->content, at + 4, 4), 0);
		uint32_t len = gh_u32le(&c);
		if (len > NVRAM_HEAD && len <= NVRAM_MOST) {
			heads++;
			code = read_settings(check, file,
					     gh_bytes_part(file->content, at + NVRAM_HEAD, len - NVRAM_HEAD),
					     file->pos + at + NVRAM_HEAD, 0);
		}
		at += 4;
	}
	return code;
}

static bool may_hold_settings(const gh_file *file)
{
	static const char *const words[] = { "nvram", "default", "config", ".cfg", ".conf", "settings", "backup" };
	bool text = file->leaf && strcmp(file->leaf, "text") == 0;
	for (size_t i = 0; text && file->path.len && file->content.len <= FILE_MOST && i < GH_COUNT(words); i++)
		if (memmem(file->path.ptr, file->path.len, words[i], strlen(words[i])))
			return true;
	return false;
}

static gh_code look(gh_check_ctx *check, const gh_file *file)
{
	if (!file->entry)
		return file->covered || file->node->kind == GH_NODE_HEADER ? GH_OK : look_at_region(check, file);
	return may_hold_settings(file) ? read_settings(check, file, file->content, 0, '\n') : GH_OK;
}

/* NVRAM that was taken apart already: its variables are facts. */
static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	bool told[HOOK_KINDS] = { false }; /* flash holds settings twice */
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node)) {
		met m = { .pairs = 0 };
		gh_evidence where = { .node = node->id, .at = node->at };
		for (const gh_fact *f = node->facts; f; f = f->next)
			if (strcmp(f->key, "variable") == 0)
				meet(&m, f->value, &where);
		for (unsigned kind = 0; kind < HOOK_KINDS; kind++) {
			m.found[kind].n_evidence = told[kind] ? 0 : m.found[kind].n_evidence;
			told[kind] |= m.found[kind].n_evidence > 0 && m.pairs >= PAIRS_LEAST;
		}
		code = say(check, &m);
	}
	return code;
}

const gh_check gh_check_nvram_hook = {
	.id = "NVRAM-HOOK",
	.title = "Do the settings run commands, hold keys, or open the device to the outside?",
	.why = "Settings outlive an upgrade: what hangs there comes back with the next image.",
	.harmless = "The owner's own settings.",
	.attack = "T1037",
	.kinds = "command, key, open",
	.look = look,
	.conclude = conclude,
};
