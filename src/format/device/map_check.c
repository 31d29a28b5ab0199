/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map is a claim: it counts when its partitions lie in the dump and begin where something begins.
 */
#include <stdlib.h>

#include "format/device/map_in.h"

const char *gh_map_smell(gh_bytes b)
{
	static const struct {
		gh_bytes text;
		unsigned at;
		const char *what;
	} known[] = {
		{ GH_INIT("\x27\x05\x19\x56"), 0, "uimage" },
		{ GH_INIT("hsqs"), 0, "squashfs" },
		{ GH_INIT("sqsh"), 0, "squashfs" },
		{ GH_INIT("shsq"), 0, "squashfs" },
		{ GH_INIT("qshs"), 0, "squashfs" },
		{ GH_INIT("tqsh"), 0, "squashfs" },
		{ GH_INIT("hsqt"), 0, "squashfs" },
		{ GH_INIT("sqlz"), 0, "squashfs" },
		{ GH_INIT("UBI#"), 0, "ubi" },
		{ GH_INIT("\x31\x18\x10\x06"), 0, "ubifs" },
		{ GH_INIT("\x85\x19\x01\xe0"), 0, "jffs2" },
		{ GH_INIT("\x85\x19\x02\xe0"), 0, "jffs2" },
		{ GH_INIT("\x85\x19\x03\x20"), 0, "jffs2" },
		{ GH_INIT("\x19\x85\xe0\x01"), 0, "jffs2" },
		{ GH_INIT("\x19\x85\xe0\x02"), 0, "jffs2" },
		{ GH_INIT("\x19\x85\x20\x03"), 0, "jffs2" },
		{ GH_INIT("\x45\x3d\xcd\x28"), 0, "cramfs" },
		{ GH_INIT("\x28\xcd\x3d\x45"), 0, "cramfs" },
		{ GH_INIT("-rom1fs-"), 0, "romfs" },
		{ GH_INIT("\xd0\x0d\xfe\xed"), 0, "dtb" },
		{ GH_INIT("HDR0"), 0, "trx" },
		{ GH_INIT("\x5e\xa3\xa4\x17"), 0, "seama" },
		{ GH_INIT("\x2a\x23\x24\x5e"), 0, "chk" },
		{ GH_INIT("TP-LINK Technologies"), 4, "tplink-v1" },
		{ GH_INIT("\x7f"
			  "ELF"),
		  0, "elf" },
		{ GH_INIT("\x1f\x8b\x08"), 0, "gzip" },
		{ GH_INIT("\xfd"
			  "7zXZ"),
		  0, "xz" },
		{ GH_INIT("\x5d\0\0\x80\0"), 0, "lzma" },
		{ GH_INIT("\x6d\0\0\x80\0"), 0, "lzma" },
		{ GH_INIT("FLSH"), 0, "nvram" },
		{ GH_INIT("ANDROID!"), 0, "android-boot" },
		{ GH_INIT("\x53\xef"), 0x438, "ext" },
		{ GH_INIT("\xe2\xe1\xf5\xe0"), 0x400, "erofs" },
		{ GH_INIT("EFI PART"), 0x200, "gpt" },
		{ GH_INIT("LUKS\xba\xbe"), 0, "luks" },
		{ GH_INIT("ARM\x64"), 0x38, "linux-image" },
		{ GH_INIT("\x18\x28\x6f\x01"), 0x24, "arm-zimage" },
	};
	for (size_t i = 0; i < GH_COUNT(known); i++) {
		gh_bytes there = gh_bytes_part(b, known[i].at, known[i].text.len);
		if (there.ptr && gh_bytes_start(there, known[i].text))
			return known[i].what;
	}
	gh_bytes variables;
	if (b.len <= GH_MIB(1) && gh_area_environment(b, &variables))
		return "environment";
	return gh_area_is_calibration(b) ? "calibration" : NULL;
}

