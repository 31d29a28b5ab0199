/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack/nominate - the patterns that nominate candidates, of all formats in one table.
 *
 * The number of a pattern tells its format and which of its magics it is, so a hit needs no search.
 */
#ifndef GH_UNPACK_NOMINATE_H
#define GH_UNPACK_NOMINATE_H

#include "bytes/search.h"
#include "format/format.h"

/* All patterns, in ctx->scratch; NULL: out of memory. */
const gh_pattern *gh_nominate_patterns(gh_ctx *ctx, size_t *ret) GH_MUST;

static inline const gh_format *gh_nominate_format(unsigned id)
{
	return gh_formats[id / GH_MAGICS];
}

static inline const gh_magic *gh_nominate_magic(unsigned id)
{
	return &gh_formats[id / GH_MAGICS]->magic[id % GH_MAGICS];
}

#endif
