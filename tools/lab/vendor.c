/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor and boot loader headers. Field layouts: openwrt/firmware-utils mktplinkfw.c, mktplinkfw2.c
 * and trx.c; U-Boot include/image.h.
 *
 * Whatever a recipe does not say is chosen so that no device takes the image: hardware id
 * ffffffff, names that say laboratory.
 */
#include "volume.h"

#include "codec/sum.h"

enum { TPLINK_HEADER = 0x200, TPLINK_PAD = 0xff };

static const char *const verdicts[] = { "right", "wrong", "zero" };
static const char *const salts[] = { "plain", "boot" };

typedef struct part {
	uint64_t at, len; /* from the start of the header */
	bool there;
} part;

typedef struct parts {
	part boot, kernel, rootfs;
} parts;

/* boot, kernel, rootfs, other: `[at OFFSET] [fill BYTE] { … }`, offsets from the start of the header. */
static void tplink_parts(lab *l, const lab_st *st, lab_out *out, size_t base, parts *ret)
{
	static const char *const names[] = { "boot", "kernel", "rootfs", "other" };
	static const char *const keys[] = { "at=", "fill=", "gap=", NULL };
	part other, *where[] = { &ret->boot, &ret->kernel, &ret->rootfs, &other };
	for (const lab_st *s = st->first; s; s = s->next) {
		part *p = where[lab_choice(s, s->words[0], names, GH_COUNT(names))];
		lab_keys(s, 1, keys);
		uint64_t at = lab_number_of(l, s, "at", out->len - base);
		if (at < out->len - base)
			lab_die(s, "0x%jx is taken already", (uintmax_t)at);
		lab_fill(out, (uint8_t)lab_number_of(l, s, "fill", TPLINK_PAD), at - (out->len - base));
		lab_nest(l, s, out);
		*p = (part){ at, out->len - base - at, true };
	}
}

/* The MD5 over the whole with a public salt in the digest's place. */
static void tplink_digest(lab *l, const lab_st *st, uint8_t *image, size_t len, size_t field, const gh_bytes salt[2],
			  bool boot)
{
	gh_bytes which = lab_value(l, st, "salt", salts[boot]);
	gh_bytes runs[3] = { gh_view(image, field), salt[lab_choice(st, which, salts, 2)],
			     gh_view(image + field + 16, len - field - 16) };
	unsigned verdict = lab_choice(st, lab_value(l, st, "md5", "right"), verdicts, GH_COUNT(verdicts));
	if (verdict == 2)
		return;
	uint8_t digest[16];
	gh_md5(runs, GH_COUNT(runs), digest);
	memcpy(image + field, digest, sizeof(digest));
	image[field] ^= (uint8_t)(verdict == 1 ? 0x5a : 0);
}

static void put_field(lab *l, const lab_st *st, uint8_t *at, const char *key, uint64_t otherwise)
{
	lab_poke(at, LAB_BIG, lab_number_of(l, st, key, otherwise), 4);
}

static void put_lengths(lab *l, const lab_st *st, uint8_t *at, const parts *p, uint64_t size, uint64_t bump)
{
	put_field(l, st, at, "length", size);
	put_field(l, st, at + 4, "kernel-offset", p->kernel.at - (p->kernel.there ? bump : 0));
	put_field(l, st, at + 8, "kernel-length", p->kernel.len);
	put_field(l, st, at + 12, "rootfs-offset", p->rootfs.at - (p->rootfs.there ? bump : 0));
	put_field(l, st, at + 16, "rootfs-length", p->rootfs.len);
	put_field(l, st, at + 20, "boot-offset", p->boot.there ? p->boot.at - bump : 0);
	put_field(l, st, at + 24, "boot-length", p->boot.len);
}

static const char *const tplink_keys[] = {
	"vendor=",        "version=",
	"hw-id=",         "hw-rev=",
	"hw-add=",        "region=",
	"load=",          "entry=",
	"size=",          "header=",
	"md5=",           "salt=",
	"image-version=", "length=",
	"kernel-offset=", "kernel-length=",
	"rootfs-offset=", "rootfs-length=",
	"boot-offset=",   "boot-length=",
	"boot-size=",     NULL,
};

