/* SPDX-License-Identifier: Apache-2.0 */
/* Help and the OPTIONS of the man pages, from the tables. */
#include "cli_in.h"

#include <string.h>

#include "base/base.h"

enum { COLUMN = 26, WIDTH = 100 };

/* Text broken at blanks behind `indent` columns; the first line stands there already. */
static void flow(FILE *out, int indent, const char *text)
{
	size_t room = (size_t)(WIDTH - indent);
	while (strlen(text) > room) {
		size_t cut = room;
		while (cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			break;
		(void)fprintf(out, "%.*s\n%*s", (int)cut, text, indent, "");
		text += cut + 1;
	}
	(void)fprintf(out, "%s\n", text);
}

void cli_help(FILE *out)
{
	(void)fputs("gifthorse - find what should not be in a router\n\n", out);
	for (size_t i = 0; i < cli_commands_count; i++) {
		const cli_command *c = &cli_commands[i];
		int used = fprintf(out, "  gifthorse %s %s%s", c->name, c->bit & CLI_LOOK ? "[options] " : "", c->args);
		(void)fprintf(out, "%*s%s\n", used < 40 ? 42 - used : 2, "", c->title);
	}
	(void)fputs("\n'gifthorse COMMAND --help' has the options. Exit status: 0 nothing found, 1 findings, 2 could "
		    "not look.\n",
		    out);
}

void cli_command_help(const cli_command *command, FILE *out)
{
	(void)fprintf(out, "usage: gifthorse %s [options] %s\n\n%s\n\n", command->name, command->args, command->title);
	for (size_t i = 0; i < cli_opts_count; i++) {
		const cli_opt *o = &cli_opts[i];
		if (!(o->commands & command->bit))
			continue;
		int used = o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name)
				     : fprintf(out, "      --%s", o->name);
		used += o->arg ? fprintf(out, " %s", o->arg) : 0;
		(void)fprintf(out, "%*s", used < COLUMN ? COLUMN - used : 2, "");
		flow(out, COLUMN, o->help);
	}
}

/* scdoc reads '_' as underline and '*' as bold. */
static void scdoc_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\", *text))
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

void cli_man_options(const cli_command *command, FILE *out)
{
	for (size_t i = 0; i < cli_opts_count; i++) {
		const cli_opt *o = &cli_opts[i];
		if (!(o->commands & command->bit))
			continue;
		if (o->letter)
			(void)fprintf(out, "*-%c*, ", o->letter);
		(void)fprintf(out, "*--%s*", o->name);
		if (o->arg)
			(void)fprintf(out, " _%s_", o->arg);
		(void)fputs("\n\t", out);
		scdoc_text(out, o->help);
		(void)fputs(".\n\n", out);
	}
}
