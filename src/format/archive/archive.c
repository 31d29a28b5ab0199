/* SPDX-License-Identifier: Apache-2.0 */
/* Archives that libarchive reads: which kind, which extent, and what proves it. */
#include "format/archive/archive_in.h"

#include <archive.h>
#include <archive_entry.h>

static bool has(gh_cur c, uint64_t at, gh_bytes magic)
{
	gh_cur m = gh_at(c, at);
	return gh_eat(&m, magic);
}

gh_archive_kind gh_archive_kind_of(gh_cur c)
{
	static const struct {
		gh_archive_kind kind;
		uint32_t at;
		gh_bytes magic;
	} magics[] = {
		{ GH_ARCHIVE_ZIP, 0, GH_INIT("PK\3\4") },
		{ GH_ARCHIVE_7Z, 0, GH_INIT("7z\xbc\xaf\x27\x1c") },
		{ GH_ARCHIVE_AR, 0, GH_INIT("!<arch>\n") },
		{ GH_ARCHIVE_CAB, 0, GH_INIT("MSCF") },
		{ GH_ARCHIVE_RAR5, 0, GH_INIT("Rar!\x1a\x07\x01\x00") },
		{ GH_ARCHIVE_RAR4, 0, GH_INIT("Rar!\x1a\x07\x00") },
		{ GH_ARCHIVE_TAR, 257, GH_INIT("ustar") },
		{ GH_ARCHIVE_ISO, 0x8001, GH_INIT("CD001\x01") },
	};
	for (size_t i = 0; i < GH_COUNT(magics); i++)
		if (has(c, magics[i].at, magics[i].magic))
			return magics[i].kind;
	if (has(c, 2, GH_LIT("-lh")) && has(c, 6, GH_LIT("-")))
		return GH_ARCHIVE_LHA;
	/* A tar of before POSIX has only its checksum; archive_end asks for it. */
	return c.pos == 0 && c.left >= 512 ? GH_ARCHIVE_TAR : GH_ARCHIVE_NONE;
}

const char *gh_archive_kind_name(gh_archive_kind kind)
{
	static const char *const names[] = { "none", "tar",   "zip",   "7z",       "ar",
					     "cab",  "rar 4", "rar 5", "iso 9660", "lha" };
	return names[kind];
}

static int enable(struct archive *a, gh_archive_kind kind)
{
	switch (kind) {
	case GH_ARCHIVE_TAR:
		return archive_read_support_format_tar(a);
	case GH_ARCHIVE_ZIP:
		return archive_read_support_format_zip_seekable(a);
	case GH_ARCHIVE_7Z:
		return archive_read_support_format_7zip(a);
	case GH_ARCHIVE_AR:
		return archive_read_support_format_ar(a);
	case GH_ARCHIVE_CAB:
		return archive_read_support_format_cab(a);
	case GH_ARCHIVE_RAR4:
		return archive_read_support_format_rar(a);
	case GH_ARCHIVE_RAR5:
		return archive_read_support_format_rar5(a);
	case GH_ARCHIVE_ISO:
		return archive_read_support_format_iso9660(a);
	case GH_ARCHIVE_LHA:
		return archive_read_support_format_lha(a);
	case GH_ARCHIVE_NONE:
		break;
	}
	return ARCHIVE_FATAL;
}

gh_code gh_archive_open(gh_ctx *ctx, gh_bytes bytes, gh_archive_kind kind, struct archive **ret)
{
	struct archive *a = archive_read_new();
	if (!a)
		return gh_nomem(ctx);
	/* One format, no filter: compressed archives are streams with an archive inside. */
	if (enable(a, kind) != ARCHIVE_OK || archive_read_open_memory(a, bytes.ptr, bytes.len) != ARCHIVE_OK) {
		archive_read_free(a);
		return gh_fail(ctx, GH_CORRUPT, 0, "libarchive does not open this as %s", gh_archive_kind_name(kind));
	}
	*ret = a;
	return GH_OK;
}

