/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker may say: whatever it is, the parent makes a report of it, with a root and a verdict,
 * and can print it.
 */
#include <stdio.h>

#include "engine/doc.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_ctx ctx = { .arena = gh_arena_new(GH_MIB(64)), .scratch = gh_arena_new(GH_MIB(64)) };
	gh_doc *doc;
	if (size < 1 || !ctx.arena || !ctx.scratch)
		goto out;
	gh_bytes talk = gh_view(data + 1, size - 1);
	must(gh_doc_new(&ctx, data[0] & 2 ? GH_JOB_TREE : GH_JOB_SCAN, "fuzz", 4096, 4096, data[0] & 1, &doc) == GH_OK);
	gh_code code = GH_OK;
	for (size_t at = 0; at < talk.len && code == GH_OK; at += 61)
		code = gh_doc_hear(doc, gh_bytes_part(talk, at, 61));
	must(code == GH_OK || code == GH_CORRUPT || code == GH_LIMIT || code == GH_NOMEM);
	code = gh_doc_close(doc, GH_END_WHOLE, NULL);
	must(code == GH_OK || code == GH_NOMEM);
	const gh_report *report = gh_doc_report(doc);
	must(code != GH_OK || report->root);
	must(code != GH_OK || report->end == GH_END_WHOLE || report->findings.count > 0);
	FILE *nowhere = fopen("/dev/null", "w");
	gh_style style = { .verbose = true, .width = 80 };
	if (nowhere && code == GH_OK) {
		must(gh_report_text(&ctx, report, nowhere, &style) != GH_IO);
		must(gh_report_tree(&ctx, report, nowhere, &style) != GH_IO);
		must(gh_report_json(&ctx, report, nowhere, true) != GH_IO);
	}
	if (nowhere)
		(void)fclose(nowhere);
	gh_doc_free(doc);
out:
	gh_arena_free(ctx.arena);
	gh_arena_free(ctx.scratch);
	return 0;
}
