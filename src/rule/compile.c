/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rule files to one blob. Files with an error are found in a first pass and left out of a
 * second one, which is only made when there are any.
 */
#include <yara.h>

#include "codec/sum.h"
#include "rule/blob_in.h"

enum { NAMESPACE_MOST = 512 };

/* The error callback's view of the file at hand. */
typedef struct told {
	gh_rule_trouble *trouble;
	void *arg;
	const char *file;
} told;

static void on_message(int level, const char *file, int line, const YR_RULE *rule, const char *message, void *arg)
{
	(void)file;
	(void)rule;
	told *t = arg;
	if (level == YARA_ERROR_LEVEL_ERROR && t->trouble)
		t->trouble(t->arg, t->file, line > 0 ? (unsigned)line : 0, message);
}

static YR_COMPILER *new_compiler(told *t)
{
	static const char *const externals[] = { "filename", "filepath", "extension", "filetype", "owner", "md5" };
	YR_COMPILER *compiler;
	if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
		return NULL;
	yr_compiler_set_callback(compiler, on_message, t);
	yr_compiler_set_include_callback(compiler, NULL, NULL, NULL);
	for (size_t i = 0; i < GH_COUNT(externals); i++)
		if (yr_compiler_define_string_variable(compiler, externals[i], "") != ERROR_SUCCESS) {
			yr_compiler_destroy(compiler);
			return NULL;
		}
	return compiler;
}

/* "b3:name" for our own files, "u3:name" for the user's: the scan reads the first letter back. */
static const char *namespace_of(gh_ctx *ctx, const gh_rule_file *file, size_t index)
{
	return gh_arena_printf(ctx->scratch, "%c%zu:%.*s", file->builtin ? 'b' : 'u', index, NAMESPACE_MOST,
			       file->name);
}

/* A file on its way through the compiler; text is NULL for hash lists and for what does not compile. */
typedef struct source {
	char *text;
	const char *space;
} source;

static gh_code read_sources(gh_ctx *ctx, const gh_rule_file *files, size_t n, const told *t, source *sources)
{
	for (size_t i = 0; i < n; i++) {
		if (files[i].hashes || files[i].program)
			continue;
		if (files[i].text.len && memchr(files[i].text.ptr, 0, files[i].text.len)) {
			if (t->trouble)
				t->trouble(t->arg, files[i].name, 0, "the file is not text: it holds a NUL byte");
			continue;
		}
		sources[i].text = gh_arena_text(ctx->scratch, files[i].text.ptr, files[i].text.len);
		sources[i].space = namespace_of(ctx, &files[i], i);
		if (!sources[i].text || !sources[i].space)
			return gh_nomem(ctx);
	}
	return GH_OK;
}

/* Adds all sources to one compiler. The first error of a file makes libyara's compiler useless, so
 * the file is dropped and a new compiler goes on behind it: *ret_bad tells how often. What is left
 * in *compiler is the whole pack only when that is 0. A first file costs libyara some 2 ms however
 * short it is, which is why files are not tried one by one. */
static gh_code add_sources(gh_ctx *ctx, const gh_rule_file *files, size_t n, told *t, source *sources,
			   YR_COMPILER **compiler, size_t *ret_bad)
{
	*ret_bad = 0;
	for (size_t i = 0; i < n; i++) {
		t->file = files[i].name;
		if (!sources[i].text)
			continue;
		if (!*compiler && !(*compiler = new_compiler(t)))
			return gh_nomem(ctx);
		if (yr_compiler_add_string(*compiler, sources[i].text, sources[i].space) == 0)
			continue;
		yr_compiler_destroy(*compiler);
		*compiler = NULL;
		sources[i].text = NULL;
		++*ret_bad;
	}
	return GH_OK;
}

/* Where yr_rules_save_stream writes to. */
typedef struct sink {
	gh_ctx *ctx;
	gh_buf *out;
} sink;

static size_t write_sink(const void *ptr, size_t size, size_t count, void *arg)
{
	sink *s = arg;
	size_t len;
	if (__builtin_mul_overflow(size, count, &len))
		return 0;
	return gh_buf_add(s->ctx, s->out, gh_view(ptr, len)) == GH_OK ? count : 0;
}

static gh_code save(gh_ctx *ctx, YR_COMPILER *compiler, gh_buf *out)
{
	YR_RULES *rules = NULL;
	sink s = { ctx, out };
	YR_STREAM stream = { .user_data = &s, .write = write_sink };
	if (yr_compiler_get_rules(compiler, &rules) != ERROR_SUCCESS)
		return gh_nomem(ctx);
	int error = yr_rules_save_stream(rules, &stream);
	yr_rules_destroy(rules);
	return error == ERROR_SUCCESS
		       ? GH_OK
		       : gh_fail(ctx, GH_LIMIT, out->len, "compiled rules are larger than %zu bytes", out->most);
}

