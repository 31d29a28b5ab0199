/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar (ustar with GNU long names), cpio (newc, crc, odc, bin) and zip, entries in recipe order with
 * whatever name the recipe gives them. Layouts: POSIX.1-1988 ustar; Documentation/driver-api/
 * early-userspace/buffer-format.rst of Linux; cpio(5) of libarchive; PKWARE APPNOTE 6.3.
 */
#include "volume.h"

#include "codec/sum.h"

static const char *const keys[] = { "time=", "mtime=", "uid=", "gid=", "kind=", "method=", "trailer=", NULL };

static unsigned unix_mode(const lab_entry *e)
{
	static const struct {
		char type;
		unsigned bits;
	} types[] = { { 'd', 0040000 }, { 'f', 0100000 }, { 'l', 0120000 }, { 'c', 0020000 },
		      { 'b', 0060000 }, { 'p', 0010000 }, { 's', 0140000 } };
	for (size_t i = 0; i < GH_COUNT(types); i++) {
		if (types[i].type == e->type)
			return types[i].bits | e->mode;
	}
	lab_die(e->st, "an archive cannot hold this");
}

static void octal(uint8_t *at, size_t width, uint64_t v)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%0*jo", (int)width - 1, (uintmax_t)v);
	memcpy(at, text, width - 1);
}

static void tar_header(lab_out *out, gh_bytes name, char flag, const lab_entry *e, size_t size, gh_bytes target)
{
	size_t base = out->len;
	(void)lab_span(out, 512);
	uint8_t *h = out->ptr + base;
	memcpy(h, name.ptr, GH_MIN(name.len, 100U));
	octal(h + 100, 8, e->mode);
	octal(h + 108, 8, e->uid);
	octal(h + 116, 8, e->gid);
	octal(h + 124, 12, size);
	octal(h + 136, 12, e->mtime);
	memset(h + 148, ' ', 8);
	h[156] = (uint8_t)flag;
	if (target.len)
		memcpy(h + 157, target.ptr, GH_MIN(target.len, 100U));
	memcpy(h + 257,
	       "ustar\0"
	       "00",
	       8);
	if (e->type == 'c' || e->type == 'b') {
		octal(h + 329, 8, e->major);
		octal(h + 337, 8, e->minor);
	}
	unsigned sum = 0;
	for (size_t i = 0; i < 512; i++)
		sum += h[i];
	octal(h + 148, 7, sum);
}

static void tar_long(lab_out *out, char flag, gh_bytes text)
{
	lab_entry none = { 0 };
	if (text.len <= 100)
		return;
	tar_header(out, GH_LIT("././@LongLink"), flag, &none, text.len + 1, GH_LIT(""));
	lab_text(out, text, text.len + 1, 0);
	lab_pad(out, 512, 0);
}

void lab_tar(lab *l, const lab_st *st, lab_out *out)
{
	lab_keys(st, 1, keys);
	lab_tree t = lab_tree_read(l, st);
	lab_volume_add(l, t, out->len);
	lab_out b = lab_out_in(l->arena);
	for (size_t i = 0; i < t.n; i++) {
		const lab_entry *e = &t.entries[i];
		char flag = e->hard          ? '1'
			    : e->type == 'f' ? '0'
			    : e->type == 'l' ? '2'
			    : e->type == 'c' ? '3'
			    : e->type == 'b' ? '4'
			    : e->type == 'd' ? '5'
			    : e->type == 'p' ? '6'
					     : 0;
		if (!flag)
			lab_die(e->st, "a tar cannot hold this");
		size_t size = flag == '0' ? e->content.len : 0;
		tar_long(&b, 'L', e->path);
		tar_long(&b, 'K', e->target);
		tar_header(&b, e->path, flag, e, size, e->target);
		lab_add(&b, gh_bytes_part(e->content, 0, size));
		lab_pad(&b, 512, 0);
	}
	lab_fill(&b, 0, 1024);
	lab_add(out, lab_view(&b));
}

typedef enum cpio_kind { CPIO_NEWC, CPIO_CRC, CPIO_ODC, CPIO_BIN } cpio_kind;

static void digits(lab_out *out, cpio_kind kind, uint64_t v, int odc_width)
{
	char text[32];
	if (kind == CPIO_ODC)
		(void)snprintf(text, sizeof(text), "%0*jo", odc_width, (uintmax_t)(v & ((1ULL << 3 * odc_width) - 1)));
	else
		(void)snprintf(text, sizeof(text), "%08jx", (uintmax_t)(v & 0xffffffff));
	lab_add(out, gh_view_text(text));
}

