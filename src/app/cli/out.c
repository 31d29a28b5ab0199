/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves: complaints, the JSON file, the end of standard output, the style of text. */
#include "cli_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

int cli_complain(const char *fmt, ...)
{
	char text[8192];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	/* File names may hold anything; a terminal shall not obey them. */
	for (char *t = text; *t; t++)
		if ((uint8_t)*t < 0x20 || *t == 0x7f || (uint8_t)*t >= 0x80)
			*t = '?';
	/* A line of progress may stand there. */
	(void)fprintf(stderr, "%sgifthorse: %s\n", cli_terminal(STDERR_FILENO) ? "\r\x1b[K" : "", text);
	return CLI_TROUBLE;
}

int cli_flush(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return cli_complain("standard output: %s", errno ? strerror(errno) : "not everything could be written");
}

gifthorse_style cli_style(const cli *c)
{
	const char *no = getenv("NO_COLOR");
	bool terminal = isatty(STDOUT_FILENO);
	gifthorse_style style = { .verbose = c->verbose, .quiet = c->quiet, .width = 100 };
	style.color =
		c->color == COLOR_ALWAYS || (c->color == COLOR_AUTO && cli_terminal(STDOUT_FILENO) && !(no && *no));
	struct winsize size;
	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		style.width = GH_MIN(GH_MAX(size.ws_col, 60U), 100U);
	return style;
}

/* A file beside the one that is wanted, so that half a document never has its name. */
static bool open_beside(cli_json *j)
{
	size_t size = strlen(j->path) + sizeof ".partial-XXXXXX";
	j->partial = malloc(size);
	if (!j->partial)
		return false;
	(void)snprintf(j->partial, size, "%s.partial-XXXXXX", j->path);
	int fd = mkostemp(j->partial, O_CLOEXEC);
	if (fd < 0) {
		free(j->partial);
		j->partial = NULL;
		return false;
	}
	mode_t mask = umask(0);
	(void)umask(mask);
	bool ok = fchmod(fd, 0666 & ~mask) == 0;
	j->out = ok ? fdopen(fd, "w") : NULL;
	if (!j->out)
		(void)close(fd);
	return j->out != NULL;
}

bool cli_json_open(const cli *c, cli_json *j)
{
	struct stat st;
	*j = (cli_json){ .path = c->json, .first = true };
	if (!j->path)
		return true;
	errno = ENOMEM;
	if (strcmp(j->path, "-") == 0)
		j->out = stdout;
	else if (stat(j->path, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (stat(j->path, &st) == 0 && !S_ISREG(st.st_mode))
		j->out = fopen(j->path, "we"); /* a pipe or device cannot be renamed to */
	else
		(void)open_beside(j);
	if (!j->out) {
		(void)cli_complain("%s: %s", j->path, strerror(errno));
		(void)cli_json_close(j, false);
		return false;
	}
	j->bad = !gifthorse_json_begin(j->out);
	return true;
}

void cli_json_add(cli_json *j, const gifthorse_report *report)
{
	if (j->out && !j->bad)
		j->bad = !gifthorse_report_json(report, j->out, j->first);
	j->first = false;
}

void cli_json_unread(cli_json *j, const char *path, const char *error)
{
	if (j->out && !j->bad)
		j->bad = !gifthorse_json_unread(path, error, j->out, j->first);
	j->first = false;
}

bool cli_json_close(cli_json *j, bool keep)
{
	bool ok = keep && !j->bad;
	if (j->out) {
		bool ours = j->out != stdout;
		errno = 0;
		ok = ok && gifthorse_json_end(j->out) && fflush(j->out) == 0;
		ok = ok && (!j->partial || fsync(fileno(j->out)) == 0);
		if (ours)
			ok = fclose(j->out) == 0 && ok;
		ok = ok && (!j->partial || rename(j->partial, j->path) == 0);
		if (!ok && keep)
			(void)cli_complain("%s: %s", ours ? j->path : "standard output",
					   errno ? strerror(errno) : "not everything could be written");
	}
	if (j->partial && !ok)
		(void)unlink(j->partial);
	free(j->partial);
	*j = (cli_json){ 0 };
	return ok || !keep;
}
