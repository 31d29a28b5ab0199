/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small areas of flash that are of one device alone: calibration of radios, addresses, environments.
 *
 * Atheros: the calibration of a radio stands at 0x1000 (0x5000 for the second) of the partition, addresses at its
 * start; EEPROM version 2 and a template byte of AR9300 and later, a length of 0x2f20 and the like of QCA98xx and later
 * (linux/drivers/net/wireless/ath/ath9k/ar9003_eeprom.h, ath10k/hw.h), a55a of older chips (ath9k/eeprom.h).
 * MediaTek: the number of the chip, then version, then an address (mt76/mt7603/eeprom.h, mt7615/eeprom.h).
 * U-Boot: see boot/uboot_env_in.h.
 * Broadcom: "FLSH", length, CRC and settings, then rows as well (bcmnvram.h).
 */
#include <stdio.h>

#include "format/boot/uboot_env_in.h"
#include "format/device/map_in.h"

enum { MAC = 6, ROWS_LEAST = 2, VENDOR_OF_MAC = 8 };

/* An address a vendor gave: not multicast, not of no vendor, neither erased nor zeros. */
static bool is_mac(gh_bytes b)
{
	if (!b.ptr || b.len < MAC || (b.ptr[0] & 3) != 0)
		return false;
	uint32_t vendor = (uint32_t)b.ptr[0] << 16 | (uint32_t)b.ptr[1] << 8 | b.ptr[2];
	uint32_t own = (uint32_t)b.ptr[3] << 16 | (uint32_t)b.ptr[4] << 8 | b.ptr[5];
	return vendor != 0 && own != 0 && own != 0xffffff;
}

static const char *ath_at(gh_bytes b, uint64_t at)
{
	gh_bytes c = gh_bytes_part(b, at, 16);
	if (!c.ptr || c.len < 16)
		return NULL;
	/* 2, template, then the address: whoever wrote it has one, or erased bytes for it */
	if (c.ptr[0] == 2 && c.ptr[1] >= 1 && c.ptr[1] <= 6 &&
	    (is_mac(gh_bytes_part(c, 2, 6)) || memcmp(c.ptr + 2, "\0\2\3\4\5\6", 6) == 0))
		return "Atheros AR93xx/QCA95xx";
	gh_cur cur = gh_cur_over(c, 0);
	uint16_t length = gh_u16le(&cur);
	gh_skip(&cur, 4);
	if ((length == 0x844 || length == 0x2f20 || length == 0x202f) && is_mac(gh_rest(&cur)))
		return "Qualcomm QCA98xx";
	if ((c.ptr[0] == 0xa5 && c.ptr[1] == 0x5a) || (c.ptr[0] == 0x5a && c.ptr[1] == 0xa5))
		return "Atheros AR5xxx/AR92xx";
	return NULL;
}

static const char *mediatek(gh_bytes b)
{
	static const uint16_t chips[] = { 0x3050, 0x3052, 0x3352, 0x5350, 0x5390, 0x5592, 0x7601, 0x7603,
					  0x7610, 0x7612, 0x7613, 0x7615, 0x7620, 0x7622, 0x7628, 0x7629,
					  0x7662, 0x7663, 0x7915, 0x7916, 0x7981, 0x7986 };
	gh_cur c = gh_cur_over(b, 0);
	uint16_t chip = gh_u16le(&c);
	gh_skip(&c, 2);
	gh_bytes mac = gh_take(&c, MAC);
	for (size_t i = 0; i < GH_COUNT(chips); i++)
		if (chips[i] == chip &&
		    (is_mac(mac) || (mac.len == MAC && memcmp(mac.ptr, "\xff\xff\xff\xff\xff\xff", MAC) == 0)))
			return "MediaTek";
	return NULL;
}

static const char *calibration(gh_bytes b)
{
	static const uint32_t places[] = { 0x1000, 0x5000 };
	for (size_t i = 0; i < GH_COUNT(places); i++) {
		const char *what = ath_at(b, places[i]);
		if (what)
			return what;
	}
	return mediatek(b);
}

bool gh_area_is_calibration(gh_bytes b)
{
	return calibration(b) != NULL;
}

/* Rows of printable name=value, at least two, ended by an empty row. */
static bool rows(gh_bytes b, gh_bytes *ret)
{
	size_t at = 0, n = 0;
	while (at < b.len && b.ptr[at] != 0) {
		const uint8_t *end = memchr(b.ptr + at, 0, b.len - at);
		size_t len = end ? (size_t)(end - (b.ptr + at)) : 0;
		if (!end || !memchr(b.ptr + at, '=', len) || b.ptr[at] == '=')
			return false;
		at += len + 1;
		n++;
	}
	*ret = gh_bytes_part(b, 0, at);
	return n >= ROWS_LEAST && at < b.len;
}

bool gh_area_environment(gh_bytes b, gh_bytes *ret)
{
	gh_cur c = gh_cur_over(b, 0);
	if (gh_eat(&c, GH_LIT("FLSH"))) {
		uint32_t length = gh_u32le(&c);
		return length > 20 && length <= b.len && rows(gh_bytes_part(b, 20, length - 20 + UINT64_C(1)), ret);
	}
	gh_uboot_env e;
	bool found = gh_uboot_env_find(b, &e);
	*ret = e.rows;
	return found;
}

