/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <jansson.h>

static gh_bytes print_one(gh_ctx *ctx, const gh_report *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	EQ(gh_json_begin(out), GH_OK, "begin");
	EQ(gh_report_json(ctx, r, out, true), GH_OK, "report");
	EQ(gh_json_unread("gone.bin", "no such file", out, false), GH_OK, "unread");
	EQ(gh_json_end(out), GH_OK, "end");
	assert_int_equal(fclose(out), 0);
	gh_bytes copy = gh_view(gh_arena_text(ctx->arena, text, len), len);
	free(text);
	return copy;
}

static json_t *parse(gh_bytes text)
{
	json_error_t error;
	json_t *json = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		print_error("line %d: %s\n", error.line, error.text);
	assert_non_null(json);
	return json;
}

static void a_document_holds_every_image_and_its_error(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	r.root->first->first->next->next->volume->entries[4].size = 57; /* jansson's integers are signed */
	json_t *json = parse(print_one(&ctx, &r)), *images = json_object_get(json, "images");
	EQ(json_array_size(images), 2, "images");
	json_t *one = json_array_get(images, 0);
	assert_string_equal(json_string_value(json_object_get(one, "verdict")), "suspicious");
	EQ(json_integer_value(json_object_get(one, "size")), r.size, "size");
	json_t *finding = json_array_get(json_object_get(one, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(finding, "id")), "ACCOUNTS/second-root");
	json_t *two = json_array_get(images, 1);
	assert_string_equal(json_string_value(json_object_get(two, "error")), "no such file");
	json_decref(json);
	gh_test_done(&ctx);
}

static void bytes_that_are_no_text_stand_beside_it_in_hex(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	r.image = HOSTILE;
	r.root->first->first->next->next->volume->entries[4].size = 57;
	json_t *json = parse(print_one(&ctx, &r)), *one = json_array_get(json_object_get(json, "images"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "name")),
			    "a\\x1b]0;owned\\x07\"\\x5c\\xff\\xe2\\x80\\xaeb\\x0a");
	assert_string_equal(json_string_value(json_object_get(one, "name_hex")),
			    "611b5d303b6f776e656407225cffe280ae620a");
	json_decref(json);
	gh_test_done(&ctx);
}

static void sixty_four_bits_stay_sixty_four_bits(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report r = sample_report(&ctx);
	gh_bytes text = print_one(&ctx, &r);
	TRUE(memmem(text.ptr, text.len, "\"size\": 18446744073709551615", 28) != NULL, "size of the hostile entry");
	TRUE(memmem(text.ptr, text.len, "\"mtime\": -1", 11) != NULL, "before 1970");
	gh_test_done(&ctx);
}

static void two_renderings_are_the_same_bytes(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_report a = sample_report(&ctx), b = sample_report(&ctx);
	SAME(print_one(&ctx, &a), print_one(&ctx, &b), "same input, same report");
	gh_test_done(&ctx);
}

static void a_deep_tree_needs_no_deep_stack(void **state)
{
	(void)state;
	enum { DEEP = 20000 };
	gh_ctx ctx = gh_test_ctx();
	gh_report r = { .image = "deep", .size = 1 };
	gh_node *n = r.root = sample_node(&ctx, NULL, 0, GH_NODE_IMAGE, NULL, 0, 1);
	for (uint32_t i = 1; i < DEEP; i++)
		n = sample_node(&ctx, n, i, GH_NODE_CONTAINER, "trx", 0, 1);
	EQ(gh_report_settle(&ctx, &r), GH_OK, "settle");
	gh_bytes text = print_one(&ctx, &r);
	size_t opened = 0, closed = 0;
	for (size_t i = 0; i < text.len; i++) {
		opened += text.ptr[i] == '{';
		closed += text.ptr[i] == '}';
	}
	TRUE(opened > DEEP, "all of it");
	EQ(opened, closed, "balanced");
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_holds_every_image_and_its_error),
		cmocka_unit_test(bytes_that_are_no_text_stand_beside_it_in_hex),
		cmocka_unit_test(sixty_four_bits_stay_sixty_four_bits),
		cmocka_unit_test(two_renderings_are_the_same_bytes),
		cmocka_unit_test(a_deep_tree_needs_no_deep_stack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
