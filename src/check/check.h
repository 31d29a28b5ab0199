/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check/check - one file, one question to the tree.
 *
 * look() sees every file and every unclaimed region while its bytes are at hand, in any order and
 * from several threads; it keeps nothing. conclude() runs once, alone, at the end, over the whole
 * tree; the contents it needs are those that keeps() asked to keep. A check never fixes, fetches or
 * executes anything.
 *
 * Before a check may say `suspicious` it has been run on clean vendor images and stayed quiet.
 */
#ifndef GH_CHECK_CHECK_H
#define GH_CHECK_CHECK_H

#include "bytes/cur.h"
#include "finding/signal.h"
#include "cap/cap.h"
#include "finding/finding.h"
#include "rule/rule.h"
#include "tree/tree.h"

/* A file of a volume, or (entry NULL) the bytes of a gap or of a node that opens a space. */
typedef struct gh_file {
	const gh_node  *node;
	const gh_entry *entry;
	gh_bytes        path;    /* of the entry; empty for a region */
	gh_bytes        content;
	uint64_t        pos;     /* region: absolute offset in its space; file: 0 */
	const uint8_t  *sha256;  /* 32 bytes */
	const char     *leaf;    /* "elf", "script", "text", … or NULL */
	bool            covered; /* a region whose bytes were looked at piece by piece: only its hash is news */
} gh_file;

/* What a check is handed; findings go to `out` through gh_finding_add. */
typedef struct gh_check_ctx {
	gh_ctx         *ctx;
	const gh_rules *rules;
	const gh_caps  *caps; /* NULL: none were loaded */
	const gh_node  *root; /* conclude(): the whole tree; NULL in look() */
	gh_findings    *out;
	gh_signals     *signals; /* weak signs, see finding/signal.h; in look() those of this file */
} gh_check_ctx;

typedef struct gh_check {
	const char *id;       /* "ACCOUNTS" */
	const char *title;    /* the question */
	const char *why;      /* why an owner cares; default of its findings */
	const char *harmless; /* what would make a finding harmless */
	const char *attack;   /* MITRE ATT&CK technique id, or NULL */
	const char *kinds;    /* "second-root, empty-password, …": what can follow the slash */
	bool      (*keeps)(const gh_file *file);
	gh_code   (*look)(gh_check_ctx *check, const gh_file *file);
	gh_code   (*conclude)(gh_check_ctx *check);
	gh_code   (*weigh)(gh_check_ctx *check); /* once, when all others have concluded */
} gh_check;

/* Every check, in alphabetical order. */
#define GH_CHECKS(X)                                                                               \
	X(accounts)                                                                                \
	X(boot)                                                                                    \
	X(boot_line)                                                                               \
	X(boot_tail)                                                                               \
	X(capability)                                                                              \
	X(container_digest)                                                                        \
	X(convergence)                                                                             \
	X(cron_odd)                                                                                \
	X(default_credentials)                                                                     \
	X(header_misfit)                                                                           \
	X(hidden_data)                                                                             \
	X(hosts_odd)                                                                               \
	X(keys_shipped)                                                                            \
	X(known_implant)                                                                           \
	X(look_alike)                                                                              \
	X(nvram_hook)                                                                              \
	X(odd_metadata)                                                                            \
	X(odd_toolchain)                                                                           \
	X(orphan_starter)                                                                          \
	X(preload)                                                                                 \
	X(tplink_digest)                                                                           \
	X(trx_digest)                                                                              \
	X(uimage_digest)                                                                           \
	X(unfinished)                                                                              \
	X(unowned)                                                                                 \
	X(unsigned)                                                                                \
	X(upgrade_blocked)                                                                         \
	X(web_shell)

#define GH_CHECK_DECLARE(name) extern const gh_check gh_check_##name;
GH_CHECKS(GH_CHECK_DECLARE)
#undef GH_CHECK_DECLARE

extern const gh_check *const gh_checks[];
extern const size_t          gh_checks_count;

/* NULL when no check has this id; "ACCOUNTS/second-root" finds ACCOUNTS. */
const gh_check *gh_check_named(const char *id);

#endif
