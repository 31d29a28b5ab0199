/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot/uboot_env_in.h"

#include <strings.h>

#include "codec/sum.h"

enum {
	ROWS_LEAST = 2,
	NAME_MOST = 64,
	VALUE_MOST = 16 << 10,
	SIZE_LEAST = 64,
	SIZE_STEP = 256, /* environments are not always a power of two, but of even sectors */
	SIZE_MOST = 512 << 10,
	VARIABLES_MOST = 512,
	SHOWN_MOST = 1024,
	VENDOR_OF_MAC = 8,
};

/* A name of printable characters, "=", and a value of text. */
static bool is_row(gh_bytes row)
{
	const uint8_t *equals = row.len ? memchr(row.ptr, '=', GH_MIN(row.len, (size_t)NAME_MOST)) : NULL;
	if (!equals || equals == row.ptr || row.len > VALUE_MOST)
		return false;
	for (const uint8_t *p = row.ptr; p < equals; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return false;
	for (const uint8_t *p = equals; p < row.ptr + row.len; p++)
		if (*p < ' ' && !strchr("\t\n\r\033", *p))
			return false;
	return true;
}

static bool rows_of(gh_bytes b, gh_uboot_env *ret)
{
	size_t at = 0;
	unsigned n = 0;
	while (b.ptr && at < b.len && b.ptr[at] != 0) {
		const uint8_t *end = memchr(b.ptr + at, 0, b.len - at);
		gh_bytes row = gh_view(b.ptr + at, end ? (size_t)(end - (b.ptr + at)) : 0);
		if (!is_row(row))
			return false;
		at += row.len + 1;
		n++;
	}
	ret->rows = gh_bytes_part(b, 0, at);
	ret->n = n;
	return n >= ROWS_LEAST && at < b.len;
}

/* The CRC grows from one size to the next: all sizes cost one pass. */
static bool crc_holds(gh_bytes b, unsigned from, uint32_t le, uint32_t be, gh_uboot_env *ret)
{
	uint64_t done = from, end = GH_MIN((uint64_t)b.len, (uint64_t)SIZE_MOST);
	uint64_t next = (from + ret->rows.len + 1 + SIZE_STEP - 1) / SIZE_STEP * SIZE_STEP;
	for (uint32_t crc = 0; done < end; next += SIZE_STEP) {
		uint64_t stop = GH_MIN(GH_MAX(next, (uint64_t)SIZE_LEAST), end);
		crc = gh_crc32_more(crc, gh_bytes_part(b, done, stop - done));
		done = stop;
		if (crc == le || crc == be) {
			ret->size = done;
			ret->big = crc != le;
			ret->crc = crc;
			return true;
		}
	}
	return false;
}

bool gh_uboot_env_find(gh_bytes b, gh_uboot_env *ret)
{
	gh_cur c = gh_cur_over(b, 0), d = c;
	uint32_t le = gh_u32le(&c), be = gh_u32be(&d);
	*ret = (gh_uboot_env){ .looked_at = 0 };
	for (unsigned flag = 0; flag < 2 && gh_cur_ok(&c); flag++) {
		gh_uboot_env e = { .flagged = flag, .looked_at = ret->looked_at };
		if (!rows_of(gh_bytes_part(b, 4 + flag, SIZE_MOST), &e))
			continue;
		bool holds = crc_holds(b, 4 + flag, le, be, &e);
		ret->looked_at += GH_MIN(b.len, (size_t)SIZE_MOST);
		if (!holds)
			continue;
		if (flag)
			e.flag = b.ptr[4];
		*ret = e;
		return true;
	}
	return false;
}

static bool has(gh_bytes name, const char *what)
{
	size_t n = strlen(what);
	for (size_t i = 0; i + n <= name.len; i++)
		if (strncasecmp((const char *)name.ptr + i, what, n) == 0)
			return true;
	return false;
}

size_t gh_variable_open(gh_bytes name)
{
	static const char *const addresses[] = { "ethaddr", "hwaddr", "macaddr", "wlanaddr", "wifiaddr", "btaddr" };
	static const char *const secrets[] = { "serial#", "serialno",       "serial_n", "passw", "passphrase",
					       "psk",     "secret",         "wpakey",   "wep",   "wps_pin",
					       "wpspin",  "wps_device_pin", "pincode",  "_key",  "pppoe_user" };
	for (size_t i = 0; i < GH_COUNT(secrets); i++)
		if (has(name, secrets[i]))
			return 0;
	if (gh_bytes_eq(name, GH_LIT("sn")) || gh_bytes_eq(name, GH_LIT("SN")) || gh_bytes_eq(name, GH_LIT("pin")) ||
	    gh_bytes_eq(name, GH_LIT("key")))
		return 0;
	if (gh_bytes_eq(name, GH_LIT("mac")) || gh_bytes_eq(name, GH_LIT("maca")) || gh_bytes_eq(name, GH_LIT("macb")))
		return VENDOR_OF_MAC;
	for (size_t i = 0; i < GH_COUNT(addresses); i++)
		if (has(name, addresses[i]))
			return VENDOR_OF_MAC;
	/* eth1addr, eth2addr, … */
	if (name.len == 8 && gh_bytes_start(name, GH_LIT("eth")) && gh_bytes_end(name, GH_LIT("addr")))
		return VENDOR_OF_MAC;
	return SIZE_MAX;
}

gh_code gh_variables(gh_ctx *ctx, gh_node *out, gh_bytes rows, uint64_t at)
{
	gh_cur c = gh_cur_over(rows, at);
	gh_code code = GH_OK;
	for (unsigned n = 0; c.left > 0 && code == GH_OK; n++) {
		const uint8_t *end = memchr(c.ptr, 0, c.left);
		gh_bytes row = gh_take(&c, end ? (uint64_t)(end - c.ptr) : c.left);
		const uint8_t *equals = row.len ? memchr(row.ptr, '=', row.len) : NULL;
		gh_skip(&c, c.left > 0);
		if (!equals)
			continue;
		if (n == VARIABLES_MOST)
			return gh_node_note(ctx, out, GH_LIMIT, c.pos,
					    "more than %d variables: the others are not told", VARIABLES_MOST);
		size_t name = (size_t)(equals - row.ptr), open = gh_variable_open(gh_bytes_part(row, 0, name));
		gh_bytes told = gh_bytes_part(row, 0, SHOWN_MOST);
		if (open == SIZE_MAX)
			code = gh_node_fact(ctx, out, "variable", told);
		else
			code = gh_node_secret(ctx, out, "variable", told, name + 1 + open);
	}
	return code;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	gh_uboot_env e;
	bool found = gh_uboot_env_find(gh_rest(&c), &e);
	*ret = (gh_span){ .size = e.size, .proof = GH_PROOF_SUM };
	gh_code code = gh_effort(ctx, e.looked_at);
	return code != GH_OK ? code : found ? GH_OK : GH_NOT_MINE;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	gh_uboot_env e;
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	if (!gh_uboot_env_find(all, &e))
		return gh_fail(ctx, GH_CORRUPT, c.pos, "the CRC of the environment does not hold");
	unsigned from = e.flagged ? 5 : 4;
	gh_sum sum = { .what = "environment CRC", .algorithm = "crc32", .at = c.pos };
	gh_code code = gh_sum_u32(ctx, out, sum, e.crc, gh_crc32(gh_bytes_part(all, from, all.len)), e.big);
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "byte-order", e.big ? GH_LIT("big-endian") : GH_LIT("little-endian"));
	if (code == GH_OK && e.flagged)
		code = gh_node_factf(ctx, out, "flag", "%u", e.flag);
	if (code == GH_OK)
		code = gh_node_factf(ctx, out, "variables", "%u", e.n);
	if (code == GH_OK)
		code = gh_variables(ctx, out, e.rows, c.pos + from);
	if (code == GH_OK)
		code = gh_node_part(ctx, out, GH_NODE_HEADER, "variables", c.pos,
				    gh_bytes_part(all, 0, from + e.rows.len + 1));
	return code;
}

/* Variables stand in alphabetical order, or in that of the default environment: what may come first is known. */
#define FIRST                                                                                                          \
	"(?:"                                                                                                          \
	"activ|addco|addip|addmi|addro|addtt|altbo|arch=|autol|baudr|board|boot[_a-zA-Z]|bridg|conso|"                 \
	"count|devic|dual_|erase|etha[cd]|eth1a|fdt_a|fdtad|fdtfi|files|firmw|flash|gatew|hostn|image|"                \
	"initr|ipadd|kerne|loada|macad|model|mtdid|mtdpa|netma|produ|ramar|scrip|seria|serve|stdin|ubifs|"             \
	"uboot|ver=U|WebIn"                                                                                            \
	")"

const gh_format gh_format_uboot_env = {
	.name = "uboot-env",
	.title = "U-Boot environment",
	.spec = "u-boot: include/env_internal.h, tools/mkenvimage.c",
	.limits =
		"environments whose first variable is none of those usually met are found only as a partition of flash",
	.kind = GH_NODE_CONTAINER,
	.magic = { { FIRST, 5, 4 }, { FIRST, 5, 5 } },
	.measure = measure,
	.unpack = unpack,
};
