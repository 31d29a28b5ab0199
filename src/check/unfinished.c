/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Was the image looked at to its end? The parent process answers this one, for the worker cannot.
 */
#include "check/check.h"

const gh_check gh_check_unfinished = {
	.id = "UNFINISHED",
	.title = "Was the image looked at to its end?",
	.why = "What was not looked at may hold anything; an image may also be made so that tools die on it.",
	.harmless = "The image is cut short or damaged, of a kind not known yet, or larger than the limits given.",
	.attack = "T1027",
	.kinds = "unknown, crash, timeout, budget, memory, nonsense",
};
