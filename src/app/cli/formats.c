/* SPDX-License-Identifier: Apache-2.0 */
/* formats, checks, explain: what gifthorse knows. */
#include "cli_in.h"

#include <string.h>
#include <strings.h>

int cli_formats(cli *c)
{
	gifthorse_format f;
	(void)c;
	for (size_t i = 0; gifthorse_format_at(i, &f); i++) {
		(void)printf("%-12s %-10s %s\n", f.name, f.kind, f.title);
		if (f.limits)
			(void)printf("%23s not yet: %s\n", "", f.limits);
	}
	return CLI_CLEAN;
}

int cli_checks(cli *c)
{
	gifthorse_check k;
	(void)c;
	for (size_t i = 0; gifthorse_check_at(i, &k); i++)
		(void)printf("%-16s %s\n", k.id, k.title);
	return CLI_CLEAN;
}

static void field(const char *label, const char *text)
{
	enum { INDENT = 11, ROOM = 100 - INDENT };
	(void)printf("%-*s", INDENT, label);
	while (strlen(text) > ROOM) {
		size_t cut = ROOM;
		while (cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			break;
		(void)printf("%.*s\n%*s", (int)cut, text, INDENT, "");
		text += cut + 1;
	}
	(void)printf("%s\n", text);
}

int cli_explain(cli *c)
{
	gifthorse_check k;
	const char *id = c->args[0];
	size_t len = strcspn(id, "/");
	for (size_t i = 0; gifthorse_check_at(i, &k); i++) {
		if (strlen(k.id) != len || strncasecmp(k.id, id, len) != 0)
			continue;
		field("id", k.id);
		field("asks", k.title);
		field("why", k.why);
		field("harmless", k.harmless ? k.harmless : "-");
		if (k.attack)
			field("att&ck", k.attack);
		field("kinds", k.kinds ? k.kinds : "-");
		return CLI_CLEAN;
	}
	return cli_complain("there is no check '%.*s': 'gifthorse checks' lists them", (int)len, id);
}
