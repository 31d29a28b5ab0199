/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree/tree - what an image is made of: nodes, and the entries of its file systems.
 *
 * A node is a run of bytes in a *space*. The image is the first space; everything that has to be
 * computed (a decompressed stream, a file inside a file system) opens a space of its own, and its
 * node is the `space` of the nodes below it. Offsets are absolute in their space, however deep the
 * containers between: a SquashFS in a part of a TP-Link image stands where a hex editor finds it.
 *
 * The children of a node partition its bytes (or, for a node that opens a space, that space) in
 * offset order, without overlap and without hole: what nobody claimed is a node too, a gap.
 *
 * This room holds data and the small functions that add to it; who decides is `unpack`.
 */
#ifndef GH_TREE_TREE_H
#define GH_TREE_TREE_H

#include "base/ctx.h"
#include "bytes/profile.h"
#include "bytes/view.h"

/* How sure are we that these bytes are one instance of the format? An order of kinds of evidence:
 * stronger proof wins an overlap, then the lower offset, then the longer span, then the name. */
typedef enum gh_proof {
	GH_PROOF_NONE = 0,
	GH_PROOF_MAGIC,  /* a few fixed bytes                              */
	GH_PROOF_SHAPE,  /* every header field is consistent with the rest */
	GH_PROOF_PARSED, /* all metadata was walked, or all data decoded   */
	GH_PROOF_SUM,    /* a checksum over the content matched            */
} gh_proof;

typedef enum gh_node_kind {
	GH_NODE_IMAGE,     /* the input                                               */
	GH_NODE_CONTAINER, /* a vendor or boot header with parts                      */
	GH_NODE_PART,      /* a part that a container names; its bytes are looked into */
	GH_NODE_HEADER,    /* a part that is understood whole; nothing to look for     */
	GH_NODE_STREAM,    /* compressed bytes; opens a space with what came out       */
	GH_NODE_VOLUME,    /* a file system or archive with entries                   */
	GH_NODE_FILE,      /* a file of a volume that holds more; opens a space        */
	GH_NODE_GAP,       /* what nobody claims                                      */
} gh_node_kind;

/* A checksum or digest of the container's own. A right one says nothing about origin. */
typedef enum gh_sum_state { GH_SUM_RIGHT, GH_SUM_WRONG, GH_SUM_ABSENT, GH_SUM_UNVERIFIABLE } gh_sum_state;

typedef struct gh_sum {
	const char  *what;      /* "header CRC", "image MD5" */
	const char  *algorithm; /* "crc32", "md5" with the salt's name, … */
	gh_sum_state state;
	uint64_t     at;        /* where the stored value stands */
	gh_bytes     stored, computed; /* raw bytes, as stored in the header */
	const char  *remark;    /* which salt, over what; may be NULL */
	struct gh_sum *next;
} gh_sum;

/* A fact of a header in words, in the order they were added. What a vendor says of the image goes by
 * the same names everywhere: vendor, product (or model), board, region, version, build, created. */
typedef struct gh_fact {
	const char *key;  /* lower-case-with-dashes */
	gh_bytes    value; /* as found: escape before printing */
	bool        secret; /* of one device alone: an address, a serial number, a key */
	size_t      open;   /* secret: so many bytes of it may be shown */
	struct gh_fact *next;
} gh_fact;

/* Something the reader of the report should know about a node or entry: trouble, a lost claim. */
typedef struct gh_note {
	gh_code     code; /* GH_OK for a plain remark */
	uint64_t    at;
	const char *text;
	struct gh_note *next;
} gh_note;

typedef enum gh_entry_type {
	GH_ENTRY_FILE, GH_ENTRY_DIR, GH_ENTRY_LINK, GH_ENTRY_CHAR, GH_ENTRY_BLOCK, GH_ENTRY_FIFO, GH_ENTRY_SOCKET,
} gh_entry_type;

