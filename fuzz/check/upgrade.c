/* SPDX-License-Identifier: Apache-2.0 */
/* The input is cut at NUL bytes: an upgrade page, a script, a style sheet, hosts, an updater. */
#include "volume_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file files[] = {
		{ GH_LIT("web/upgrade.htm"), { NULL, 0 } }, { GH_LIT("web/a.js"), { NULL, 0 } },
		{ GH_LIT("web/a.css"), { NULL, 0 } },       { GH_LIT("etc/hosts"), { NULL, 0 } },
		{ GH_LIT("sbin/sysupgrade"), { NULL, 0 } },
	};
	gh_cur c = gh_cur_over(gh_view(data, size), 0);
	for (size_t i = 0; i < GH_COUNT(files); i++) {
		files[i].content = gh_text(&(gh_cur){ c.ptr, c.left, 0, false }, c.left);
		gh_skip(&c, GH_MIN(files[i].content.len + 1, c.left));
	}
	must(conclude_on(&gh_check_upgrade_blocked, files, GH_COUNT(files)) <= 8);
	return 0;
}
