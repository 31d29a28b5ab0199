/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways vendors frame LZMA, each with and without an end marker: written by liblzma, framed here.
 */
#include <lzma.h>

#include "unit/format/squashfs_build.h"
#include "unit/format/squashfs_tests.h"

enum framing { ALONE, PROPERTIES, SHORT, WRT, RAW };

static enum framing framing;
static bool end_marker, varying;
static unsigned lc, lp, pb, turn;

static size_t frame(uint8_t *out, size_t size, unsigned l, unsigned p, unsigned b)
{
	static const uint8_t lengths[] = { [ALONE] = 13, [PROPERTIES] = 5, [SHORT] = 9, [WRT] = 4, [RAW] = 0 };
	if (framing == WRT) {
		const uint8_t head[] = { (uint8_t)b, (uint8_t)l, (uint8_t)p, 0xff };
		memcpy(out, head, sizeof head);
	} else if (framing != RAW) {
		memset(out, 0, 13);
		out[0] = (uint8_t)((b * 5 + p) * 9 + l);
		out[3] = 1;
		out[5] = (uint8_t)size;
		out[6] = (uint8_t)(size >> 8);
	}
	return lengths[framing];
}

static gh_bytes pack(gh_bytes in)
{
	static uint8_t out[ROOM];
	static const unsigned kinds[][3] = { { 3, 0, 2 }, { 0, 2, 2 }, { 2, 1, 0 }, { 0, 0, 0 } };
	lzma_options_lzma o;
	assert_false(lzma_lzma_preset(&o, 6));
	o.lc = varying ? kinds[turn % 4][0] : lc;
	o.lp = varying ? kinds[turn % 4][1] : lp;
	o.pb = varying ? kinds[turn++ % 4][2] : pb;
	o.dict_size = 1 << 16;
	o.ext_flags = end_marker ? LZMA_LZMA1EXT_ALLOW_EOPM : 0;
	o.ext_size_low = end_marker ? UINT32_MAX : (uint32_t)in.len;
	o.ext_size_high = end_marker ? UINT32_MAX : 0;
	size_t at = frame(out, in.len, o.lc, o.lp, o.pb);
	const lzma_filter filters[] = { { LZMA_FILTER_LZMA1EXT, &o }, { LZMA_VLI_UNKNOWN, NULL } };
	assert_int_equal(lzma_raw_buffer_encode(filters, NULL, in.ptr, in.len, out, &at, sizeof out), LZMA_OK);
	return gh_view(out, at);
}

static const struct {
	const char *label;
	enum framing framing;
	unsigned lc, lp, pb;
	bool varying;
	const char *found;
} cases[] = {
	{ "alone", ALONE, 3, 0, 2, false, "lzma" },
	{ "alone, TP-Link's parameters", ALONE, 1, 2, 2, false, "lzma" },
	{ "properties", PROPERTIES, 3, 0, 2, false, "lzma without lengths" },
	{ "properties, others", PROPERTIES, 1, 2, 2, false, "lzma without lengths" },
	{ "short", SHORT, 3, 0, 2, false, "lzma with short lengths" },
	{ "DD-WRT", WRT, 0, 2, 2, false, "lzma as DD-WRT frames it" },
	{ "DD-WRT, block by block", WRT, 0, 0, 0, true, "lzma as DD-WRT frames it" },
	{ "raw", RAW, 3, 0, 2, false, "lzma without header, lc 3 lp 0 pb 2" },
	{ "raw, others", RAW, 0, 2, 2, false, "lzma without header, lc 0 lp 2 pb 2" },
	{ "raw, odd", RAW, 2, 2, 1, false, "lzma without header, lc 2 lp 2 pb 1" },
};

static uint8_t text[15000];

static void look_at_content(void *arg, const gh_entry *e, gh_code code, gh_bytes content)
{
	const char *label = arg;
	EQ(code, GH_OK, label);
	SAME(content, gh_view(text, (size_t)e->size), label);
}

static void check_image(size_t which, unsigned major, bool big)
{
	const char *label = cases[which].label;
	struct image *m = calloc(1, sizeof *m);
	assert_non_null(m);
	framing = cases[which].framing;
	lc = cases[which].lc;
	lp = cases[which].lp;
	pb = cases[which].pb;
	varying = cases[which].varying;
	*m = (struct image){ .major = major, .big = big, .compressor = 2, .pack = pack };
	uint32_t one = image_file(m, gh_view(text, sizeof text)), two = image_file(m, gh_view(text, 700));
	uint32_t link = image_link(m, "some/where/else"),
		 dir = image_dir(m, (struct name[]){ { "two", two, 2, 0 } }, 1);
	m->root =
		image_dir(m, (struct name[]){ { "dir", dir, 1, 0 }, { "link", link, 3, 0 }, { "one", one, 2, 0 } }, 3);
	struct opened o = open_squashfs(image_finish(m), 0, NULL);
	EQ(o.measured, GH_OK, label);
	EQ(o.span.proof, GH_PROOF_PARSED, label);
	EQ(o.unpacked, GH_OK, label);
	TRUE(!o.node->notes || o.node->notes->code == GH_OK, o.node->notes ? o.node->notes->text : label);
	SAME(fact_of(o.node, "compressor-found"), gh_view_text(cases[which].found), label);
	EQ(o.node->volume->count, 4, label);
	EQ(entry_named(o.node->volume, "one")->size, sizeof text, label);
	read_all(&o, look_at_content, (void *)(uintptr_t)label);
	close_squashfs(&o);
	free(m);
}

static void every_framing_of_lzma_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)((uint8_t) "routers run on little and forget much; "[i * i / 7 % 39] + i / 900 % 3);
	for (size_t i = 0; i < GH_COUNT(cases); i++) {
		for (unsigned major = 1; major <= 4; major++) {
			for (unsigned how = 0; how < 4; how++) {
				end_marker = how & 1;
				check_image(i, major, how & 2);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_framing_of_lzma_is_found) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
