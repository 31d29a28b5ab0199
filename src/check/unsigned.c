/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the container carry a signature at all? A statement about what the digests are worth, not a finding
 * against the image: most routers take any image whose checksum is right.
 */
#include "check/check.h"

static bool speaks_of_signature(const char *text)
{
	static const char *const words[] = { "signature", "Signature", "rsa", "RSA", "ecdsa", "ed25519" };
	for (size_t i = 0; text && i < GH_COUNT(words); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

/* "signature-text" is what Broadcom's tag calls a line of text. A signature among the sums, facts and parts of this
 * container or of what it holds. */
static const char *signature_in(const gh_node *container, const gh_node **where)
{
	const char *name = NULL;
	for (const gh_node *n = container; n && !name; n = gh_node_after(container, n)) {
		if (n != container && n->kind == GH_NODE_FILE)
			continue;
		for (const gh_sum *s = n->sums; s && !name; s = s->next)
			if (s->state != GH_SUM_ABSENT &&
			    (speaks_of_signature(s->what) || speaks_of_signature(s->algorithm)))
				name = s->what;
		for (const gh_fact *f = n->facts; f && !name; f = f->next)
			if (speaks_of_signature(f->key) && !strstr(f->key, "-text") && f->value.len)
				name = f->key;
		if (!name && speaks_of_signature(n->name))
			name = n->name;
		*where = n;
	}
	return name;
}

static gh_code say(gh_check_ctx *check, const gh_node *container)
{
	gh_ctx *ctx = check->ctx;
	const gh_node *where = container;
	const char *name = signature_in(container, &where);
	gh_finding f = {
		.id = name ? "UNSIGNED/not-verified" : "UNSIGNED/none",
		.check = gh_check_unsigned.id,
		.level = GH_LEVEL_INFO,
		.sure = name ? GH_SURE_HIGH : GH_SURE_MEDIUM,
		.why = gh_check_unsigned.why,
		.harmless = gh_check_unsigned.harmless,
		.n_evidence = 1,
	};
	f.title = name ? gh_arena_printf(ctx->scratch,
					 "the %s carries a signature (%.80s), which was not verified: the "
					 "maker's key is not known",
					 container->format, name)
		       : gh_arena_printf(ctx->scratch,
					 "no signature was found in the %s: whoever computes its checksums "
					 "can make another",
					 container->format);
	f.evidence[0] = (gh_evidence){ .node = name ? where->id : container->id, .at = GH_NOWHERE };
	return f.title ? gh_finding_add(ctx, check->out, &f) : gh_nomem(ctx);
}

/* The outermost containers: what a device is asked to take. */
static gh_code conclude(gh_check_ctx *check)
{
	for (const gh_node *n = check->root ? check->root->first : NULL; n; n = n->next)
		if (n->kind == GH_NODE_CONTAINER && n->format)
			return say(check, n);
	return GH_OK;
}

const gh_check gh_check_unsigned = {
	.id = "UNSIGNED",
	.title = "Does the container carry a signature?",
	.why = "A checksum shows accidents; only a signature, checked with the maker's key, shows who made an image.",
	.harmless =
		"Most routers are made so: this says what a right checksum is worth, and nothing against the image.",
	.attack = NULL,
	.kinds = "none, not-verified",
	.conclude = conclude,
};
