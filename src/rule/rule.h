/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/rule - what we look for: YARA rules and lists of hashes, with where each was published.
 *
 * A rule pack is compiled once into a blob, in a caged process of its own, since rule files are
 * untrusted input too; every worker loads the blob and then only reads it. libyara stays in here.
 *
 * Hash lists are TSV: sha256, name, family, date, source, licence; '#' starts a comment.
 */
#ifndef GH_RULE_RULE_H
#define GH_RULE_RULE_H

#include "base/ctx.h"
#include "bytes/buf.h"
#include "bytes/cur.h"

typedef struct gh_rules gh_rules;

typedef struct gh_rule_file {
	const char *name; /* for messages: "builtin/horse_shell.yar" */
	gh_bytes    text;
	bool        hashes;  /* a hash list, else YARA source */
	bool        builtin; /* of our own pack: set by gh_rules_builtin only */
	bool        program; /* a rule about programs, which room cap reads: left out here */
} gh_rule_file;

/* Our own pack, rules/ of the source tree, as it was put into the program when that was built. */
const gh_rule_file *gh_rules_builtin(size_t *ret_count);

/* Told about every rule file (or line of a hash list) that cannot be used: one clear line. The
 * others still count. `line` is 0 where there is none to name. */
typedef void gh_rule_trouble(void *arg, const char *file, unsigned line, const char *message);

/* Compiles all files into one blob appended to `blob`. Includes are refused; every YARA file is a
 * namespace of its own, so equal rule names do not meet. Files that do not compile are left out and
 * told about. The variables that public packs expect from their caller (filename, filepath,
 * extension, filetype, owner, md5) exist and are empty. */
gh_code gh_rules_compile(gh_ctx *ctx, const gh_rule_file *files, size_t n, gh_rule_trouble *trouble,
                         void *arg, gh_buf *blob) GH_MUST;

/* Loads a blob that gh_rules_compile made; the blob may go afterwards. Free with gh_rules_free,
 * after all threads are done. */
gh_code gh_rules_load(gh_ctx *ctx, gh_bytes blob, gh_rules **ret) GH_MUST;
void    gh_rules_free(gh_rules *rules);

/* How many YARA rules and hashes there are; ret_hashes may be NULL. */
size_t  gh_rules_count(const gh_rules *rules, size_t *ret_hashes);

/* SHA-256 over the names and texts of all files that were given to gh_rules_compile, in order. */
const uint8_t *gh_rules_digest(const gh_rules *rules);

typedef struct gh_rule_string {
	const char *identifier; /* "$usage" */
	uint64_t    at;         /* offset in the scanned bytes */
	gh_bytes    bytes;      /* what matched, borrowed from them */
} gh_rule_string;

enum { GH_RULE_STRINGS = 8 };

typedef struct gh_rule_match {
	const char *rule;   /* identifier of the rule, or the hash in hex */
	/* meta fields of the rule, NULL where absent */
	const char *family, *description, *source, *date, *licence, *author, *level, *attack;
	bool        builtin; /* from our own pack, not the user's */
	gh_rule_string strings[GH_RULE_STRINGS]; /* the first match of each string that matched */
	size_t      n_strings;
} gh_rule_match;

typedef gh_code gh_rule_hit(void *arg, const gh_rule_match *match);

/* Calls `hit` for every rule that matches, in the order of the rules; what hit() gives other than
 * GH_OK ends the scan and is returned. Any number of threads may scan with one gh_rules. GH_LIMIT
 * when the rules took longer than GH_RULE_SECONDS on these bytes. The match and its texts live
 * until hit() returns. */
enum { GH_RULE_SECONDS = 60 };
gh_code gh_rules_scan(gh_ctx *ctx, const gh_rules *rules, gh_bytes content, gh_rule_hit *hit,
                      void *arg) GH_MUST;
gh_code gh_rules_hash(gh_ctx *ctx, const gh_rules *rules, const uint8_t sha256[32], gh_rule_hit *hit,
                      void *arg) GH_MUST;

#endif
