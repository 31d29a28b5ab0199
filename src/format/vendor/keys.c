/* SPDX-License-Identifier: Apache-2.0 */
#include "format/vendor/keys_in.h"

#define ENCIMG_SOURCE "binwalk-ng/delink encimg.rs; onekey-sec/unblob alpha_encimg.py"
#define MH01_SOURCE "binwalk-ng/delink mh01.rs"
#define PORAY_SOURCE "openwrt/firmware-utils mkporayfw.c"
#define R95_SOURCE "binwalk-ng/delink r95.rs"

/* clang-format off */
static const gh_key keys[] = {
	{ "buffalo-enc", "Buffalo", GH_INIT("Buffalo"), GH_INIT(""), "openwrt/firmware-utils buffalo-enc.c" },
	/* a passphrase: the key is its SHA-256 */
	{ "cisco-pkg", "FireSIGHT and FirePOWER", GH_INIT("R4o0x~8d|4=Jh^%P)Kqf6d5e.v#^%#(&(;kuwtUTR-WQp%^#86"),
	  GH_INIT(""), "nezlooy/cisco-binwalk cisco_pkg.py" },
	{ "dlink-dap", "DAP-1325, DAP-1610",
	  GH_INIT("\x3b\xae\x35\x16\x28\xae\xd2\xa6\x0b\xf7\x15\x28\xc9\xcf\xdf\x3c"), GH_INIT(""),
	  "binwalk-ng/delink dap1325.rs" },
	/* Before use, key and IV are mixed with the name of the board in the image. */
	{ "dlink-encimg", "DAP-1665", GH_INIT("EfCHXytwsC6F0zsedwZc+9vDbCjE3ge4"), GH_INIT("ggPy917jwESpnfXm"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DAP-1720", GH_INIT("qBiz6o/1RVQTtJBd3FS7FDbqogE8yoBm"), GH_INIT("EfDMqWWxHCOhEqgY"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DAP-2610, DAP-2680, DAP-2682", GH_INIT("oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v"),
	  GH_INIT("0BO5nlYankuVBe4s"), ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-822 C1", GH_INIT("KNpsEntCcsep1jdFIs3wnXySKRGNCGmf"), GH_INIT("uph587JdKHrtAUlr"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-842 C1", GH_INIT("xQYoRZeD726UAbRb846kO7TeNw8eZa6u"), GH_INIT("zufEbNF3kUafxFiE"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-850L A1", GH_INIT("BIuS1CVMEQG+0pUeE99jnR+vLlLd9unr"), GH_INIT("f3+odwHhmJL1ceW1"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-850L B1", GH_INIT("qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W"), GH_INIT("Mmb+IKQgnO8OuF4b"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-859 A", GH_INIT("KY0H9R2PDL3eu1J4uCVd1CK7BJ7vF1kc"), GH_INIT("qbStAzIRvWeQHz5U"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-880L", GH_INIT("FA83N1HdSQ9a5YcaaR1lqgkNdoEMeC1K"), GH_INIT("pQkgnYasQKO8a85w"),
	  ENCIMG_SOURCE },
	{ "dlink-encimg", "DIR-885L", GH_INIT("B1QrUHCIiUnKDLmHe+1Z4F/GlkTtrbk4"), GH_INIT("sWa+i+wqeloTIefj"),
	  ENCIMG_SOURCE },
	{ "dlink-encrpted", "DIR-X1560, DIR-X1870, DIR-X4860, DIR-X5460", GH_INIT("he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8"),
	  GH_INIT("J%1iQl8$=lm-;8AE"), "onekey-sec/unblob encrpted_img.py" },
	{ "dlink-mh01", "E15 v1.00 - v1.20", GH_INIT("044b4e59846ecee953662ff2238fcc23"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "E15 > v1.20", GH_INIT("927fc5786df1a9557524a0289e1e3f3b"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "E30 v1.00 - v1.10", GH_INIT("4d5ee2c8b5d0fdd9a9a2d351ba897752"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "E30 > v1.10", GH_INIT("238a29b9432f688e30b701548c753146"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "R12 v1.00 - v1.10", GH_INIT("a4f7c17c3e0aa4532c2024ce6ac5f17c"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "R12 > v1.10", GH_INIT("6b5a65dbc1ebc492ac6d8efbbb59ae09"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "R15 v1.00 - v1.20", GH_INIT("70070e579f97548a96a7794d4d779376"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "R15 > v1.20", GH_INIT("7b4df82f7f042b9d0b40971be0ff53c4"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "R18", GH_INIT("6276ccf4c1d8d6f54b481095e78ff97f"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M18", GH_INIT("1ae6c79be7d069ca74df7670bdfc4952"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M30 v1.02 - v1.10", GH_INIT("b4517d9b98e04d9f075f5e78c743e097"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M30 > v1.10", GH_INIT("05c79b73cf88619d7b9725505cfd718f"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M32 v1.00 - v1.10", GH_INIT("6b29f1d663a21b35fb45b69a42649f5e"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M32 > v1.10", GH_INIT("1bfb1004e29f9eb76dbe26eb0dd87cd1"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M60 v1.10", GH_INIT("c5f8a1e22f808abc84f2e4a6fa5f10bb"), GH_INIT(""), MH01_SOURCE },
	{ "dlink-mh01", "M60 > v1.10", GH_INIT("6420da70a975455e4ddd6b8fa5b652e7"), GH_INIT(""), MH01_SOURCE },
	/* salts of digests */
	{ "dlink-ru", "DIR-882 R1, first", GH_INIT("\x57\xc5\x37\x57\x41\xc3\x0c\xa9\xeb\xcb\x36\x71\x3d\xb4\xba\x51"), GH_INIT(""),
	  "OpenWrt mt7621.mk" },
	{ "dlink-ru", "DIR-882 R1, second", GH_INIT("\xab\x0d\xff\x19\xaf\x88\x42\xcd\xb7\x0a\x86\xb4\xb6\x8d\x23\xf7"), GH_INIT(""),
	  "OpenWrt mt7621.mk" },
	{ "dlink-ru", "DIR-2150 R1", GH_INIT("\xe6\x58\x7b\x35\xa6\xb3\x4e\x07\xbe\xde\xca\x23\xe1\x40\x32\x2f"), GH_INIT(""),
	  "OpenWrt mt7621.mk" },
	{ "dlink-shrs", "DIR-816, DIR-867, DIR-878, DIR-882, DIR-1360 … DIR-3040, DAP-1820",
	  GH_INIT("\xc0\x5f\xbf\x19\x36\xc9\x94\x29\xce\x2a\x07\x81\xf0\x8d\x6a\xd8"), GH_INIT(""),
	  "0xricksanchez/dlink-decrypt; onekey-sec/unblob shrs.py" },
	{ "hilink", "HLK-RM04", GH_INIT("H@L9K*(3"), GH_INIT(""), "openwrt/firmware-utils mkhilinkfw.c" },
	{ "openssl-salted", "D-Link DAP-1610 B1", GH_INIT("2c3b6fa78bd60b41bb0796fef4b058b0"), GH_INIT(""),
	  "binwalk-ng/delink dap1610.rs" },
	{ "openssl-salted", "D-Link R36", GH_INIT("CAD1C42B11F1982FFA94B6A24C260A43"), GH_INIT(""), R95_SOURCE },
	{ "openssl-salted", "D-Link M36", GH_INIT("A11E331C15CE73ABA8E06171A11D2FB6"), GH_INIT(""), R95_SOURCE },
	{ "openssl-salted", "D-Link R95", GH_INIT("BE81AE1B6F523AC7164C4FD67B6BD8FD"), GH_INIT(""), R95_SOURCE },
	{ "openssl-salted", "D-Link M95", GH_INIT("91A9A3AF2218F4EA60AC37D5835EB318"), GH_INIT(""), R95_SOURCE },
	{ "poray", "Hame MPR-A1, MPR-L8", GH_INIT("\xc8\x3c\x3a\x93\xa2\x95\xc3\x63\x48\x45\x58\x09\x12\x03\x08"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Poray M3, M4, Q3, X1, X5, X6, X8", GH_INIT("\x89\x6b\x5a\x93\x92\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\xe6\xc7"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Poray R50B", GH_INIT("\xc9\x1c\x3a\x93\x92\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\xe6\xc7"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Poray R50D", GH_INIT("\x19\x1b\x3a\x93\x92\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\xe6\xc7"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Poray R50E", GH_INIT("\x79\x7b\x7a\x93\x92\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\xe6\xc7"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Nexx WT1520", GH_INIT("\x19\x1c\x4a\x93\x96\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\x16\xc6"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "Nexx WT3020", GH_INIT("\x39\x1c\x4a\x93\x96\x95\xc3\x63\xd0\xa3\x9c\x92\x2e\x16\xc6"), GH_INIT(""),
	  PORAY_SOURCE },
	{ "poray", "A5-V11", GH_INIT("\xc8\x3c\x3a\x93\xa2\x95\xc3\x63\x48\x45\x58\x09\x20\x11\x08"), GH_INIT(""),
	  PORAY_SOURCE },
	/* of PC1; the first letter of the version follows */
	{ "qnap", "NAS", GH_INIT("QNAPNASVERSION"), GH_INIT(""), "onekey-sec/unblob qnap_nas.py" },
};
/* clang-format on */

const gh_key *gh_key_next(const char *use, const gh_key *after)
{
	for (const gh_key *k = after ? after + 1 : keys; k < keys + GH_COUNT(keys); k++)
		if (strcmp(k->use, use) == 0)
			return k;
	return NULL;
}

gh_code gh_part_aes(gh_ctx *ctx, gh_node *out, const char *name, const gh_aes *aes, const gh_key *key, uint64_t at,
		    gh_bytes in, uint64_t keep, gh_bytes *ret)
{
	size_t n = in.len - in.len % GH_AES_BLOCK;
	gh_buf plain = gh_buf_in(ctx->arena, gh_arena_left(ctx->arena));
	gh_code code = n > 0 ? gh_buf_room(ctx, &plain, n) : GH_OK;
	if (code != GH_OK)
		return code;
	if (plain.cap < n)
		return gh_fail(ctx, GH_LIMIT, at, "deciphering needs more memory than there is");
	plain.len = (size_t)GH_MIN((uint64_t)gh_aes_decipher(aes, in, plain.ptr), keep);
	const char *how = gh_arena_printf(ctx->scratch, "aes-%zu-%s, key of %s (%s)", aes->key.len * 8,
					  aes->ecb ? "ecb" : "cbc", key->device, key->source);
	if (!how)
		return gh_nomem(ctx);
	if (ret)
		*ret = gh_buf_view(&plain);
	return gh_node_part_decoded(ctx, out, name, how, at, in, gh_buf_view(&plain));
}
