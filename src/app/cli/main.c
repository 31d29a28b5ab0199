/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_in.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

const cli_command cli_commands[] = {
	{ "scan", "IMAGE...", "unpack, look, judge, report", CLI_SCAN, 1, SIZE_MAX, cli_scan },
	{ "tree", "IMAGE", "the structure: every layer, offset, size, proof and gap", CLI_TREE, 1, 1, cli_tree },
	{ "extract", "IMAGE -C DIR", "everything that was unpacked, as files", CLI_EXTRACT, 1, 1, cli_extract },
	{ "caps", "IMAGE", "what its programs can do, and why we think so", CLI_CAPS, 1, 1, cli_caps },
	{ "strings", "IMAGE", "the texts of its programs, and who uses them", CLI_STRINGS, 1, 1, cli_strings },
	{ "disasm", "IMAGE", "the code of its programs, with names and texts filled in", CLI_DISASM, 1, 1, cli_disasm },
	{ "formats", "", "what can be unpacked", CLI_FORMATS, 0, 0, cli_formats },
	{ "checks", "", "what is looked for", CLI_CHECKS, 0, 0, cli_checks },
	{ "explain", "ID", "what a finding means", CLI_EXPLAIN, 1, 1, cli_explain },
};
const size_t cli_commands_count = GH_COUNT(cli_commands);

const cli_command *cli_command_named(const char *name)
{
	for (size_t i = 0; i < cli_commands_count; i++)
		if (strcmp(cli_commands[i].name, name) == 0)
			return &cli_commands[i];
	return NULL;
}

/* What stands in place of a command. --completions and --man-options serve the build. */
static int without_command(int argc, char **argv)
{
	const char *word = argv[1];
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		cli_help(stdout);
		return cli_flush(CLI_CLEAN);
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		(void)printf("gifthorse %s\n", gifthorse_version());
		return cli_flush(CLI_CLEAN);
	}
	if (strcmp(word, "--completions") == 0 && argc == 3) {
		if (cli_completions(argv[2], stdout))
			return cli_flush(CLI_CLEAN);
		return cli_complain("--completions: '%s' is none of bash, zsh, fish", argv[2]);
	}
	if (strcmp(word, "--man-options") == 0 && argc == 3 && cli_command_named(argv[2])) {
		cli_man_options(cli_command_named(argv[2]), stdout);
		return cli_flush(CLI_CLEAN);
	}
	return cli_complain("there is no %s '%s': see 'gifthorse --help'", word[0] == '-' ? "option" : "command", word);
}

int main(int argc, char **argv)
{
	/* A reader that goes away becomes an error of writing, which is told, and not a silent death. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		cli_help(stderr);
		return CLI_TROUBLE;
	}
	cli c = { .command = cli_command_named(argv[1]), .fail_on = GIFTHORSE_SUSPICIOUS };
	if (!c.command)
		return without_command(argc, argv);
	gifthorse_options_init(&c.options);
	c.rules = calloc((size_t)argc, sizeof *c.rules);
	if (!c.rules)
		return cli_complain("out of memory");
	int status = CLI_TROUBLE;
	if (cli_parse(&c, argc - 1, argv + 1))
		status = cli_flush(c.done ? CLI_CLEAN : c.command->run(&c));
	free(c.rules);
	return status;
}
