/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images that Alpha Networks' tool `encimg` enciphered for D-Link (binwalk-ng/delink encimg.rs, unblob
 * alpha_encimg.py): a Seama image, AES-256-CBC from its first byte on. Nothing in the clear says so; but every image
 * of one board begins with the same words, so it begins with the same sixteen bytes of cipher.
 *
 * Key and IV are those of the device's tool, each byte mixed with its place and with the name of the board:
 *	key[i] ^= board[i mod length] ^ (i + 1)
 */
#include "format/vendor/keys_in.h"

enum { CIPHER = 16, META_MOST = 128, ENTITIES_MOST = 16 };

static const struct {
	const char *device, *key, *board; /* key: whose of the published ones, NULL where none is */
	char cipher[CIPHER + 1];
} devices[] = {
	{ "DAP-1665 B", "DAP-1665", "wapac25_dlink.2015_dap1665",
	  "\x35\x66\x6f\x68\xef\x1a\xfe\x1f\x34\xef\x4f\x11\x21\x05\x4e\xbe" },
	{ "DAP-1720 A", "DAP-1720", "wapac28_dlink.2015_dap1720",
	  "\x68\x01\xcc\xfb\xad\x6b\xa0\xba\x33\x04\xb0\x9c\xbb\x48\xb0\x27" },
	{ "DIR-822 C1", "DIR-822 C1", "wrgac43s_dlink.2015_dir822c1",
	  "\xdf\x8c\x39\x0d\x22\xb4\xdc\x29\xfb\x4e\xbf\xdb\xe8\xe1\x8b\xfb" },
	{ "DIR-842 C1, C2", "DIR-842 C1", "wrgac65_dlink.2015_dir842",
	  "\xf5\x2a\xa0\xb4\x92\x53\xbf\xef\xf8\x21\xa6\x2e\x28\xa7\x39\x8b" },
	{ "DIR-842 C3", "DIR-842 C1", "wrgac65_dlink.2015_dir842EU",
	  "\x21\xdd\xda\x00\x99\xd8\x87\xa9\xd5\x2d\x7e\xff\x3b\x58\x70\xa6" },
	{ "DIR-850L A1", "DIR-850L A1", "wrgac05_dlob.hans_dir850l",
	  "\xe3\x13\x00\x5b\x76\xdf\x0b\xe8\x83\x24\x5a\x42\xff\x91\x2d\x3d" },
	{ "DIR-850L B1", "DIR-850L B1", "wrgac25_dlink.2013gui_dir850l",
	  "\x0a\x14\xe4\x24\xff\x0f\xb4\xd7\x53\x66\xa0\xb0\x72\xfe\xab\xdf" },
	{ "DIR-859 A", "DIR-859 A", "wrgac37_dlink.2013gui_dir859",
	  "\x4c\x1b\x95\xaf\x93\x72\x5f\x81\x03\x03\x96\x4d\xdd\x76\x01\x74" },
	{ "DIR-880L A", "DIR-880L", "wrgac16_dlink.2013gui_dir880",
	  "\x8e\x69\x57\xe7\x76\x09\xd7\x94\x47\x75\x78\xa2\x4a\x1f\xc9\xb2" },
	{ "DIR-885L A", "DIR-885L", "wrgac42_dlink.2015_dir885l",
	  "\x92\x61\x58\x58\x14\xdb\xbb\x3b\xe5\xa5\xf3\xe7\x10\x9c\xa2\x0b" },
	{ "DIR-865L A", NULL, NULL, "\x98\x9c\x3c\x2c\x6b\x19\x1b\x25\x6e\x03\xee\x0f\x72\x5c\x6c\xa0" },
	{ "DIR-868L A", NULL, NULL, "\x3d\xe6\x02\x63\x3f\xc1\x85\xe7\xd2\xbf\x64\xaf\x29\x57\x3a\xbd" },
	{ "DIR-890L A", NULL, NULL, "\xcb\xc3\xa7\x4c\x50\x0f\x42\x43\xa5\xd9\x7c\xa5\x25\x6b\xcd\xba" },
	{ "DIR-895L A", NULL, NULL, "\x91\x5a\xc9\xa2\x11\xff\xaa\x6d\xb0\x12\xe8\x8d\x2c\x3c\x23\xcb" },
};

