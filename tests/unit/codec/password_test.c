/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes of $1$, $5$ and $6$ are by openssl passwd, which shares no code with libcrypt. */
#include "check.h"
#include "codec/password.h"

static void passwords_are_told_apart(void **state)
{
	(void)state;
	static const char *const hashes[] = {
		"laYb.BvE2xhjM",
		"$1$lab$H6FjE7htKbmecRyw2bYxa0",
		"$5$lab$cd6g10nfXaUvjsSg8io86FW1Mn9AD.EySCXf6duTVd1",
		"$5$rounds=1000$lab$MCPLRGKzT3T8o.PNsM3JUem44bhzxQO.fAQgDaXU0kD",
		"$6$lab$tSJw70D/eg6SST8W8VbpRQ3yONCRI0Z.epQywl2GWS6z70NZ3V/aEp3h3g798H.VDrAbkbdTJtT1u1VwScbby1",
		"$2b$04$abcdefghijklmnopqrstuulunWEU.fsKcUDXmTjzyRNtRNCHwVDya",
		"$y$j9T$abcdefghijkl$f8DuNfxdrm0XhxcrXOrEqVkfRe4j1BHkwrlE3CicsX8",
	};
	for (size_t i = 0; i < GH_COUNT(hashes); i++) {
		gh_bytes hash = gh_view_text(hashes[i]);
		TRUE(gh_password_cost(hash) > 0, hashes[i]);
		TRUE(gh_password_matches("laboratory", hash), hashes[i]);
		TRUE(!gh_password_matches("lavatory", hash), hashes[i]);
		TRUE(!gh_password_matches("", hash), hashes[i]);
	}
}

static void costs_are_known_before(void **state)
{
	(void)state;
	static const struct row {
		const char *hash;
		uint32_t cost;
	} rows[] = {
		{ "", 0 },
		{ "*", 0 },
		{ "x", 0 },
		{ "laYb.BvE2xhj", 0 },
		{ "laYb.BvE2xhjM", 10 },
		{ "la!b.BvE2xhjM", 0 },
		{ "$1$lab$x", 200 },
		{ "$5$lab$x", 2000 },
		{ "$6$lab$x", 2500 },
		{ "$6$rounds=10000$lab$x", 5000 },
		{ "$6$rounds=999999999$lab$x", 0 },
		{ "$6$rounds=99999999999999999999$lab$x", 0 },
		{ "$6$rounds=", 1 },
		{ "$2b$05$", 3200 },
		{ "$2b$31$", 0 },
		{ "$2b$", 0 },
		{ "$y$jFT$salt$", 0 },
		{ "$7$x", 0 },
		{ "$apr1$lab$x", 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++)
		EQ(gh_password_cost(gh_view_text(rows[i].hash)), rows[i].cost, rows[i].hash);
}

static void nonsense_matches_nothing(void **state)
{
	(void)state;
	char lengthy[300];
	memset(lengthy, 'a', sizeof lengthy);
	TRUE(!gh_password_matches("a", gh_view(lengthy, sizeof lengthy)), "too long");
	TRUE(!gh_password_matches("a", GH_LIT("$1$a\0b")), "a NUL inside");
	TRUE(!gh_password_matches("*0", GH_LIT("*0")), "what crypt(3) says of its own failures");
	TRUE(!gh_password_matches("", (gh_bytes){ NULL, 0 }), "no hash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_told_apart),
		cmocka_unit_test(costs_are_known_before),
		cmocka_unit_test(nonsense_matches_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
