/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash dump with its partitions. See map_in.h for where maps come from.
 */
#include <inttypes.h>

#include "format/device/map_in.h"

struct best {
	uint64_t pos;
	bool found;
	gh_map map;
};

/* The map more of whose partitions begin with something; of equals, with more partitions; then the first. */
static void take(void *arg, const gh_map *map)
{
	struct best *best = arg;
	gh_map m = *map;
	m.pos = best->pos;
	if (!gh_map_check(&m))
		return;
	if (best->found && (m.fits < best->map.fits || (m.fits == best->map.fits && m.n <= best->map.n)))
		return;
	best->map = m;
	best->found = true;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct best *best = gh_arena_zalloc(ctx->arena, sizeof *best);
	if (!best)
		return gh_nomem(ctx);
	best->pos = c.pos;
	if (gh_smells_of_disk(gh_rest(&c))) /* maps in its files are of other devices */
		return GH_NOT_MINE;
	gh_code code = gh_map_read(ctx, gh_rest(&c), take, best);
	if (code != GH_OK)
		return code;
	best->map.bytes = gh_rest(&c);
	best->map.pos = c.pos;
	if (!best->found && !gh_map_infer(&best->map))
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no map of partitions that fits");
	*ret = (gh_span){ .size = c.left, .state = &best->map };
	ret->proof = best->found ? GH_PROOF_PARSED : GH_PROOF_SHAPE;
	return GH_OK;
}

static gh_code facts(gh_ctx *ctx, gh_node *out, const gh_map *m)
{
	size_t parts = 0;
	for (size_t i = 0; i < m->n; i++)
		parts += !m->parts[i].covers;
	gh_code code = gh_node_factf(ctx, out, "map", m->inferred ? "inferred from %s" : "%s", m->source);
	if (code == GH_OK && !m->inferred)
		code = gh_node_factf(ctx, out, "map-place", "0x%" PRIx64, m->pos + m->source_at);
	if (code == GH_OK && !m->inferred)
		code = gh_node_factf(ctx, out, "map-checked",
				     "%zu partitions, %zu behind the first begin with something known", parts, m->fits);
	for (size_t i = 0; i < m->n && code == GH_OK; i++) {
		const gh_map_part *p = &m->parts[i];
		code = gh_node_factf(ctx, out, "partition", "%s 0x%llx, %llu bytes%s%s%s", p->name,
				     (unsigned long long)p->at, (unsigned long long)p->size, p->holds ? ": " : "",
				     p->holds ? p->holds : "", p->covers ? " (shares its bytes with others)" : "");
	}
	return code == GH_OK ? gh_map_banks(ctx, out, m) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	const gh_map *m = span->state;
	gh_bytes b = gh_rest(&c);
	gh_code code = facts(ctx, out, m);
	for (size_t i = 0; i < m->n && code == GH_OK; i++) {
		const gh_map_part *p = &m->parts[i];
		gh_bytes bytes = gh_bytes_part(b, p->at, p->size);
		if (p->covers)
			continue;
		code = gh_node_part(ctx, out, GH_NODE_PART, p->name, c.pos + p->at, bytes);
		if (code == GH_OK)
			code = gh_area_facts(ctx, out->last, bytes);
	}
	return code;
}

const gh_format gh_format_flash = {
	.name = "flash",
	.title = "Flash of a device, by its partitions",
	.spec = "linux/drivers/mtd/parsers (cmdlinepart.c, redboot.c), fixed-partitions.yaml, tplink-safeloader.c",
	.kind = GH_NODE_CONTAINER,
	.limits =
		"maps that only a boot loader's code knows are inferred in part: boot loader, environment, calibration",
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
