/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a passwd file and, behind its first empty line, the shadow file beside it. */
#include "volume_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_bytes all = gh_view(data, size);
	const uint8_t *gap = size ? memmem(data, size, "\n\n", 2) : NULL;
	size_t cut = gap ? (size_t)(gap - data) + 1 : size;
	const fuzz_file files[] = { { GH_LIT("etc/passwd"), gh_bytes_part(all, 0, cut) },
				    { GH_LIT("etc/shadow"), gh_bytes_part(all, cut + 1, size) } };
	must(conclude_on(&gh_check_accounts, files, 2) <= 1024);
	return 0;
}
