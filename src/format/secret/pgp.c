/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encrypted OpenPGP message (RFC 4880, 4 and 5; RFC 9580): a row of packets, each with its kind and length.
 *
 *	85 len len 03 key-id 8 …     a session key encrypted to a public key
 *	8c len 04 cipher s2k hash …  a session key from a passphrase
 *	d2 or c9 or d4, len …        the data: 18, 9 or 20
 *
 * Lengths of new packets may be partial: a power of two, and another length behind those bytes.
 */
#include "format/room_in.h"

enum { KEYS_MOST = 16, SESSION_KEY = 1, PASSPHRASE = 3, DATA = 9, DATA_MDC = 18, DATA_AEAD = 20 };

struct message {
	unsigned keys, passphrases, data;
	uint64_t size;
	bool cut;
	gh_bytes id;
	uint8_t cipher, version; /* of the data */
	bool has_version;
};

static uint64_t new_length(gh_cur *c, bool *partial)
{
	uint8_t first = gh_u8(c);
	*partial = first >= 224 && first < 255;
	if (first < 192)
		return first;
	if (first < 224)
		return ((uint64_t)(first - 192) << 8) + gh_u8(c) + 192;
	return first == 255 ? gh_u32be(c) : UINT64_C(1) << (first & 31);
}

static uint64_t old_length(gh_cur *c, unsigned how)
{
	return how == 0 ? gh_u8(c) : how == 1 ? gh_u16be(c) : how == 2 ? gh_u32be(c) : c->left;
}

/* The data: to its end, through all its pieces. */
static void skip_data(gh_cur *c, bool old, unsigned how, struct message *m)
{
	bool partial = true;
	while (partial) {
		partial = false;
		uint64_t n = old ? old_length(c, how) : new_length(c, &partial);
		if (!gh_cur_ok(c) || n > c->left) {
			m->cut = true;
			gh_skip(c, gh_cur_ok(c) ? c->left : 0);
			return;
		}
		gh_bytes piece = gh_take(c, n);
		m->version = m->has_version || piece.len == 0 ? m->version : piece.ptr[0];
		m->has_version = true;
	}
}

/* RSA: one number, as many bits as it says, to the end of the packet. */
static bool number_fills(gh_cur p)
{
	uint32_t bits = gh_u16be(&p);
	return gh_cur_ok(&p) && bits > 256 && (bits + 7) / 8 == p.left;
}

static bool key_packet(gh_cur *c, bool old, unsigned how, unsigned kind, struct message *m)
{
	bool partial = false;
	uint64_t n = old ? (how == 3 ? 0 : old_length(c, how)) : new_length(c, &partial);
	gh_cur p = gh_sub(c, n);
	uint8_t version = gh_u8(&p);
	if (partial || n < 4 || !gh_cur_ok(c))
		return false;
	if (kind == SESSION_KEY) {
		gh_bytes id = gh_take(&p, 8);
		uint8_t algorithm = gh_u8(&p);
		m->id = m->id.len ? m->id : id;
		m->keys++;
		bool rsa = algorithm == 1 || algorithm == 2;
		return version == 3 && gh_cur_ok(&p) && (rsa ? number_fills(p) : algorithm == 16 || algorithm == 18);
	}
	uint8_t cipher = gh_u8(&p), s2k = gh_u8(&p), hash = version == 5 ? gh_u8(&p) : 0;
	if (version == 4)
		hash = gh_u8(&p);
	m->passphrases++;
	m->cipher = cipher;
	return (version == 4 || version == 5) && cipher >= 1 && cipher <= 13 && gh_cur_ok(&p) &&
	       (version == 5 || (s2k <= 4 && s2k != 2 && hash >= 1 && hash <= 14));
}

