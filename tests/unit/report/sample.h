/* SPDX-License-Identifier: Apache-2.0 */
/* A report made by hand, with one of everything, hostile names among them. */
#ifndef GH_TESTS_REPORT_SAMPLE_H
#define GH_TESTS_REPORT_SAMPLE_H

#include "check.h"
#include "report/report.h"

#define HOSTILE                                                                                                        \
	"a\x1b]0;owned\x07\"\\\xff\xe2\x80\xae"                                                                        \
	"b\n"

static inline gh_node *sample_node(gh_ctx *ctx, gh_node *up, uint32_t id, gh_node_kind kind, const char *format,
				   uint64_t at, uint64_t size)
{
	gh_node *n = gh_node_new(ctx, kind);
	assert_non_null(n);
	n->id = id;
	n->format = format;
	n->at = at;
	n->size = size;
	n->proof = format ? GH_PROOF_PARSED : GH_PROOF_NONE;
	if (up) {
		n->parent = up->id;
		gh_node_append(up, n);
	}
	return n;
}

static inline void sample_entries(gh_ctx *ctx, gh_node *volume)
{
	gh_volume *v = gh_arena_zalloc(ctx->arena, sizeof *v);
	assert_non_null(v);
	v->count = 5;
	v->entries = gh_arena_array(ctx->arena, v->count, sizeof *v->entries);
	gh_xattr *x = gh_arena_zalloc(ctx->arena, sizeof *x);
	assert_non_null(v->entries);
	assert_non_null(x);
	*x = (gh_xattr){ GH_LIT("security.capability"), GH_LIT("\x01\x00\x00\x02") };
	v->entries[0] = (gh_entry){ .path = GH_LIT("etc"), .type = GH_ENTRY_DIR, .mode = 0755, .at = GH_NOWHERE };
	v->entries[1] = (gh_entry){ .path = GH_LIT("etc/passwd"),
				    .type = GH_ENTRY_FILE,
				    .mode = 04644,
				    .size = 57,
				    .at = 0x130000,
				    .mtime = -1,
				    .read = true,
				    .leaf = "text" };
	v->entries[2] = (gh_entry){ .path = GH_LIT(HOSTILE),
				    .type = GH_ENTRY_LINK,
				    .mode = 0777,
				    .at = GH_NOWHERE,
				    .target = GH_LIT("/tmp/\x80") };
	v->entries[3] = (gh_entry){ .path = GH_LIT("dev/console"),
				    .type = GH_ENTRY_CHAR,
				    .mode = 0600,
				    .major = 5,
				    .minor = 1,
				    .at = GH_NOWHERE };
	v->entries[4] = (gh_entry){ .path = GH_LIT("opt/x.gz"),
				    .type = GH_ENTRY_FILE,
				    .mode = 0644,
				    .size = UINT64_MAX,
				    .at = 0x131000,
				    .xattrs = x,
				    .n_xattrs = 1 };
	gh_node_volume(volume, v);
	assert_int_equal(gh_entry_note(ctx, &v->entries[4], GH_CORRUPT, 0x131000, "block %d does not inflate", 3),
			 GH_OK);
}

static inline void sample_finding(gh_ctx *ctx, gh_report *r, const char *id, gh_level level, const char *title,
				  gh_evidence evidence)
{
	gh_finding f = { .id = id, .check = "ACCOUNTS", .level = level, .sure = GH_SURE_HIGH, .title = title };
	f.why = "A password of its own opens the router, and survives when root's is changed.";
	f.harmless = level == GH_LEVEL_SUSPICIOUS ? "The vendor says so in print." : NULL;
	f.attack = level == GH_LEVEL_SUSPICIOUS ? "T1136.001" : NULL;
	f.evidence[0] = evidence;
	f.n_evidence = 1;
	assert_int_equal(gh_finding_add(ctx, &r->findings, &f), GH_OK);
}

