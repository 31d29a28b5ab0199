/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_in.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

const cli_opt cli_opts[] = {
	{ 0, "json", "FILE", CLI_LOOK, OPT_JSON, "write the report as JSON to FILE; - is standard output, without text",
	  "file" },
	{ 0, "files", NULL, CLI_IMAGES, OPT_FILES, "list every file of every file system in the report", NULL },
	{ 0, "fail-on", "LEVEL", CLI_SCAN, OPT_FAIL_ON,
	  "exit with 1 from this level on: info, notice, suspicious (the default) or malicious",
	  "info notice suspicious malicious" },
	{ 0, "rules", "DIR", CLI_SCAN | CLI_CAPS, OPT_RULES,
	  "also look for the rules in DIR (*.yar, *.yara, *.tsv, *.yml); may be given again", "dir" },
	{ 0, "why", "RULE", CLI_CAPS, OPT_WHY,
	  "only the rule of this name, or the rules of this namespace, each with the code that it is about", NULL },
	{ 0, "function", "NAME", CLI_DISASM, OPT_FUNCTION, "only this function, by its name or an address in it",
	  NULL },
	{ 0, "program", "PATH", CLI_PROGRAMS, OPT_PROGRAM, "only the file PATH of the image", NULL },
	{ 'C', "directory", "DIR", CLI_EXTRACT, OPT_DIRECTORY, "write below DIR, which is made where it is missing",
	  "dir" },
	{ 'f', "force", NULL, CLI_EXTRACT, OPT_FORCE, "replace what an earlier extraction left there", NULL },
	{ 0, "history", NULL, CLI_EXTRACT, OPT_HISTORY,
	  "also write older versions of files and deleted names, in a folder NAME.history beside the file system's",
	  NULL },
	{ 0, "device", NULL, CLI_SCAN, OPT_DEVICE,
	  "take a folder as one device: files mtd0, mtd1, … are its partitions", NULL },
	{ 0, "show-secrets", NULL, CLI_IMAGES, OPT_SECRETS,
	  "do not mask what belongs to one device alone: addresses, serial numbers, keys", NULL },
	{ 0, "verify", NULL, CLI_TREE, OPT_VERIFY, "read every region and file once more, and compare", NULL },
	{ 0, "map", "FILE", CLI_TREE, OPT_MAP, "draw the image as a picture into FILE (SVG)", "file" },
	{ 'j', "jobs", "N", CLI_LOOK, OPT_JOBS, "use N processors; the default is all of them", NULL },
	{ 0, "max-bytes", "SIZE", CLI_LOOK, OPT_MAX_BYTES,
	  "unpack at most SIZE bytes an image (K, M, G and T are powers of 1024); by default "
	  "200 times the image and 256M, 8G at most",
	  NULL },
	{ 0, "max-nodes", "N", CLI_LOOK, OPT_MAX_NODES, "make at most N nodes and files an image", NULL },
	{ 0, "max-depth", "N", CLI_LOOK, OPT_MAX_DEPTH, "look at most N layers deep", NULL },
	{ 0, "timeout", "SECONDS", CLI_LOOK, OPT_TIMEOUT, "spend at most SECONDS on an image", NULL },
	{ 0, "color", "WHEN", CLI_LOOK, OPT_COLOR, "colour the text: auto (the default), always or never",
	  "auto always never" },
	{ 'q', "quiet", NULL, CLI_LOOK, OPT_QUIET, "print one line an image, and no progress", NULL },
	{ 'v', "verbose", NULL, CLI_LOOK, OPT_VERBOSE, "print every fact, note and excerpt", NULL },
	{ 'h', "help", NULL, CLI_ALL, OPT_HELP, "print this help", NULL },
	{ 'V', "version", NULL, CLI_ALL, OPT_VERSION, "print the version", NULL },
};
const size_t cli_opts_count = GH_COUNT(cli_opts);

/* Digits and, where allowed, one letter for a power of 1024. */
static bool number(const char *text, bool suffix, uint64_t least, uint64_t most, uint64_t *ret)
{
	static const char letters[] = "KMGT";
	char *end;
	errno = 0;
	unsigned long long n = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
	if (text[0] < '0' || text[0] > '9' || errno != 0)
		return false;
	uint64_t value = n;
	const char *letter = suffix && *end ? strchr(letters, *end & ~0x20) : NULL;
	if (letter && *letter) {
		for (const char *l = letters; l <= letter; l++)
			if (__builtin_mul_overflow(value, 1024U, &value))
				return false;
		end++;
	}
	if (*end || value < least || value > most)
		return false;
	*ret = value;
	return true;
}

static const cli_opt *opt_by_id(int id)
{
	for (size_t i = 0; i < cli_opts_count; i++)
		if ((int)cli_opts[i].id == id || (cli_opts[i].letter && cli_opts[i].letter == id))
			return &cli_opts[i];
	return NULL;
}

static bool set_number(const cli_opt *o, const char *arg, uint64_t least, uint64_t most, uint64_t *ret)
{
	bool suffix = o->id == OPT_MAX_BYTES;
	if (number(arg, suffix, least, most, ret))
		return true;
	(void)cli_complain("--%s: '%s' is no %s from %llu on%s", o->name, arg, suffix ? "size" : "number",
			   (unsigned long long)least, suffix ? " (such as 500M or 2G)" : "");
	return false;
}

