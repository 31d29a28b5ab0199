/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/doc.h"
#include "engine/wire.h"

static void say(gh_ctx *ctx, gh_buf *out, gh_record kind, void *what)
{
	size_t mark;
	gh_wire w = gh_wire_begin(ctx, out, kind, &mark);
	if (kind == GH_RECORD_NODE)
		gh_wire_node(&w, what);
	else if (kind == GH_RECORD_FINDING)
		gh_wire_finding(&w, what);
	else if (kind == GH_RECORD_ENTRY)
		gh_wire_entry_fields(&w, what);
	else if (kind == GH_RECORD_HELLO)
		gh_wire_hello(&w, what);
	else if (kind == GH_RECORD_PROGRAM)
		gh_wire_program(&w, what);
	else if (kind == GH_RECORD_DONE)
		gh_wire_done(&w, what);
	assert_int_equal(gh_wire_end(&w, mark), GH_OK);
}

/* All that a worker says about a small image: a container with a volume of one file. */
static gh_bytes small_talk(gh_ctx *ctx, bool done)
{
	gh_buf out = gh_buf_in(ctx->arena, GH_MIB(1));
	gh_hello hello = { .cage = "seccomp", .size = 4096, .n_rules = 3, .n_hashes = 5 };
	say(ctx, &out, GH_RECORD_HELLO, &hello);
	gh_volume volume = { .count = 2 };
	gh_node node = { .id = 2,
			 .parent = 1,
			 .kind = GH_NODE_VOLUME,
			 .format = "squashfs",
			 .at = 512,
			 .size = 1024,
			 .proof = GH_PROOF_PARSED,
			 .volume = &volume };
	assert_int_equal(gh_node_factf(ctx, &node, "version", "%d.%d", 4, 0), GH_OK);
	assert_int_equal(gh_node_note(ctx, &node, GH_CORRUPT, 600, "a bad block"), GH_OK);
	gh_sum sum = { .what = "header CRC",
		       .algorithm = "crc32",
		       .state = GH_SUM_WRONG,
		       .at = 4,
		       .stored = GH_LIT("abcd"),
		       .computed = GH_LIT("efgh") };
	assert_int_equal(gh_node_sum(ctx, &node, &sum), GH_OK);
	say(ctx, &out, GH_RECORD_NODE, &node);
	gh_wire_entry e = { 2,
			    1,
			    { .path = GH_LIT("etc/p\xffsswd"),
			      .type = GH_ENTRY_FILE,
			      .mode = 0644,
			      .size = 7,
			      .mtime = -5,
			      .leaf = "text",
			      .read = true } };
	say(ctx, &out, GH_RECORD_ENTRY, &e);
	gh_node container = { .id = 1, .parent = 0, .kind = GH_NODE_CONTAINER, .format = "trx", .size = 4096 };
	say(ctx, &out, GH_RECORD_NODE, &container);
	gh_finding f = { .id = "ACCOUNTS/second-root",
			 .check = "ACCOUNTS",
			 .title = "t",
			 .why = "w",
			 .harmless = "h",
			 .level = GH_LEVEL_NOTICE,
			 .n_evidence = 1,
			 .evidence = { { .node = 2, .path = GH_LIT("etc/passwd"), .excerpt = GH_LIT("x:0:0") } } };
	say(ctx, &out, GH_RECORD_FINDING, &f);
	gh_node image = { .id = 0, .kind = GH_NODE_IMAGE, .size = 4096 };
	say(ctx, &out, GH_RECORD_NODE, &image);
	gh_done end = { .files = 1, .bytes_unpacked = 7 };
	if (done)
		say(ctx, &out, GH_RECORD_DONE, &end);
	return gh_buf_view(&out);
}

static gh_doc *listen(gh_ctx *ctx, gh_bytes talk, size_t step, gh_code *ret)
{
	gh_doc *doc;
	assert_int_equal(gh_doc_new(ctx, GH_JOB_SCAN, "x.bin", 4096, 1000, true, &doc), GH_OK);
	*ret = GH_OK;
	for (size_t at = 0; at < talk.len && *ret == GH_OK; at += step)
		*ret = gh_doc_hear(doc, gh_bytes_part(talk, at, step));
	return doc;
}

static void a_report_grows_from_records_however_they_are_cut(void **state)
{
	(void)state;
	const size_t steps[] = { 1, 7, 4096, 1 << 20 };
	for (size_t i = 0; i < GH_COUNT(steps); i++) {
		gh_ctx ctx = gh_test_ctx();
		gh_code code;
		gh_doc *doc = listen(&ctx, small_talk(&ctx, true), steps[i], &code);
		EQ(code, GH_OK, "heard");
		EQ(gh_doc_close(doc, GH_END_WHOLE, NULL), GH_OK, "closed");
		const gh_report *r = gh_doc_report(doc);
		EQ(r->end, GH_END_WHOLE, "whole");
		EQ(r->findings.count, 1, "findings");
		const gh_node *volume = r->root->first->first;
		assert_string_equal(volume->format, "squashfs");
		EQ(volume->sums->state, GH_SUM_WRONG, "sum");
		SAME(volume->sums->computed, GH_LIT("efgh"), "computed");
		EQ(volume->volume->count, 1, "the entry that was not said is gone");
		SAME(volume->volume->entries[0].path, GH_LIT("etc/p\xffsswd"), "path");
		EQ(volume->volume->entries[0].mtime, -5, "mtime");
		gh_doc_free(doc);
		gh_test_done(&ctx);
	}
}