void lab_tplink_v1(lab *l, const lab_st *st, lab_out *out)
{
	static const gh_bytes salt[] = { GH_INIT("\xdc\xd7\x3a\xa5\xc3\x95\x98\xfb\xdd\xf9\xe7\xf4\x0e\xae\x47\x38"),
					 GH_INIT("\x8c\xef\x33\x5b\xd5\xc5\xce\xfa\xa7\x9c\x28\xda\xb2\xe9\x0f\x42") };
	lab_keys(st, 1, tplink_keys);
	size_t base = out->len;
	parts p = { 0 };
	lab_put(out, LAB_LITTLE, lab_number_of(l, st, "header", 1), 4);
	lab_text(out, lab_value(l, st, "vendor", "gifthorse laboratory"), 24, 0);
	lab_text(out, lab_value(l, st, "version", "ver. 0.0 laboratory"), 36, 0);
	(void)lab_span(out, TPLINK_HEADER - 0x40);
	tplink_parts(l, st, out, base, &p);
	uint64_t size = lab_number_of(l, st, "size", out->len - base);
	if (size < out->len - base)
		lab_die(st, "the parts need 0x%zx bytes", out->len - base);
	lab_fill(out, TPLINK_PAD, size - (out->len - base));
	uint8_t *h = out->ptr + base;
	put_field(l, st, h + 0x40, "hw-id", 0xffffffff);
	put_field(l, st, h + 0x44, "hw-rev", 0xffffffff);
	put_field(l, st, h + 0x48, "region", 0);
	put_field(l, st, h + 0x74, "load", 0x80002000);
	put_field(l, st, h + 0x78, "entry", 0x80185830);
	put_lengths(l, st, h + 0x7c, &p, size, 0);
	unsigned v[3] = { 0 };
	(void)sscanf((const char *)lab_value(l, st, "image-version", "0.0.0").ptr, "%u.%u.%u", &v[0], &v[1], &v[2]);
	for (size_t i = 0; i < 3; i++)
		lab_poke(h + 0x98 + 2 * i, LAB_BIG, v[i], 2);
	bool boot = lab_number_of(l, st, "boot-length", p.boot.len) != 0;
	tplink_digest(l, st, h, (size_t)size, 0x4c, salt, boot);
}

/* With a boot loader, the offsets of the others do not count it: field + boot-size + 0x200 is the place. */
void lab_tplink_v2(lab *l, const lab_st *st, lab_out *out)
{
	static const gh_bytes salt[] = { GH_INIT("\xdc\xd7\x3a\xa5\xc3\x95\x98\xfb\xdc\xf9\xe7\xf4\x0e\xae\x47\x37"),
					 GH_INIT("\x8c\xef\x33\x5f\xd5\xc5\xce\xfa\xac\x9c\x28\xda\xb2\xe9\x0f\x42") };
	lab_keys(st, 1, tplink_keys);
	size_t base = out->len;
	parts p = { 0 };
	lab_put(out, LAB_LITTLE, 3, 4);
	lab_text(out, lab_value(l, st, "version", "ver. 0.0 laboratory"), 48, 0xff);
	lab_fill(out, 0xff, TPLINK_HEADER - 0x34);
	tplink_parts(l, st, out, base, &p);
	uint64_t size = lab_number_of(l, st, "size", out->len - base);
	uint64_t bump = p.boot.there ? lab_number_of(l, st, "boot-size", 0x20000) + TPLINK_HEADER : 0;
	if (size < out->len - base)
		lab_die(st, "the parts need 0x%zx bytes", out->len - base);
	lab_fill(out, TPLINK_PAD, size - (out->len - base));
	uint8_t *h = out->ptr + base;
	put_field(l, st, h + 0x34, "hw-id", 0xffffffff);
	put_field(l, st, h + 0x38, "hw-rev", 0xffffffff);
	put_field(l, st, h + 0x3c, "hw-add", 0xffffffff);
	memset(h + 0x40, 0, 0x14);
	put_field(l, st, h + 0x68, "load", 0x80000000);
	put_field(l, st, h + 0x6c, "entry", 0x8000c150);
	p.boot.at = bump; /* told as 0 */
	put_lengths(l, st, h + 0x70, &p, size, bump);
	lab_poke(h + 0x8c, LAB_BIG, 0x55aa, 2);
	lab_poke(h + 0x8e, LAB_BIG, 0x0100a500, 4);
	lab_poke(h + 0x92, LAB_BIG, 0, 2);
	tplink_digest(l, st, h, (size_t)size, 0x40, salt, p.boot.there);
}

