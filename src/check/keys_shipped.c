/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which keys come with the image? A private key that every device has is everybody's; a key that may log in
 * is the key of somebody who is not the owner.
 */
#include "check/root_in.h"

enum { FILES_MOST = 256, PEM_MOST = 16 << 10 };

typedef enum key_kind { KEY_NONE, KEY_AUTHORIZED, KEY_HOST, KEY_PRIVATE, KEY_LOCKED, KEY_KINDS } key_kind;

static bool has(gh_bytes text, gh_bytes word)
{
	return text.len >= word.len && memmem(text.ptr, text.len, word.ptr, word.len);
}

/* A line "type base64": after sshd(8), AUTHORIZED_KEYS FILE FORMAT; options may stand before. */
static gh_bytes authorized_line(gh_bytes text, uint64_t *at, uint32_t *number)
{
	static const char *const types[] = { "ssh-rsa AAAA",     "ssh-ed25519 AAAA", "ssh-dss AAAA",
					     "ecdsa-sha2-nistp", "sk-ssh-ed25519",   "sk-ecdsa-sha2" };
	gh_cur c = gh_cur_over(text, 0);
	for (*number = 1; c.left > 0; (*number)++) {
		*at = c.pos;
		gh_bytes line = gh_line(&c);
		for (size_t i = 0; i < GH_COUNT(types); i++)
			if (line.len && line.ptr[0] != '#' && has(line, gh_view_text(types[i])))
				return line;
	}
	return (gh_bytes){ NULL, 0 };
}

/* "-----BEGIN … PRIVATE KEY-----" with base64 behind it (RFC 7468): a program that only looks for such
 * files holds the line alone. */
static bool private_key(gh_bytes text, uint64_t *at, bool *locked)
{
	static const uint8_t tail[] = "PRIVATE KEY-----";
	const uint8_t *head = text.len ? memmem(text.ptr, text.len, "-----BEGIN ", 11) : NULL;
	if (!head)
		return false;
	gh_bytes rest = gh_bytes_part(text, (uint64_t)(head - text.ptr), PEM_MOST);
	const uint8_t *end = rest.len ? memmem(rest.ptr, rest.len, tail, sizeof tail - 1) : NULL;
	if (!end || (size_t)(end - rest.ptr) > 40)
		return false;
	gh_bytes body = gh_bytes_part(rest, (uint64_t)(end - rest.ptr) + sizeof tail - 1, rest.len);
	size_t letters = 0;
	for (size_t i = 0; i < body.len && body.ptr[i] != '-'; i++)
		letters += body.ptr[i] > ' ';
	*at = (uint64_t)(head - text.ptr);
	*locked = has(gh_bytes_part(rest, 0, 200), GH_LIT("ENCRYPTED"));
	return letters >= 64;
}

/* Dropbear's own form: a string "ssh-rsa" with its length before it, then the numbers; a public key has
 * no fewer than 40 bytes less than half of them. */
static bool host_key(gh_bytes path, gh_bytes text)
{
	gh_bytes base = gh_path_base(path);
	if (!has(base, GH_LIT("host_key")) || text.len < 64 || text.len > 8192)
		return false;
	gh_cur c = gh_cur_over(text, 0);
	gh_bytes type = gh_take(&c, gh_u32be(&c));
	return gh_bytes_start(type, GH_LIT("ssh-")) || gh_bytes_start(type, GH_LIT("ecdsa-"));
}

static key_kind kind_of(gh_bytes path, gh_bytes text, uint64_t *at, uint32_t *line)
{
	bool locked = false;
	*at = 0;
	*line = 0;
	if (has(gh_path_base(path), GH_LIT("authorized_keys")) && authorized_line(text, at, line).len)
		return KEY_AUTHORIZED;
	*line = 0;
	*at = 0;
	if (host_key(path, text))
		return KEY_HOST;
	if (!private_key(text, at, &locked))
		return KEY_NONE;
	return locked ? KEY_LOCKED : has(gh_path_base(path), GH_LIT("host_")) ? KEY_HOST : KEY_PRIVATE;
}

static bool keeps(const gh_file *file)
{
	uint64_t at;
	uint32_t line;
	bool elf = file->leaf && strcmp(file->leaf, "elf") == 0;
	return !elf && file->content.len >= 64 && kind_of(file->path, file->content, &at, &line) != KEY_NONE;
}

