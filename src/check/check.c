/* SPDX-License-Identifier: Apache-2.0 */
#include "check/check.h"

#define GH_CHECK_POINTER(name) &gh_check_##name,
const gh_check *const gh_checks[] = { GH_CHECKS(GH_CHECK_POINTER) };
const size_t gh_checks_count = GH_COUNT(gh_checks);

const gh_check *gh_check_named(const char *id)
{
	size_t len = strcspn(id, "/");
	for (size_t i = 0; i < gh_checks_count; i++)
		if (strlen(gh_checks[i]->id) == len && strncmp(gh_checks[i]->id, id, len) == 0)
			return gh_checks[i];
	return NULL;
}