/* A file system that never overwrites (JFFS2, UBIFS, YAFFS) holds what a name was before. */
typedef enum gh_past { GH_NOW, GH_OLDER, GH_DELETED } gh_past;

typedef struct gh_xattr {
	gh_bytes name, value;
} gh_xattr;

/* One name in a file system or archive, with all that was stored about it. */
struct gh_node;
struct gh_elf;

typedef struct gh_entry {
	gh_bytes      path;   /* from the volume's root, '/' between names, not checked for '..' */
	gh_bytes      target; /* of a symbolic link; of a hard link, the path it repeats */
	gh_entry_type type;
	uint16_t      mode;   /* 07777 bits */
	gh_past       past;   /* not what a mount would show: an older version, a deleted name */
	bool          hard_link; /* content is that of `same_as` */
	uint32_t      uid, gid, major, minor, inode, nlink;
	int64_t       mtime;  /* seconds since 1970 */
	uint64_t      size;
	uint64_t      at;     /* absolute offset of the content in the volume's space, or GH_NOWHERE */
	uint32_t      group;  /* entries of one group are read by one reader, in order */
	uint32_t      same_as; /* index of the entry a hard link repeats */
	uint64_t      locator[3]; /* the handler's own */
	gh_xattr     *xattrs;
	size_t        n_xattrs;
	gh_note      *notes;
	/* filled while looking */
	bool          read;      /* content was read whole */
	uint8_t       sha256[32];
	bool          has_md5;   /* where the volume wants it */
	uint8_t       md5[16];
	const char   *leaf;      /* what the content is: "elf", "script", "text", … */
	struct gh_elf *elf;      /* of an ELF file: what it says of itself (elf/elf.h), where it was read */
	gh_bytes      kept;      /* content, where a check asked to keep it */
	struct gh_node *inside;  /* what was found in the file, or NULL */
} gh_entry;

#define GH_NOWHERE UINT64_MAX

struct gh_volume_ops;

/* A run of bytes, absolute in its space. */
typedef struct gh_extent {
	uint64_t at, size;
} gh_extent;

typedef struct gh_volume {
	gh_entry *entries; /* in the order they are stored, parents before children */
	size_t    count;
	uint32_t  groups;  /* group numbers are below this */
	uint64_t  total[GH_ENTRY_SOCKET + 1]; /* present entries by type, also where they are not listed */
	/* What of the volume's bytes its structures use, in any order; overlap is allowed. All else that is
	 * not padding becomes a gap below the volume. NULL: it uses all of them. */
	gh_extent *used;
	size_t    n_used;
	const struct gh_volume_ops *ops;
	void     *state;   /* the handler's own */
	bool      wants_md5; /* it holds lists of digests: its files are digested with MD5, too */
	struct gh_mentions *mentions; /* filled while looking: which names of programs its files hold */
} gh_volume;

typedef struct gh_node gh_node;
struct gh_node {
	gh_node_kind kind;
	gh_proof     proof;
	const char  *format; /* name of the handler; NULL for parts and gaps */
	const char  *name;   /* "kernel", "rootfs", …; NULL where nobody gave one */
	uint64_t     at, size; /* extent, absolute in the space of the parent */
	unsigned     depth;
	uint32_t     id, parent; /* numbers within one scan; the image is 0 */

	gh_fact *facts;
	gh_sum  *sums;
	gh_note *notes;

	gh_node  *first, *last, *next; /* children, in offset order */
	gh_node  *up;

	gh_bytes  content; /* the node's own bytes; valid while the node is being worked on */
	gh_bytes  decoded; /* the space it opens: streams and files */
	bool      opens_space;
	const char *transform; /* how the space comes out of the bytes; NULL: the format's name says it */
	uint64_t  decoded_size;
	uint8_t   sha256[32]; /* of content; of `decoded` where a space is opened */
	bool      hashed;

	gh_volume *volume; /* GH_NODE_VOLUME */
	const gh_entry *entry; /* GH_NODE_FILE: the file it is */
	gh_profile profile; /* GH_NODE_GAP */
	void      *user;    /* the visitor's own */
};

