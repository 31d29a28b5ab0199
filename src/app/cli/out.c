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
static bool open_beside(cli_file *f)
{
	size_t size = strlen(f->path) + sizeof ".partial-XXXXXX";
	f->partial = malloc(size);
	if (!f->partial)
		return false;
	(void)snprintf(f->partial, size, "%s.partial-XXXXXX", f->path);
	int fd = mkostemp(f->partial, O_CLOEXEC);
	if (fd < 0) {
		free(f->partial);
		f->partial = NULL;
		return false;
	}
	mode_t mask = umask(0);
	(void)umask(mask);
	bool ok = fchmod(fd, 0666 & ~mask) == 0;
	f->out = ok ? fdopen(fd, "w") : NULL;
	if (!f->out)
		(void)close(fd);
	return f->out != NULL;
}

bool cli_file_open(const char *path, cli_file *f)
{
	struct stat st;
	*f = (cli_file){ .path = path };
	if (!path)
		return true;
	errno = ENOMEM;
	if (strcmp(path, "-") == 0)
		f->out = stdout;
	else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		f->out = fopen(path, "we"); /* a pipe or device cannot be renamed to */
	else
		(void)open_beside(f);
	if (f->out)
		return true;
	(void)cli_complain("%s: %s", path, strerror(errno));
	(void)cli_file_close(f, false);
	return false;
}

bool cli_file_close(cli_file *f, bool keep)
{
	bool ok = keep;
	if (f->out) {
		bool ours = f->out != stdout;
		errno = 0;
		ok = ok && fflush(f->out) == 0 && !ferror(f->out);
		ok = ok && (!f->partial || fsync(fileno(f->out)) == 0);
		if (ours)
			ok = fclose(f->out) == 0 && ok;
		ok = ok && (!f->partial || rename(f->partial, f->path) == 0);
		if (!ok && keep)
			(void)cli_complain("%s: %s", ours ? f->path : "standard output",
					   errno ? strerror(errno) : "not everything could be written");
	}
	if (f->partial && !ok)
		(void)unlink(f->partial);
	free(f->partial);
	*f = (cli_file){ 0 };
	return ok || !keep;
}

bool cli_json_open(const cli *c, cli_json *j)
{
	*j = (cli_json){ .first = true };
	if (!cli_file_open(c->json, &j->file))
		return false;
	j->bad = j->file.out && !gifthorse_json_begin(j->file.out);
	return true;
}

void cli_json_add(cli_json *j, const gifthorse_report *report)
{
	if (j->file.out && !j->bad)
		j->bad = !gifthorse_report_json(report, j->file.out, j->first);
	j->first = false;
}

void cli_json_unread(cli_json *j, const char *path, const char *error)
{
	if (j->file.out && !j->bad)
		j->bad = !gifthorse_json_unread(path, error, j->file.out, j->first);
	j->first = false;
}

bool cli_json_close(cli_json *j, bool keep)
{
	bool ended = keep && j->file.out && !j->bad && gifthorse_json_end(j->file.out);
	if (!keep || !j->file.out || ended)
		return cli_file_close(&j->file, keep);
	(void)cli_complain("%s: %s", j->file.out == stdout ? "standard output" : j->file.path,
			   errno ? strerror(errno) : "not everything could be written");
	(void)cli_file_close(&j->file, false);
	return false;
}
