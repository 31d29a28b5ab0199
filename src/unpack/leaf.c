/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack/leaf.h"

static const struct {
	gh_bytes head;
	const char *word;
	bool opaque;
} heads[] = {
	{ GH_INIT("\x7f"
		  "ELF"),
	  "elf", true },
	{ GH_INIT("bFLT"), "bflt", true },
	{ GH_INIT("#!"), "script", true },
	{ GH_INIT("\x1bLua"), "lua-bytecode", true },
	{ GH_INIT("\x89PNG\r\n\x1a\n"), "png", true },
	{ GH_INIT("GIF8"), "gif", true },
	{ GH_INIT("\xff\xd8\xff"), "jpeg", true },
	{ GH_INIT("-----BEGIN "), "pem", true },
	{ GH_INIT("MZ"), "pe", false },
	{ GH_INIT("\xca\xfe\xba\xbe"), "java-class", true },
	{ GH_INIT("\xd0\x0d\xfe\xed"), "device-tree", false },
	{ GH_INIT("%PDF-"), "pdf", true },
	{ GH_INIT("SQLite format 3"), "sqlite", true },
};

enum { SAMPLE = 4096 };

static bool is_text(gh_bytes b)
{
	size_t n = GH_MIN(b.len, (size_t)SAMPLE);
	size_t odd = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t v = b.ptr[i];
		if (v == 0)
			return false;
		odd += v < 0x20 && v != '\t' && v != '\n' && v != '\r' && v != '\f' && v != 0x1b;
	}
	return odd * 50 <= n;
}

gh_leaf gh_leaf_of(gh_bytes content)
{
	if (content.len == 0)
		return (gh_leaf){ "empty", true };
	for (size_t i = 0; i < GH_COUNT(heads); i++)
		if (gh_bytes_start(content, heads[i].head))
			return (gh_leaf){ heads[i].word, heads[i].opaque };
	if (is_text(content))
		return (gh_leaf){ "text", true };
	return (gh_leaf){ "data", false };
}
