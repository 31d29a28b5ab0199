/* SPDX-License-Identifier: Apache-2.0 */
/* U-Boot's legacy image holds a CRC-32 over its header and one over its data. */
#include "check/sums_in.h"

static gh_code conclude(gh_check_ctx *check)
{
	return gh_sums_report(check, &gh_check_uimage_digest, "uimage");
}

const gh_check gh_check_uimage_digest = {
	.id = "UIMAGE-DIGEST",
	.title = "Are the CRCs of a uImage header right?",
	.why = "A wrong CRC means that header or data changed after they were made; a right one proves nothing about "
	       "origin, since a CRC has no key.",
	.harmless = "A kernel that an outer container cuts in two has a wrong data CRC where it stands, as in "
		    "Ubiquiti's images.",
	.attack = "T1542.001",
	.kinds = "wrong, right, absent, unverifiable",
	.conclude = conclude,
};