static int by_place(const void *a, const void *b)
{
	const gh_map_part *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->size != y->size) /* what covers stands before what it covers */
		return x->size > y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Inside out: where several lie in one, they are the parts; one alone, or an alias, is only told of. */
static bool settle_overlaps(gh_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		gh_map_part *p = &m->parts[i];
		size_t inside = 0;
		uint64_t end = p->at;
		for (size_t k = i + 1; k < m->n && m->parts[k].at < p->at + p->size; k++) {
			const gh_map_part *q = &m->parts[k];
			if (q->at + q->size > p->at + p->size)
				return false; /* they cross */
			if (q->at >= end) {
				inside++;
				end = q->at + q->size;
			}
		}
		if (inside == 1 && p->at + p->size - end < p->size) {
			/* one inside one: the outer is the part, unless the inner is as large */
			for (size_t k = i + 1; k < m->n && m->parts[k].at < p->at + p->size; k++)
				m->parts[k].covers = true;
		} else if (inside > 1 && !p->covers) {
			p->covers = true;
		}
	}
	return true;
}

static bool is_erased(gh_bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] != 0xff)
			return false;
	return true;
}

bool gh_map_check(gh_map *m)
{
	uint64_t sum = 0;
	size_t there = 0;
	for (size_t i = 0; i < m->n; i++) {
		gh_map_part *p = &m->parts[i];
		if (p->at >= m->bytes.len)
			return false;
		if (p->size == UINT64_MAX)
			p->size = m->bytes.len - p->at;
		if (p->size == 0 || p->size > m->bytes.len - p->at || p->at % 256)
			return false;
	}
	qsort(m->parts, m->n, sizeof *m->parts, by_place);
	if (!settle_overlaps(m))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		gh_map_part *p = &m->parts[i];
		gh_bytes bytes = gh_bytes_part(m->bytes, p->at, p->size);
		p->holds = gh_map_smell(bytes);
		if (!p->holds && is_erased(gh_bytes_part(bytes, 0, 4096)))
			p->holds = "erased";
		m->fits += p->holds && p->at > 0 && strcmp(p->holds, "erased") != 0 && !p->covers;
		if (!p->covers) {
			sum += p->size;
			there++;
		}
	}
	/* Two and more, one of which begins behind the first with something that is known; or as good as all of
	 * the dump is shared out without a remainder. */
	return there > 1 && (m->fits > 0 || (sum == m->bytes.len && there > 2));
}

/* --- banks */

static bool same_but_for_a_number(const char *a, const char *b)
{
	static const char *const pairs[][2] = {
		{ "0", "1" }, { "1", "2" },   { "", "1" },    { "", "2" },       { "_a", "_b" },      { "_A", "_B" },
		{ "A", "B" }, { "", "_alt" }, { "", "_bak" }, { "", "-backup" }, { "", "_recovery" },
	};
	size_t la = strlen(a), lb = strlen(b);
	for (size_t i = 0; i < GH_COUNT(pairs); i++) {
		size_t na = strlen(pairs[i][0]), nb = strlen(pairs[i][1]);
		if (la > na && lb > nb && la - na == lb - nb && strncmp(a, b, la - na) == 0 &&
		    strcmp(a + la - na, pairs[i][0]) == 0 && strcmp(b + lb - nb, pairs[i][1]) == 0)
			return true;
	}
	return false;
}

/* Variables by which boot loaders choose, as they are met in environments of routers. */
static const char *const choosers[] = {
	"boot_part",       "bootpartition", "boot_partition", "active_bank",      "boot_bank",
	"bootbank",        "active",        "boot_image",     "image_boot",       "bootimage",
	"sw_active",       "sw_commit",     "tp_boot_idx",    "flag_boot_rootfs", "bootfrom",
	"dualboot_active", "current_image", "bootslot",       "boot_slot",        "slot_active",
};

