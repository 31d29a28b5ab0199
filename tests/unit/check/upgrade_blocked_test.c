/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#define FORM "<form action=\"/incoming/Firmware.htm\" enctype=\"multipart/form-data\" method=\"post\">"
#define FILE_INPUT "File: <input name=\"Filename\" type=\"file\"> <input type=\"submit\"></form>"

typedef struct row {
	const char *page, *id; /* NULL: nothing is said */
	gh_level level;
} row;

/* Each page is a whole one, not a piece that another takes in. */
static void check_rows(const row *rows, size_t n, const file *more, size_t n_more)
{
	for (size_t i = 0; i < n; i++) {
		gh_ctx ctx = gh_test_ctx();
		char page[2048];
		(void)snprintf(page, sizeof page, "<html>%s", rows[i].page);
		file files[4] = { TEXT("web/userRpm/SoftwareUpgradeRpm.htm", page) };
		for (size_t m = 0; m < n_more; m++)
			files[1 + m] = more[m];
		gh_findings found = conclude_on(&ctx, &gh_check_upgrade_blocked, files, 1 + n_more, NULL);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].page);
		if (rows[i].id) {
			SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].page);
			EQ(found.first->level, rows[i].level, rows[i].page);
		}
		gh_test_done(&ctx);
	}
}

static void what_hides_the_form_is_found(void **state)
{
	(void)state;
	static const char hidden[] = "UPGRADE-BLOCKED/hidden-form", script[] = "UPGRADE-BLOCKED/hidden-by-script";
	static const row rows[] = {
		{ "<form style=\"display:none\" action=\"/incoming/Firmware.htm\">" FILE_INPUT, hidden,
		  GH_LEVEL_SUSPICIOUS },
		{ "<form style='color:red; DISPLAY : None !important' action=x>" FILE_INPUT, hidden,
		  GH_LEVEL_SUSPICIOUS },
		{ "<div style=\"visibility: hidden\">" FORM FILE_INPUT "</div>", hidden, GH_LEVEL_SUSPICIOUS },
		{ "<div hidden>" FORM FILE_INPUT "</div>", hidden, GH_LEVEL_SUSPICIOUS },
		{ FORM "<table><tr style=display:none><td>" FILE_INPUT "</table>", hidden, GH_LEVEL_SUSPICIOUS },
		{ "<style>form { display: none }</style>" FORM FILE_INPUT, hidden, GH_LEVEL_SUSPICIOUS },
		{ "<style>.a, .b { display: none }</style><p class=\"x b\"><div class=b>" FORM FILE_INPUT, hidden,
		  GH_LEVEL_SUSPICIOUS },
		/* another element is shown by its id: the form is not */
		{ "<script>document.getElementById(\"deny\").style.display = \"\";</script>"
		  "<form style=\"display:none\" action=x>" FILE_INPUT,
		  hidden, GH_LEVEL_SUSPICIOUS },
		{ FORM FILE_INPUT "<script>document.forms[0].style.display = \"none\";</script>", script,
		  GH_LEVEL_SUSPICIOUS },
		{ "<form id=up action=x>" FILE_INPUT
		  "<script>\nvar a = 1\ndocument.getElementById('up').style.visibility = 'hidden'\n</script>",
		  script, GH_LEVEL_SUSPICIOUS },
		/* the page shows itself when it is ready, but not its form */
		{ "<html style=\"display:none;\"><body><form style=\"display:none\" action=x>" FILE_INPUT, hidden,
		  GH_LEVEL_SUSPICIOUS },
		/* a script writes the field */
		{ "<div hidden><form action=\"/goform/formFirmwareUpgrade\" enctype=\"multipart/form-data\">"
		  "<script>document.write(field);</script></form></div>",
		  hidden, GH_LEVEL_SUSPICIOUS },
		{ "<div hidden><form action=\"/goform/formFirmwareUpgrade\" enctype=\"multipart/form-data\">", hidden,
		  GH_LEVEL_SUSPICIOUS },
		/* the server may decide */
		{ "<% if x then %><form style=\"display:none\" action=x>" FILE_INPUT "<% end %>", hidden,
		  GH_LEVEL_NOTICE },
	};
	check_rows(rows, GH_COUNT(rows), NULL, 0);
}

