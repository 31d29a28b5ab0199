/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_in.h"

#include <string.h>

void cli_warn(const gifthorse_session *session, size_t *told)
{
	for (const char *line; (line = gifthorse_session_warning(session, *told)) != NULL; (*told)++)
		(void)cli_complain("warning: %s", line);
}

bool cli_session(const cli *c, gifthorse_session **ret)
{
	gifthorse_status status = gifthorse_session_new(&c->options, ret);
	if (status == GIFTHORSE_OK)
		return true;
	(void)cli_complain("%s", status == GIFTHORSE_NOMEM ? "out of memory" : "the scanner could not be set up");
	return false;
}
