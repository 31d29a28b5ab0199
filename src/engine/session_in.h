/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine/session_in - what the parent's side shares: a session, and one image on its way through it.
 *
 * rules.c reads and compiles rule files, run.c brings images through workers, session.c and api.c
 * are the public face. A wall: nobody else includes it.
 */
#ifndef GH_ENGINE_SESSION_IN_H
#define GH_ENGINE_SESSION_IN_H

#include "engine/doc.h"
#include "engine/scan_in.h"
#include "gifthorse/gifthorse.h"
#include "host/input.h"
#include "host/worker.h"

struct gifthorse_report {
	gh_doc     *doc;
	const char *target_left; /* an extraction that could not be finished lies there */
};

typedef struct gh_warning {
	const char        *line;
	struct gh_warning *next;
} gh_warning;

struct gifthorse_session {
	gifthorse_options options;
	gh_ctx            ctx;
	char              error[320];
	gh_warning       *warnings, **warnings_end;
	gh_search        *search;
	gh_bytes          rules, caps; /* blobs, in ctx.arena */
	bool              rules_ready;
};

gifthorse_status gh_session_fail(gifthorse_session *s, gifthorse_status status, const char *fmt, ...)
	GH_PRINTF(3, 4);

/* The blob of our own rules about programs; where the user has none of their own, it is all that is needed. */
gh_bytes gh_session_own_caps(void);

/* Compiles our rules and the user's, once. */
gifthorse_status gh_session_rules(gifthorse_session *s) GH_MUST;

/* What is to be done with images, and with their reports, in the order of `paths`. */
typedef struct gh_tour {
	gh_job             job;
	const char *const *paths;
	size_t             n;
	const char        *target; /* extract */
	/* Takes the report over (NULL: it could not be made, s->error says why). */
	void             (*each)(void *arg, const char *path, gifthorse_status status, gifthorse_report *report);
	void              *arg;
} gh_tour;

gifthorse_status gh_session_tour(gifthorse_session *s, const gh_tour *tour) GH_MUST;

#endif
