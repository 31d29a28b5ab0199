/* SPDX-License-Identifier: Apache-2.0 */
/* The input is cut at NUL bytes: keys, a crontab, a list of libraries, a start script, hosts, a page,
 * the name of a program. */
#include "volume_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file files[] = {
		{ GH_LIT("root/.ssh/authorized_keys"), { NULL, 0 } },
		{ GH_LIT("etc/dropbear_rsa_host_key"), { NULL, 0 } },
		{ GH_LIT("etc/crontabs/root"), { NULL, 0 } },
		{ GH_LIT("etc/ld.so.preload"), { NULL, 0 } },
		{ GH_LIT("etc/init.d/rcS"), { NULL, 0 } },
		{ GH_LIT("etc/hosts"), { NULL, 0 } },
		{ GH_LIT("www/cgi-bin/x"), { NULL, 0 } },
		{ { NULL, 0 },
		  GH_INIT("\x7f"
			  "ELF") },
	};
	gh_cur c = gh_cur_over(gh_view(data, size), 0);
	for (size_t i = 0; i < GH_COUNT(files); i++) {
		gh_bytes part = gh_text(&(gh_cur){ c.ptr, c.left, 0, false }, c.left);
		gh_skip(&c, GH_MIN(part.len + 1, c.left));
		if (i + 1 < GH_COUNT(files))
			files[i].content = part;
		else
			files[i].path = part;
	}
	static const gh_check *const checks[] = { &gh_check_keys_shipped, &gh_check_cron_odd,       &gh_check_preload,
						  &gh_check_look_alike,   &gh_check_orphan_starter, &gh_check_boot_tail,
						  &gh_check_hosts_odd,    &gh_check_web_shell };
	for (size_t i = 0; i < GH_COUNT(checks); i++)
		must(conclude_on(checks[i], files, GH_COUNT(files)) <= 32);
	return 0;
}
