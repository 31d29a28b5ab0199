/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second reading: a tree that was just grown is as told; a byte that changed since, or a tree that says
 * something else than the bytes, is not.
 */
#include <sys/stat.h>

#include "check.h"
#include "codec/sum.h"
#include "unpack/unpack.h"
#include "unpack/verify.h"

static gh_bytes load(gh_ctx *ctx, const char *name)
{
	char path[512];
	struct stat st;
	(void)snprintf(path, sizeof path, "%s/%s.bin", getenv("FIXTURES"), name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	uint8_t *bytes = gh_arena_alloc(ctx->arena, (size_t)st.st_size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)st.st_size, f), (size_t)st.st_size);
	(void)fclose(f);
	return gh_view(bytes, (size_t)st.st_size);
}

/* Digests are for whoever visits to take. */
static gh_code take_digest(void *arg, gh_ctx *ctx, const gh_visit *v)
{
	(void)arg;
	(void)ctx;
	gh_sha256(&v->content, 1, v->entry ? v->entry->sha256 : v->node->sha256);
	if (!v->entry)
		v->node->hashed = true;
	return GH_OK;
}

static gh_unpacked *grow(gh_ctx *ctx, gh_bytes image)
{
	gh_search *search = gh_unpack_search_new(ctx);
	gh_unpack_options options = { .jobs = 1, .files = true, .search = search };
	gh_visitor visitor = { .visit = take_digest };
	gh_unpacked *u = NULL;
	assert_non_null(search);
	assert_int_equal(gh_unpack(ctx, image, &options, &visitor, &u), GH_OK);
	gh_search_free(search);
	return u;
}

static gh_verified again(gh_ctx *ctx, const gh_node *root, gh_bytes image)
{
	gh_verified v;
	assert_int_equal(gh_verify(ctx, root, image, &v), GH_OK);
	return v;
}

static const char *const images[] = {
	"tplink-v1-boot", "uimage-multi", "uimage-initramfs", "trx-v2",    "squashfs-v4-le-xz", "squashfs-v3-be-lzma",
	"cpio-newc",      "tar",          "plain-layers",     "gzip-cpio",
};

static void what_was_just_read_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < GH_COUNT(images); i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_bytes image = load(&ctx, images[i]);
		gh_unpacked *u = grow(&ctx, image);
		gh_verified v = again(&ctx, gh_unpacked_root(u), image);
		EQ(v.differ, 0, images[i]);
		TRUE(v.regions > 1 && v.bytes >= image.len, images[i]);
		gh_unpacked_free(u);
		gh_test_done(&ctx);
	}
}

/* Every region of the image's own space, with one bit of its middle turned since. */
static void a_byte_that_changed_since_is_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_bytes image = load(&ctx, "tplink-v1-boot");
	gh_unpacked *u = grow(&ctx, image);
	const gh_node *root = gh_unpacked_root(u);
	uint8_t *copy = gh_arena_alloc(ctx.arena, image.len);
	size_t turned = 0;
	assert_non_null(copy);
	for (const gh_node *n = root->first; n; n = gh_node_after(root, n)) {
		if (n->first || n->size == 0 || n->at + n->size > image.len)
			continue;
		bool inner = false; /* of a space of its own: other offsets */
		for (const gh_node *up = n->up; up != root; up = up->up)
			inner |= up->opens_space;
		if (inner)
			continue;
		memcpy(copy, image.ptr, image.len);
		copy[n->at + n->size / 2] ^= 0x10;
		gh_verified v = again(&ctx, root, gh_view(copy, image.len));
		TRUE(v.differ > 0 && v.first[0] != '\0', n->format ? n->format : gh_node_kind_name(n->kind));
		turned++;
	}
	TRUE(turned >= 4, "regions tried");
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

static void a_tree_with_a_hole_is_told(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_bytes image = load(&ctx, "tplink-v1-boot");
	gh_unpacked *u = grow(&ctx, image);
	gh_node *root = gh_unpacked_root(u);
	gh_node *box = root->first;
	box->first->size--;
	TRUE(again(&ctx, root, image).differ > 0, "one byte less");
	box->first->size++;
	EQ(again(&ctx, root, image).differ, 0, "as it was");
	TRUE(again(&ctx, root, gh_bytes_part(image, 0, image.len - 1)).differ > 0, "an image cut short");
	gh_unpacked_free(u);
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_just_read_reads_the_same),
		cmocka_unit_test(a_byte_that_changed_since_is_told),
		cmocka_unit_test(a_tree_with_a_hole_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
