/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device as files of its partitions: a tar of mtd0 … mtdN (and a folder of them, which is read as such a tar), with
 * or without the text of /proc/mtd that names them:
 *
 *	dev:    size   erasesize  name
 *	mtd0: 00040000 00010000 "u-boot"
 *
 * Files are called mtd0, mtd0.bin, mtdblock0, mtd0_u-boot.bin, mtd0.u-boot and the like. Tar: POSIX ustar.
 */
#include "format/device/map_in.h"

enum { RECORD = 512, MEMBERS_MOST = 128, TEXT_MOST = 16 << 10, NUMBER_MOST = 64 };

typedef struct member {
	gh_bytes name, content;
	uint64_t head, at; /* absolute */
	int number;        /* of mtdN; -1: another file */
	char label[GH_MAP_NAME];
	uint64_t stated; /* by /proc/mtd; 0: nothing */
} member;

typedef struct mtds {
	member items[MEMBERS_MOST];
	size_t n, partitions;
	bool named; /* by /proc/mtd */
	gh_map map;
} mtds;

static uint64_t octal(gh_bytes field)
{
	uint64_t v = 0;
	for (size_t i = 0; i < field.len && field.ptr[i] >= '0' && field.ptr[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field.ptr[i] - '0');
	return v;
}

static gh_bytes base_name(gh_bytes path)
{
	const uint8_t *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
	return slash ? gh_bytes_part(path, (uint64_t)(slash - path.ptr) + 1, path.len) : path;
}

/* The number in mtd7, mtdblock7; what follows it is the name, if there is one. */
static int number_of(gh_bytes name, gh_bytes *rest)
{
	gh_cur c = gh_cur_over(name, 0);
	unsigned v = 0, digits = 0;
	if (!gh_eat(&c, GH_LIT("mtd")))
		return -1;
	(void)gh_eat(&c, GH_LIT("block"));
	for (; c.left > 0 && c.ptr[0] >= '0' && c.ptr[0] <= '9' && digits < 3; digits++)
		v = v * 10 + (gh_u8(&c) - '0');
	if (digits == 0 || v >= NUMBER_MOST)
		return -1;
	*rest = gh_rest(&c);
	if (rest->len > 0 && !memchr("._-", rest->ptr[0], 3))
		return -1;
	return (int)v;
}

static void set_label(member *m, gh_bytes name)
{
	size_t n = GH_MIN(name.len, sizeof m->label - 1);
	for (size_t i = 0; i < n; i++)
		m->label[i] =
			(char)(name.ptr[i] > 0x20 && name.ptr[i] < 0x7f && name.ptr[i] != '/' ? name.ptr[i] : '_');
	m->label[n] = 0;
}

/* What the name of the file says: mtd3_rootfs.bin is rootfs, mtd3.bin is mtd3. */
static void label_by_name(member *m, gh_bytes name, gh_bytes rest)
{
	static const gh_bytes ends[] = { GH_INIT(".bin"), GH_INIT(".img"), GH_INIT(".dump"), GH_INIT(".raw") };
	for (size_t i = 0; i < GH_COUNT(ends); i++)
		if (gh_bytes_end(rest, ends[i]))
			rest.len -= ends[i].len;
	rest = gh_bytes_part(rest, 1, rest.len);
	set_label(m, rest.len > 0 ? rest : name);
}

/* The sum of a header's bytes, its own field taken as spaces. */
static bool sum_right(gh_bytes head)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < head.len; i++)
		sum += i >= 148 && i < 156 ? ' ' : head.ptr[i];
	return sum == octal(gh_bytes_part(head, 148, 8));
}

/* The members of a tar that lie in it as they are; false: not a tar to the end. */
static bool read_tar(gh_cur c, mtds *m, uint64_t *size)
{
	uint64_t start = c.pos;
	while (c.left >= RECORD) {
		uint64_t head = c.pos;
		gh_cur h = gh_sub(&c, RECORD);
		gh_bytes whole = gh_rest(&h);
		if (!whole.ptr)
			return false;
		if (whole.ptr[0] == 0) { /* two empty records end it */
			while (c.left >= RECORD && c.ptr[0] == 0 && memcmp(c.ptr, c.ptr + 1, RECORD - 1) == 0)
				gh_skip(&c, RECORD);
			break;
		}
		gh_bytes name = gh_text(&h, 100);
		uint64_t length = octal(gh_bytes_part(whole, 124, 12));
		uint8_t type = whole.ptr[156];
		if (!gh_bytes_start(gh_bytes_part(whole, 257, 5), GH_LIT("ustar")) || !sum_right(whole) ||
		    length > c.left)
			return false;
		gh_bytes content = gh_take(&c, length);
		gh_skip(&c, GH_MIN((uint64_t)c.left, (RECORD - length % RECORD) % RECORD));
		if ((type != '0' && type != 0) || length == 0)
			continue;
		if (m->n == MEMBERS_MOST)
			return false;
		member *one = &m->items[m->n++];
		gh_bytes base = base_name(name), rest = { NULL, 0 };
		*one = (member){ .name = name,
				 .content = content,
				 .head = head,
				 .at = head + RECORD,
				 .number = number_of(base, &rest) };
		if (one->number >= 0)
			label_by_name(one, base, rest);
		else
			set_label(one, base);
		m->partitions += one->number >= 0;
	}
	*size = c.pos - start;
	return m->n > 0;
}

