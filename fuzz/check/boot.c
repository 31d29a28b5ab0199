/* SPDX-License-Identifier: Apache-2.0 */
/* The input is cut at NUL bytes into the files that boot reads, in a fixed order. */
#include "volume_of.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file files[] = {
		{ GH_LIT("etc/inittab"), { NULL, 0 } },
		{ GH_LIT("etc/init.d/rcS"), { NULL, 0 } },
		{ GH_LIT("etc/rc.d/S10a"), { NULL, 0 } },
		{ GH_LIT("etc/preinit"), { NULL, 0 } },
		{ GH_LIT("etc/crontabs/root"), { NULL, 0 } },
		{ GH_LIT("etc/inetd.conf"), { NULL, 0 } },
		{ GH_LIT("etc/mdev.conf"), { NULL, 0 } },
		{ GH_LIT("etc/hotplug2.rules"), { NULL, 0 } },
		{ GH_LIT("etc/xinetd.d/x"), { NULL, 0 } },
		{ GH_LIT("bin/a"), GH_INIT("\x7f"
					   "ELF") },
	};
	gh_cur c = gh_cur_over(gh_view(data, size), 0);
	for (size_t i = 0; i + 1 < GH_COUNT(files); i++) {
		files[i].content = gh_text(&(gh_cur){ c.ptr, c.left, 0, false }, c.left);
		gh_skip(&c, GH_MIN(files[i].content.len + 1, c.left));
	}
	must(conclude_on(&gh_check_boot, files, GH_COUNT(files)) <= 1025);
	return 0;
}