void gh_encimg_aes(const gh_key *key, gh_bytes board, uint8_t mixed[32], gh_aes *ret)
{
	*ret = (gh_aes){ .key = gh_view(mixed, 32) };
	for (unsigned i = 0; i < 32; i++)
		mixed[i] = (uint8_t)(key->key.ptr[i] ^ board.ptr[i % board.len] ^ (i + 1));
	for (unsigned i = 0; i < GH_AES_BLOCK; i++)
		ret->iv[i] = (uint8_t)(key->iv.ptr[i] ^ board.ptr[i % board.len] ^ (i + 1));
}

static const gh_key *key_of(const char *device)
{
	const gh_key *k = gh_key_next("dlink-encimg", NULL);
	while (k && strcmp(k->device, device) != 0)
		k = gh_key_next("dlink-encimg", k);
	return k;
}

static int device_of(gh_cur c)
{
	for (unsigned i = 0; i < GH_COUNT(devices); i++)
		if (gh_bytes_start(gh_rest(&c), gh_view(devices[i].cipher, CIPHER)))
			return (int)i;
	return -1;
}

/* Plain bytes from the middle: of CBC, a block needs only the cipher before it. */
static bool peek(gh_aes aes, gh_bytes all, uint64_t at, size_t n, uint8_t *ret)
{
	uint8_t plain[META_MOST + 2 * GH_AES_BLOCK];
	uint64_t from = at - at % GH_AES_BLOCK;
	size_t blocks = (size_t)(at - from + n + GH_AES_BLOCK - 1) / GH_AES_BLOCK * GH_AES_BLOCK;
	gh_bytes in = gh_bytes_part(all, from, blocks);
	if (blocks > sizeof plain || in.len < blocks)
		return false;
	if (from > 0)
		memcpy(aes.iv, all.ptr + from - GH_AES_BLOCK, sizeof aes.iv);
	(void)gh_aes_decipher(&aes, in, plain);
	memcpy(ret, plain + (at - from), n);
	return true;
}

/* Where the entities of the Seama image end, in whole blocks. */
static uint64_t length_of(const gh_aes *aes, gh_bytes all)
{
	uint64_t at = 0;
	for (unsigned n = 0; n < ENTITIES_MOST; n++) {
		uint8_t head[12];
		if (!peek(*aes, all, at, sizeof head, head))
			break;
		gh_cur c = gh_cur_over(gh_view(head, sizeof head), 0);
		if (gh_u32be(&c) != 0x5ea3a417)
			break;
		gh_skip(&c, 2);
		uint16_t meta = gh_u16be(&c);
		uint32_t size = gh_u32be(&c);
		at += (uint64_t)12 + meta + (size ? 16 + (uint64_t)size : 0);
	}
	return (at + GH_AES_BLOCK - 1) / GH_AES_BLOCK * GH_AES_BLOCK;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	int i = device_of(c);
	gh_bytes all = gh_rest(&c);
	gh_aes aes;
	uint8_t mixed[32];
	(void)ctx;
	if (i < 0)
		return GH_NOT_MINE;
	*ret = (gh_span){ .size = all.len, .proof = GH_PROOF_MAGIC };
	const gh_key *key = devices[i].key ? key_of(devices[i].key) : NULL;
	if (!key)
		return GH_OK;
	gh_encimg_aes(key, gh_view_text(devices[i].board), mixed, &aes);
	*ret = (gh_span){ .size = GH_MIN(length_of(&aes, all), (uint64_t)all.len), .proof = GH_PROOF_SHAPE };
	return ret->size > 0 ? GH_OK : GH_NOT_MINE;
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	int i = device_of(c);
	gh_bytes all = gh_bytes_part(gh_rest(&c), 0, span->size);
	gh_aes aes;
	uint8_t mixed[32];
	if (i < 0)
		return GH_NOT_MINE;
	if (gh_node_fact(ctx, out, "vendor", GH_LIT("D-Link")) ||
	    gh_node_fact(ctx, out, "model", gh_view_text(devices[i].device)))
		return GH_NOMEM;
	const gh_key *key = devices[i].key ? key_of(devices[i].key) : NULL;
	if (!key) {
		gh_code code =
			gh_node_note(ctx, out, GH_ENCRYPTED, c.pos,
				     "the first block of cipher is that of this device; its key is not published");
		return code != GH_OK ? code : gh_node_part(ctx, out, GH_NODE_PART, "enciphered image", c.pos, all);
	}
	if (gh_node_fact(ctx, out, "board", gh_view_text(devices[i].board)))
		return GH_NOMEM;
	gh_encimg_aes(key, gh_view_text(devices[i].board), mixed, &aes);
	return gh_part_aes(ctx, out, "image", &aes, key, c.pos, all, all.len, NULL);
}

