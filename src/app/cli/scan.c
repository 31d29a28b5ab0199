/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/ctx.h"
#include "host/input.h"

/* The images, folders opened up. */
struct images {
	const char **paths;
	size_t n, room;
	int status;
};

static gh_code add_image(void *arg, const char *path)
{
	struct images *images = arg;
	if (images->n == images->room) {
		size_t room = images->room * 2 + 64;
		const char **grown = realloc(images->paths, room * sizeof *grown);
		if (!grown)
			return GH_NOMEM;
		images->paths = grown;
		images->room = room;
	}
	images->paths[images->n++] = path;
	return GH_OK;
}

static void cannot_walk(void *arg, const char *path, const char *line)
{
	struct images *images = arg;
	(void)path;
	images->status = cli_complain("%s", line);
}

static bool gather(gh_ctx *ctx, const cli *c, struct images *images)
{
	gh_walk walk = { images, add_image, cannot_walk };
	for (size_t i = 0; i < c->n_args; i++) {
		bool folder = !c->options.device && gh_input_is_folder(c->args[i]);
		size_t before = images->n;
		gh_code code = folder ? gh_input_walk(ctx, c->args[i], &walk) : add_image(images, c->args[i]);
		if (code == GH_NOMEM) {
			(void)cli_complain("out of memory");
			return false;
		}
		if (code != GH_OK)
			images->status = cli_complain("%s", ctx->what);
		else if (folder && images->n == before && images->status == CLI_CLEAN)
			images->status = cli_complain("%s: there is no file below this folder", c->args[i]);
	}
	return true;
}

struct scan {
	cli *c;
	gifthorse_session *session;
	gifthorse_style style;
	cli_json json;
	bool text;
	int status;
	size_t told, n, found, unread, partial;
};

static void worse(struct scan *s, int status)
{
	s->status = GH_MAX(s->status, status);
}

static void each(void *arg, const char *path, gifthorse_status status, const gifthorse_report *report)
{
	struct scan *s = arg;
	cli_progress_clear(s->c);
	cli_warn(s->session, &s->told);
	s->n++;
	if (!report) {
		const char *error = gifthorse_session_error(s->session);
		(void)status;
		s->unread++;
		worse(s, cli_complain("%s", error));
		cli_json_unread(&s->json, path, error);
		return;
	}
	bool found = gifthorse_report_findings(report, s->c->fail_on) > 0;
	bool whole = gifthorse_report_complete(report);
	s->found += found;
	s->partial += !whole;
	/* What was not looked at to its end cannot be called clean. */
	worse(s, found ? CLI_FOUND : whole ? CLI_CLEAN : CLI_TROUBLE);
	cli_json_add(&s->json, report);
	if (!s->text)
		return;
	if (s->n > 1 && !s->style.quiet)
		(void)fputs("\n----------------------------------------------------------------------------------------"
			    "------------\n\n",
			    stdout);
	if (!gifthorse_report_text(report, stdout, &s->style))
		s->text = false; /* told at the end, once */
}

static void sum_up(const struct scan *s)
{
	if (!s->text || s->n < 2 || s->style.quiet)
		return;
	(void)printf("\n%zu images: %zu with findings at or above %s, %zu not looked at to the end, %zu not readable\n",
		     s->n, s->found, gifthorse_level_name(s->c->fail_on), s->partial, s->unread);
}

static int scan_images(cli *c, const struct images *images)
{
	struct scan s = { .c = c, .style = cli_style(c), .status = images->status };
	s.text = !c->json || strcmp(c->json, "-") != 0;
	cli_progress_start(c);
	if (!cli_json_open(c, &s.json))
		return CLI_TROUBLE;
	if (!cli_session(c, &s.session)) {
		(void)cli_json_close(&s.json, false);
		return CLI_TROUBLE;
	}
	gifthorse_status status = gifthorse_scan_all(s.session, images->paths, images->n, each, &s);
	cli_progress_clear(c);
	cli_warn(s.session, &s.told);
	if (status != GIFTHORSE_OK && s.status != CLI_TROUBLE && (status != GIFTHORSE_UNREADABLE || s.unread == 0))
		worse(&s, cli_complain("%s", gifthorse_session_error(s.session)));
	if (!cli_json_close(&s.json, s.n == images->n))
		worse(&s, CLI_TROUBLE);
	sum_up(&s);
	gifthorse_session_free(s.session);
	return s.status;
}

int cli_scan(cli *c)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_GIB((size_t)1)), .scratch = gh_arena_new(GH_MIB(64)) };
	struct images images = { 0 };
	int status = CLI_TROUBLE;
	if (!ctx.arena || !ctx.scratch)
		(void)cli_complain("out of memory");
	else if (gather(&ctx, c, &images))
		status = images.n > 0 ? scan_images(c, &images) : images.status;
	free(images.paths);
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return status;
}