static void what_a_vendor_does_is_left_alone(void **state)
{
	(void)state;
	static const row rows[] = {
		{ FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ FORM "<table><tr style=display:none><td>not from outside<tr><td>" FILE_INPUT "</table>", NULL,
		  GH_LEVEL_INFO },
		{ "<div style=\"display:none\">wait</div>" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<div style=\"display:none\" id=wait>wait</div>" FORM FILE_INPUT "<script>if (busy) "
		  "document.getElementById(\"wait\").style.display = \"\"; else "
		  "document.forms[0].style.display = \"none\"</script>",
		  NULL, GH_LEVEL_INFO },
		{ "<script>function show(x) { x.style.display = \"\"; }\nshow(document.forms[0]);\n"
		  "var f = document.forms[0];</script><form style=\"display:none\" action=x>" FILE_INPUT,
		  NULL, GH_LEVEL_INFO },
		{ "<form id=up style=\"display:none\" action=x>" FILE_INPUT "<script>show('up')</script>", NULL,
		  GH_LEVEL_INFO },
		{ "<form id=up style=\"display:none\" action=x>" FILE_INPUT "<script>$('#up').fadeIn()</script>", NULL,
		  GH_LEVEL_INFO },
		{ "<form ng-show=ok style=\"display:none\" action=x>" FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<form style=\"display:<% state() %>\" action=x>" FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<style>@media print { form { display: none } }</style>" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<style>.b { display: none }</style><div class=b>" FORM FILE_INPUT
		  "<script>document.forms[0].parentNode.className = ''</script>",
		  NULL, GH_LEVEL_INFO },
		{ FORM "<input type=file style=\"display:none\" name=f><button>Choose</button></form>", NULL,
		  GH_LEVEL_INFO },
		{ "<form style=\"display:none\" action=restore.cgi><input type=file name=cfg></form>" FORM FILE_INPUT,
		  NULL, GH_LEVEL_INFO },
		{ "<p>Use the vendor's program.</p><script src=x.js></script>", NULL, GH_LEVEL_INFO },
		/* a button of the page's own */
		{ "<form style=\"display:none\" action=x>" FILE_INPUT
		  "<button onclick=\"document.forms[0].Filename.click()\">Choose</button>",
		  NULL, GH_LEVEL_INFO },
		{ "<form style=\"display:none\" action=x>" FILE_INPUT
		  "<script>send(document.getElementsByName('Filename')[0].files)</script>",
		  NULL, GH_LEVEL_INFO },
		{ "<form style=\"display:none\" action=x>" FILE_INPUT "<label for=file>Choose</label>", NULL,
		  GH_LEVEL_INFO },
		/* against frames, and until all is loaded */
		{ "<style id=a>body{display:none !important}</style><body>" FORM FILE_INPUT
		  "<script>if (self === top) { var a = document.getElementById('a'); a.parentNode.removeChild(a); "
		  "}</script>",
		  NULL, GH_LEVEL_INFO },
		{ "<body style=\"visibility:hidden\" onload=\"ready()\">" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<noscript><style>form { display: none }</style></noscript>" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<style media=print>form { display: none }</style>" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<form style=\"display:none\" action=x>" FILE_INPUT
		  "<script>var f = document.forms[0]; if (f.style.display == 'none') f.style.display = '';</script>",
		  NULL, GH_LEVEL_INFO },
		{ "<div id=box style=\"display:none\">" FORM FILE_INPUT "</div><script>$('#box form').show()</script>",
		  NULL, GH_LEVEL_INFO },
		/* a broken page is no finding */
		{ "<form <form <div style=\"display:none", NULL, GH_LEVEL_INFO },
	};
	check_rows(rows, GH_COUNT(rows), NULL, 0);
}

static void scripts_and_sheets_of_the_volume_count(void **state)
{
	(void)state;
	static const file sheet[] = { TEXT("web/css/style.css", "/* late */ .late { display: none; }\n") };
	static const row by_sheet[] = {
		{ "<link media=print rel=stylesheet href=\"/css/style.css\"><form class=late action=x>" FILE_INPUT,
		  NULL, GH_LEVEL_INFO },
		{ "<link rel=stylesheet href=\"/css/style.css\"><form class=late action=x>" FILE_INPUT,
		  "UPGRADE-BLOCKED/hidden-form", GH_LEVEL_SUSPICIOUS },
		{ "<form class=late action=x>" FILE_INPUT, NULL, GH_LEVEL_INFO },
	};
	check_rows(by_sheet, GH_COUNT(by_sheet), sheet, 1);
	static const file script[] = { TEXT("web/js/all.js",
					    "function ready() { show(\"up\"); obj.style.display = ''; }\n") };
	static const row by_script[] = {
		{ "<form id=up style=\"display:none\" action=x>" FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<form name=obj style=\"display:none\" action=x>" FILE_INPUT, NULL, GH_LEVEL_INFO },
		/* a script that is not there may do anything */
		{ "<script src=gone.js></script><form style=\"display:none\" action=x>" FILE_INPUT,
		  "UPGRADE-BLOCKED/hidden-form", GH_LEVEL_NOTICE },
		{ "<script src=\"/js/all.js?v=1\"></script><form style=\"display:none\" action=x>" FILE_INPUT,
		  "UPGRADE-BLOCKED/hidden-form", GH_LEVEL_SUSPICIOUS },
		{ "<form id=upgrade style=\"display:none\" action=x>" FILE_INPUT, "UPGRADE-BLOCKED/hidden-form",
		  GH_LEVEL_SUSPICIOUS },
	};
	check_rows(by_script, GH_COUNT(by_script), script, 1);
}

