/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes/buf.h"
#include "check.h"
#include "check/shell_in.h"

/* All commands of a script as "word word;" with "&" for the background and "?" before open words. */
static const char *commands(gh_ctx *ctx, gh_shell *sh, gh_bytes script)
{
	gh_buf out = gh_buf_in(ctx->arena, GH_MIB(16));
	gh_shell_read(sh, script);
	for (gh_command c; gh_shell_next(sh, &c);) {
		TRUE(c.n > 0 && c.n <= GH_SHELL_WORDS && c.line > 0 && c.at <= script.len, "bounds");
		for (size_t i = 0; i < c.n; i++) {
			if (i > 0)
				EQ(gh_buf_add(ctx, &out, GH_LIT(" ")), GH_OK, "add");
			if (c.open[i])
				EQ(gh_buf_add(ctx, &out, GH_LIT("?")), GH_OK, "add");
			EQ(gh_buf_add(ctx, &out, c.words[i]), GH_OK, "add");
		}
		EQ(gh_buf_add(ctx, &out, c.background ? GH_LIT("&;") : GH_LIT(";")), GH_OK, "add");
	}
	EQ(gh_buf_add(ctx, &out, GH_LIT("\0")), GH_OK, "add");
	return (const char *)out.ptr;
}

static void scripts_give_these_commands(void **state)
{
	(void)state;
	static const struct {
		const char *script, *want;
	} rows[] = {
		{ "", "" },
		{ "\n\n# only a comment\n", "" },
		{ "a b c", "a b c;" },
		{ "a;b&&c||d|e", "a;b;c;d;e;" },
		{ "/usr/bin/httpd &\n", "/usr/bin/httpd&;" },
		{ "a & b", "a&;b;" },
		{ "a#b c # d", "a#b c;" },
		{ "a \\\n b", "a b;" },
		{ "a\\ b 'c d' \"e f\"", "a b c d e f;" },
		{ "a 'it''s' \"x\\\"y\"", "a its x\"y;" },
		{ "X=1 Y=2 run", "run;" },
		{ "PROG=/usr/sbin/dnsmasq\n$PROG -k\n\"${PROG}\" x", "/usr/sbin/dnsmasq -k;/usr/sbin/dnsmasq x;" },
		{ "i=0\nwhile [ $i != 9 ]; do\n f=/etc/rc$i\n sh $f\n i=$(($i+1))\ndone\nx $i",
		  "[ * != 9 ];sh /etc/rc*;x ?$();" },
		{ "for i in 1 2 3; do /etc/x$i; done; N=3; a$N", "/etc/x*;a3;" },
		{ "$UNKNOWN -k", "?$UNKNOWN -k;" },
		{ "a ${X:-b} $(c d) `e`", "a ?${X:-b} ?$() ?;" },
		{ "a $((1+2)) b", "a ?$() b;" },
		{ "if [ -f x ]; then a; else b; fi", "[ -f x ];a;b;" },
		{ "while true; do a; done", "true;a;" },
		{ "! a", "a;" },
		{ "for i in /etc/init.d/S*; do\n $i start\ndone", "/etc/init.d/S* start;" },
		{ "a > /dev/null 2>&1", "a;" },
		{ "a 2>x >>y <z b", "a b;" },
		{ "a &>/dev/null &\nb", "a&;b;" },
		{ "cat <<EOF\n/bin/evil &\nEOF\nb", "cat;b;" },
		{ "cat <<-'E F'\nx\n\tE F\nb", "cat;b;" },
		{ "start() {\n a\n}\nstop() {\n b\n { c; }\n}\nd", "a;d;" },
		{ "f () { a; }", "a;" },
		{ "case \"$1\" in\n start|begin) a;;\n stop) b; c;;\n restart|reload)\n d\n ;;\n *) e;;\nesac\nf",
		  "a;e;f;" },
		{ "case x in (a) b;; esac; c", "b;c;" },
		{ "case $1 in stop) case $2 in x) a;; esac; b;; start) c;; esac", "c;" },
		{ "( a; b ) &", "a;b;" },
		{ "{ a; b; }", "a;b;" },
		{ "a\r\nb\r\n", "a;b;" },
		{ "a 'never closed", "a never closed;" },
		{ "a $", "a $;" },
		{ "a ${", "a ${;" },
		{ "a $(", "a ?$();" },
		{ "case x in", "" },
		{ "<<", "" },
		{ ")))", "" },
		{ "} } } a", "a;" },
		{ "esac a", "esac a;" },
		{ "&&;;||", "" },
	};
	gh_ctx ctx = gh_test_ctx();
	gh_shell *sh = gh_shell_new(&ctx);
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		const char *got = commands(&ctx, sh, gh_view_text(rows[i].script));
		if (strcmp(got, rows[i].want) != 0)
			print_error("row %zu: %s\n got  %s\n want %s\n", i, rows[i].script, got, rows[i].want);
		assert_string_equal(got, rows[i].want);
	}
	gh_test_done(&ctx);
}