static gh_code compile_yara(gh_ctx *ctx, const gh_rule_file *files, size_t n, told *t, gh_buf *out)
{
	YR_COMPILER *compiler = NULL;
	size_t bad = 0;
	source *sources = gh_arena_array(ctx->scratch, n ? n : 1, sizeof *sources);
	gh_code code = sources ? read_sources(ctx, files, n, t, sources) : gh_nomem(ctx);
	if (code == GH_OK)
		code = add_sources(ctx, files, n, t, sources, &compiler, &bad);
	if (code == GH_OK && bad > 0) { /* once more with those that are left */
		if (compiler)
			yr_compiler_destroy(compiler);
		compiler = NULL;
		code = add_sources(ctx, files, n, t, sources, &compiler, &bad);
		if (code == GH_OK && bad > 0)
			code = gh_fail(ctx, GH_LIMIT, 0, "%zu rule files compile, but not with the others", bad);
	}
	if (code == GH_OK && compiler)
		code = save(ctx, compiler, out);
	if (compiler)
		yr_compiler_destroy(compiler);
	return code;
}

static gh_code add_number(gh_ctx *ctx, gh_buf *out, uint64_t number, unsigned width)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
	return gh_buf_add(ctx, out, gh_view(bytes, width));
}

static gh_code write_blob(gh_ctx *ctx, const uint8_t digest[32], const gh_rule_hashes *hashes, gh_bytes yara,
			  gh_buf *blob)
{
	if (hashes->count > UINT32_MAX || hashes->texts.len > UINT32_MAX)
		return gh_fail(ctx, GH_LIMIT, 0, "hash lists hold more than 4 GiB");
	gh_code code = gh_buf_add(ctx, blob, GH_LIT(GH_RULE_MAGIC));
	if (code == GH_OK)
		code = gh_buf_add(ctx, blob, gh_view(digest, 32));
	if (code == GH_OK)
		code = add_number(ctx, blob, hashes->count, 4);
	if (code == GH_OK)
		code = add_number(ctx, blob, hashes->texts.len, 4);
	if (code == GH_OK)
		code = add_number(ctx, blob, yara.len, 8);
	for (size_t i = 0; i < hashes->count && code == GH_OK; i++) {
		code = gh_buf_add(ctx, blob, gh_view(hashes->items[i].sha256, 32));
		if (code == GH_OK)
			code = add_number(ctx, blob, hashes->items[i].texts, 4);
		if (code == GH_OK)
			code = add_number(ctx, blob, hashes->items[i].builtin, 4);
	}
	if (code == GH_OK)
		code = gh_buf_add(ctx, blob, gh_buf_view(&hashes->texts));
	return code == GH_OK ? gh_buf_add(ctx, blob, yara) : code;
}

static gh_code digest_sources(gh_ctx *ctx, const gh_rule_file *files, size_t n, uint8_t ret[32])
{
	gh_bytes *runs = gh_arena_array(ctx->scratch, n ? n : 1, 2 * sizeof *runs);
	if (!runs)
		return gh_nomem(ctx);
	for (size_t i = 0; i < n; i++) {
		runs[2 * i] = gh_view(files[i].name, strlen(files[i].name) + 1);
		runs[2 * i + 1] = files[i].text;
	}
	gh_sha256(runs, 2 * n, ret);
	return GH_OK;
}

gh_code gh_rules_compile(gh_ctx *ctx, const gh_rule_file *files, size_t n, gh_rule_trouble *trouble, void *arg,
			 gh_buf *blob)
{
	told t = { trouble, arg, NULL };
	uint8_t digest[32];
	gh_rule_hashes hashes = { .texts = gh_buf_in(ctx->scratch, UINT32_MAX) };
	gh_buf yara = gh_buf_in(ctx->scratch, blob->most);
	gh_code code = digest_sources(ctx, files, n, digest);
	for (size_t i = 0; i < n && code == GH_OK; i++)
		if (files[i].hashes)
			code = gh_rule_hashes_read(ctx, &files[i], trouble, arg, &hashes);
	if (code != GH_OK)
		return code;
	gh_rule_hashes_sort(&hashes);
	if (yr_initialize() != ERROR_SUCCESS)
		return gh_nomem(ctx);
	code = compile_yara(ctx, files, n, &t, &yara);
	yr_finalize();
	return code == GH_OK ? write_blob(ctx, digest, &hashes, gh_buf_view(&yara), blob) : code;
}