static inline gh_report sample_report(gh_ctx *ctx)
{
	gh_report r = { .job = GH_JOB_SCAN,
			.image = "router.bin",
			.size = 0x3c0000,
			.end = GH_END_WHOLE,
			.cage = "seccomp, landlock (ABI 7), rlimits",
			.n_rules = 12,
			.n_hashes = 34,
			.list_files = true,
			.files = 2,
			.bytes_unpacked = 3145728,
			.arena = ctx->arena };
	gh_node *image = r.root = sample_node(ctx, NULL, 0, GH_NODE_IMAGE, NULL, 0, r.size);
	gh_node *box = sample_node(ctx, image, 1, GH_NODE_CONTAINER, "tplink-v1", 0, r.size);
	assert_int_equal(gh_node_fact(ctx, box, "vendor", GH_LIT("TP-LINK Technologies")), GH_OK);
	assert_int_equal(gh_node_fact(ctx, box, "version", GH_LIT("ver. 1.0\x1b[2J")), GH_OK);
	gh_sum sum = { .what = "image MD5",
		       .algorithm = "md5",
		       .state = GH_SUM_WRONG,
		       .at = 0x4c,
		       .stored = GH_LIT("\x01\x02"),
		       .computed = GH_LIT("\x03\x04"),
		       .remark = "salt of the router" };
	assert_int_equal(gh_node_sum(ctx, box, &sum), GH_OK);
	sample_node(ctx, box, 2, GH_NODE_HEADER, NULL, 0, 0x200)->name = "header";
	gh_node *kernel = sample_node(ctx, box, 3, GH_NODE_PART, NULL, 0x200, 0xffe00);
	kernel->name = "kernel";
	gh_node *lzma = sample_node(ctx, kernel, 4, GH_NODE_STREAM, "lzma", 0x200, 0xf0000);
	lzma->opens_space = lzma->hashed = true;
	lzma->decoded_size = 3145728;
	gh_node *cpio = sample_node(ctx, lzma, 5, GH_NODE_GAP, NULL, 0, 3145728);
	cpio->profile = (gh_profile){ GH_LOOK_CODE, 6123, 0, 100 };
	gh_node *pad = sample_node(ctx, kernel, 6, GH_NODE_GAP, NULL, 0xf0200, 0xfe00);
	pad->profile = (gh_profile){ GH_LOOK_ERASED, 0, 0xff, 1000 };
	gh_node *root = sample_node(ctx, box, 7, GH_NODE_VOLUME, "squashfs", 0x100000, 0x2b0000);
	root->name = "rootfs";
	assert_int_equal(gh_node_fact(ctx, root, "compressor", GH_LIT("lzma")), GH_OK);
	assert_int_equal(gh_node_note(ctx, root, GH_OK, 0x100000, "another claim: lzma at 0x100040 (magic)"), GH_OK);
	sample_entries(ctx, root);
	gh_node *file = sample_node(ctx, root, 8, GH_NODE_FILE, NULL, 0x131000, 4096);
	file->entry = &root->volume->entries[4];
	file->opens_space = true;
	file->decoded_size = 4096;
	gh_node *gzip = sample_node(ctx, file, 9, GH_NODE_STREAM, "gzip", 0, 4096);
	gzip->opens_space = true;
	gzip->decoded_size = 10000;
	gh_node *gap = sample_node(ctx, box, 10, GH_NODE_GAP, NULL, 0x3b0000, 0x10000);
	gap->profile = (gh_profile){ GH_LOOK_DENSE, 7991, 0x41, 5 };
	sample_finding(ctx, &r, "BOOT/starts", GH_LEVEL_INFO, "the boot starts /usr/sbin/telnetd",
		       (gh_evidence){ .node = 7, .path = GH_LIT("etc/rc.d/rcS"), .line = 12, .at = 0x111 });
	sample_finding(ctx, &r, "ACCOUNTS/second-root", GH_LEVEL_SUSPICIOUS, "a second account has uid 0: toor",
		       (gh_evidence){ .node = 7,
				      .path = GH_LIT("etc/passwd"),
				      .line = 2,
				      .at = 0x1f,
				      .excerpt = GH_LIT("toor:x:0:0::/root:/bin/sh") });
	sample_finding(ctx, &r, "ACCOUNTS/hash", GH_LEVEL_NOTICE, "a password hash is shipped: " HOSTILE,
		       (gh_evidence){ .node = 10,
				      .at = 0x3b0010,
				      .note = "string $a",
				      .excerpt = GH_LIT("\x00\x01\x02$1$abc$\xff\xfe 0123456789 0123456789 0123") });
	assert_int_equal(gh_report_settle(ctx, &r), GH_OK);
	return r;
}

/* What `render` prints, in the arena. */
static inline gh_bytes sample_print(gh_ctx *ctx, const gh_report *r, const gh_style *style,
				    gh_code (*render)(gh_ctx *, const gh_report *, FILE *, const gh_style *))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(render(ctx, r, out, style), GH_OK);
	assert_int_equal(fclose(out), 0);
	gh_bytes copy = gh_view(gh_arena_text(ctx->arena, text, len), len);
	free(text);
	return copy;
}

#endif