static uint64_t hex(gh_bytes text)
{
	uint64_t v = 0;
	for (size_t i = 0; i < text.len && i < 16; i++) {
		const char *at = strchr("0123456789abcdef", text.ptr[i] | 0x20);
		if (!at || !text.ptr[i])
			break;
		v = v << 4 | (uint64_t)(at - "0123456789abcdef");
	}
	return v;
}

/* mtd0: 00040000 00010000 "u-boot" */
static void read_line(mtds *m, gh_bytes line)
{
	const uint8_t *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
	const uint8_t *open = line.len ? memchr(line.ptr, '"', line.len) : NULL;
	if (!colon || !open)
		return;
	gh_bytes rest = { NULL, 0 }, name = gh_bytes_part(line, (uint64_t)(open - line.ptr) + 1, line.len);
	const uint8_t *close = name.len ? memchr(name.ptr, '"', name.len) : NULL;
	int number = number_of(gh_bytes_part(line, 0, (uint64_t)(colon - line.ptr)), &rest);
	if (!close || number < 0 || close == name.ptr)
		return;
	name.len = (size_t)(close - name.ptr);
	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].number != number)
			continue;
		set_label(&m->items[i], name);
		m->items[i].stated = hex(gh_bytes_part(line, (uint64_t)(colon - line.ptr) + 2, 16));
		m->named = true;
	}
}

static void read_proc_mtd(mtds *m)
{
	for (size_t i = 0; i < m->n; i++) {
		gh_bytes text = m->items[i].content;
		if (m->items[i].number >= 0 || text.len > TEXT_MOST || !gh_bytes_start(text, GH_LIT("dev:")))
			continue;
		for (gh_cur c = gh_cur_over(text, 0); c.left > 0;)
			read_line(m, gh_line(&c));
	}
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	uint64_t size = 0;
	mtds *m = gh_arena_zalloc(ctx->arena, sizeof *m);
	if (!m)
		return gh_nomem(ctx);
	if (!read_tar(c, m, &size) || m->partitions < 2)
		return gh_fail(ctx, GH_NOT_MINE, c.pos, "no tar of a device's partitions");
	read_proc_mtd(m);
	*ret = (gh_span){ .size = size, .proof = GH_PROOF_PARSED, .state = m };
	return GH_OK;
}

/* Banks are told apart as those of a map are; partitions by their numbers. */
static gh_code facts(gh_ctx *ctx, gh_node *out, mtds *m, gh_bytes all, uint64_t pos)
{
	gh_map *map = &m->map;
	gh_code code = gh_node_fact(ctx, out, "map", m->named ? GH_LIT("/proc/mtd") : GH_LIT("names of files"));
	map->bytes = all;
	for (int number = 0; number < NUMBER_MOST && code == GH_OK; number++)
		for (size_t i = 0; i < m->n && code == GH_OK; i++) {
			const member *one = &m->items[i];
			if (one->number != number)
				continue;
			const char *holds = gh_map_smell(one->content);
			if (map->n < GH_MAP_PARTS) {
				gh_map_part *p = &map->parts[map->n++];
				*p = (gh_map_part){ .at = one->at - pos, .size = one->content.len, .holds = holds };
				memcpy(p->name, one->label, sizeof p->name);
			}
			code = gh_node_factf(ctx, out, "partition", "mtd%d %s, %zu bytes%s%s", number, one->label,
					     one->content.len, holds ? ": " : "", holds ? holds : "");
			if (code == GH_OK && one->stated && one->stated != one->content.len)
				code = gh_node_note(ctx, out, GH_CORRUPT, one->at,
						    "mtd%d has %zu bytes, /proc/mtd says %llu", number,
						    one->content.len, (unsigned long long)one->stated);
		}
	return code == GH_OK ? gh_map_banks(ctx, out, map) : code;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	mtds *m = span->state;
	gh_bytes all = gh_rest(&c);
	gh_code code = facts(ctx, out, m, all, c.pos);
	for (size_t i = 0; i < m->n && code == GH_OK; i++) {
		const member *one = &m->items[i];
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "tar-header", one->head,
				    gh_bytes_part(all, one->head - c.pos, RECORD));
		if (code == GH_OK)
			code = gh_node_part(ctx, out, GH_NODE_PART, one->label, one->at, one->content);
		if (code == GH_OK)
			code = gh_node_fact(ctx, out->last, "file", one->name);
		if (code == GH_OK && one->number >= 0)
			code = gh_area_facts(ctx, out->last, one->content);
	}
	return code;
}

const gh_format gh_format_mtds = {
	.name = "mtds",
	.title = "Device as files of its partitions: mtd0 to mtdN",
	.spec = "POSIX ustar; /proc/mtd of Linux",
	.kind = GH_NODE_CONTAINER,
	.limits = "spare bytes of NAND in the file of one partition are not stripped",
	.whole = true,
	.measure = measure,
	.unpack = unpack,
};