gh_code gh_map_banks(gh_ctx *ctx, gh_node *out, const gh_map *m)
{
	gh_code code = GH_OK;
	bool any = false;
	for (size_t i = 0; i < m->n && code == GH_OK; i++)
		for (size_t k = 0; k < m->n && code == GH_OK; k++) {
			const gh_map_part *a = &m->parts[i], *b = &m->parts[k];
			if (i == k || !a->holds || strcmp(a->holds, "erased") == 0 ||
			    !same_but_for_a_number(a->name, b->name))
				continue;
			bool both = b->holds && strcmp(a->holds, b->holds) == 0;
			code = gh_node_factf(ctx, out, "banks", "%s and %s: %s", a->name, b->name,
					     both ? "both hold the like"
					     : b->holds && strcmp(b->holds, "erased") == 0
						     ? "the second is erased"
						     : "the second holds something else");
			any |= both;
		}
	for (size_t i = 0; i < m->n && any && code == GH_OK; i++) {
		gh_bytes bytes = gh_bytes_part(m->bytes, m->parts[i].at, GH_MIN(m->parts[i].size, GH_MIB(1))),
			 variables;
		if (m->parts[i].covers || !gh_area_environment(bytes, &variables))
			continue;
		for (size_t k = 0; k < GH_COUNT(choosers) && code == GH_OK; k++) {
			gh_bytes value = gh_area_variable(variables, choosers[k]);
			if (value.len == 0)
				continue;
			return gh_node_factf(ctx, out, "active-bank", "%s=%.*s in %s", choosers[k],
					     (int)GH_MIN(value.len, (size_t)32), (const char *)value.ptr,
					     m->parts[i].name);
		}
	}
	return code == GH_OK && any
		       ? gh_node_fact(ctx, out, "active-bank", GH_LIT("not told: no environment names one"))
		       : code;
}

/* --- without a map */

static bool holds_text(gh_bytes b, const char *text)
{
	return b.ptr && memmem(b.ptr, b.len, text, strlen(text)) != NULL;
}

static void put(gh_map *m, const char *name, uint64_t at, uint64_t size, const char *holds)
{
	gh_map_part *p = &m->parts[m->n++];
	*p = (gh_map_part){ .at = at, .size = size, .holds = holds };
	(void)memcpy(p->name, name, strlen(name) + 1);
}

bool gh_map_infer(gh_map *m)
{
	enum { SECTOR = 64 << 10, BOOT_MOST = 512 << 10, LEAST = 1 << 20, MOST = 64 << 20 };
	gh_bytes b = m->bytes;
	if (b.len < LEAST || b.len > MOST || (b.len & (b.len - 1)) != 0)
		return false;
	gh_bytes head = gh_bytes_part(b, 0, BOOT_MOST), last = gh_bytes_part(b, b.len - SECTOR, SECTOR);
	bool boot = !gh_map_smell(gh_bytes_part(b, 0, SECTOR)) &&
		    (holds_text(gh_bytes_part(head, 0, 256 << 10), "U-Boot ") ||
		     holds_text(gh_bytes_part(head, 0, 256 << 10), "CFE1CFE1") ||
		     holds_text(gh_bytes_part(head, 0, 256 << 10), "RedBoot"));
	uint64_t end = 0;
	/* the boot loader ends where the first other thing begins, or an environment */
	for (uint64_t at = SECTOR; boot && at < BOOT_MOST && end == 0; at += SECTOR)
		if (gh_map_smell(gh_bytes_part(b, at, SECTOR)))
			end = at;
	if (end > 0)
		put(m, "boot", 0, end, NULL);
	for (uint64_t at = end; end > 0 && at < BOOT_MOST + (uint64_t)SECTOR; at += SECTOR) {
		const char *what = gh_map_smell(gh_bytes_part(b, at, SECTOR));
		if (what && (strcmp(what, "environment") == 0 || strcmp(what, "calibration") == 0))
			put(m, what, at, SECTOR, what);
	}
	if (gh_area_is_calibration(last))
		put(m, "calibration", b.len - SECTOR, SECTOR, "calibration");
	m->source = "what lies there";
	m->inferred = true;
	return m->n > 0;
}
