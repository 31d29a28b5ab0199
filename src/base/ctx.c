/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>

const char *gh_code_name(gh_code code)
{
	static const char *const names[] = {
		[GH_OK] = "ok",
		[GH_NOT_MINE] = "not-mine",
		[GH_TRUNCATED] = "truncated",
		[GH_CORRUPT] = "corrupt",
		[GH_UNSUPPORTED] = "unsupported",
		[GH_ENCRYPTED] = "encrypted",
		[GH_LIMIT] = "limit",
		[GH_IO] = "io",
		[GH_NOMEM] = "out-of-memory",
	};
	return (size_t)code < GH_COUNT(names) ? names[code] : "unknown";
}

void gh_trouble(gh_ctx *ctx, gh_code code, uint64_t at, const char *fmt, ...)
{
	va_list args;
	ctx->code = code;
	ctx->at = at;
	va_start(args, fmt);
	(void)vsnprintf(ctx->what, sizeof ctx->what, fmt, args);
	va_end(args);
}

static bool take(gh_budget *b, _Atomic int64_t *left, uint64_t n)
{
	if (atomic_load(&b->stop))
		return false;
	int64_t now = atomic_load(left);
	do {
		if (n > INT64_MAX || now < (int64_t)n) {
			atomic_store(&b->spent, true);
			return false;
		}
	} while (!atomic_compare_exchange_weak(left, &now, now - (int64_t)n));
	return true;
}

gh_code gh_spend_bytes(gh_ctx *ctx, uint64_t n)
{
	if (!ctx->budget || take(ctx->budget, &ctx->budget->bytes_left, n))
		return GH_OK;
	return gh_fail(ctx, GH_LIMIT, ctx->at, "the budget of unpacked bytes is spent (%llu more wanted)",
		       (unsigned long long)n);
}

gh_code gh_spend_nodes(gh_ctx *ctx, uint64_t n)
{
	if (!ctx->budget || take(ctx->budget, &ctx->budget->nodes_left, n))
		return GH_OK;
	return gh_fail(ctx, GH_LIMIT, ctx->at, "the budget of nodes is spent (%llu more wanted)",
		       (unsigned long long)n);
}

void gh_behind(const gh_ctx *ctx, const void *ptr, size_t len)
{
	if (ctx->budget && ctx->budget->behind && len >= GH_PASS_LEAST)
		ctx->budget->behind(ctx->budget->behind_arg, ptr, len);
}

bool gh_cancelled(const gh_ctx *ctx)
{
	return ctx->budget && atomic_load(&ctx->budget->stop);
}
