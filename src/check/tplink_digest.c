/* SPDX-License-Identifier: Apache-2.0 */
/* TP-Link's v1 and v2 headers hold an MD5 over the image with a salt that everybody knows. */
#include "check/sums_in.h"

static gh_code conclude(gh_check_ctx *check)
{
	return gh_sums_report(check, &gh_check_tplink_digest, "tplink");
}

const gh_check gh_check_tplink_digest = {
	.id = "TPLINK-DIGEST",
	.title = "Is the MD5 that a TP-Link header holds the right one?",
	.why = "A wrong digest means that the image was changed or cut without care; a right one proves nothing about "
	       "origin, since the salt is public.",
	.harmless = "Images of other makers that only borrow the header, and dumps of flash that was written to since.",
	.attack = "T1542.001",
	.kinds = "wrong, right, absent, unverifiable",
	.conclude = conclude,
};
