/* SPDX-License-Identifier: Apache-2.0 */
#include "check/sums_in.h"

enum { HEX_MOST = 2 * 32 + 1, REPORT_MOST = 256 };

static const char *hex(gh_bytes b, char into[HEX_MOST])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = GH_MIN(b.len, (size_t)32);
	for (size_t i = 0; i < n; i++) {
		into[2 * i] = digits[b.ptr[i] >> 4];
		into[2 * i + 1] = digits[b.ptr[i] & 15];
	}
	into[2 * n] = 0;
	return into;
}

static gh_code report_sum(gh_check_ctx *check, const gh_check *self, const gh_node *node, const gh_sum *sum)
{
	static const struct {
		const char *kind, *title;
	} said[] = {
		[GH_SUM_RIGHT] = { "right", "is right, which proves nothing about origin: anybody can compute it" },
		[GH_SUM_WRONG] = { "wrong", "is wrong: the bytes are not those it was made over" },
		[GH_SUM_ABSENT] = { "absent", "is absent: nothing says whether the bytes changed" },
		[GH_SUM_UNVERIFIABLE] = { "unverifiable", "could not be verified" },
	};
	char stored[HEX_MOST], computed[HEX_MOST];
	gh_ctx *ctx = check->ctx;
	size_t state = GH_MIN((size_t)sum->state, GH_COUNT(said) - 1);
	gh_finding f = {
		.check = self->id,
		.level = sum->state == GH_SUM_WRONG ? GH_LEVEL_NOTICE : GH_LEVEL_INFO,
		.sure = GH_SURE_HIGH,
		.why = self->why,
		.harmless = self->harmless,
		.attack = sum->state == GH_SUM_WRONG ? self->attack : NULL,
		.n_evidence = 1,
	};
	f.id = gh_arena_printf(ctx->scratch, "%s/%s", self->id, said[state].kind);
	f.title = gh_arena_printf(ctx->scratch, "%s of %s (%s) %s", sum->what ? sum->what : "checksum", node->format,
				  sum->algorithm ? sum->algorithm : "unnamed", said[state].title);
	gh_evidence *e = &f.evidence[0];
	e->node = node->id;
	e->at = sum->stored.len > 0 ? sum->at : GH_NOWHERE;
	e->excerpt = sum->stored;
	e->note = gh_arena_printf(ctx->scratch, "stored %s, computed %s%s%s",
				  sum->stored.len > 0 ? hex(sum->stored, stored) : "nothing",
				  sum->computed.len > 0 ? hex(sum->computed, computed) : "nothing",
				  sum->remark ? "; " : "", sum->remark ? sum->remark : "");
	if (!f.id || !f.title || !e->note)
		return gh_nomem(ctx);
	return gh_finding_add(ctx, check->out, &f);
}

static bool is_of(const gh_node *node, const char *format)
{
	static const char *const asked[] = { "tplink", "uimage", "trx" };
	if (!format) {
		bool own = node->kind != GH_NODE_CONTAINER;
		for (size_t i = 0; i < GH_COUNT(asked) && !own; i++)
			own = is_of(node, asked[i]);
		return !own;
	}
	size_t len = strlen(format);
	return node->format && strncmp(node->format, format, len) == 0 &&
	       (node->format[len] == 0 || node->format[len] == '-' || node->format[len] == '_');
}

gh_code gh_sums_report(gh_check_ctx *check, const gh_check *self, const char *format)
{
	gh_code code = GH_OK;
	unsigned left = REPORT_MOST; /* a hostile image may hold a million headers */
	for (const gh_node *node = check->root; node; node = gh_node_after(check->root, node)) {
		if (gh_cancelled(check->ctx))
			return GH_OK;
		if (!is_of(node, format))
			continue;
		for (const gh_sum *sum = node->sums; sum && left > 0 && code == GH_OK; sum = sum->next, left--)
			code = report_sum(check, self, node, sum);
		if (code != GH_OK || left == 0)
			return code;
	}
	return code;
}