static void cpio_entry(lab_out *out, cpio_kind kind, const lab_entry *e, gh_bytes content, unsigned inode,
		       unsigned links)
{
	unsigned mode = e->type ? unix_mode(e) : 0, sum = 0;
	for (size_t i = 0; kind == CPIO_CRC && e->type == 'f' && i < content.len; i++)
		sum += content.ptr[i];
	if (kind == CPIO_ODC) {
		const uint64_t v[] = { 0, inode, mode, e->uid, e->gid, links, e->major << 8 | e->minor };
		lab_add(out, GH_LIT("070707"));
		for (size_t i = 0; i < GH_COUNT(v); i++)
			digits(out, kind, v[i], 6);
		digits(out, kind, e->mtime, 11);
		digits(out, kind, e->path.len + 1, 6);
		digits(out, kind, content.len, 11);
	} else if (kind == CPIO_BIN) {
		const uint64_t v[] = { 070707,         0,        inode,           mode,
				       e->uid,         e->gid,   links,           e->major << 8 | e->minor,
				       e->mtime >> 16, e->mtime, e->path.len + 1, content.len >> 16,
				       content.len };
		for (size_t i = 0; i < GH_COUNT(v); i++)
			lab_put(out, LAB_LITTLE, v[i], 2);
	} else {
		const uint64_t v[] = { inode, mode, e->uid,   e->gid,   links,           e->mtime, content.len,
				       0,     0,    e->major, e->minor, e->path.len + 1, sum };
		lab_add(out, kind == CPIO_CRC ? GH_LIT("070702") : GH_LIT("070701"));
		for (size_t i = 0; i < GH_COUNT(v); i++)
			digits(out, kind, v[i], 0);
	}
	size_t pad = kind == CPIO_ODC ? 1 : kind == CPIO_BIN ? 2 : 4;
	lab_text(out, e->path, e->path.len + 1, 0);
	lab_pad(out, pad, 0);
	lab_add(out, content);
	lab_pad(out, pad, 0);
}

void lab_cpio(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const kinds[] = { "newc", "crc", "odc", "bin" };
	static const char *const trailers[] = { "yes", "no" };
	lab_keys(st, 1, keys);
	cpio_kind kind = (cpio_kind)lab_choice(st, lab_value(l, st, "kind", "newc"), kinds, GH_COUNT(kinds));
	lab_tree t = lab_tree_read(l, st);
	lab_volume_add(l, t, out->len);
	lab_out b = lab_out_in(l->arena);
	for (size_t i = 0; i < t.n; i++) {
		const lab_entry *e = &t.entries[i], *first = e->hard ? lab_tree_find(&t, e->target) : e;
		unsigned links = 1;
		for (size_t k = 0; t.n < 1000 && k < t.n; k++)
			links += t.entries[k].hard && gh_bytes_eq(t.entries[k].target, first->path);
		cpio_entry(&b, kind, e, e->type == 'l' ? e->target : e->content, (unsigned)(first - t.entries) + 1,
			   links);
	}
	lab_entry last = { .path = GH_LIT("TRAILER!!!") };
	if (lab_choice(st, lab_value(l, st, "trailer", "yes"), trailers, 2) == 0)
		cpio_entry(&b, kind, &last, GH_LIT(""), 0, 1);
	lab_pad(&b, 512, 0);
	lab_add(out, lab_view(&b));
}

static void zip_fields(lab_out *out, const lab_entry *e, unsigned method, gh_bytes packed)
{
	const unsigned v[] = { 20, 0, method, 0, 0x21 }; /* needed, flags, method, time, 1980-01-01 */
	for (size_t i = 0; i < GH_COUNT(v); i++)
		lab_put(out, LAB_LITTLE, v[i], 2);
	lab_put(out, LAB_LITTLE, gh_crc32(e->content), 4);
	lab_put(out, LAB_LITTLE, packed.len, 4);
	lab_put(out, LAB_LITTLE, e->content.len, 4);
	lab_put(out, LAB_LITTLE, e->path.len + (e->type == 'd'), 2);
}

static void zip_name(lab_out *out, const lab_entry *e)
{
	lab_add(out, e->path);
	if (e->type == 'd')
		lab_fill(out, '/', 1);
}

void lab_zip(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const methods[] = { "deflate", "store" };
	lab_keys(st, 1, keys);
	bool store = lab_choice(st, lab_value(l, st, "method", "deflate"), methods, 2) == 1;
	lab_tree t = lab_tree_read(l, st);
	lab_volume_add(l, t, out->len);
	lab_out b = lab_out_in(l->arena), directory = lab_out_in(l->arena);
	lab_pack how = { .kind = LAB_ZLIB };
	for (size_t i = 0; i < t.n; i++) {
		lab_entry e = t.entries[i];
		if (e.type == 'l')
			e.content = e.target;
		unsigned method = !store && e.type == 'f' && e.content.len ? 8 : 0;
		gh_bytes packed = method ? lab_packed(l->arena, st, &how, e.content) : e.content;
		if (method)
			packed = gh_view(packed.ptr + 2, packed.len - 6); /* less zlib's own header and sum */
		size_t at = b.len;
		lab_put(&b, LAB_LITTLE, 0x04034b50, 4);
		zip_fields(&b, &e, method, packed);
		lab_put(&b, LAB_LITTLE, 0, 2);
		zip_name(&b, &e);
		lab_add(&b, packed);
		lab_put(&directory, LAB_LITTLE, 0x02014b50, 4);
		lab_put(&directory, LAB_LITTLE, 0x0314, 2); /* made on Unix */
		zip_fields(&directory, &e, method, packed);
		(void)lab_span(&directory, 2 + 2 + 2 + 2); /* extra, comment, disk, inner attributes */
		lab_put(&directory, LAB_LITTLE, (uint64_t)unix_mode(&e) << 16, 4);
		lab_put(&directory, LAB_LITTLE, at, 4);
		zip_name(&directory, &e);
	}
	size_t at = b.len;
	lab_add(&b, lab_view(&directory));
	lab_put(&b, LAB_LITTLE, 0x06054b50, 4);
	lab_put(&b, LAB_LITTLE, 0, 4);
	lab_put(&b, LAB_LITTLE, t.n, 2);
	lab_put(&b, LAB_LITTLE, t.n, 2);
	lab_put(&b, LAB_LITTLE, directory.len, 4);
	lab_put(&b, LAB_LITTLE, at, 4);
	lab_put(&b, LAB_LITTLE, 0, 2);
	lab_add(out, lab_view(&b));
}
