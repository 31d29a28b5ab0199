/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/signal.h"

#include "finding/keep_in.h"

const char *gh_witness_name(gh_witness witness)
{
	static const char *const names[GH_WITNESSES] = {
		[GH_WITNESS_BUILD] = "build", [GH_WITNESS_PACKING] = "packing", [GH_WITNESS_NAME] = "name",
		[GH_WITNESS_START] = "start", [GH_WITNESS_ROLE] = "role",       [GH_WITNESS_OWNER] = "owner",
		[GH_WITNESS_CARGO] = "cargo",
	};
	return witness < GH_WITNESSES ? names[witness] : "unknown";
}

gh_code gh_signal_add(gh_ctx *ctx, gh_signals *list, const gh_signal *signal)
{
	if (!list)
		return GH_OK;
	gh_signal *s = gh_arena_alloc(ctx->arena, sizeof *s);
	if (!s)
		return gh_nomem(ctx);
	*s = *signal;
	s->next = NULL;
	if (s->about.len == 0)
		s->about = s->evidence.path;
	if (gh_keep_evidence(ctx, &s->evidence) || gh_keep_bytes(ctx, &s->about, SIZE_MAX))
		return GH_NOMEM;
	if (list->last)
		list->last->next = s;
	else
		list->first = s;
	list->last = s;
	list->count++;
	return GH_OK;
}

void gh_signals_join(gh_signals *list, gh_signals *more)
{
	if (!more->first)
		return;
	if (list->last)
		list->last->next = more->first;
	else
		list->first = more->first;
	list->last = more->last;
	list->count += more->count;
	*more = (gh_signals){ 0 };
}