static const struct saying {
	const char *id, *one, *many, *harmless;
	gh_level level;
} sayings[KEY_KINDS] = {
	[KEY_AUTHORIZED] = { "KEYS-SHIPPED/authorized-keys", "whoever holds a certain key may log in over SSH",
			     "whoever holds one of certain keys may log in over SSH",
			     "The maker's key for support, or that of whoever built the image for himself.",
			     GH_LEVEL_NOTICE },
	[KEY_HOST] = { "KEYS-SHIPPED/host-key", "every device with this image has the same SSH host key",
		       "every device with this image has the same SSH host keys",
		       "Keys that the device makes anew when it is set up; the image of one device.", GH_LEVEL_NOTICE },
	[KEY_PRIVATE] = { "KEYS-SHIPPED/private-key",
			  "a private key is shipped, the same on every device with this image",
			  "private keys are shipped, the same on every device with this image",
			  "An example, or a key that the device replaces when it is set up.", GH_LEVEL_NOTICE },
	[KEY_LOCKED] = { "KEYS-SHIPPED/locked-key", "a private key is shipped, locked with a passphrase",
			 "private keys are shipped, locked with passphrases",
			 "An example; but the passphrase has to be on the device, if the key is used.", GH_LEVEL_INFO },
};

/* What the owner may write, he may have written; what is only read came with the image. */
static bool is_read_only(const gh_node *volume)
{
	static const char *const formats[] = { "squashfs", "cramfs", "romfs", "erofs" };
	for (size_t i = 0; volume->format && i < GH_COUNT(formats); i++)
		if (strcmp(volume->format, formats[i]) == 0)
			return true;
	return false;
}

static gh_code say(gh_check_ctx *check, const gh_node *volume, const gh_finding *seen, key_kind kind, unsigned n)
{
	const struct saying *s = &sayings[kind];
	gh_finding f = *seen;
	f.id = s->id;
	f.check = gh_check_keys_shipped.id;
	f.level = kind == KEY_AUTHORIZED && is_read_only(volume) ? GH_LEVEL_SUSPICIOUS : s->level;
	f.sure = GH_SURE_HIGH;
	f.why = gh_check_keys_shipped.why;
	f.harmless = s->harmless;
	f.title = n == 1 ? s->one : gh_arena_printf(check->ctx->scratch, "%s (%u files)", s->many, n);
	return f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

static gh_code conclude_volume(gh_check_ctx *check, const gh_node *node)
{
	static const char *const notes[KEY_KINDS] = { [KEY_AUTHORIZED] = "this key may log in",
						      [KEY_HOST] = "a host key",
						      [KEY_PRIVATE] = "a private key",
						      [KEY_LOCKED] = "a private key, encrypted" };
	gh_finding seen[KEY_KINDS] = { { .id = NULL } };
	unsigned n[KEY_KINDS] = { 0 }, files = 0;
	for (size_t i = 0; i < node->volume->count && files < FILES_MOST; i++) {
		const gh_entry *e = &node->volume->entries[i];
		uint64_t at;
		uint32_t line;
		key_kind kind = e->kept.len && e->past == GH_NOW ? kind_of(e->path, e->kept, &at, &line) : KEY_NONE;
		if (kind == KEY_NONE)
			continue;
		files++;
		n[kind]++;
		/* the key itself is not shown: reports are passed on */
		gh_bytes head = kind == KEY_AUTHORIZED ? gh_bytes_part(e->kept, at, 48)
				: kind == KEY_HOST     ? (gh_bytes){ NULL, 0 }
						       : gh_bytes_part(e->kept, at, 27);
		if (seen[kind].n_evidence < GH_EVIDENCE_MOST)
			seen[kind].evidence[seen[kind].n_evidence++] = (gh_evidence){ .node = node->id,
										      .path = e->path,
										      .at = at,
										      .line = line,
										      .excerpt = head,
										      .note = notes[kind] };
	}
	gh_code code = GH_OK;
	for (key_kind kind = KEY_AUTHORIZED; kind < KEY_KINDS && code == GH_OK; kind++)
		if (n[kind])
			code = say(check, node, &seen[kind], kind, n[kind]);
	return code;
}

static gh_code conclude(gh_check_ctx *check)
{
	return gh_each_volume(check, conclude_volume);
}

const gh_check gh_check_keys_shipped = {
	.id = "KEYS-SHIPPED",
	.title = "Which keys come with the image?",
	.why = "A key that is in the image is known to whoever has the image: to its maker, and to anybody who looks.",
	.harmless = "Keys that the device replaces when it is set up.",
	.attack = "T1552.004",
	.kinds = "authorized-keys, host-key, private-key, locked-key",
	.keeps = keeps,
	.conclude = conclude,
};
