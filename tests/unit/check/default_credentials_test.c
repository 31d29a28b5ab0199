/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes by openssl passwd. */
#include "volume.h"

static void known_passwords_are_told(void **state)
{
	(void)state;
	static const file files[] = {
		TEXT("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
		TEXT("etc/shadow", "root:$1$lab7$u1VHSsEKZNVTu/fEdyttN/:1::::::\n"
				   "keeper:$6$lab8$KnOOatz1n3gyc.HVswShJN2XdOKh.MqCz9yWx/QIxFm0py/"
				   "SqORn.4yLCfw6UihZqk.MZB45z79PU6bein5B21:1::::::\n"
				   "model:$1$lab9$mnb38ny82Gbhw7VRqiXTi1:1::::::\n"
				   "owner:$1$laba$DtILlvp7LhIhe8aSr/dXd.:1::::::\n"
				   "again:$1$lab7$u1VHSsEKZNVTu/fEdyttN/:1::::::\n"
				   "locked:!$1$lab7$u1VHSsEKZNVTu/fEdyttN/:1::::::\n"
				   "open::1::::::\n"
				   "blank:$1$labb$OnG.IYariRGOwr9dE8XHY0:1::::::\n"),
	};
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = { 0 };
	const gh_node *image = volume_of(&ctx, &gh_check_default_credentials, files, GH_COUNT(files));
	EQ(gh_node_fact(&ctx, image->first, "product", GH_LIT("LAB-1000")), GH_OK, "a fact");
	EQ(gh_node_fact(&ctx, image->first, "version", GH_LIT("nobodyknows!")), GH_OK, "no word to try");
	gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found };
	EQ(gh_check_default_credentials.conclude(&c), GH_OK, ctx.what);
	EQ(found.count, 4, "each hash once, and only those that open");
	static const char *const id = "DEFAULT-CREDENTIALS/known-password";
	EQ(finding_of(&found, id, "\"root\" opens with the password \"vizxv\" (bots try it")->evidence[0].line, 1,
	   "line");
	EQ(count_of(&found, id, "\"keeper\" opens with the password \"keeper\" (the name of the account)"), 1, "name");
	EQ(count_of(&found, id, "\"model\" opens with the password \"LAB-1000\" (a word of the image's own"), 1,
	   "model");
	EQ(count_of(&found, id, "\"blank\" opens with the password \"\""), 1, "empty");
	EQ(found.first->level, GH_LEVEL_NOTICE, "clean devices have it");
	gh_test_done(&ctx);
}

/* More hashes than a second can try: the rest is left, and the answer is the same each time. */
static void dear_hashes_end(void **state)
{
	(void)state;
	static char shadow[16384];
	size_t at = 0;
	for (unsigned i = 0; i < 64; i++)
		at += (size_t)snprintf(shadow + at, sizeof shadow - at,
				       "u%u:$2b$10$abcdefghijklmnopqrst%02ulunWEU:1::::::\n", i, i);
	const file files[] = { TEXT("etc/shadow", shadow) };
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = conclude_on(&ctx, &gh_check_default_credentials, files, 1, NULL);
	EQ(found.count, 0, "nothing found, and an end");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_passwords_are_told),
		cmocka_unit_test(dear_hashes_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
