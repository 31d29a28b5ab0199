/* SPDX-License-Identifier: Apache-2.0 */
/* caps, strings, disasm: one image, its programs. */
#include "cli_in.h"

#include <string.h>

static int tell(cli *c, gifthorse_session *session, gifthorse_status status, gifthorse_report *report, cli_json *json)
{
	gifthorse_style style = cli_style(c);
	int code = CLI_CLEAN;
	if (status != GIFTHORSE_OK)
		code = cli_complain("%s", gifthorse_session_error(session));
	if (!report) {
		cli_json_unread(json, c->args[0], gifthorse_session_error(session));
		return code;
	}
	cli_json_add(json, report);
	if (!gifthorse_report_complete(report))
		code = CLI_TROUBLE;
	else if (gifthorse_report_programs(report) == 0 && code == CLI_CLEAN)
		code = cli_complain("%s: there is no program in it%s%s", c->args[0], c->options.program ? " at " : "",
				    c->options.program ? c->options.program : "");
	if (!c->json || strcmp(c->json, "-") != 0)
		(void)gifthorse_report_programs_text(report, stdout,
						     &style); /* main tells when standard output failed */
	return code;
}

static int work(cli *c, gifthorse_question question)
{
	gifthorse_session *session;
	gifthorse_report *report = NULL;
	cli_json json;
	size_t told = 0;
	cli_progress_start(c);
	if (!cli_json_open(c, &json))
		return CLI_TROUBLE;
	if (!cli_session(c, &session)) {
		(void)cli_json_close(&json, false);
		return CLI_TROUBLE;
	}
	gifthorse_status status = gifthorse_programs(session, question, c->args[0], &report);
	cli_progress_clear(c);
	cli_warn(session, &told);
	int code = tell(c, session, status, report, &json);
	gifthorse_report_free(report);
	gifthorse_session_free(session);
	return cli_json_close(&json, true) ? code : CLI_TROUBLE;
}

int cli_caps(cli *c)
{
	return work(c, GIFTHORSE_CAPS);
}

int cli_strings(cli *c)
{
	return work(c, GIFTHORSE_STRINGS);
}

int cli_disasm(cli *c)
{
	return work(c, GIFTHORSE_DISASM);
}
