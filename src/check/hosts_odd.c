/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do names lead to strangers? /etc/hosts is asked before any name server: whoever writes a bank's name there is
 * the bank for everybody behind the router. Names that lead to the device itself are UPGRADE-BLOCKED's.
 */
#include "check/html_in.h"
#include "check/root_in.h"

enum { LINES_MOST = 4096 };

static bool is_hosts(gh_bytes path)
{
	return gh_bytes_end(path, GH_LIT("etc/hosts"));
}

static bool keeps(const gh_file *file)
{
	return is_hosts(file->path) && file->content.len > 0;
}

/* Four numbers with dots; false for anything else. */
static bool read_address(gh_bytes text, unsigned ret[4])
{
	unsigned part = 0;
	bool digits = false;
	memset(ret, 0, 4 * sizeof *ret);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == '.' && digits && part < 3) {
			part++;
			digits = false;
		} else if (c >= '0' && c <= '9' && ret[part] < 100) {
			ret[part] = ret[part] * 10 + (unsigned)(c - '0');
			digits = true;
		} else {
			return false;
		}
	}
	return part == 3 && digits && ret[0] < 256 && ret[1] < 256 && ret[2] < 256 && ret[3] < 256;
}

/* Of the world, and not of this net: RFC 1918, RFC 3927, RFC 6598, multicast and more are left out. */
static bool is_public(const unsigned a[4])
{
	return a[0] != 0 && a[0] != 10 && a[0] != 127 && a[0] < 224 && !(a[0] == 192 && a[1] == 168) &&
	       !(a[0] == 172 && a[1] >= 16 && a[1] < 32) && !(a[0] == 169 && a[1] == 254) &&
	       !(a[0] == 100 && a[1] >= 64 && a[1] < 128);
}

static bool is_of_the_world(gh_bytes name)
{
	static const char *const own[] = {
		".lan", ".local", ".home", ".localdomain", ".internal", ".arpa", ".localnet"
	};
	for (size_t i = 0; i < GH_COUNT(own); i++)
		if (gh_bytes_end(name, gh_view_text(own[i])))
			return false;
	const uint8_t *dot = name.len > 3 ? memchr(name.ptr, '.', name.len) : NULL;
	return dot && dot > name.ptr && dot < name.ptr + name.len - 2;
}

static gh_code look_at(gh_check_ctx *check, const gh_node *node, const gh_entry *e)
{
	gh_finding f = {
		.id = "HOSTS-ODD/stranger",
		.check = gh_check_hosts_odd.id,
		.level = GH_LEVEL_NOTICE,
		.sure = GH_SURE_MEDIUM,
		.why = gh_check_hosts_odd.why,
		.harmless = gh_check_hosts_odd.harmless,
		.attack = gh_check_hosts_odd.attack,
	};
	gh_cur c = gh_cur_over(e->kept, 0);
	unsigned lines = 0;
	for (uint32_t number = 1; c.left > 0 && number <= LINES_MOST; number++) {
		uint64_t at = c.pos;
		gh_bytes line = gh_line(&c), rest = line;
		unsigned address[4];
		if (!read_address(gh_html_word(&rest), address) || !is_public(address) ||
		    !is_of_the_world(gh_html_word(&rest)))
			continue;
		lines++;
		if (f.n_evidence < GH_EVIDENCE_MOST)
			f.evidence[f.n_evidence++] = (gh_evidence){ .node = node->id,
								    .path = e->path,
								    .at = at,
								    .line = number,
								    .excerpt = gh_bytes_part(line, 0, GH_EXCERPT),
								    .note = "this line" };
	}
	if (lines == 0)
		return GH_OK;
	f.title = gh_arena_printf(check->ctx->scratch, "/%.*s says where %u name%s of the world lead%s",
				  (int)GH_MIN(e->path.len, (size_t)160), (const char *)e->path.ptr, lines,
				  lines == 1 ? "" : "s", lines == 1 ? "s" : "");
	return f.title ? gh_finding_add(check->ctx, check->out, &f) : gh_nomem(check->ctx);
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node))
		for (size_t i = 0; node->volume && code == GH_OK && i < node->volume->count; i++) {
			const gh_entry *e = &node->volume->entries[i];
			if (e->kept.len && e->past == GH_NOW && is_hosts(e->path))
				code = look_at(check, node, e);
		}
	return code;
}

const gh_check gh_check_hosts_odd = {
	.id = "HOSTS-ODD",
	.title = "Do names of the world lead to strangers?",
	.why = "What stands in /etc/hosts is asked before any name server: its writer chooses who the bank is.",
	.harmless = "A provider's server that has to be found without a name server.",
	.attack = "T1565.001",
	.kinds = "stranger",
	.keeps = keeps,
	.conclude = conclude,
};
