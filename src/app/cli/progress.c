/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000, PACE_MS = 100, NAME = 48 };

static int64_t now_ms(void)
{
	struct timespec t;
	return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 : 0;
}

void cli_progress_clear(cli *c)
{
	if (c->pace.on_screen)
		(void)fputs("\r\x1b[K", stderr);
	c->pace.on_screen = false;
}

static void show(void *arg, const char *image, uint64_t done, uint64_t total)
{
	cli_pace *p = arg;
	int64_t now = now_ms();
	if (now - p->started < PATIENCE_MS || now - p->last < PACE_MS)
		return;
	p->last = now;
	char name[NAME + 1];
	const char *slash = image ? strrchr(image, '/') : NULL;
	image = slash ? slash + 1 : image;
	size_t n = 0;
	for (; image && image[n] && n < NAME; n++)
		name[n] = (uint8_t)image[n] < 0x20 || (uint8_t)image[n] >= 0x7f ? '?' : image[n];
	name[n] = '\0';
	(void)fprintf(stderr, "\r\x1b[K%s: %" PRIu64 " MiB", name, done >> 20);
	if (total > 0)
		(void)fprintf(stderr, " of %" PRIu64 " MiB", total >> 20);
	(void)fprintf(stderr, ", %" PRId64 " s", (now - p->started) / 1000);
	p->on_screen = true;
}

bool cli_terminal(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

void cli_progress_start(cli *c)
{
	if (c->quiet || !cli_terminal(STDERR_FILENO))
		return;
	c->pace = (cli_pace){ .started = now_ms() };
	c->options.progress = show;
	c->options.progress_arg = &c->pace;
}
