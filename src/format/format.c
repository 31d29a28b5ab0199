/* SPDX-License-Identifier: Apache-2.0 */
#include "format/format.h"

#define GH_FORMAT_POINTER(name) &gh_format_##name,
const gh_format *const gh_formats[] = { GH_FORMATS(GH_FORMAT_POINTER) };
const size_t gh_formats_count = GH_COUNT(gh_formats);

const gh_format *gh_format_named(const char *name)
{
	for (size_t i = 0; i < gh_formats_count; i++)
		if (strcmp(gh_formats[i]->name, name) == 0)
			return gh_formats[i];
	return NULL;
}
