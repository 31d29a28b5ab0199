/* SPDX-License-Identifier: Apache-2.0 */
/* Completions for bash, zsh and fish, from the tables. */
#include "cli_in.h"

#include <string.h>

static bool is(const char *words, const char *word)
{
	return words && strcmp(words, word) == 0;
}

static void bash(FILE *out)
{
	(void)fputs("# bash completion for gifthorse, made by gifthorse --completions bash\n"
		    "_gifthorse()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
		    "\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"",
		    out);
	for (size_t i = 0; i < cli_commands_count; i++)
		(void)fprintf(out, "%s ", cli_commands[i].name);
	(void)fputs("--help --version\"\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
		    "\"$cur\")\n\t\treturn\n\tfi\n"
		    "\tcase $prev in\n",
		    out);
	for (size_t i = 0; i < cli_opts_count; i++) {
		const cli_opt *o = &cli_opts[i];
		if (!o->arg)
			continue;
		(void)fprintf(out, "\t--%s", o->name);
		if (o->letter)
			(void)fprintf(out, "|-%c", o->letter);
		if (is(o->words, "file"))
			(void)fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n", out);
		else if (is(o->words, "dir"))
			(void)fputs(") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n", out);
		else if (o->words)
			(void)fprintf(out, ") mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\"); return ;;\n",
				      o->words);
		else
			(void)fputs(") return ;;\n", out);
	}
	(void)fputs("\tesac\n\tcase ${COMP_WORDS[1]} in\n", out);
	for (size_t i = 0; i < cli_commands_count; i++) {
		(void)fprintf(out, "\t%s) words=\"", cli_commands[i].name);
		for (size_t k = 0, n = 0; k < cli_opts_count; k++)
			if (cli_opts[k].commands & cli_commands[i].bit)
				(void)fprintf(out, "%s--%s", n++ ? " " : "", cli_opts[k].name);
		(void)fputs("\" ;;\n", out);
	}
	(void)fputs("\tesac\n\tcase $cur in\n\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
		    "\t*) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n\tesac\n}\n"
		    "complete -o filenames -F _gifthorse gifthorse\n",
		    out);
}

/* Inside '…[…]' of _arguments. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

static void zsh(FILE *out)
{
	(void)fputs("#compdef gifthorse\n# zsh completion for gifthorse, made by gifthorse --completions zsh\n"
		    "local -a commands=(\n",
		    out);
	for (size_t i = 0; i < cli_commands_count; i++)
		(void)fprintf(out, "\t'%s:%s'\n", cli_commands[i].name, cli_commands[i].title);
	(void)fputs(")\nif (( CURRENT == 2 )); then\n\t_describe command commands\n\treturn\nfi\ncase $words[2] in\n",
		    out);
	for (size_t i = 0; i < cli_commands_count; i++) {
		(void)fprintf(out, "%s) _arguments", cli_commands[i].name);
		for (size_t k = 0; k < cli_opts_count; k++) {
			const cli_opt *o = &cli_opts[k];
			if (!(o->commands & cli_commands[i].bit))
				continue;
			(void)fprintf(out, " \\\n\t'%s--%s[", o->id == OPT_RULES ? "*" : "", o->name);
			zsh_text(out, o->help);
			(void)fputc(']', out);
			if (o->arg)
				(void)fprintf(out, ":%s:", o->arg);
			if (is(o->words, "file") || is(o->words, "dir"))
				(void)fputs(is(o->words, "dir") ? "_files -/" : "_files", out);
			else if (o->words)
				(void)fprintf(out, "(%s)", o->words);
			(void)fputc('\'', out);
		}
		(void)fprintf(out, " \\\n\t'*:%s:%s' ;;\n", "argument",
			      cli_commands[i].bit & CLI_LOOK ? "_files" : " ");
	}
	(void)fputs("esac\n", out);
}

static void fish(FILE *out)
{
	(void)fputs("# fish completion for gifthorse, made by gifthorse --completions fish\n", out);
	for (size_t i = 0; i < cli_commands_count; i++)
		(void)fprintf(out, "complete -c gifthorse -n __fish_use_subcommand -f -a %s -d '%s'\n",
			      cli_commands[i].name, cli_commands[i].title);
	for (size_t i = 0; i < cli_commands_count; i++)
		for (size_t k = 0; k < cli_opts_count; k++) {
			const cli_opt *o = &cli_opts[k];
			if (!(o->commands & cli_commands[i].bit))
				continue;
			(void)fprintf(out, "complete -c gifthorse -n '__fish_seen_subcommand_from %s' -l %s",
				      cli_commands[i].name, o->name);
			if (o->letter)
				(void)fprintf(out, " -s %c", o->letter);
			if (is(o->words, "file") || is(o->words, "dir"))
				(void)fputs(is(o->words, "dir") ? " -x -a '(__fish_complete_directories)'" : " -r",
					    out);
			else if (o->words)
				(void)fprintf(out, " -x -a '%s'", o->words);
			else if (o->arg)
				(void)fputs(" -x", out);
			(void)fprintf(out, " -d '%s'\n", o->help);
		}
}

bool cli_completions(const char *shell, FILE *out)
{
	if (strcmp(shell, "bash") == 0)
		bash(out);
	else if (strcmp(shell, "zsh") == 0)
		zsh(out);
	else if (strcmp(shell, "fish") == 0)
		fish(out);
	else
		return false;
	return true;
}
