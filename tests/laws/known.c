/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints docs/formats.md or docs/checks.md from what the library says about itself, so that the
 * documents cannot tell another story than the program: known formats|checks
 */
#include <string.h>

#include "gifthorse/gifthorse.h"

static void formats(void)
{
	gifthorse_format f;
	(void)puts("# Formats\n\n"
		   "What gifthorse unpacks, as `gifthorse formats` lists it. This page is made from the handlers\n"
		   "(`tests/laws/known.sh --bless`); a test holds it against them.\n\n"
		   "| name | kind | what |\n|---|---|---|");
	for (size_t i = 0; gifthorse_format_at(i, &f); i++)
		(void)printf("| [%s](#%s) | %s | %s |\n", f.name, f.name, f.kind, f.title);
	for (size_t i = 0; gifthorse_format_at(i, &f); i++) {
		(void)printf("\n## %s\n\n%s.\n\n- Kind: %s\n- Layout: %s\n", f.name, f.title, f.kind, f.spec);
		(void)printf("- Not yet: %s\n", f.limits ? f.limits : "nothing is known to be missing");
	}
}

/* As documents make it of a heading. */
static void anchor(const char *id)
{
	for (; *id; id++)
		(void)putchar(*id >= 'A' && *id <= 'Z' ? *id | 0x20 : *id);
}

static void checks(void)
{
	gifthorse_check c;
	(void)puts(
		"# Checks\n\n"
		"What gifthorse asks of an image, as `gifthorse checks` lists it and `gifthorse explain ID` tells.\n"
		"This page is made from the checks (`tests/laws/known.sh --bless`); a test holds it against them.\n\n"
		"| id | question |\n|---|---|");
	for (size_t i = 0; gifthorse_check_at(i, &c); i++) {
		(void)printf("| [%s](#", c.id);
		anchor(c.id);
		(void)printf(") | %s |\n", c.title);
	}
	for (size_t i = 0; gifthorse_check_at(i, &c); i++) {
		(void)printf("\n## %s\n\n%s\n\n- Why: %s\n", c.id, c.title, c.why);
		(void)printf("- Harmless when: %s\n", c.harmless ? c.harmless : "-");
		(void)printf("- Findings: %s\n", c.kinds ? c.kinds : "-");
		if (c.attack)
			(void)printf("- MITRE ATT&CK: %s\n", c.attack);
	}
}

static void names(void)
{
	gifthorse_format f;
	gifthorse_check c;
	for (size_t i = 0; gifthorse_format_at(i, &f); i++)
		(void)printf("format %s\n", f.name);
	for (size_t i = 0; gifthorse_check_at(i, &c); i++)
		(void)printf("check %s\n", c.id);
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	if (strcmp(what, "formats") == 0)
		formats();
	else if (strcmp(what, "checks") == 0)
		checks();
	else if (strcmp(what, "names") == 0)
		names();
	else
		return 2;
	return fflush(stdout) == 0 ? 0 : 1;
}