/* The builders a format handler uses on the node it was given. All texts are copied. */
gh_code gh_node_fact(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes value) GH_MUST;
/* A fact that belongs to the owner of one device; a report shows its first `open` bytes, if not told otherwise. */
gh_code gh_node_secret(gh_ctx *ctx, gh_node *node, const char *key, gh_bytes value, size_t open) GH_MUST;
/* Masks the secrets of a node: letters and digits behind the open bytes become x. */
gh_code gh_node_mask(gh_ctx *ctx, gh_node *node) GH_MUST;
gh_code gh_node_factf(gh_ctx *ctx, gh_node *node, const char *key, const char *fmt, ...)
	GH_PRINTF(4, 5) GH_MUST;
gh_code gh_node_sum(gh_ctx *ctx, gh_node *node, const gh_sum *sum) GH_MUST;
gh_code gh_node_note(gh_ctx *ctx, gh_node *node, gh_code code, uint64_t at, const char *fmt, ...)
	GH_PRINTF(5, 6) GH_MUST;
/* Notes ctx's last trouble. */
gh_code gh_node_trouble(gh_ctx *ctx, gh_node *node) GH_MUST;
gh_code gh_entry_note(gh_ctx *ctx, gh_entry *entry, gh_code code, uint64_t at, const char *fmt, ...)
	GH_PRINTF(5, 6) GH_MUST;

/* A named part of a container: bytes that will be looked into (PART) or are understood (HEADER).
 * Add in offset order; overlapping or backward parts are the unpacker's to settle. */
gh_code gh_node_part(gh_ctx *ctx, gh_node *node, gh_node_kind kind, const char *name, uint64_t at,
                     gh_bytes content) GH_MUST;

/* What came out of a stream; must live in ctx->arena, in the span's, or in the node's own content. Parts
 * that a stream names (gh_node_part) stand in what came out. */
void gh_node_decoded(gh_node *node, gh_bytes decoded);

/* A part of a container whose content had to be computed (deciphered, put in order): a stream of its own.
 * `transform` says how, for whoever wants to do it again: "xor with …", "aes-128-cbc, key 3 of …". */
gh_code gh_node_part_decoded(gh_ctx *ctx, gh_node *node, const char *name, const char *transform, uint64_t at,
                             gh_bytes content, gh_bytes decoded) GH_MUST;

/* The entries of a file system; counts those of now by type. */
void gh_node_volume(gh_node *node, gh_volume *volume);
uint64_t gh_volume_total(const gh_volume *volume);

/* An unlinked node in ctx's arena; and adding one as the last child of another. */
gh_node *gh_node_new(gh_ctx *ctx, gh_node_kind kind) GH_MUST;
void     gh_node_append(gh_node *parent, gh_node *child);

/* The nodes of a tree in the order of the report, parents before children: start with the root,
 * go on until NULL. */
const gh_node *gh_node_after(const gh_node *root, const gh_node *node);

/* How much of a claimed piece could be read, by the weightiest of its notes. */
typedef enum gh_status {
	GH_STATUS_OK,
	GH_STATUS_PARTIAL,     /* cut short                             */
	GH_STATUS_DAMAGED,     /* it contradicts itself                 */
	GH_STATUS_UNSUPPORTED, /* a dialect that nobody has written yet */
	GH_STATUS_ENCRYPTED,   /* its key is not known                  */
	GH_STATUS_LIMIT,       /* a limit of ours left the rest out     */
} gh_status;
gh_status   gh_node_status(const gh_node *node); /* a gap is not a piece: OK */
const char *gh_status_name(gh_status status);    /* "ok", "partial", … */

const char *gh_node_kind_name(gh_node_kind kind);
const char *gh_proof_name(gh_proof proof);
const char *gh_sum_state_name(gh_sum_state state);
const char *gh_entry_type_name(gh_entry_type type);
const char *gh_past_name(gh_past past); /* "now", "older", "deleted" */

#endif
