/* SPDX-License-Identifier: Apache-2.0 */
/* tree and extract: one image, one report. */
#include "cli_in.h"

#include <string.h>

typedef bool render_fn(const gifthorse_report *report, FILE *out, const gifthorse_style *style);

/* Prints what `status` and `report` say, and frees the report. */
static int tell(cli *c, gifthorse_session *session, gifthorse_status status, gifthorse_report *report, cli_json *json,
		cli_file *map, render_fn *render)
{
	bool drawn = true;
	int code = CLI_CLEAN;
	gifthorse_style style = cli_style(c);
	bool text = !c->json || strcmp(c->json, "-") != 0;
	cli_progress_clear(c);
	if (status != GIFTHORSE_OK)
		code = cli_complain("%s", gifthorse_session_error(session));
	if (report) {
		if (!gifthorse_report_complete(report) || gifthorse_report_differing(report) > 0)
			code = CLI_TROUBLE;
		else if (code == CLI_CLEAN && gifthorse_report_damaged(report))
			code = CLI_FOUND; /* all was looked at, not all could be read */
		cli_json_add(json, report);
		if (map->out)
			drawn = gifthorse_report_map(report, map->out);
		if (text)
			(void)render(report, stdout, &style); /* main tells when standard output failed */
	} else {
		cli_json_unread(json, c->args[0], gifthorse_session_error(session));
	}
	bool has_map = map->out && report && drawn;
	gifthorse_report_free(report);
	if (!cli_file_close(map, has_map))
		code = CLI_TROUBLE;
	return cli_json_close(json, true) ? code : CLI_TROUBLE;
}

static int work(cli *c, render_fn *render, bool extract)
{
	gifthorse_session *session;
	gifthorse_report *report = NULL;
	cli_json json;
	cli_file map;
	cli_progress_start(c);
	if (!cli_json_open(c, &json))
		return CLI_TROUBLE;
	if (!cli_file_open(c->map, &map) || !cli_session(c, &session)) {
		(void)cli_file_close(&map, false);
		(void)cli_json_close(&json, false);
		return CLI_TROUBLE;
	}
	gifthorse_status status = extract ? gifthorse_extract(session, c->args[0], c->directory, &report)
					  : gifthorse_tree(session, c->args[0], &report);
	int code = tell(c, session, status, report, &json, &map, render);
	gifthorse_session_free(session);
	return code;
}

int cli_tree(cli *c)
{
	return work(c, gifthorse_report_tree_text, false);
}

int cli_extract(cli *c)
{
	if (!c->directory || !*c->directory)
		return cli_complain("extract needs -C DIR, the folder to write below: see 'gifthorse extract --help'");
	return work(c, gifthorse_report_text, true);
}
