/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cap/packs - rules compiled and loaded, in the words of a test. */
#ifndef GH_TESTS_PACKS_H
#define GH_TESTS_PACKS_H

#include "cap/cap.h"
#include "check.h"

typedef struct troubles {
	char message[256];
	unsigned line, count;
} troubles;

static inline void remember(void *arg, const char *file, unsigned line, const char *message)
{
	troubles *t = arg;
	(void)file;
	if (t->count++ == 0) {
		(void)snprintf(t->message, sizeof t->message, "%s", message);
		t->line = line;
	}
}

static inline gh_caps *pack_of(gh_ctx *ctx, const gh_cap_file *files, size_t n, troubles *t)
{
	gh_buf blob = gh_buf_in(ctx->arena, GH_MIB(64));
	gh_caps *caps = NULL;
	EQ(gh_caps_compile(ctx, files, n, remember, t, &blob), GH_OK, files[0].name);
	EQ(gh_caps_load(ctx, gh_buf_view(&blob), &caps), GH_OK, files[0].name);
	return caps;
}

/* A rule of one function, with the features given. */
#define RULE(name, scope, features)                                                                                    \
	"rule:\n  meta:\n    name: " name "\n    scopes:\n      static: " scope "\n  features:\n" features

#endif
