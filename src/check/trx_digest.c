/* SPDX-License-Identifier: Apache-2.0 */
/* Broadcom's TRX holds a CRC-32 over everything behind its first twelve bytes. */
#include "check/sums_in.h"

static gh_code conclude(gh_check_ctx *check)
{
	return gh_sums_report(check, &gh_check_trx_digest, "trx");
}

const gh_check gh_check_trx_digest = {
	.id = "TRX-DIGEST",
	.title = "Is the CRC of a TRX header right?",
	.why = "A wrong CRC means that the image was changed or cut; a right one proves nothing about origin, since a "
	       "CRC has no key.",
	.harmless = "A dump of flash: devices append to the last part and do not always write the CRC again.",
	.attack = "T1542.001",
	.kinds = "wrong, right, absent, unverifiable",
	.conclude = conclude,
};