static gh_code read_message(gh_cur c, struct message *ret)
{
	struct message m = { .size = 0 };
	gh_cur start = c;
	for (unsigned i = 0; i < KEYS_MOST; i++) {
		uint8_t head = gh_u8(&c);
		bool old = !(head & 0x40);
		unsigned kind = old ? head >> 2 & 15 : head & 63, how = head & 3;
		if (!gh_cur_ok(&c) || !(head & 0x80))
			return GH_NOT_MINE;
		if (kind == DATA || kind == DATA_MDC || kind == DATA_AEAD) {
			if (i == 0)
				return GH_NOT_MINE;
			m.data = kind;
			skip_data(&c, old, how, &m);
			m.size = start.left - c.left;
			*ret = m;
			/* data without a version follows a passphrase only: less would be chance */
			return kind == DATA                       ? (m.passphrases ? GH_OK : GH_NOT_MINE)
			       : m.version == 1 || m.version == 2 ? GH_OK
								  : GH_NOT_MINE;
		}
		if ((kind != SESSION_KEY && kind != PASSPHRASE) || !key_packet(&c, old, how, kind, &m))
			return GH_NOT_MINE;
	}
	return GH_NOT_MINE;
}

static gh_code measure(gh_ctx *ctx, gh_cur c, gh_span *ret)
{
	struct message m;
	(void)ctx;
	gh_code code = read_message(c, &m);
	if (code == GH_OK)
		*ret = (gh_span){ .size = m.size, .proof = m.cut ? GH_PROOF_SHAPE : GH_PROOF_PARSED };
	return code;
}

static const char *cipher_name(uint8_t cipher)
{
	static const char *const names[] = { "none",         "IDEA",        "3DES",    "CAST5",
					     "Blowfish",     "5",           "6",       "AES-128",
					     "AES-192",      "AES-256",     "Twofish", "Camellia-128",
					     "Camellia-192", "Camellia-256" };
	return cipher < GH_COUNT(names) ? names[cipher] : "unknown";
}

static gh_code unpack(gh_ctx *ctx, gh_cur c, const gh_span *span, gh_node *out)
{
	struct message m;
	gh_code code = read_message(c, &m);
	if (code != GH_OK)
		return gh_fail(ctx, GH_CORRUPT, c.pos, "no message");
	code = gh_node_factf(ctx, out, "for", "%u public keys, %u passphrases", m.keys, m.passphrases);
	gh_cur id = gh_cur_over(m.id, 0);
	if (code == GH_OK && m.id.len == 8)
		code = gh_node_factf(ctx, out, "key-id", "%016llx", (unsigned long long)gh_u64be(&id));
	if (code == GH_OK && m.passphrases > 0)
		code = gh_node_fact(ctx, out, "cipher", gh_view_text(cipher_name(m.cipher)));
	if (code == GH_OK)
		code = gh_node_fact(ctx, out, "integrity",
				    m.data == DATA       ? GH_LIT("none")
				    : m.data == DATA_MDC ? GH_LIT("modification detection")
							 : GH_LIT("authenticated"));
	if (code == GH_OK && m.cut)
		code = gh_node_note(ctx, out, GH_TRUNCATED, c.pos + span->size, "the message is cut short");
	if (code == GH_OK)
		code = gh_node_note(ctx, out, GH_ENCRYPTED, c.pos, "an OpenPGP message: its key is not known");
	return code == GH_OK ? gh_node_part(ctx, out, GH_NODE_HEADER, "message", c.pos,
					    gh_bytes_part(gh_rest(&c), 0, span->size))
			     : code;
}

const gh_format gh_format_pgp = {
	.name = "pgp",
	.title = "Encrypted OpenPGP message",
	.spec = "RFC 4880; RFC 9580",
	.limits = "named only: there is no key; messages in letters (armor) are text",
	.kind = GH_NODE_CONTAINER,
	.magic = { { "\\x85[\\x00-\\x04].\\x03.{8}[\\x01\\x02\\x10\\x12]", 13, 0 },
		   { "\\x84.\\x03.{8}\\x12", 12, 0 },
		   { "\\x8c[\\x04\\x0d\\x2d]\\x04[\\x01-\\x0d][\\x00\\x01\\x03][\\x01-\\x0e]", 6, 0 } },
	.measure = measure,
	.unpack = unpack,
};
