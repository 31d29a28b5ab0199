/* SPDX-License-Identifier: Apache-2.0 */
#include "check/md5_lists.h"

#include "bytes/cur.h"

enum { LINES_MOST = 65536 };

static gh_bytes base_of(gh_bytes path)
{
	size_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return gh_bytes_part(path, at, path.len);
}

bool gh_md5_is_list(gh_bytes path)
{
	static const char *const names[] = { "md5.txt", "md5sum.txt", "md5sums.txt", "md5sum",  "md5sums",
					     "MD5SUM",  "MD5SUMS",    "md5",         "filemd5", "md5_list" };
	gh_bytes base = base_of(path);
	for (size_t i = 0; i < GH_COUNT(names); i++)
		if (gh_bytes_eq(base, gh_view_text(names[i])))
			return true;
	return base.len > 8 && gh_bytes_end(base, GH_LIT(".md5sums"));
}

gh_bytes gh_md5_folder(gh_bytes list)
{
	if (gh_bytes_end(list, GH_LIT(".md5sums")))
		return (gh_bytes){ NULL, 0 };
	return gh_bytes_part(list, 0, list.len - base_of(list).len);
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* 32 digits, blanks, perhaps a '*', the path. */
static bool read_line(gh_bytes line, gh_md5_line *ret)
{
	if (line.len < 34)
		return false;
	for (size_t i = 0; i < 16; i++) {
		int high = digit(line.ptr[2 * i]), low = digit(line.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret->md5[i] = (uint8_t)(high << 4 | low);
	}
	size_t at = 32;
	while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t' || line.ptr[at] == '*'))
		at++;
	ret->path = gh_bytes_part(line, at, line.len);
	ret->source = line;
	return at > 32 && ret->path.len > 0;
}

void gh_md5_each(gh_bytes list, void (*each)(void *arg, const gh_md5_line *line), void *arg)
{
	gh_cur c = gh_cur_over(list, 0);
	for (uint32_t number = 1; c.left > 0 && number <= LINES_MOST; number++) {
		gh_md5_line line = { .at = c.pos, .line = number };
		if (read_line(gh_line(&c), &line))
			each(arg, &line);
	}
}

void gh_md5_plan(gh_volume *volume)
{
	for (size_t i = 0; i < volume->count && !volume->wants_md5; i++)
		volume->wants_md5 = volume->entries[i].type == GH_ENTRY_FILE && gh_md5_is_list(volume->entries[i].path);
}