static void a_command_knows_its_line(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_shell *sh = gh_shell_new(&ctx);
	gh_command c;
	gh_shell_read(
		sh, GH_LIT("#!/bin/sh\n\nif true; then\n\t/usr/bin/x \\\n  -y & # why\nfi\ncat <<E\n1\n2\nE\nlast\n"));
	static const struct {
		uint32_t line;
		uint64_t at;
		const char *source;
	} want[] = {
		{ 3, 14, "if true; then" },
		{ 4, 26, "/usr/bin/x \\" },
		{ 7, 55, "cat <<E" },
		{ 11, 69, "last" },
	};
	for (size_t i = 0; i < GH_COUNT(want); i++) {
		TRUE(gh_shell_next(sh, &c), want[i].source);
		EQ(c.line, want[i].line, want[i].source);
		EQ(c.at, want[i].at, want[i].source);
		SAME(c.source, gh_view_text(want[i].source), "source");
	}
	TRUE(!gh_shell_next(sh, &c), "the end");
	gh_test_done(&ctx);
}

static void arguments_are_put_in(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_shell *sh = gh_shell_new(&ctx);
	gh_command c;
	gh_shell_read(sh, GH_LIT("for i in /etc/rc.d/$1*; do [ -x $i ] && $i $2 2>&1; done"));
	gh_shell_set(sh, GH_LIT("1"), GH_LIT("S"));
	gh_shell_set(sh, GH_LIT("2"), GH_LIT("boot"));
	TRUE(gh_shell_next(sh, &c) && gh_shell_next(sh, &c), "two");
	SAME(c.words[0], GH_LIT("/etc/rc.d/S*"), "program");
	SAME(c.words[1], GH_LIT("boot"), "argument");
	gh_test_done(&ctx);
}

/* Ten megabytes of each of these end in time, whatever they mean. */
static void long_scripts_end(void **state)
{
	(void)state;
	static const char *const parts[] = { "a\n", "(",  "case x in ", "f() {\n", "\"",
					     "$(",  "${", "<<E\n",      "\\\n",    "A=b ",
					     "$A",  ";;", "#",          "`",       "V1=x V2=y $V3;" };
	gh_ctx ctx = gh_test_ctx();
	gh_shell *sh = gh_shell_new(&ctx);
	size_t size = 10 << 20;
	char *script = malloc(size);
	assert_non_null(script);
	for (size_t i = 0; i < GH_COUNT(parts); i++) {
		size_t len = strlen(parts[i]), n = 0;
		for (size_t at = 0; at < size; at++)
			script[at] = parts[i][at % len];
		gh_shell_read(sh, gh_view(script, size));
		for (gh_command c; gh_shell_next(sh, &c);)
			n++;
		TRUE(n <= size, parts[i]);
	}
	free(script);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_give_these_commands),
		cmocka_unit_test(a_command_knows_its_line),
		cmocka_unit_test(arguments_are_put_in),
		cmocka_unit_test(long_scripts_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
