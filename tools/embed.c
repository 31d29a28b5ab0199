/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the rule pack as C, so that the program carries it: embed OUT FILE... makes a table of
 * gh_rule_file in the order given. Names are "builtin/" and what follows "rules/" in the path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what, const char *path)
{
	fprintf(stderr, "embed: %s %s\n", what, path);
	exit(1);
}

static const char *name_of(const char *path)
{
	const char *name = path;
	for (const char *at = path; (at = strstr(at, "rules/")) != NULL; at++)
		name = at + strlen("rules/");
	return name;
}

/* The bytes as an array of numbers, twenty a line. */
static void write_bytes(FILE *out, const char *path, int index)
{
	FILE *in = fopen(path, "rb");
	int c;
	long n = 0;
	if (!in)
		stop("cannot read", path);
	fprintf(out, "static const uint8_t text_%d[] = {", index);
	while ((c = fgetc(in)) != EOF)
		fprintf(out, "%s%d,", n++ % 20 == 0 ? "\n\t" : "", c);
	if (ferror(in) || n == 0)
		stop("nothing to read in", path);
	fprintf(out, "\n};\n\n");
	fclose(in);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		stop("usage: embed OUT FILE...", "");
	FILE *out = fopen(argv[1], "wb");
	if (!out)
		stop("cannot write", argv[1]);
	fprintf(out, "/* made by tools/embed.c from rules/: do not edit */\n#include \"rule/rule.h\"\n\n");
	for (int i = 2; i < argc; i++)
		write_bytes(out, argv[i], i);
	fprintf(out, "static const gh_rule_file files[] = {\n");
	for (int i = 2; i < argc; i++) {
		const char *dot = strrchr(argv[i], '.');
		fprintf(out, "\t{ \"builtin/%s\", { text_%d, sizeof text_%d }, %s, true, %s },\n", name_of(argv[i]), i,
			i, dot && strcmp(dot, ".tsv") == 0 ? "true" : "false",
			dot && strcmp(dot, ".yml") == 0 ? "true" : "false");
	}
	fprintf(out, "};\n\nconst gh_rule_file *gh_rules_builtin(size_t *ret_count)\n{\n"
		     "\t*ret_count = sizeof files / sizeof files[0];\n\treturn files;\n}\n");
	if (fclose(out) != 0)
		stop("cannot write", argv[1]);
	return 0;
}
