/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "check/check.h"

#define PLAIN "lan_ipaddr=192.168.1.1\nlan_proto=dhcp\nwan_proto=dhcp\na=1\nb=2\nc=3\nd=4\ne=5\n"

static gh_findings look(gh_ctx *ctx, const char *path, gh_bytes content)
{
	gh_findings found = { 0 };
	gh_node *node = gh_node_new(ctx, GH_NODE_GAP);
	gh_entry *entry = gh_arena_zalloc(ctx->arena, sizeof *entry);
	assert_true(node && entry);
	gh_file file = { .node = node, .content = content, .pos = path ? 0 : 0x1000 };
	if (path) {
		entry->path = gh_view_text(path);
		file.entry = entry;
		file.path = entry->path;
		file.leaf = "text";
	}
	gh_check_ctx c = { .ctx = ctx, .out = &found };
	EQ(gh_check_nvram_hook.look(&c, &file), GH_OK, path);
	return found;
}

static void settings_in_files_are_read(void **state)
{
	(void)state;
	static const struct row {
		const char *path, *more, *id;
		uint64_t at;
	} rows[] = {
		{ "etc/nvram.default", "rc_startup=/jffs/x &\n", "NVRAM-HOOK/command", sizeof PLAIN - 1 },
		{ "etc/default.cfg", "script_usbmount=\"sh /mnt/x\"\n", "NVRAM-HOOK/command", sizeof PLAIN - 1 },
		{ "etc/default.cfg", "sshd_authkeys=ssh-rsa AAAA\n", "NVRAM-HOOK/key", sizeof PLAIN - 1 },
		{ "etc/default.cfg", "remote_management=1\n", "NVRAM-HOOK/open", sizeof PLAIN - 1 },
		{ "etc/default.cfg", "remote_management=0\nrc_startup=\nscript_usbmount=\"\"\njffs2_exec=0\n", NULL,
		  0 },
		{ "etc/default.cfg", "my_rc_startup=x\n", NULL, 0 },
		{ "usr/share/doc/list", "rc_startup=/jffs/x &\n", NULL, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		char text[512];
		(void)snprintf(text, sizeof text, "%s%s", PLAIN, rows[i].more);
		gh_findings found = look(&ctx, rows[i].path, gh_view_text(text));
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].more);
		if (rows[i].id) {
			SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].more);
			EQ(found.first->evidence[0].at, rows[i].at, rows[i].more);
		}
		gh_test_done(&ctx);
	}
	gh_ctx ctx = gh_test_ctx();
	EQ(look(&ctx, "etc/x.conf", GH_LIT("rc_startup=/bin/x\n")).count, 0, "one line is no list of settings");
	gh_test_done(&ctx);
}

static void nvram_is_found_in_a_dump(void **state)
{
	(void)state;
	static const char settings[] =
		"a=1\0b=2\0c=3\0d=4\0e=5\0f=6\0g=7\0jffs2_exec=sh /jffs/x\0misc_http_x=1\0\0rc_startup=x\0";
	uint8_t dump[1024] = { 0 };
	memcpy(dump + 64, "FLSH", 4);
	dump[68] = (uint8_t)(20 + sizeof settings);
	memcpy(dump + 64 + 20, settings, sizeof settings);
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = look(&ctx, NULL, gh_view(dump, sizeof dump));
	EQ(found.count, 2, "a command and an open door; nothing behind the end");
	SAME(gh_view_text(found.first->id), GH_LIT("NVRAM-HOOK/command"), "command");
	EQ(found.first->evidence[0].at, 0x1000 + 64 + 20 + 28, "where it stands");
	EQ(found.first->n_evidence, 1, "only the one before the end");
	static const uint32_t lengths[] = { 0, 19, 0x80000000, 0xffffffff };
	for (size_t i = 0; i < GH_COUNT(lengths); i++) {
		for (size_t b = 0; b < 4; b++)
			dump[68 + b] = (uint8_t)(lengths[i] >> 8 * b);
		EQ(look(&ctx, NULL, gh_view(dump, sizeof dump)).count, 0, "a length that cannot be");
	}
	dump[68] = 0xff;
	dump[69] = dump[70] = dump[71] = 0;
	EQ(look(&ctx, NULL, gh_view(dump, 64 + 20 + 60)).count, 1, "cut short: what is there is read");
	gh_test_done(&ctx);
}

static void variables_of_the_tree_are_read(void **state)
{
	(void)state;
	static const char *const rows[] = { "a=1", "b=2", "c=3", "d=4", "e=5", "f=6", "g=7", "script_usbmount=/tmp/x" };
	gh_ctx ctx = gh_test_ctx();
	gh_findings found = { 0 };
	gh_node *image = gh_node_new(&ctx, GH_NODE_IMAGE), *nvram = gh_node_new(&ctx, GH_NODE_CONTAINER);
	gh_node_append(image, nvram);
	nvram->at = 0x7e0000;
	gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found };
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		EQ(gh_check_nvram_hook.conclude(&c), GH_OK, rows[i]);
		EQ(gh_node_fact(&ctx, nvram, "variable", gh_view_text(rows[i])), GH_OK, rows[i]);
	}
	EQ(found.count, 0, "too few to be settings");
	EQ(gh_check_nvram_hook.conclude(&c), GH_OK, "all of them");
	EQ(found.count, 1, "one finding");
	EQ(found.first->evidence[0].at, 0x7e0000, "where they stand");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_in_files_are_read),
		cmocka_unit_test(nvram_is_found_in_a_dump),
		cmocka_unit_test(variables_of_the_tree_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
