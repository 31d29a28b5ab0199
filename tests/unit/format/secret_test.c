/* SPDX-License-Identifier: Apache-2.0 */
/* What is encrypted is named: LUKS written here from its specification, OpenPGP as gpg makes it. */
#include "codec/sum.h"
#include "unit/format/flash_tests.h"

static uint8_t image[0x8000];

static void put(size_t at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image[at + n - 1 - i] = (uint8_t)(v >> (8 * i));
}

static void text(size_t at, const char *t)
{
	memcpy(image + at, t, strlen(t));
}

static gh_bytes luks1(void)
{
	memset(image, 0, sizeof image);
	memcpy(image, "LUKS\xba\xbe\0\1", 8);
	text(8, "aes");
	text(40, "xts-plain64");
	text(72, "sha256");
	put(104, 8, 4);
	put(108, 64, 4);
	text(168, "00000000-0000-0000-0000-laboratory00");
	put(208, 0x00ac71f3, 4);
	return gh_view(image, sizeof image);
}

static gh_bytes luks2(void)
{
	uint8_t sum[32];
	memset(image, 0, sizeof image);
	memcpy(image, "LUKS\xba\xbe\0\2", 8);
	put(8, 0x4000, 8);
	text(0x18, "laboratory");
	text(0x48, "sha256");
	text(0x1000, "{\"keyslots\":{\"0\":{\"kdf\":{\"type\":\"argon2id\"}}},\"segments\":{\"0\":{\"encryption\":"
		     "\"aes-xts-plain64\"}}}");
	gh_bytes all = gh_view(image, 0x4000);
	gh_sha256(&all, 1, sum);
	memcpy(image + 0x1c0, sum, 32);
	return gh_view(image, sizeof image);
}

static void luks(void **unused)
{
	(void)unused;
	struct run r = run(&gh_format_luks, luks1(), 0x100);
	EQ(r.code, GH_OK, "LUKS1");
	SAME(fact(r.node, "cipher"), GH_LIT("aes-xts-plain64"), "LUKS1");
	SAME(fact(r.node, "hash"), GH_LIT("sha256"), "LUKS1");
	SAME(fact(r.node, "key-slots"), GH_LIT("1 of 8"), "LUKS1");
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "LUKS1");
	EQ(part(r.node, "encrypted data")->at, 0x100 + 4096, "LUKS1");
	EQ(gh_node_status(r.node), GH_STATUS_ENCRYPTED, "LUKS1");
	done(&r);
	r = run(&gh_format_luks, luks2(), 0);
	EQ(r.span.proof, GH_PROOF_SUM, "LUKS2");
	EQ(r.node->sums->state, GH_SUM_RIGHT, "LUKS2");
	SAME(fact(r.node, "name"), GH_LIT("laboratory"), "LUKS2");
	SAME(fact(r.node, "cipher"), GH_LIT("aes-xts-plain64"), "LUKS2");
	SAME(fact(r.node, "key-derivation"), GH_LIT("argon2id"), "LUKS2");
	done(&r);
	image[0x1005] ^= 1;
	r = run(&gh_format_luks, gh_view(image, sizeof image), 0);
	EQ(r.node->sums->state, GH_SUM_WRONG, "changed");
	done(&r);
	spoil(&gh_format_luks, gh_bytes_part(luks1(), 0, 5000), 220);
	spoil(&gh_format_luks, gh_bytes_part(luks2(), 0, 5000), 64);
}

static void pgp(void **unused)
{
	(void)unused;
	flash_file("plain", 30000, 'r');
	assert_int_equal(setenv("GNUPGHOME", flash_folder, 1), 0);
	const char *argv[] = { "gpg",        "--batch",         "--quiet",         "--no-tty",        "--passphrase",
			       "laboratory", "--pinentry-mode", "loopback",        "--symmetric",     "--cipher-algo",
			       "AES256",     "--output",        flash_in("image"), flash_in("plain"), NULL };
	if (!flash_tool(argv)) {
		print_message("gpg is not installed\n");
		return;
	}
	gh_bytes b = flash_load(flash_in("image"));
	uint8_t *more = calloc(1, b.len + 100);
	assert_non_null(more);
	memcpy(more, b.ptr, b.len);
	struct run r = run(&gh_format_pgp, gh_view(more, b.len + 100), 0x10);
	EQ(r.code, GH_OK, "OpenPGP");
	EQ(r.span.size, b.len, "OpenPGP");
	EQ(r.span.proof, GH_PROOF_PARSED, "OpenPGP");
	SAME(fact(r.node, "cipher"), GH_LIT("AES-256"), "OpenPGP");
	SAME(fact(r.node, "integrity"), GH_LIT("modification detection"), "OpenPGP");
	TRUE(noted(r.node->notes, GH_ENCRYPTED), "OpenPGP");
	done(&r);
	r = run(&gh_format_pgp, gh_bytes_part(b, 0, 20000), 0);
	TRUE(r.code == GH_OK && noted(r.node->notes, GH_TRUNCATED), "cut short");
	done(&r);
	spoil(&gh_format_pgp, b, 20);
	free(more);
	free((void *)(uintptr_t)b.ptr);
}

/* RSA: a number that fills its packet, then data with a version. */
static void pgp_to_a_key(void **unused)
{
	(void)unused;
	memset(image, 'x', sizeof image);
	memcpy(image,
	       "\x85\x01\x0c\x03"
	       "KEY-ID-8"
	       "\x01\x08\x00",
	       15);
	memcpy(image + 3 + 268, "\xd2\xff\x00\x00\x01\x00\x01", 7);
	gh_bytes b = gh_view(image, 3 + 268 + 6 + 256);
	struct run r = run(&gh_format_pgp, b, 0);
	EQ(r.code, GH_OK, "OpenPGP");
	EQ(r.span.size, b.len, "OpenPGP");
	SAME(fact(r.node, "key-id"), GH_LIT("4b45592d49442d38"), "OpenPGP");
	done(&r);
	image[14] = 1; /* a number of other size */
	r = run(&gh_format_pgp, b, 0);
	EQ(r.code, GH_NOT_MINE, "chance");
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(luks),
		cmocka_unit_test(pgp),
		cmocka_unit_test(pgp_to_a_key),
	};
	return cmocka_run_group_tests_name("format/secret", tests, flash_begin_empty, flash_end);
}
