/* SPDX-License-Identifier: Apache-2.0 */
/* Device trees and FIT images, written here token by token. */
#include "codec/sum.h"
#include "formats.h"

static uint8_t tree[8192], names[1024];
static size_t n_tree, n_names;

static void u32(uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		tree[n_tree++] = (uint8_t)(v >> (24 - 8 * i));
}

static void pad(void)
{
	while (n_tree % 4)
		tree[n_tree++] = 0;
}

static void begin(const char *name)
{
	u32(1);
	memcpy(tree + n_tree, name, strlen(name) + 1);
	n_tree += strlen(name) + 1;
	pad();
}

static void end(void)
{
	u32(2);
}

static void property(const char *name, gh_bytes value)
{
	u32(3);
	u32((uint32_t)value.len);
	u32((uint32_t)n_names);
	memcpy(names + n_names, name, strlen(name) + 1);
	n_names += strlen(name) + 1;
	memcpy(tree + n_tree, value.ptr, value.len);
	n_tree += value.len;
	pad();
}

static void text(const char *name, const char *value)
{
	property(name, gh_view(value, strlen(value) + 1));
}

static void cells(const char *name, uint32_t a, uint32_t b)
{
	uint8_t v[8];
	for (unsigned i = 0; i < 4; i++) {
		v[i] = (uint8_t)(a >> (24 - 8 * i));
		v[4 + i] = (uint8_t)(b >> (24 - 8 * i));
	}
	property(name, gh_view(v, 8));
}

static void cell(const char *name, uint32_t a)
{
	uint8_t v[4];
	for (unsigned i = 0; i < 4; i++)
		v[i] = (uint8_t)(a >> (24 - 8 * i));
	property(name, gh_view(v, 4));
}

static void fresh(void)
{
	n_tree = 56; /* header, and one empty reservation */
	n_names = 0;
	memset(tree, 0, sizeof tree);
}

static gh_bytes finish(void)
{
	u32(9);
	size_t size = n_tree - 56, strings = n_tree;
	memcpy(tree + n_tree, names, n_names);
	n_tree += n_names;
	size_t all = n_tree;
	n_tree = 0;
	u32(0xd00dfeed);
	u32((uint32_t)all);
	u32(56);
	u32((uint32_t)strings);
	u32(40);
	u32(17);
	u32(16);
	u32(0);
	u32((uint32_t)n_names);
	u32((uint32_t)size);
	n_tree = all;
	return gh_view(tree, all);
}

static gh_bytes board(void)
{
	fresh();
	begin("");
	text("model", "Laboratory Router v1");
	property("compatible", GH_LIT("laboratory,router\0laboratory,soc\0"));
	begin("chosen");
	text("bootargs", "console=ttyS0,115200");
	end();
	begin("flash@0");
	text("compatible", "jedec,spi-nor");
	begin("partitions");
	text("compatible", "fixed-partitions");
	cell("#address-cells", 1);
	cell("#size-cells", 1);
	begin("partition@0");
	text("label", "u-boot");
	cells("reg", 0, 0x30000);
	property("read-only", GH_LIT(""));
	end();
	begin("partition@30000");
	text("label", "firmware");
	cells("reg", 0x30000, 0x7d0000);
	end();
	end();
	end();
	end();
	return finish();
}

static void a_device_tree_says_what_the_board_is(void **unused)
{
	(void)unused;
	gh_bytes in = board();
	struct run r = run(&gh_format_dtb, in, 0x1000);
	EQ(r.code, GH_OK, "dtb");
	EQ(r.span.proof, GH_PROOF_PARSED, "dtb");
	SAME(fact(r.node, "model"), GH_LIT("Laboratory Router v1"), "dtb");
	SAME(fact(r.node, "compatible"), GH_LIT("laboratory,router laboratory,soc"), "dtb");
	SAME(fact(r.node, "bootargs"), GH_LIT("console=ttyS0,115200"), "dtb");
	SAME(fact(r.node, "partition"), GH_LIT("u-boot 0x0 0x30000 read-only"), "the first");
	const gh_node *source = part(r.node, "source");
	TRUE(source && source->at == 0x1000 && source->size == in.len, "source");
	static const char *const lines[] = {
		"/dts-v1/;\n",
		"\tmodel = \"Laboratory Router v1\";\n",
		"\tcompatible = \"laboratory,router\", \"laboratory,soc\";\n",
		"\t\t\t\treg = <0x30000 0x7d0000>;\n",
		"\t\t\t\tread-only;\n",
	};
	for (size_t i = 0; i < GH_COUNT(lines); i++)
		TRUE(memmem(source->decoded.ptr, source->decoded.len, lines[i], strlen(lines[i])), lines[i]);
	done(&r);
	r = run(&gh_format_fit, in, 0);
	EQ(r.code, GH_NOT_MINE, "no FIT");
	done(&r);
}

static const char kernel[] = "a kernel, as far as this test is concerned";

enum wrong { RIGHT, WRONG_DATA, UNKNOWN_HASH, NO_HASH };

