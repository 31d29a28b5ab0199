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
	bool        hashes; /* a hash list, else YARA source */
} gh_rule_file;

/* Told about every rule file that cannot be used: one clear line. The other files still count. */
typedef void gh_rule_trouble(void *arg, const char *file, unsigned line, const char *message);

/* Compiles all files into one blob appended to `blob`. Includes are refused. Files that do not
 * compile are left out and told about. */
gh_code gh_rules_compile(gh_ctx *ctx, const gh_rule_file *files, size_t n, gh_rule_trouble *trouble,
                         void *arg, gh_buf *blob) GH_MUST;

/* Loads a blob that gh_rules_compile made. Free with gh_rules_free, after all threads are done. */
gh_code gh_rules_load(gh_ctx *ctx, gh_bytes blob, gh_rules **ret) GH_MUST;
void    gh_rules_free(gh_rules *rules);

/* How many YARA rules and hashes there are; digest of the blob's sources for the report. */
size_t  gh_rules_count(const gh_rules *rules, size_t *ret_hashes);

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
	gh_rule_string strings[GH_RULE_STRINGS];
	size_t      n_strings;
} gh_rule_match;

typedef gh_code gh_rule_hit(void *arg, const gh_rule_match *match);

/* Calls `hit` for every rule that matches, in the order of the rules. Any number of threads may
 * scan with one gh_rules. */
gh_code gh_rules_scan(gh_ctx *ctx, const gh_rules *rules, gh_bytes content, gh_rule_hit *hit,
                      void *arg) GH_MUST;
gh_code gh_rules_hash(gh_ctx *ctx, const gh_rules *rules, const uint8_t sha256[32], gh_rule_hit *hit,
                      void *arg) GH_MUST;

#endif