static void a_form_that_cannot_be_sent_is_a_notice(void **state)
{
	(void)state;
	static const row rows[] = {
		{ FORM "<input type=file name=a disabled></form>", "UPGRADE-BLOCKED/disabled", GH_LEVEL_NOTICE },
		{ FORM "<input type=file name=a disabled></form><script>f.a.disabled = false</script>", NULL,
		  GH_LEVEL_INFO },
		{ "<form action=x onsubmit=\"return false;\">" FILE_INPUT, "UPGRADE-BLOCKED/no-submit",
		  GH_LEVEL_NOTICE },
		{ "<form action=x onsubmit=\"return false;\">" FILE_INPUT "<script>$.ajax(a)</script>", NULL,
		  GH_LEVEL_INFO },
		{ "<script src=send.js></script><form action=x onsubmit=\"return false;\">" FILE_INPUT, NULL,
		  GH_LEVEL_INFO },
		{ "<form action=\"#\">" FILE_INPUT, "UPGRADE-BLOCKED/no-action", GH_LEVEL_NOTICE },
		{ "<!-- " FORM FILE_INPUT " -->", "UPGRADE-BLOCKED/commented-out", GH_LEVEL_NOTICE },
		{ "<!-- " FORM FILE_INPUT " -->" FORM FILE_INPUT, NULL, GH_LEVEL_INFO },
		{ "<html><body><h1>Upgrade</h1></body></html>", "UPGRADE-BLOCKED/empty-page", GH_LEVEL_NOTICE },
		{ "<script>if (document.forms[0].Filename.value == \"\") alert('choose a "
		  "file')</script><h1>Upgrade</h1>",
		  "UPGRADE-BLOCKED/removed-form", GH_LEVEL_NOTICE },
		{ "<script>document.write('<form>'); document.forms[0].file.value = 1</script>", NULL, GH_LEVEL_INFO },
		{ "<script>document.forms[0].file.value = 1</script><% if x %>", NULL, GH_LEVEL_INFO },
	};
	check_rows(rows, GH_COUNT(rows), NULL, 0);
}

static void hosts_and_updaters_are_read(void **state)
{
	(void)state;
	static const file bad[] = {
		TEXT("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 firmware.vendor.com # no\n"),
		TEXT("sbin/sysupgrade", "#!/bin/sh\n# nothing\necho done\nexit 0\n"),
	};
	static const file good[] = {
		TEXT("etc/hosts", "127.0.0.1 localhost update\n192.168.0.1 firmware.vendor.com\n"),
		TEXT("sbin/sysupgrade", "#!/bin/sh\nmtd write \"$1\" firmware\nreboot\n"),
		TEXT("bin/upgrade.sh", "#!/bin/sh\n. /lib/upgrade.sh\ndo_upgrade\n"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_upgrade_blocked, bad, GH_COUNT(bad), NULL);
	EQ(count_of(&found, "UPGRADE-BLOCKED/update-host", "/etc/hosts"), 1, "hosts");
	EQ(finding_of(&found, "UPGRADE-BLOCKED/update-host", NULL)->evidence[0].line, 2, "its line");
	EQ(count_of(&found, "UPGRADE-BLOCKED/updater-stub", "/sbin/sysupgrade"), 1, "stub");
	found = conclude_on(&ctx, &gh_check_upgrade_blocked, good, GH_COUNT(good), NULL);
	EQ(found.count, 0, "nothing is wrong with these");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_hides_the_form_is_found),
		cmocka_unit_test(what_a_vendor_does_is_left_alone),
		cmocka_unit_test(scripts_and_sheets_of_the_volume_count),
		cmocka_unit_test(a_form_that_cannot_be_sent_is_a_notice),
		cmocka_unit_test(hosts_and_updaters_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
