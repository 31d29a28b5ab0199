/* SPDX-License-Identifier: Apache-2.0 */
#include "check/mentions.h"

#include <stdatomic.h>

enum { NAMES_MOST = 4096, SLOTS = 16384, NAME_LEAST = 3, NAME_MOST = 40 };

typedef struct name {
	gh_bytes text;
	uint32_t hash;
	_Atomic unsigned files;
} name;

struct gh_mentions {
	name names[NAMES_MOST];
	unsigned n;
	uint16_t slots[SLOTS]; /* number of a name and 1; 0: free */
};

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.' || c == '+';
}

/* FNV-1a */
enum { HASH_PRIME = 16777619 };
static const uint32_t hash_start = 2166136261U;

static uint32_t hash_of(gh_bytes text)
{
	uint32_t h = hash_start;
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ text.ptr[i]) * HASH_PRIME;
	return h;
}

/* The slot of this name, or the free one where it belongs. */
static unsigned slot_of(const struct gh_mentions *m, gh_bytes text, uint32_t hash)
{
	unsigned slot = hash % SLOTS;
	while (m->slots[slot]) {
		const name *at = &m->names[m->slots[slot] - 1];
		if (at->hash == hash && gh_bytes_eq(at->text, text))
			break;
		slot = (slot + 1) % SLOTS;
	}
	return slot;
}

static gh_bytes base_of(gh_bytes path)
{
	size_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return gh_bytes_part(path, at, path.len);
}

static void add(struct gh_mentions *m, gh_bytes text)
{
	if (text.len < NAME_LEAST || text.len > NAME_MOST || m->n == NAMES_MOST)
		return;
	for (size_t i = 0; i < text.len; i++)
		if (!is_word(text.ptr[i]))
			return;
	uint32_t hash = hash_of(text);
	unsigned slot = slot_of(m, text, hash);
	if (m->slots[slot])
		return;
	m->names[m->n].text = text;
	m->names[m->n].hash = hash;
	m->slots[slot] = (uint16_t)++m->n;
}

static bool is_library(gh_bytes path)
{
	gh_bytes base = base_of(path);
	return base.len > 3 && memmem(base.ptr, base.len, ".so", 3);
}

gh_code gh_mentions_plan(gh_ctx *ctx, gh_node *volume)
{
	struct gh_mentions *m = gh_arena_zalloc(ctx->arena, sizeof *m);
	if (!m)
		return gh_nomem(ctx);
	const gh_volume *v = volume->volume;
	for (size_t i = 0; i < v->count; i++)
		if (v->entries[i].type == GH_ENTRY_FILE && v->entries[i].past == GH_NOW &&
		    ((v->entries[i].mode & 0111) || is_library(v->entries[i].path)))
			add(m, base_of(v->entries[i].path));
	if (m->n > 0)
		volume->volume->mentions = m;
	return GH_OK;
}

/* One file counts once for a name; what it calls itself does not count. */
static void meet(struct gh_mentions *m, gh_bytes word, uint32_t hash, gh_bytes own, uint8_t *seen)
{
	unsigned slot = slot_of(m, word, hash);
	if (!m->slots[slot])
		return;
	unsigned i = m->slots[slot] - 1U;
	if ((seen[i / 8] & 1U << i % 8) || gh_bytes_eq(m->names[i].text, own))
		return;
	seen[i / 8] = (uint8_t)(seen[i / 8] | 1U << i % 8);
	atomic_fetch_add_explicit(&m->names[i].files, 1, memory_order_relaxed);
}

/* The word before a blank, when it is one that takes the name of a program. */
static bool is_after_verb(gh_bytes content, size_t start)
{
	static const char *const verbs[] = { "killall", "pidof", "exec", "nohup",   "pkill",   "pgrep",
					     "grep",    "which", "sh",   "command", "restart", "start",
					     "stop",    "-x",    "-n",   "-9",      "-q",      "-f",
					     "-KILL",   "-TERM", "-HUP", "-USR1" };
	if (start < 2 || content.ptr[start - 1] != ' ')
		return false;
	for (size_t i = 0; i < GH_COUNT(verbs); i++) {
		size_t n = strlen(verbs[i]);
		if (start > n && memcmp(content.ptr + start - 1 - n, verbs[i], n) == 0)
			return true;
	}
	return false;
}

/* May a word that begins here be the name of a program? Scripts name programs anywhere; a text does so in paths;
 * a program's strings begin with the name, or with a verb. "timer" in a sentence is none. */
static bool may_name(const gh_entry *entry, gh_bytes content, size_t start)
{
	bool script = entry->leaf && strcmp(entry->leaf, "script") == 0;
	bool elf = entry->leaf && strcmp(entry->leaf, "elf") == 0;
	uint8_t before = start > 0 ? content.ptr[start - 1] : 0;
	if (script || before == '/')
		return true;
	return elf && (before == 0 || strchr("\n\t;|&`(\"'=", before) || is_after_verb(content, start));
}

void gh_mentions_look(const gh_node *volume, const gh_entry *entry, gh_bytes content)
{
	struct gh_mentions *m = volume->volume ? volume->volume->mentions : NULL;
	uint8_t seen[NAMES_MOST / 8] = { 0 };
	gh_bytes own = base_of(entry->path);
	if (!m)
		return;
	uint32_t hash = hash_start;
	size_t start = 0;
	for (size_t i = 0; i <= content.len; i++) {
		if (i < content.len && is_word(content.ptr[i])) {
			hash = (hash ^ content.ptr[i]) * HASH_PRIME;
			continue;
		}
		size_t n = i - start;
		if (n >= NAME_LEAST && n <= NAME_MOST + 1 && may_name(entry, content, start)) {
			gh_bytes word = gh_view(content.ptr + start, n);
			meet(m, word, hash, own, seen);
			if (word.ptr[n - 1] == '.') { /* the end of a sentence */
				word.len--;
				meet(m, word, hash_of(word), own, seen);
			}
		}
		start = i + 1;
		hash = hash_start;
	}
}

unsigned gh_mentions_of(const gh_node *volume, gh_bytes text, bool *known)
{
	struct gh_mentions *m = volume->volume ? volume->volume->mentions : NULL;
	*known = false;
	if (!m)
		return 0;
	unsigned slot = slot_of(m, text, hash_of(text));
	*known = m->slots[slot] != 0;
	return *known ? atomic_load_explicit(&m->names[m->slots[slot] - 1].files, memory_order_relaxed) : 0;
}