gh_bytes gh_area_variable(gh_bytes variables, const char *name)
{
	gh_cur c = gh_cur_over(variables, 0);
	size_t n = strlen(name);
	while (c.left > 0) {
		const uint8_t *end = memchr(c.ptr, 0, c.left);
		gh_bytes row = gh_take(&c, end ? (uint64_t)(end - c.ptr) : c.left);
		gh_skip(&c, c.left > 0);
		if (row.len > n && row.ptr[n] == '=' && memcmp(row.ptr, name, n) == 0)
			return gh_bytes_part(row, n + 1, row.len);
	}
	return gh_view(NULL, 0);
}

static gh_code fact_mac(gh_ctx *ctx, gh_node *part, gh_bytes b, uint64_t at)
{
	gh_bytes m = gh_bytes_part(b, at, MAC);
	if (!is_mac(m))
		return GH_OK;
	char text[3 * MAC];
	const char *key = at == 0 ? "mac" : gh_arena_printf(ctx->arena, "mac-at-0x%llx", (unsigned long long)at);
	int n = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m.ptr[0], m.ptr[1], m.ptr[2], m.ptr[3],
			 m.ptr[4], m.ptr[5]);
	return key ? gh_node_secret(ctx, part, key, gh_view(text, (size_t)n), VENDOR_OF_MAC) : gh_nomem(ctx);
}

static gh_code environment(gh_ctx *ctx, gh_node *part, gh_bytes variables)
{
	static const struct {
		const char *name;
		bool secret;
		unsigned open;
	} told[] = {
		{ "ethaddr", true, VENDOR_OF_MAC },
		{ "eth1addr", true, VENDOR_OF_MAC },
		{ "wlanaddr", true, VENDOR_OF_MAC },
		{ "macaddr", true, VENDOR_OF_MAC },
		{ "et0macaddr", true, VENDOR_OF_MAC },
		{ "serial#", true, 0 },
		{ "serialno", true, 0 },
		{ "boardid", false, 0 },
		{ "board", false, 0 },
		{ "bootargs", false, 0 },
		{ "bootcmd", false, 0 },
	};
	gh_code code = gh_node_fact(ctx, part, "holds", GH_LIT("environment"));
	for (size_t i = 0; i < GH_COUNT(told) && code == GH_OK; i++) {
		gh_bytes value = gh_bytes_part(gh_area_variable(variables, told[i].name), 0, 200);
		if (value.len > 0 && told[i].secret)
			code = gh_node_secret(ctx, part, told[i].name, value, told[i].open);
		else if (value.len > 0)
			code = gh_node_fact(ctx, part, told[i].name, value);
	}
	return code;
}

/* openwrt: target/linux/ath79 device trees of TP-Link: address at 0x1fc00 of the boot loader, product at 0x1fd00,
 * number of WPS at 0x1fe00 */
static gh_code tplink(gh_ctx *ctx, gh_node *part, gh_bytes b)
{
	gh_bytes mac = gh_bytes_part(b, 0x1fc00, MAC), behind = gh_bytes_part(b, 0x1fc06, 16),
		 pin = gh_bytes_part(b, 0x1fe00, 8);
	for (size_t i = 0; i < behind.len; i++)
		if (behind.ptr[i] != 0xff)
			return GH_OK;
	gh_code code = behind.len == 16 && is_mac(mac) ? fact_mac(ctx, part, b, 0x1fc00) : GH_OK;
	bool digits = pin.len == 8;
	for (size_t i = 0; i < pin.len; i++)
		digits = digits && pin.ptr[i] >= '0' && pin.ptr[i] <= '9';
	if (code == GH_OK && digits)
		code = gh_node_secret(ctx, part, "wps-pin", pin, 0);
	return code;
}

gh_code gh_area_facts(gh_ctx *ctx, gh_node *part, gh_bytes b)
{
	static const uint32_t macs[] = { 0, 6, 12, 18, 4, 0x1002, 0x1006, 0x5006, 0x8004 };
	gh_bytes variables;
	if (b.len > GH_MIB(1))
		return GH_OK;
	if (gh_area_environment(b, &variables))
		return environment(ctx, part, variables);
	const char *what = calibration(b);
	if (!what)
		return tplink(ctx, part, b);
	gh_code code = gh_node_factf(ctx, part, "holds", "calibration of radios (%s)", what);
	bool mt = strcmp(what, "MediaTek") == 0;
	for (size_t i = 0; i < GH_COUNT(macs) && code == GH_OK; i++) {
		bool of_mt = macs[i] == 4 || macs[i] == 0x8004;
		bool of_radio = macs[i] == 0x1002 ? b.ptr[0x1000] == 2
						  : macs[i] % 0x1000 != 6 || macs[i] == 6 || b.len <= macs[i] ||
							    b.ptr[macs[i] - 6] != 2;
		if (of_mt == mt && of_radio)
			code = fact_mac(ctx, part, b, macs[i]);
	}
	return code;
}
