/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image of Netgear's other makers (DNI): 128 bytes of text in front, one byte behind, so that the sum of all bytes
 * ends in ff (firmware-utils, mkdniimg.c).
 *
 *	device:WNR2000v5 LF version:V1.0.0.34 LF region: LF hd_id:… LF 00 … 00
 */
#include "format/room_in.h"

enum { HEADER = 128 };

static bool head_is_text(gh_bytes head)
{
	size_t n = 0, lines = 0;
	while (n < head.len &&
	       (head.ptr[n] == '\n' || head.ptr[n] == '\r' || (head.ptr[n] >= 0x20 && head.ptr[n] < 0x7f)))
		lines += head.ptr[n++] == '\n';
	for (size_t i = n; i < head.len; i++)
		if (head.ptr[i] != 0)
			return false;
	/* texts of all kinds speak of a device */
	return lines > 1 && head.len == HEADER && memmem(head.ptr, n, "\nversion:", 9);
}

static uint8_t sum_of(gh_bytes b)
{
	unsigned sum = 0;
	for (size_t i = 0; i < b.len; i++)
		sum += b.ptr[i];
	return (uint8_t)sum;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_bytes all = gh_rest(&c);
	if (!gh_bytes_start(all, GH_LIT("device:")) || all.len <= HEADER + 1 ||
	    !head_is_text(gh_bytes_part(all, 0, HEADER)))
		return GH_NOT_MINE;
	gh_code code = gh_effort(ctx, all.len);
	if (code != GH_OK)
		return code;
	/* One byte proves little: 1 of 256 would fit by chance. */
	*ret = (gh_span){ .size = all.len, .proof = sum_of(all) == 0xff ? GH_PROOF_PARSED : GH_PROOF_SHAPE };
	return GH_OK;
}

static gh_code add_facts(gh_ctx *ctx, gh_bytes head, gh_node *out)
{
	static const struct {
		const char *line, *key;
	} known[] = {
		{ "device:", "board" }, { "version:", "version" }, { "region:", "region" }, { "hd_id:", "hardware-id" }
	};
	gh_cur c = gh_cur_over(head, 0);
	gh_code code = gh_node_fact(ctx, out, "vendor", GH_LIT("Netgear"));
	while (c.left > 0 && c.ptr[0] != 0 && code == GH_OK) {
		gh_bytes line = gh_line(&c);
		for (size_t i = 0; i < GH_COUNT(known) && code == GH_OK; i++)
			if (line.ptr && gh_bytes_start(line, gh_view_text(known[i].line)))
				code = gh_fact_field(ctx, out, known[i].key,
						     gh_bytes_part(line, strlen(known[i].line), line.len));
	}
	return code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size), head = gh_bytes_part(all, 0, HEADER);
	uint64_t last = span->size - 1;
	if (!all.ptr)
		return gh_fail(ctx, GH_TRUNCATED, c.pos, "an empty image");
	uint8_t stored = all.ptr[last], wanted = (uint8_t)(0xff - sum_of(gh_bytes_part(all, 0, last)));
	gh_sum sum = { .what = "image sum",
		       .algorithm = "sum of bytes, 8 bits",
		       .at = c.pos + last,
		       .state = stored == wanted ? GH_SUM_RIGHT : GH_SUM_WRONG,
		       .stored = gh_view(&stored, 1),
		       .computed = gh_view(&wanted, 1),
		       .remark = "all bytes together end in ff" };
	gh_code code = add_facts(ctx, head, out);
	if (code == GH_OK)
		code = gh_node_sum(ctx, out, &sum);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "header", c.pos, head);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_PART, "image", c.pos + HEADER,
				    gh_bytes_part(all, HEADER, last - HEADER));
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "sum", c.pos + last, gh_bytes_part(all, last, 1));
	return code;
}

const gh_format gh_format_netgear_dni = {
	.name = "netgear-dni",
	.title = "Netgear image with a header of text",
	.spec = "openwrt/firmware-utils: mkdniimg.c",
	.limits = "it is taken to reach to the end of what it stands in",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "device:[ -~]{3}", 10, 0 } },
	.measure = measure,
	.unpack = unpack,
};
