/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/password.h"

#include <crypt.h>
#include <stdlib.h>

enum { HASH_MOST = 256, DES_LEN = 13 };

static bool is_des(gh_bytes hash)
{
	if (hash.len != DES_LEN)
		return false;
	for (size_t i = 0; i < hash.len; i++) {
		uint8_t c = hash.ptr[i];
		bool good = (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!good)
			return false;
	}
	return true;
}

static uint32_t number(gh_bytes text, uint32_t most)
{
	uint32_t n = 0;
	for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' && n <= most; i++)
		n = n * 10 + (uint32_t)(text.ptr[i] - '0');
	return n;
}

/* "$5$rounds=N$salt$…": the cost grows with N; 5000 where it does not say. */
static uint32_t sha_cost(gh_bytes hash, uint32_t each)
{
	static const uint32_t usual = 5000, most = 1000000;
	uint32_t rounds = usual;
	gh_bytes rest = gh_bytes_part(hash, 3, hash.len);
	if (gh_bytes_start(rest, GH_LIT("rounds=")))
		rounds = number(gh_bytes_part(rest, 7, rest.len), most);
	return rounds > most ? 0 : GH_MAX(rounds / 5 * each / 1000, 1U);
}

/* "$2b$NN$…": 2 to the NN rounds */
static uint32_t bcrypt_cost(gh_bytes hash)
{
	uint32_t rounds = number(gh_bytes_part(hash, 4, 2), 99);
	return rounds >= 4 && rounds <= 12 ? 100U << rounds : 0;
}

uint32_t gh_password_cost(gh_bytes hash)
{
	static const uint32_t des = 10, md5 = 200, sha256 = 2000, sha512 = 2500, yescrypt = 30000;
	uint32_t cost = 0;
	if (hash.len >= HASH_MOST)
		return 0;
	if (is_des(hash))
		cost = des;
	else if (gh_bytes_start(hash, GH_LIT("$1$")))
		cost = md5;
	else if (gh_bytes_start(hash, GH_LIT("$5$")))
		cost = sha_cost(hash, sha256);
	else if (gh_bytes_start(hash, GH_LIT("$6$")))
		cost = sha_cost(hash, sha512);
	else if (gh_bytes_start(hash, GH_LIT("$2a$")) || gh_bytes_start(hash, GH_LIT("$2b$")) ||
		 gh_bytes_start(hash, GH_LIT("$2y$")))
		cost = bcrypt_cost(hash);
	else if (gh_bytes_start(hash, GH_LIT("$y$j9T$"))) /* the parameters of Debian; others may want any memory */
		cost = yescrypt;
	return cost <= GH_PASSWORD_SECOND ? cost : 0;
}

bool gh_password_matches(const char *password, gh_bytes hash)
{
	char setting[HASH_MOST];
	if (hash.len == 0 || hash.len >= sizeof setting || memchr(hash.ptr, 0, hash.len))
		return false;
	memcpy(setting, hash.ptr, hash.len);
	setting[hash.len] = 0;
	struct crypt_data *room = calloc(1, sizeof *room);
	const char *made = room ? crypt_rn(password, setting, room, sizeof *room) : NULL;
	bool same = made && strcmp(made, setting) == 0;
	free(room);
	return same;
}
