/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/session_in.h"

#include <stdarg.h>
#include <stdlib.h>

#include "host/clock.h"

const char *gifthorse_version(void)
{
	return GH_VERSION;
}

void gifthorse_options_init(gifthorse_options *o)
{
	*o = (gifthorse_options){ .size = sizeof *o, .max_nodes = 2000000, .max_depth = 16, .timeout_s = 600 };
}

gifthorse_status gh_session_fail(gifthorse_session *s, gifthorse_status status, const char *fmt, ...)
{
	char text[sizeof s->error];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	memcpy(s->error, text, sizeof text);
	return status;
}

gifthorse_status gifthorse_session_new(const gifthorse_options *options, gifthorse_session **ret)
{
	gifthorse_session *s = calloc(1, sizeof *s);
	if (!s)
		return GIFTHORSE_NOMEM;
	s->options = *options;
	if (s->options.jobs == 0)
		s->options.jobs = gh_cpus();
	s->options.jobs = GH_MIN(s->options.jobs, 64U);
	s->warnings_end = &s->warnings;
	s->ctx.arena = gh_arena_new(GH_GIB((size_t)2));
	s->ctx.scratch = gh_arena_new(GH_GIB((size_t)1));
	if (!s->ctx.arena || !s->ctx.scratch || options->size != sizeof *options) {
		gifthorse_status status = options->size != sizeof *options ? GIFTHORSE_USAGE : GIFTHORSE_NOMEM;
		gifthorse_session_free(s);
		return status;
	}
	*ret = s;
	return GIFTHORSE_OK;
}

void gifthorse_session_free(gifthorse_session *s)
{
	if (!s)
		return;
	gh_search_free(s->search);
	gh_arena_free(s->ctx.arena);
	gh_arena_free(s->ctx.scratch);
	free(s);
}

const char *gifthorse_session_error(const gifthorse_session *s)
{
	return s->error;
}

const char *gifthorse_session_warning(const gifthorse_session *s, size_t i)
{
	const gh_warning *w = s->warnings;
	for (; w && i > 0; i--)
		w = w->next;
	return w ? w->line : NULL;
}

struct one {
	gifthorse_status status;
	gifthorse_report *report;
};

static void take_one(void *arg, const char *path, gifthorse_status status, gifthorse_report *report)
{
	struct one *one = arg;
	(void)path;
	one->status = status;
	one->report = report;
}

static gifthorse_status do_one(gifthorse_session *s, gh_job job, const char *path, const char *target,
			       gifthorse_report **ret)
{
	struct one one = { .status = GIFTHORSE_INTERNAL };
	gh_tour tour = { .job = job, .paths = &path, .n = 1, .target = target, .each = take_one, .arg = &one };
	gifthorse_status status = gh_session_tour(s, &tour);
	*ret = one.report;
	return status == GIFTHORSE_OK ? one.status : status;
}

gifthorse_status gifthorse_scan(gifthorse_session *s, const char *path, gifthorse_report **ret)
{
	return do_one(s, GH_JOB_SCAN, path, NULL, ret);
}

gifthorse_status gifthorse_tree(gifthorse_session *s, const char *path, gifthorse_report **ret)
{
	return do_one(s, GH_JOB_TREE, path, NULL, ret);
}

gifthorse_status gifthorse_extract(gifthorse_session *s, const char *path, const char *target, gifthorse_report **ret)
{
	return do_one(s, GH_JOB_EXTRACT, path, target, ret);
}

gifthorse_status gifthorse_programs(gifthorse_session *s, gifthorse_question question, const char *path,
				    gifthorse_report **ret)
{
	gh_job job = question == GIFTHORSE_CAPS      ? GH_JOB_CAPS
		     : question == GIFTHORSE_STRINGS ? GH_JOB_STRINGS
						     : GH_JOB_DISASM;
	return do_one(s, job, path, NULL, ret);
}

struct many {
	gifthorse_each *each;
	void *arg;
};

static void pass_on(void *arg, const char *path, gifthorse_status status, gifthorse_report *report)
{
	const struct many *many = arg;
	many->each(many->arg, path, status, report);
	gifthorse_report_free(report);
}

gifthorse_status gifthorse_scan_all(gifthorse_session *s, const char *const *paths, size_t n, gifthorse_each *each,
				    void *arg)
{
	struct many many = { each, arg };
	gh_tour tour = { .job = GH_JOB_SCAN, .paths = paths, .n = n, .each = pass_on, .arg = &many };
	return gh_session_tour(s, &tour);
}
