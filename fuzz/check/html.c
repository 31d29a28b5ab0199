/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: tokens lie inside the page, in order, and come to an end. */
#include "check/html_in.h"
#include "must.h"

static void must_lie(gh_bytes part, const uint8_t *data, size_t size)
{
	must(part.len == 0 || (part.ptr >= data && part.ptr + part.len <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gh_html html = gh_html_over(gh_view(data, size));
	size_t n = 0, before = 0;
	for (gh_html_token t; gh_html_next(&html, &t); n++) {
		must(html.at >= before && html.at <= size && t.line > 0 && t.line <= size + 1 && t.n <= GH_HTML_ATTRS);
		must_lie(t.text, data, size);
		must_lie(t.name, data, size);
		for (size_t i = 0; i < t.n; i++) {
			must_lie(t.attrs[i].name, data, size);
			must_lie(t.attrs[i].value, data, size);
		}
		before = html.at;
	}
	must(n <= 2 * size);
	return 0;
}
