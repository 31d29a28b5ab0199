/* SPDX-License-Identifier: Apache-2.0 */
#include "format/vendor/tplink_in.h"

#include "codec/sum.h"

enum { IMAGE_MOST = 512 << 20, FIELD_FAULTS_MOST = 2 };

/* What measure() found out about the digest. */
struct verdict {
	uint64_t image;    /* bytes the digest stands for */
	uint64_t metadata; /* OpenWrt's records behind them */
	bool right, cut;
	unsigned salt;
	uint8_t computed[16];
};

static void digest(const gh_tplink *t, uint64_t length, unsigned salt, uint8_t ret[16])
{
	gh_bytes image = gh_bytes_part(t->all, 0, length);
	gh_bytes runs[] = {
		gh_bytes_part(image, 0, t->digest_at),
		gh_view(t->salts->salt[salt], 16),
		gh_bytes_part(image, t->digest_at + 16, image.len),
	};
	gh_md5(runs, GH_COUNT(runs), ret);
}

/* The digest covers the stated length; of sysupgrade images it covers the file, which is shorter,
 * without the records that OpenWrt appends later. */
static gh_code try_digest(gh_ctx *ctx, const gh_tplink *t, struct verdict *v)
{
	gh_bytes stored = gh_bytes_part(t->all, t->digest_at, 16);
	uint64_t tail = gh_fwtool_tail(t->all);
	const uint64_t lengths[] = { t->length, t->all.len - tail, t->all.len };
	bool first = true;
	for (unsigned i = 0; i < GH_COUNT(lengths) && !v->right; i++) {
		uint64_t length = lengths[i];
		bool done_before = (i > 0 && length == lengths[0]) || (i > 1 && length == lengths[1]);
		if (done_before || length > t->all.len || length < GH_TPLINK_HEADER)
			continue;
		for (unsigned n = 0; n < 2 && !v->right; n++) {
			uint8_t md5[16];
			unsigned salt = n ^ (t->boot_len != 0);
			gh_code code = gh_effort(ctx, length);
			if (code != GH_OK)
				return code;
			digest(t, length, salt, md5);
			v->right = gh_bytes_eq(gh_view(md5, sizeof md5), stored);
			if (v->right || first) {
				v->image = length;
				v->salt = salt;
				memcpy(v->computed, md5, sizeof md5);
			}
			first = false;
		}
	}
	if (t->all.len - v->image == tail)
		v->metadata = tail;
	return GH_OK;
}

/* Is the field something that exists? Absent ones are all ones or zero. */
static bool given(uint32_t at, uint32_t len)
{
	return at != UINT32_MAX && len != UINT32_MAX && len != 0;
}

static bool fits(uint64_t at, uint64_t len, uint64_t whole)
{
	return at <= whole && len <= whole - at;
}

static unsigned field_faults(const gh_tplink *t)
{
	unsigned faults = t->length < GH_TPLINK_HEADER || t->length > IMAGE_MOST;
	faults += given(t->kernel_at, t->kernel_len) &&
		  (t->kernel_at < GH_TPLINK_HEADER || !fits(t->kernel_at, t->kernel_len, t->length));
	faults += given(t->rootfs_at, t->rootfs_len) && !fits(t->rootfs_at, t->rootfs_len, t->length);
	faults += given(t->boot_at, t->boot_len) && !fits(t->boot_at, t->boot_len, t->length);
	faults += t->hw_id == 0 || t->hw_id == UINT32_MAX;
	faults += !given(t->kernel_at, t->kernel_len) && !given(t->boot_at, t->boot_len);
	return faults;
}

gh_code gh_tplink_prove(gh_ctx *ctx, const gh_tplink *t, gh_span *ret)
{
	unsigned faults = field_faults(t);
	if (faults > (t->known_vendor ? FIELD_FAULTS_MOST : 0))
		return GH_NOT_MINE;
	struct verdict *v = gh_arena_zalloc(ctx->arena, sizeof *v);
	if (!v)
		return gh_nomem(ctx);
	bool length_makes_sense = t->length >= GH_TPLINK_HEADER && t->length <= IMAGE_MOST;
	v->image = length_makes_sense ? GH_MIN((uint64_t)t->length, t->all.len) : t->all.len;
	gh_code code = try_digest(ctx, t, v);
	if (code != GH_OK)
		return code;
	v->cut = !v->right && t->length > t->all.len;
	if (!v->right)
		v->image = length_makes_sense ? GH_MIN((uint64_t)t->length, t->all.len) : t->all.len;
	*ret = (gh_span){
		.size = v->image + v->metadata,
		.proof = v->right ? GH_PROOF_SUM
			 : faults ? GH_PROOF_MAGIC
				  : GH_PROOF_SHAPE,
		.state = v,
	};
	if (!v->right) {
		v->metadata = 0;
		ret->size = v->image;
	}
	return GH_OK;
}

static gh_code add_digest(gh_ctx *ctx, const gh_tplink *t, const struct verdict *v, gh_node *out)
{
	gh_sum sum = {
		.what = "image MD5",
		.algorithm = "md5 with a public salt",
		.state = v->right ? GH_SUM_RIGHT : GH_SUM_WRONG,
		.at = t->pos + t->digest_at,
		.stored = gh_bytes_part(t->all, t->digest_at, 16),
		.computed = gh_view(v->computed, 16),
		.remark = v->salt ? "salt for images with boot loader" : "salt for images without boot loader",
	};
	if (gh_node_sum(ctx, out, &sum))
		return GH_NOMEM;
	if (v->right && v->image < t->length &&
	    gh_node_note(ctx, out, GH_OK, t->pos,
			 "the header names %u bytes, the digest covers the %llu that are there, as sysupgrade images "
			 "have it",
			 t->length, (unsigned long long)v->image))
		return GH_NOMEM;
	if (v->cut && gh_node_note(ctx, out, GH_TRUNCATED, t->pos + t->all.len,
				   "the header names %u bytes, %zu are there", t->length, t->all.len))
		return GH_NOMEM;
	return GH_OK;
}