static bool set_unsigned(const cli_opt *o, const char *arg, unsigned least, unsigned most, unsigned *ret)
{
	uint64_t n;
	if (!set_number(o, arg, least, most, &n))
		return false;
	*ret = (unsigned)n;
	return true;
}

static bool set_color(cli *c, const char *arg)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"
	};
	for (size_t i = 0; i < GH_COUNT(words); i++)
		if (strcmp(words[i], arg) == 0) {
			c->color = (cli_color)i;
			return true;
		}
	(void)cli_complain("--color: '%s' is none of auto, always, never", arg);
	return false;
}

static bool set_one(cli *c, const cli_opt *o, const char *arg)
{
	switch (o->id) {
	case OPT_JSON:
		c->json = arg;
		return true;
	case OPT_FILES:
		c->options.list_files = true;
		return true;
	case OPT_JOBS:
		return set_unsigned(o, arg, 1, 1024, &c->options.jobs);
	case OPT_MAX_BYTES:
		return set_number(o, arg, 1, INT64_MAX, &c->options.max_bytes);
	case OPT_MAX_NODES:
		return set_number(o, arg, 1, UINT32_MAX / 2, &c->options.max_nodes);
	case OPT_MAX_DEPTH:
		return set_unsigned(o, arg, 1, 256, &c->options.max_depth);
	case OPT_TIMEOUT:
		return set_unsigned(o, arg, 1, INT_MAX / 1000, &c->options.timeout_s);
	case OPT_RULES:
		c->rules[c->options.n_rules++] = arg;
		return true;
	case OPT_FAIL_ON:
		if (gifthorse_level_of(arg, &c->fail_on))
			return true;
		(void)cli_complain("--fail-on: '%s' is none of info, notice, suspicious, malicious", arg);
		return false;
	case OPT_COLOR:
		return set_color(c, arg);
	case OPT_QUIET:
		c->quiet = true;
		return true;
	case OPT_VERBOSE:
		c->verbose = true;
		return true;
	case OPT_DIRECTORY:
		c->directory = arg;
		return true;
	case OPT_FORCE:
		c->options.force = true;
		return true;
	case OPT_HISTORY:
		c->options.history = true;
		return true;
	case OPT_DEVICE:
		c->options.device = true;
		return true;
	case OPT_SECRETS:
		c->options.show_secrets = true;
		return true;
	case OPT_VERIFY:
		c->options.verify = true;
		return true;
	case OPT_MAP:
		c->map = arg;
		c->options.map = true;
		return true;
	case OPT_WHY:
		c->options.why = arg;
		return true;
	case OPT_FUNCTION:
		c->options.function = arg;
		return true;
	case OPT_PROGRAM:
		c->options.program = arg;
		return true;
	case OPT_HELP:
		cli_command_help(c->command, stdout);
		c->done = true;
		return true;
	case OPT_VERSION:
		(void)printf("gifthorse %s\n", gifthorse_version());
		c->done = true;
		return true;
	}
	return false;
}

/* The tables getopt_long wants, of the options that this command has. */
static void fill_tables(const cli *c, struct option *table, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < cli_opts_count; i++) {
		const cli_opt *o = &cli_opts[i];
		if (!(o->commands & c->command->bit))
			continue;
		*table++ = (struct option){ .name = o->name,
					    .has_arg = o->arg ? required_argument : no_argument,
					    .val = (int)o->id };
		if (o->letter) {
			*letters++ = o->letter;
			if (o->arg)
				*letters++ = ':';
		}
	}
	*letters = '\0';
	*table = (struct option){ 0 };
}

bool cli_parse(cli *c, int argc, char **argv)
{
	struct option table[GH_COUNT(cli_opts) + 1];
	char letters[2 * GH_COUNT(cli_opts) + 2];
	const char *name = c->command->name;
	fill_tables(c, table, letters);
	opterr = 0;
	optind = 1;
	for (int id; !c->done && (id = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
		const cli_opt *o = id == '?' || id == ':' ? NULL : opt_by_id(id);
		if (id == ':') {
			o = opt_by_id(optopt);
			(void)cli_complain("--%s needs %s: see 'gifthorse %s --help'", o ? o->name : "option",
					   o ? o->arg : "a value", name);
		} else if (!o) {
			const char *word = argv[optind - 1];
			if (optopt > 0 && optopt < 256)
				(void)cli_complain("%s has no option -%c: see 'gifthorse %s --help'", name, optopt,
						   name);
			else
				(void)cli_complain("%s has no option %s: see 'gifthorse %s --help'", name, word, name);
		}
		if (!o || id == ':' || !set_one(c, o, optarg))
			return false;
	}
	c->args = argv + optind;
	c->n_args = (size_t)(argc - optind);
	c->options.rules = c->rules;
	if (c->done)
		return true;
	if (c->n_args < c->command->least)
		(void)cli_complain("%s needs %s: see 'gifthorse %s --help'", name, c->command->args, name);
	else if (c->n_args > c->command->most)
		(void)cli_complain("%s takes %zu of %s, not %zu: see 'gifthorse %s --help'", name, c->command->most,
				   *c->command->args ? c->command->args : "arguments", c->n_args, name);
	else
		return true;
	return false;
}