static void programs_are_heard_where_they_were_asked_for(void **state)
{
	(void)state;
	for (int job = GH_JOB_SCAN; job <= GH_JOB_CAPS; job += GH_JOB_CAPS) {
		gh_ctx ctx = gh_test_ctx();
		gh_buf out = gh_buf_in(ctx.arena, GH_MIB(1));
		gh_doc *doc;
		gh_row why = { .address = 16, .placed = true, .depth = 1, .text = "api open", .note = "main" };
		gh_capability can = { .rule = "r",
				      .space = "s",
				      .description = "d",
				      .attack = "",
				      .mbc = "",
				      .count = 2,
				      .home = true,
				      .why = &why };
		gh_program_view late = { .path = GH_LIT("bin/z"), .caps = &can }, early = { .path = GH_LIT("bin/a") };
		gh_node image = { .kind = GH_NODE_IMAGE, .size = 4096 };
		gh_done end = { .files = 2 };
		say(&ctx, &out, GH_RECORD_PROGRAM, &late);
		say(&ctx, &out, GH_RECORD_PROGRAM, &early);
		say(&ctx, &out, GH_RECORD_NODE, &image);
		say(&ctx, &out, GH_RECORD_DONE, &end);
		assert_int_equal(gh_doc_new(&ctx, (gh_job)job, "x.bin", 4096, 1000, false, &doc), GH_OK);
		EQ(gh_doc_hear(doc, gh_buf_view(&out)), job == GH_JOB_CAPS ? GH_OK : GH_CORRUPT, "heard");
		EQ(gh_doc_close(doc, GH_END_WHOLE, NULL), GH_OK, "closed");
		const gh_program_view *v = gh_doc_report(doc)->programs;
		TRUE((v != NULL) == (job == GH_JOB_CAPS), "asked for");
		if (v) {
			SAME(v->path, GH_LIT("bin/a"), "in the order of their paths");
			SAME(v->next->path, GH_LIT("bin/z"), "the other");
			assert_string_equal(v->next->caps->why->text, "api open");
			EQ(v->next->caps->count, 2, "count");
		}
		gh_doc_free(doc);
		gh_test_done(&ctx);
	}
}

static void a_worker_that_dies_leaves_what_it_said(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_bytes talk = small_talk(&ctx, false);
	for (size_t len = 0; len <= talk.len; len++) {
		gh_code code;
		gh_doc *doc = listen(&ctx, gh_bytes_part(talk, 0, len), talk.len, &code);
		EQ(code, GH_OK, "heard");
		EQ(gh_doc_close(doc, GH_END_CRASH, "signal 11"), GH_OK, "closed");
		EQ(gh_doc_report(doc)->end, GH_END_CRASH, "end");
		TRUE(gh_doc_report(doc)->root != NULL, "a root stands in");
		TRUE(gh_doc_report(doc)->findings.count >= 1, "the crash is a finding");
		gh_doc_free(doc);
	}
	gh_test_done(&ctx);
}

static void a_worker_that_lies_is_not_believed(void **state)
{
	(void)state;
	gh_ctx ctx = gh_test_ctx();
	gh_bytes talk = small_talk(&ctx, true);
	uint8_t *copy = gh_arena_alloc(ctx.arena, talk.len);
	for (size_t at = 0; at < talk.len; at++)
		for (unsigned bit = 0; bit < 8; bit += 3) {
			gh_code code;
			memcpy(copy, talk.ptr, talk.len);
			copy[at] ^= (uint8_t)(1U << bit);
			gh_doc *doc = listen(&ctx, gh_view(copy, talk.len), talk.len, &code);
			TRUE(code == GH_OK || code == GH_CORRUPT || code == GH_LIMIT, "an ordinary answer");
			EQ(gh_doc_close(doc, GH_END_WHOLE, NULL), GH_OK, "closed");
			if (code != GH_OK)
				EQ(gh_doc_report(doc)->end, GH_END_NONSENSE, "nonsense is named");
			gh_doc_free(doc);
		}
	gh_test_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_grows_from_records_however_they_are_cut),
		cmocka_unit_test(programs_are_heard_where_they_were_asked_for),
		cmocka_unit_test(a_worker_that_dies_leaves_what_it_said),
		cmocka_unit_test(a_worker_that_lies_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
