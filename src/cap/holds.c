/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions over places. */
#include "cap/hits_in.h"

void gh_cap_range(const gh_cap_hits *h, uint32_t feature, const gh_cap_place *in, uint32_t *first, uint32_t *end)
{
	const gh_cap_list *l = &h->lists[feature];
	*first = 0;
	*end = l->n;
	if (in->scope >= GH_S_PROGRAM)
		return;
	uint32_t low = 0, high = l->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (l->items[mid].function < in->function)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (low < l->n && l->items[low].function == in->function)
		low++;
	*end = low;
}

bool gh_cap_inside(const gh_cap_hits *h, const gh_cap_place *in, const gh_cap_hit *hit)
{
	switch (in->scope) {
	case GH_S_FILE:
		return true;
	case GH_S_PROGRAM:
		return hit->function == GH_NONE ? in->wide : h->reached[hit->function] == in->stamp;
	case GH_S_FUNCTION:
		return hit->function == in->function;
	case GH_S_BLOCK:
		return hit->function == in->function && hit->block == in->block;
	case GH_S_CALL:
		return hit->function == in->function && hit->call == in->call;
	default:
		return hit->function == in->function && hit->address == in->address;
	}
}

gh_cap_place gh_cap_around(const gh_cap_place *in, uint32_t scope, const gh_cap_hit *hit)
{
	gh_cap_place place = *in;
	if (scope >= in->scope)
		return place;
	place.scope = scope;
	place.function = hit->function;
	place.block = hit->block;
	place.call = hit->call;
	place.address = hit->address;
	return place;
}

static uint32_t count(gh_cap_asking *a, uint32_t feature, const gh_cap_place *in, uint32_t most)
{
	const gh_cap_list *l = &a->h->lists[feature];
	uint32_t first, end, n = 0;
	gh_cap_range(a->h, feature, in, &first, &end);
	for (uint32_t i = first; i < end && n < most; i++, a->steps++)
		n += gh_cap_inside(a->h, in, &l->items[i]);
	return n;
}

/* A hit in a place that is no place of the smaller scope: of a function where calls are asked for. */
static bool is_vague(uint32_t scope, const gh_cap_hit *hit)
{
	return hit->function == GH_NONE || (scope == GH_S_CALL && hit->call == GH_NONE) ||
	       (scope == GH_S_BLOCK && hit->block == GH_NONE);
}

/* The smaller places are those around the hits of what is asked for in them. */
static bool holds_below(gh_cap_asking *a, uint32_t node, const gh_cap_place *in)
{
	const gh_caps *c = a->h->caps;
	uint32_t scope = c->nodes[node].scope;
	if (scope >= in->scope)
		return gh_cap_holds(a, node + 1, in);
	for (uint32_t k = node + 1; k < c->nodes[node].end; k++) {
		if (c->nodes[k].op != GH_N_FEATURE)
			continue;
		const gh_cap_list *l = &a->h->lists[c->nodes[k].feature];
		uint32_t first, end;
		gh_cap_range(a->h, c->nodes[k].feature, in, &first, &end);
		for (uint32_t i = first; i < end; i++, a->steps++) {
			if (is_vague(scope, &l->items[i]) || !gh_cap_inside(a->h, in, &l->items[i]))
				continue;
			gh_cap_place place = gh_cap_around(in, scope, &l->items[i]);
			if (gh_cap_holds(a, node + 1, &place))
				return true;
		}
	}
	return false;
}

static uint32_t n_holding(gh_cap_asking *a, uint32_t node, const gh_cap_place *in, uint32_t most)
{
	const gh_cap_node *nodes = a->h->caps->nodes;
	uint32_t n = 0;
	for (uint32_t k = node + 1; k < nodes[node].end && n < most; k = nodes[k].end)
		n += gh_cap_holds(a, k, in);
	return n;
}

bool gh_cap_holds(gh_cap_asking *a, uint32_t node, const gh_cap_place *in)
{
	const gh_cap_node *n = &a->h->caps->nodes[node];
	if (a->steps++ > a->most)
		return false;
	switch (n->op) {
	case GH_N_AND:
		for (uint32_t k = node + 1; k < n->end; k = a->h->caps->nodes[k].end)
			if (!gh_cap_holds(a, k, in))
				return false;
		return true;
	case GH_N_OR:
		return n_holding(a, node, in, 1) > 0;
	case GH_N_SOME:
		return n->least == 0 || n_holding(a, node, in, n->least) >= n->least;
	case GH_N_NOT:
		return !gh_cap_holds(a, node + 1, in);
	case GH_N_SCOPE:
		return holds_below(a, node, in);
	default:
		break;
	}
	if (a->h->everywhere[n->feature])
		return n->least <= 1;
	uint32_t most = n->most == UINT32_MAX ? n->least : n->most + 1;
	uint32_t there = count(a, n->feature, in, most);
	return there >= n->least && there <= n->most;
}
