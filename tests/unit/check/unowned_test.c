/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include "check/md5_lists.h"
#include "codec/sum.h"

#define ELF                                                                                                            \
	"\x7f"                                                                                                         \
	"ELF"

enum { PACKAGES = 12, PROGRAMS = 4, MORE = 16 };

/* A root made of twelve packages of four programs each, and what a test adds. */
typedef struct packages {
	file files[PACKAGES * (PROGRAMS + 1) + MORE];
	char text[PACKAGES * (PROGRAMS + 1)][256];
	size_t n;
} packages;

static void make(packages *p, const char *folder)
{
	p->n = 0;
	for (unsigned k = 0; k < PACKAGES; k++) {
		char list[256] = "";
		for (unsigned i = 0; i < PROGRAMS; i++) {
			(void)snprintf(p->text[p->n], sizeof p->text[0], "usr/bin/p%u_%u", k, i);
			(void)snprintf(list + strlen(list), sizeof list - strlen(list), "/usr/bin/p%u_%u\n", k, i);
			p->files[p->n] = (file)TEXT(p->text[p->n], ELF);
			p->n++;
		}
		static char paths[PACKAGES][64];
		(void)snprintf(paths[k], sizeof paths[k], "%s/p%u.list", folder, k);
		memcpy(p->text[p->n], list, sizeof list);
		p->files[p->n] = (file)TEXT(paths[k], p->text[p->n]);
		p->n++;
	}
}

static void a_file_of_no_package_is_told(void **state)
{
	(void)state;
	static const char *const folders[] = { "usr/lib/opkg/info", "usr/lib/ipkg/info", "var/lib/dpkg/info",
					       "lib/apk/packages" };
	for (size_t i = 0; i < GH_COUNT(folders); i++) {
		static packages p;
		make(&p, folders[i]);
		p.files[p.n++] = (file)TEXT("etc/plain", "no program");
		p.files[p.n++] = (file)TEXT("init", "#!/bin/sh\n");
		p.files[p.n++] = (file)LINK("bin", "usr/bin");
		gh_ctx ctx = gh_test_ctx();
		gh_signals signs = { 0 };
		gh_findings found = conclude_with_signs(&ctx, &gh_check_unowned, p.files, p.n, &signs);
		EQ(found.count, 0, folders[i]);
		p.files[p.n++] = (file)TEXT("usr/bin/late", ELF);
		p.files[p.n++] = (file)TEXT("etc/late.sh", "#!/bin/sh\n");
		found = conclude_with_signs(&ctx, &gh_check_unowned, p.files, p.n, &signs);
		EQ(found.count, 1, folders[i]);
		EQ(found.first->level, GH_LEVEL_NOTICE, folders[i]);
		EQ(found.first->n_evidence, 2, folders[i]);
		SAME(found.first->evidence[0].path, GH_LIT("usr/bin/late"), "programs before scripts");
		EQ(signs.count, 2, folders[i]);
		EQ(signs.first->witness, GH_WITNESS_OWNER, folders[i]);
		gh_test_done(&ctx);
	}
}

static void many_files_of_no_package_are_the_builders(void **state)
{
	(void)state;
	static packages p;
	make(&p, "usr/lib/opkg/info");
	static const char *const late[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
	for (size_t i = 0; i < GH_COUNT(late); i++)
		p.files[p.n++] = (file)TEXT(late[i], ELF);
	gh_ctx ctx = gh_test_ctx();
	gh_signals signs = { 0 };
	gh_findings found = conclude_with_signs(&ctx, &gh_check_unowned, p.files, p.n, &signs);
	EQ(found.count, 0, "a sixth of all programs: the lists are not of this image");
	EQ(signs.count, 0, "no sign");
	gh_test_done(&ctx);
}

static void set_md5(const gh_node *node)
{
	for (size_t i = 0; i < node->volume->count; i++) {
		gh_entry *e = &node->volume->entries[i];
		if (e->type != GH_ENTRY_FILE)
			continue;
		gh_bytes text = GH_LIT("abc");
		gh_md5(&text, 1, e->md5);
		e->has_md5 = true;
	}
}

static void lists_of_digests_are_held_against_their_files(void **state)
{
	(void)state;
#define RIGHT "900150983cd24fb0d6963f7d28e17f72"
#define WRONG "900150983cd24fb0d6963f7d28e17f73"
	static const struct row {
		const char *list, *text, *id;
		gh_level level;
		unsigned signs;
	} rows[] = {
		{ "upd/md5.txt", RIGHT "  a\n" RIGHT " *b\n", "UNOWNED/digests-right", GH_LEVEL_INFO, 0 },
		{ "upd/md5.txt", RIGHT "  a\n" WRONG "  b\n", "UNOWNED/digest-wrong", GH_LEVEL_NOTICE, 1 },
		{ "upd/md5.txt", WRONG "  /upd/a\n", "UNOWNED/digest-wrong", GH_LEVEL_INFO, 1 },
		{ "var/lib/dpkg/info/x.md5sums", RIGHT "  upd/a\n" WRONG "  upd/b\n", "UNOWNED/digest-wrong",
		  GH_LEVEL_NOTICE, 1 },
		{ "var/lib/dpkg/info/x.md5sums", RIGHT "  upd/a\n", NULL, GH_LEVEL_INFO, 0 },
		{ "upd/md5.txt", "no digests at all, but text\n" RIGHT "\n" RIGHT "  gone\n", NULL, GH_LEVEL_INFO, 0 },
	};
	for (size_t i = 0; i < GH_COUNT(rows); i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_signals signs = { 0 };
		gh_findings found = { 0 };
		const file files[] = { TEXT("upd/a", "abc"), TEXT("upd/b", "abc"), TEXT(rows[i].list, rows[i].text) };
		const gh_node *image = volume_of(&ctx, &gh_check_unowned, files, GH_COUNT(files));
		gh_md5_plan(image->first->volume);
		TRUE(image->first->volume->wants_md5, "there is a list");
		set_md5(image->first);
		gh_check_ctx c = { .ctx = &ctx, .root = image, .out = &found, .signals = &signs };
		EQ(gh_check_unowned.conclude(&c), GH_OK, rows[i].text);
		EQ(found.count, rows[i].id ? 1 : 0, rows[i].text);
		EQ(signs.count, rows[i].signs, rows[i].text);
		if (rows[i].id) {
			SAME(gh_view_text(found.first->id), gh_view_text(rows[i].id), rows[i].text);
			EQ(found.first->level, rows[i].level, rows[i].text);
		}
		gh_test_done(&ctx);
	}
}

static void names_of_lists_are_known(void **state)
{
	(void)state;
	TRUE(gh_md5_is_list(GH_LIT("md5.txt")) && gh_md5_is_list(GH_LIT("a/b/MD5SUMS")), "lists");
	TRUE(!gh_md5_is_list(GH_LIT("md5.js")) && !gh_md5_is_list(GH_LIT(".md5sums")) && !gh_md5_is_list(GH_LIT("")),
	     "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_no_package_is_told),
		cmocka_unit_test(many_files_of_no_package_are_the_builders),
		cmocka_unit_test(lists_of_digests_are_held_against_their_files),
		cmocka_unit_test(names_of_lists_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
