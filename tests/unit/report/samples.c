/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one JSON document with every kind of report to standard output. */
#include "sample.h"

static bool write_all(gh_ctx *ctx)
{
	gh_report whole = sample_report(ctx), tree = whole, out = whole, dead = whole;
	tree.job = GH_JOB_TREE;
	tree.findings = (gh_findings){ 0 };
	tree.list_files = false;
	tree.verified_regions = 7;
	tree.differ = 1;
	tree.differs = "lzma at 0x200: its bytes have another digest";
	out.job = GH_JOB_EXTRACT;
	out.findings = (gh_findings){ 0 };
	out.target = "out\x80";
	out.files_written = 3;
	dead.end = GH_END_CRASH;
	dead.end_detail = "signal 11";
	dead.root = NULL;
	dead.places = NULL;
	dead.n_places = 0;
	dead.cage = NULL;
	return gh_json_begin(stdout) == GH_OK && gh_report_json(ctx, &whole, stdout, true) == GH_OK &&
	       gh_report_json(ctx, &tree, stdout, false) == GH_OK &&
	       gh_report_json(ctx, &out, stdout, false) == GH_OK &&
	       gh_report_json(ctx, &dead, stdout, false) == GH_OK &&
	       gh_json_unread("no\nwhere", "permission denied", stdout, false) == GH_OK && gh_json_end(stdout) == GH_OK;
}

int main(void)
{
	gh_ctx ctx = gh_test_ctx();
	bool ok = write_all(&ctx);
	gh_test_done(&ctx);
	return ok ? 0 : 1;
}
