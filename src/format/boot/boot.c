/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot/boot_in.h"

#include <stdio.h>

gh_code gh_fact_partition(gh_ctx *ctx, gh_node *out, gh_bytes name, uint64_t at, uint64_t size, bool read_only)
{
	return gh_node_factf(ctx, out, "partition", "%.*s 0x%llx 0x%llx%s", (int)GH_MIN(name.len, (size_t)64),
			     (const char *)name.ptr, (unsigned long long)at, (unsigned long long)size,
			     read_only ? " read-only" : "");
}

void gh_part_name(gh_bytes stored, const char *otherwise, char ret[32])
{
	size_t n = 0;
	while (n < stored.len && n < 31 &&
	       ((stored.ptr[n] >= '0' && stored.ptr[n] <= '9') || (stored.ptr[n] >= 'A' && stored.ptr[n] <= 'Z') ||
		(stored.ptr[n] >= 'a' && stored.ptr[n] <= 'z') || strchr("@-_.,+:", stored.ptr[n])))
		n++;
	if (n == 0 || n < stored.len)
		(void)snprintf(ret, 32, "%s", otherwise);
	else
		(void)snprintf(ret, 32, "%.*s", (int)n, (const char *)stored.ptr);
}