static gh_bytes fit(bool outside, enum wrong wrong)
{
	static const char *const algorithms[] = { "crc32", "md5", "sha1", "sha256" };
	gh_bytes data = gh_view(kernel, sizeof kernel);
	uint8_t digest[4][32];
	const size_t length[] = { 4, 16, 20, 32 };
	uint32_t crc = gh_crc32(data);
	for (unsigned i = 0; i < 4; i++)
		digest[0][i] = (uint8_t)(crc >> (24 - 8 * i));
	gh_md5(&data, 1, digest[1]);
	gh_sha1(&data, 1, digest[2]);
	gh_sha256(&data, 1, digest[3]);
	fresh();
	begin("");
	text("description", "laboratory image");
	cell("timestamp", 1402621200);
	begin("images");
	begin("kernel-1");
	if (outside) {
		cell("data-offset", 8);
		cell("data-size", (uint32_t)data.len);
	} else {
		property("data", data);
	}
	text("type", "kernel");
	for (unsigned i = 0; i < 4 && wrong != NO_HASH; i++) {
		char name[] = "hash-0";
		name[5] = (char)('0' + i);
		digest[i][0] = (uint8_t)(digest[i][0] ^ (wrong == WRONG_DATA));
		begin(name);
		text("algo", wrong == UNKNOWN_HASH ? "sha3" : algorithms[i]);
		property("value", gh_view(digest[i], length[i]));
		end();
	}
	begin("signature-1");
	text("algo", "sha256,rsa2048");
	text("key-name-hint", "laboratory");
	property("value", GH_LIT("no signature"));
	end();
	end();
	end();
	end();
	gh_bytes in = finish();
	if (!outside)
		return in;
	while (n_tree % 4)
		tree[n_tree++] = 0;
	n_tree += 8;
	memcpy(tree + n_tree, kernel, sizeof kernel);
	n_tree += sizeof kernel;
	return gh_view(tree, n_tree);
}

static const struct {
	const char *label;
	bool outside;
	enum wrong wrong;
	gh_proof proof;
	gh_sum_state state;
} fits[] = {
	{ "inside", false, RIGHT, GH_PROOF_SUM, GH_SUM_RIGHT },
	{ "outside", true, RIGHT, GH_PROOF_SUM, GH_SUM_RIGHT },
	{ "wrong, inside", false, WRONG_DATA, GH_PROOF_PARSED, GH_SUM_WRONG },
	{ "wrong, outside", true, WRONG_DATA, GH_PROOF_PARSED, GH_SUM_WRONG },
	{ "unknown", false, UNKNOWN_HASH, GH_PROOF_PARSED, GH_SUM_UNVERIFIABLE },
};

static void a_fit_has_its_hashes_held_against_its_data(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < GH_COUNT(fits); i++) {
		gh_bytes in = fit(fits[i].outside, fits[i].wrong);
		struct run r = run(&gh_format_fit, in, 0);
		EQ(r.code, GH_OK, fits[i].label);
		EQ(r.span.size, in.len, fits[i].label);
		EQ(r.span.proof, fits[i].proof, fits[i].label);
		SAME(fact(r.node, "created"), GH_LIT("2014-06-13T01:00:00Z"), fits[i].label);
		SAME(part(r.node, "kernel-1")->content, gh_view(kernel, sizeof kernel), fits[i].label);
		unsigned hashes = 0;
		for (const gh_sum *s = r.node->sums; s; s = s->next) {
			bool hash = strcmp(s->what, "hash of kernel-1") == 0;
			hashes += hash;
			EQ(s->state, hash ? fits[i].state : GH_SUM_UNVERIFIABLE, s->algorithm);
		}
		EQ(hashes, 4, fits[i].label);
		TRUE(strstr(sum(r.node, "signature of kernel-1")->remark, "laboratory"), "the key is named");
		done(&r);
	}
	struct run r = run(&gh_format_fit, fit(false, NO_HASH), 0);
	EQ(r.span.proof, GH_PROOF_PARSED, "nothing to be held against");
	done(&r);
	r = run(&gh_format_dtb, fit(false, RIGHT), 0);
	EQ(r.code, GH_NOT_MINE, "no device tree of a board");
	done(&r);
}

static void data_that_is_cut_short_is_told(void **unused)
{
	(void)unused;
	gh_bytes in = fit(true, RIGHT);
	struct run r = run(&gh_format_fit, gh_bytes_part(in, 0, in.len - 10), 0);
	EQ(r.code, GH_OK, "cut");
	EQ(r.span.proof, GH_PROOF_SHAPE, "cut");
	TRUE(noted(r.node->notes, GH_TRUNCATED), "cut");
	done(&r);
}

static void bad_input(void **unused)
{
	(void)unused;
	spoil(&gh_format_dtb, board(), 200);
	spoil(&gh_format_fit, fit(false, RIGHT), 200);
	spoil(&gh_format_fit, fit(true, RIGHT), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_tree_says_what_the_board_is),
		cmocka_unit_test(a_fit_has_its_hashes_held_against_its_data),
		cmocka_unit_test(data_that_is_cut_short_is_told),
		cmocka_unit_test(bad_input),
	};
	return cmocka_run_group_tests_name("format/fdt", tests, NULL, NULL);
}