/* uimage … { … } or, with parts, a multi-file image: sizes, 0, parts on multiples of four. */
void lab_uimage(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const keys[] = { "name=",  "os=",   "arch=",       "type=",     "comp=",   "load=",
					    "entry=", "time=", "header-crc=", "data-crc=", "length=", NULL };
	static const char *const archs[] = {
		[2] = "arm", [3] = "x86", [5] = "mips", [6] = "mips64", [7] = "ppc", [22] = "arm64", [24] = "x86_64"
	};
	static const char *const types[] = { [1] = "standalone", [2] = "kernel", [3] = "ramdisk",   [4] = "multi",
					     [5] = "firmware",   [6] = "script", [7] = "filesystem" };
	static const char *const comps[] = { "none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd" };
	lab_keys(st, 1, keys);
	lab_out data = lab_out_in(l->arena);
	unsigned type = lab_choice(st, lab_value(l, st, "type", "kernel"), types, GH_COUNT(types));
	size_t first = l->volumes_n, base = out->len;
	if (type == 4) {
		size_t n = 0;
		for (const lab_st *s = st->first; s; s = s->next)
			n++;
		(void)lab_span(&data, 4 * (n + 1));
		n = 0;
		for (const lab_st *s = st->first; s; s = s->next) {
			lab_pad(&data, 4, 0);
			size_t from = data.len;
			lab_nest(l, s, &data);
			lab_poke(data.ptr + 4 * n++, LAB_BIG, data.len - from, 4);
		}
	} else {
		lab_block_into(l, st, &data);
	}
	lab_volumes_shift(l, first, base + 64);
	lab_put(out, LAB_BIG, 0x27051956, 4);
	lab_put(out, LAB_BIG, 0, 4);
	lab_put(out, LAB_BIG, lab_time_of(l, st, "time", 0), 4);
	lab_put(out, LAB_BIG, lab_number_of(l, st, "length", data.len), 4);
	lab_put(out, LAB_BIG, lab_number_of(l, st, "load", 0x80000000), 4);
	lab_put(out, LAB_BIG, lab_number_of(l, st, "entry", 0x80000000), 4);
	bool wrong = lab_choice(st, lab_value(l, st, "data-crc", "right"), verdicts, 2) == 1;
	lab_put(out, LAB_BIG, gh_crc32(lab_view(&data)) ^ (wrong ? 0x5a5a5a5aU : 0), 4);
	lab_put(out, LAB_BIG, lab_number_of(l, st, "os", 5), 1);
	lab_put(out, LAB_BIG, lab_choice(st, lab_value(l, st, "arch", "mips"), archs, GH_COUNT(archs)), 1);
	lab_put(out, LAB_BIG, type, 1);
	lab_put(out, LAB_BIG, lab_choice(st, lab_value(l, st, "comp", "none"), comps, GH_COUNT(comps)), 1);
	lab_text(out, lab_value(l, st, "name", "gifthorse laboratory"), 32, 0);
	wrong = lab_choice(st, lab_value(l, st, "header-crc", "right"), verdicts, 2) == 1;
	lab_poke(out->ptr + base + 4, LAB_BIG, gh_crc32(gh_view(out->ptr + base, 64)) ^ (wrong ? 0x5a5a5a5aU : 0), 4);
	lab_add(out, lab_view(&data));
}

/* trx version 1|2 { part { … } … }: CRC-32 from offset 12 on, without the final inversion. */
void lab_trx(lab *l, const lab_st *st, lab_out *out)
{
	static const char *const keys[] = { "version=", "flags=", "align=", "crc=", "length=", NULL };
	static const char *const part_keys[] = { "align=", NULL };
	lab_keys(st, 1, keys);
	uint64_t version = lab_number_of(l, st, "version", 1);
	size_t slots = version == 2 ? 4 : 3, head = 16 + 4 * slots, first = l->volumes_n, n = 0;
	lab_out b = lab_out_in(l->arena);
	lab_put(&b, LAB_LITTLE, 0x30524448, 4); /* HDR0 */
	lab_put(&b, LAB_LITTLE, 0, 8);
	lab_put(&b, LAB_LITTLE, lab_number_of(l, st, "flags", 0), 2);
	lab_put(&b, LAB_LITTLE, version, 2);
	(void)lab_span(&b, head - 16);
	for (const lab_st *s = st->first; s; s = s->next, n++) {
		if (n == slots || !lab_is(s->words[0], "part"))
			lab_die(s, "a trx takes up to %zu parts and nothing else", slots);
		lab_keys(s, 1, part_keys);
		lab_pad(&b, (size_t)lab_number_of(l, s, "align", 4), 0);
		lab_poke(b.ptr + 16 + 4 * n, LAB_LITTLE, b.len, 4);
		lab_nest(l, s, &b);
	}
	lab_pad(&b, (size_t)lab_number_of(l, st, "align", 4), 0);
	lab_poke(b.ptr + 4, LAB_LITTLE, lab_number_of(l, st, "length", b.len), 4);
	bool wrong = lab_choice(st, lab_value(l, st, "crc", "right"), verdicts, 2) == 1;
	uint32_t crc = ~gh_crc32(gh_view(b.ptr + 12, b.len - 12));
	lab_poke(b.ptr + 8, LAB_LITTLE, crc ^ (wrong ? 0x5a5a5a5aU : 0), 4);
	lab_volumes_shift(l, first, out->len);
	lab_add(out, lab_view(&b));
}