const gh_format gh_format_dlink_encimg = {
	.name = "dlink-encimg",
	.title = "D-Link image enciphered by encimg",
	.spec = "binwalk-ng/delink: encimg.rs; onekey-sec/unblob: alpha_encimg.py",
	.limits = "devices whose first block of cipher has not been published are not recognised",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x35\\x66\\x6f\\x68\\xef\\x1a\\xfe\\x1f\\x34\\xef\\x4f\\x11\\x21\\x05\\x4e\\xbe", 16, 0 },
		   { "\\x68\\x01\\xcc\\xfb\\xad\\x6b\\xa0\\xba\\x33\\x04\\xb0\\x9c\\xbb\\x48\\xb0\\x27", 16, 0 },
		   { "\\xdf\\x8c\\x39\\x0d\\x22\\xb4\\xdc\\x29\\xfb\\x4e\\xbf\\xdb\\xe8\\xe1\\x8b\\xfb", 16, 0 },
		   { "\\xf5\\x2a\\xa0\\xb4\\x92\\x53\\xbf\\xef\\xf8\\x21\\xa6\\x2e\\x28\\xa7\\x39\\x8b", 16, 0 },
		   { "\\x21\\xdd\\xda\\x00\\x99\\xd8\\x87\\xa9\\xd5\\x2d\\x7e\\xff\\x3b\\x58\\x70\\xa6", 16, 0 },
		   { "\\xe3\\x13\\x00\\x5b\\x76\\xdf\\x0b\\xe8\\x83\\x24\\x5a\\x42\\xff\\x91\\x2d\\x3d", 16, 0 },
		   { "\\x0a\\x14\\xe4\\x24\\xff\\x0f\\xb4\\xd7\\x53\\x66\\xa0\\xb0\\x72\\xfe\\xab\\xdf", 16, 0 },
		   { "\\x4c\\x1b\\x95\\xaf\\x93\\x72\\x5f\\x81\\x03\\x03\\x96\\x4d\\xdd\\x76\\x01\\x74", 16, 0 },
		   { "\\x8e\\x69\\x57\\xe7\\x76\\x09\\xd7\\x94\\x47\\x75\\x78\\xa2\\x4a\\x1f\\xc9\\xb2", 16, 0 },
		   { "\\x92\\x61\\x58\\x58\\x14\\xdb\\xbb\\x3b\\xe5\\xa5\\xf3\\xe7\\x10\\x9c\\xa2\\x0b", 16, 0 },
		   { "\\x98\\x9c\\x3c\\x2c\\x6b\\x19\\x1b\\x25\\x6e\\x03\\xee\\x0f\\x72\\x5c\\x6c\\xa0", 16, 0 },
		   { "\\x3d\\xe6\\x02\\x63\\x3f\\xc1\\x85\\xe7\\xd2\\xbf\\x64\\xaf\\x29\\x57\\x3a\\xbd", 16, 0 },
		   { "\\xcb\\xc3\\xa7\\x4c\\x50\\x0f\\x42\\x43\\xa5\\xd9\\x7c\\xa5\\x25\\x6b\\xcd\\xba", 16, 0 },
		   { "\\x91\\x5a\\xc9\\xa2\\x11\\xff\\xaa\\x6d\\xb0\\x12\\xe8\\x8d\\x2c\\x3c\\x23\\xcb", 16, 0 } },
	.measure = measure,
	.unpack = unpack,
};
