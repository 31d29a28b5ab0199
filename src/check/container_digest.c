/* SPDX-License-Identifier: Apache-2.0 */
/* Every other container that holds a checksum, digest or signature: Ubiquiti's, Netgear's, FIT, … */
#include "check/sums_in.h"

static gh_code conclude(gh_check_ctx *check)
{
	return gh_sums_report(check, &gh_check_container_digest, NULL);
}

const gh_check gh_check_container_digest = {
	.id = "CONTAINER-DIGEST",
	.title = "Do the checksums of other vendors' containers hold?",
	.why = "A wrong checksum means that the image was changed or cut; a right one proves nothing about origin, "
	       "since "
	       "anybody can compute it. A signature is named; without the vendor's key it is not checked.",
	.harmless =
		"A dump of flash, where parts were written again; a vendor whose own tool computes it in another way.",
	.attack = "T1542.001",
	.kinds = "wrong, right, absent, unverifiable",
	.conclude = conclude,
};