/* Names [at, at+len) of the image when it lies behind what is named already. */
static gh_code add_part(gh_ctx *ctx, const gh_tplink *t, gh_node *out, gh_node_kind kind, const char *name, uint64_t at,
			uint64_t len, uint64_t image, uint64_t *named)
{
	if (at >= image || len == 0 || at < *named)
		return gh_node_note(ctx, out, GH_CORRUPT, t->pos + at,
				    "%s (0x%llx, %llu bytes) is not where it could be: not trusted", name,
				    (unsigned long long)at, (unsigned long long)len);
	if (len > image - at) {
		if (gh_node_note(ctx, out, GH_TRUNCATED, t->pos + image, "%s (0x%llx, %llu bytes) is cut short", name,
				 (unsigned long long)at, (unsigned long long)len))
			return GH_NOMEM;
		len = image - at;
	}
	*named = at + len;
	return gh_node_part(ctx, out, kind, name, t->pos + at, gh_bytes_part(t->all, at, len));
}

/* Where the padded boot loader ends: at a second header, or where the root file system would start
 * at its stated offset counted from there. 0 when neither is seen. */
static uint64_t behind_boot(const gh_tplink *t, bool *second_header)
{
	static const uint32_t pads[] = { 0x10000, 0x20000, 0x40000 };
	for (size_t i = 0; i < GH_COUNT(pads); i++) {
		uint64_t at = GH_TPLINK_HEADER + (uint64_t)pads[i];
		gh_bytes there = gh_bytes_part(t->all, at, 0x40);
		*second_header = there.len == 0x40 && gh_bytes_eq(there, gh_bytes_part(t->all, 0, 0x40));
		if (t->boot_len <= pads[i] &&
		    (*second_header || gh_smells_of_fs(gh_bytes_part(t->all, at + t->rootfs_at, 4))))
			return at;
	}
	return 0;
}

/* The stated length of the root file system is a fact only: its part runs to the image's end, so
 * that nothing behind it is cut off. OpenWrt states an offset where none starts; what is behind the
 * kernel is then named as a whole. */
static gh_code add_rootfs(gh_ctx *ctx, const gh_tplink *t, gh_node *out, uint64_t base, uint64_t image, uint64_t *named)
{
	uint64_t at = base + t->rootfs_at;
	if (!given(t->rootfs_at, t->rootfs_len) || *named >= image)
		return GH_OK;
	if (at >= *named && at < image && gh_smells_of_fs(gh_bytes_part(t->all, at, 4)))
		return add_part(ctx, t, out, GH_NODE_PART, "rootfs", at, image - at, image, named);
	unsigned long long there = t->pos + at;
	if (gh_node_note(ctx, out, GH_OK, there,
			 "no file system starts at 0x%llx, where the header puts the root file system", there))
		return GH_NOMEM;
	return add_part(ctx, t, out, GH_NODE_PART, "rootfs", *named, image - *named, image, named);
}

static gh_code add_parts(gh_ctx *ctx, const gh_tplink *t, const struct verdict *v, gh_node *out)
{
	uint64_t named = 0, image = v->image, base = 0;
	bool second_header = false, boot = given(t->boot_at, t->boot_len);
	gh_code code = add_part(ctx, t, out, GH_NODE_HEADER, "header", 0, GH_TPLINK_HEADER, image, &named);
	if (code == GH_OK && boot) {
		code = add_part(ctx, t, out, GH_NODE_PART, "boot", GH_TPLINK_HEADER + (uint64_t)t->boot_at, t->boot_len,
				image, &named);
		base = behind_boot(t, &second_header);
	}
	if (code == GH_OK && boot && (second_header || base == 0)) {
		/* A complete image of its own: its header says what is in it. */
		if (base >= named && base < image)
			code = add_part(ctx, t, out, GH_NODE_PART, "firmware", base, image - base, image, &named);
	} else if (code == GH_OK) {
		if (given(t->kernel_at, t->kernel_len))
			code = add_part(ctx, t, out, GH_NODE_PART, "kernel", base + t->kernel_at, t->kernel_len, image,
					&named);
		if (code == GH_OK)
			code = add_rootfs(ctx, t, out, base, image, &named);
	}
	if (code == GH_OK && v->metadata)
		code = gh_node_part(ctx, out, GH_NODE_PART, "openwrt-metadata", t->pos + image,
				    gh_bytes_part(t->all, image, v->metadata));
	return code;
}

static gh_code range_fact(gh_ctx *ctx, gh_node *out, const char *key, uint32_t at, uint32_t len)
{
	return given(at, len) ? gh_node_factf(ctx, out, key, "0x%x, %u bytes", at, len) : GH_OK;
}

gh_code gh_tplink_name(gh_ctx *ctx, const gh_tplink *t, const gh_span *span, gh_node *out)
{
	const struct verdict *v = span->state;
	if (gh_node_factf(ctx, out, "load-address", "0x%08x", t->load) ||
	    gh_node_factf(ctx, out, "entry-point", "0x%08x", t->entry) ||
	    gh_node_factf(ctx, out, "image-length", "%u", t->length) ||
	    range_fact(ctx, out, "kernel", t->kernel_at, t->kernel_len) ||
	    range_fact(ctx, out, "rootfs", t->rootfs_at, t->rootfs_len) ||
	    range_fact(ctx, out, "boot", t->boot_at, t->boot_len) || add_digest(ctx, t, v, out))
		return GH_NOMEM;
	return add_parts(ctx, t, v, out);
}