/* Reads all headers; how far libarchive came. */
static gh_code walk(gh_ctx *ctx, gh_bytes bytes, gh_archive_kind kind, uint64_t *used, bool *whole)
{
	enum { HEADER_COST = 4096 };
	struct archive *a;
	struct archive_entry *e;
	gh_code code = gh_archive_open(ctx, bytes, kind, &a);
	if (code != GH_OK)
		return code;
	uint64_t entries = 0;
	int r = ARCHIVE_OK;
	while (code == GH_OK && !gh_cancelled(ctx) && (r = archive_read_next_header(a, &e)) >= ARCHIVE_WARN &&
	       r != ARCHIVE_EOF) {
		code = gh_effort(ctx, HEADER_COST);
		entries++;
	}
	la_int64_t at = archive_filter_bytes(a, 0);
	*used = at > 0 ? GH_MIN((uint64_t)at, bytes.len) : 0;
	*whole = r == ARCHIVE_EOF && entries > 0;
	archive_read_free(a);
	if (code == GH_OK && entries == 0)
		return gh_fail(ctx, GH_CORRUPT, 0, "no entry can be read from this %s archive",
			       gh_archive_kind_name(kind));
	return code;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_archive_kind kind = gh_archive_kind_of(c);
	gh_span span;
	gh_code code = gh_archive_end(ctx, c, kind, &span);
	if (code != GH_OK)
		return code;
	if (span.proof < GH_PROOF_PARSED && kind != GH_ARCHIVE_TAR) {
		bool whole, by_reading = span.size == 0;
		uint64_t used, window = by_reading ? c.left : span.size;
		code = gh_effort(ctx, by_reading ? c.left : 0);
		if (code == GH_OK)
			code = walk(ctx, gh_bytes_part(gh_rest(&c), 0, window), kind, &used, &whole);
		if (code != GH_OK)
			return code;
		if (by_reading && !whole)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "the %s archive cannot be read to its end",
				       gh_archive_kind_name(kind));
		if (by_reading)
			span.size = used;
		span.proof = whole ? GH_PROOF_PARSED : GH_PROOF_SHAPE;
		if (span.size == 0)
			return gh_fail(ctx, GH_CORRUPT, c.pos, "the %s archive is empty", gh_archive_kind_name(kind));
	}
	*ret = span;
	return GH_OK;
}

/* mode, uid, gid, size, mtime of a header of before POSIX: octal text ended by blank or NUL. */
#define OLD_TAR "(?:[ 0-7]{6}[ 0-7\\x00][ \\x00]){3}[ 0-7]{11}[ \\x00][ 0-7]{11}[ \\x00]"

const gh_format gh_format_archive = {
	.name = "archive", .title = "Archive: tar, zip, 7z, ar/deb, cab, rar, ISO 9660, lha",
	.spec = "libarchive 3.6; POSIX pax; PKWARE APPNOTE.TXT; 7zFormat.txt; [MS-CAB]; ECMA-119",
	.limits = "zip64, xar, encrypted files and archives in several volumes; names that are not ASCII in 7z and cab; "
	          "libarchive's own memory is bounded by the process, not by an arena",
	.kind = GH_NODE_VOLUME,
	.magic = {
		{ "ustar[ \\x00][ 0]", 7, 257 },
		{ OLD_TAR, 48, 100 },
		{ "PK\\x03\\x04.\\x00", 6, 0 },
		{ "7z\\xbc\\xaf\\x27\\x1c", 6, 0 },
		{ "!<arch>\\x0a", 8, 0 },
		{ "MSCF\\x00{4}", 8, 0 },
		{ "Rar!\\x1a\\x07[\\x00\\x01]", 7, 0 },
		{ "\\x01CD001\\x01\\x00", 8, 0x8000 },
		{ "-lh[0-7d]-", 5, 2 },
	},
	.measure = measure, .unpack = gh_archive_unpack,
};
