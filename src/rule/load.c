/* SPDX-License-Identifier: Apache-2.0 */
/* From a blob to rules in memory, and the look-up of hashes. */
#include "rule/load_in.h"

static size_t read_source(void *ptr, size_t size, size_t count, void *arg)
{
	gh_cur *c = arg;
	size_t len;
	if (__builtin_mul_overflow(size, count, &len))
		return 0;
	gh_bytes b = gh_take(c, len);
	if (!gh_cur_ok(c))
		return 0;
	if (b.len)
		memcpy(ptr, b.ptr, b.len);
	return count;
}

static gh_code load_yara(gh_ctx *ctx, gh_cur c, gh_rules *rules)
{
	YR_STREAM stream = { .user_data = &c, .read = read_source };
	uint64_t at = c.pos;
	if (yr_initialize() != ERROR_SUCCESS)
		return gh_nomem(ctx);
	rules->initialized = true;
	int error = yr_rules_load_stream(&stream, &rules->yara);
	if (error != ERROR_SUCCESS) {
		rules->yara = NULL;
		return error == ERROR_INSUFFICIENT_MEMORY
			       ? gh_nomem(ctx)
			       : gh_fail(ctx, GH_CORRUPT, at, "compiled rules: libyara error %d", error);
	}
	rules->n_yara = rules->yara->num_rules;
	return GH_OK;
}

static gh_code load_hashes(gh_ctx *ctx, gh_cur c, gh_cur texts, gh_rules *rules)
{
	for (size_t i = 0; i < rules->n_hashes; i++) {
		gh_rule_hash *hash = &rules->hashes[i];
		gh_bytes digest = gh_take(&c, sizeof hash->sha256);
		hash->texts = gh_u32le(&c);
		hash->builtin = gh_u32le(&c);
		if (!gh_cur_ok(&c) || !digest.ptr || hash->texts >= texts.left)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "compiled rules: hash %zu points outside the texts", i);
		memcpy(hash->sha256, digest.ptr, digest.len);
	}
	char *copy = gh_arena_text(rules->arena, texts.ptr, texts.left);
	if (!copy)
		return gh_nomem(ctx);
	rules->texts = gh_view(copy, texts.left);
	return GH_OK;
}

static gh_code load_into(gh_ctx *ctx, gh_bytes blob, gh_rules *rules)
{
	gh_cur c = gh_cur_over(blob, 0);
	if (!gh_eat(&c, GH_LIT(GH_RULE_MAGIC)))
		return gh_fail(ctx, GH_CORRUPT, 0, "not a compiled rule pack");
	gh_bytes digest = gh_take(&c, 32);
	uint32_t n_hashes = gh_u32le(&c), texts_size = gh_u32le(&c);
	uint64_t yara_size = gh_u64le(&c);
	if (!gh_room(&c, n_hashes, GH_RULE_HASH_SIZE))
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "compiled rule pack is cut short");
	gh_cur hashes = gh_sub(&c, (uint64_t)n_hashes * GH_RULE_HASH_SIZE);
	gh_cur texts = gh_sub(&c, texts_size);
	gh_cur yara = gh_sub(&c, yara_size);
	if (!gh_cur_ok(&c) || c.left > 0)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "compiled rule pack is cut short or has %zu bytes too many",
			       c.left);
	memcpy(rules->digest, digest.ptr, digest.len);
	rules->n_hashes = n_hashes;
	rules->hashes = gh_arena_array(rules->arena, n_hashes, sizeof *rules->hashes);
	rules->pool = gh_arena_zalloc(rules->arena, sizeof *rules->pool);
	if (!rules->hashes || !rules->pool || pthread_mutex_init(&rules->pool->lock, NULL) != 0)
		return gh_nomem(ctx);
	gh_code code = load_hashes(ctx, hashes, texts, rules);
	return code == GH_OK && yara_size > 0 ? load_yara(ctx, yara, rules) : code;
}

gh_code gh_rules_load(gh_ctx *ctx, gh_bytes blob, gh_rules **ret)
{
	/* twice the blob holds the tables; libyara allocates for itself */
	gh_arena *arena = gh_arena_new(2 * blob.len + GH_MIB(1));
	gh_rules *rules = arena ? gh_arena_zalloc(arena, sizeof *rules) : NULL;
	if (!rules) {
		gh_arena_free(arena);
		return gh_nomem(ctx);
	}
	rules->arena = arena;
	gh_code code = load_into(ctx, blob, rules);
	if (code == GH_OK)
		*ret = rules;
	else
		gh_rules_free(rules);
	return code;
}

void gh_rules_free(gh_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; rules->pool && i < rules->pool->n_idle; i++)
		yr_scanner_destroy(rules->pool->idle[i]);
	if (rules->pool)
		pthread_mutex_destroy(&rules->pool->lock);
	if (rules->yara)
		yr_rules_destroy(rules->yara);
	if (rules->initialized)
		yr_finalize();
	gh_arena_free(rules->arena);
}

size_t gh_rules_count(const gh_rules *rules, size_t *ret_hashes)
{
	if (ret_hashes)
		*ret_hashes = rules->n_hashes;
	return rules->n_yara;
}

const uint8_t *gh_rules_digest(const gh_rules *rules)
{
	return rules->digest;
}

/* The next text of a hash; NULL where it is empty. Every text was written with its NUL, and the
 * copy of all texts has one more behind it. */
static const char *next_text(gh_cur *c)
{
	const char *text = (const char *)c->ptr;
	size_t len = c->left ? strnlen(text, c->left) : 0;
	gh_skip(c, GH_MIN(len + 1, c->left));
	return len ? text : NULL;
}

static gh_code tell_hash(const gh_rules *rules, const gh_rule_hash *hash, gh_rule_hit *hit, void *arg)
{
	static const char digits[] = "0123456789abcdef";
	char hex[65];
	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digits[hash->sha256[i] >> 4];
		hex[2 * i + 1] = digits[hash->sha256[i] & 15];
	}
	hex[64] = 0;
	gh_cur c = gh_at(gh_cur_over(rules->texts, 0), hash->texts);
	gh_rule_match match = { .rule = hex, .builtin = hash->builtin != 0 };
	match.description = next_text(&c);
	match.family = next_text(&c);
	match.date = next_text(&c);
	match.source = next_text(&c);
	match.licence = next_text(&c);
	match.level = match.builtin ? "malicious" : NULL;
	return hit(arg, &match);
}

gh_code gh_rules_hash(gh_ctx *ctx, const gh_rules *rules, const uint8_t sha256[32], gh_rule_hit *hit, void *arg)
{
	(void)ctx;
	size_t low = 0, high = rules->n_hashes;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(rules->hashes[middle].sha256, sha256, 32) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	gh_code code = GH_OK;
	for (; code == GH_OK && low < rules->n_hashes && memcmp(rules->hashes[low].sha256, sha256, 32) == 0; low++)
		code = tell_hash(rules, &rules->hashes[low], hit, arg);
	return code;
}
