/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cap/pack_in - a compiled pack: rules, the nodes of their conditions, the features these ask for.
 *
 * As a blob, all integers little-endian: "GHCAPS02", the numbers of features, nodes, rules and bytes of
 * text and of three saved searches (4 each), then features, nodes, rules (fields of 4 or 8 bytes in the order of
 * their structs), texts, searches. Only blob.c writes and reads it.
 */
#ifndef GH_CAP_PACK_IN_H
#define GH_CAP_PACK_IN_H

#include "bytes/search.h"
#include "cap/cap.h"

/* What a feature asks of a program. Those before GH_F_NUMBER are asked by text. */
typedef enum gh_feature_kind {
	GH_F_API,
	GH_F_SYSCALL,
	GH_F_STRING,    /* the whole text of a string */
	GH_F_SUBSTRING,
	GH_F_REGEX,
	GH_F_BYTES,
	GH_F_MATCH,     /* another rule, or a namespace */
	GH_F_IMPORT,
	GH_F_FUNCTION,  /* the name of a function of the file */
	GH_F_OS,
	GH_F_ARCH,
	GH_F_FORMAT,
	GH_F_NUMBER,
	GH_F_COMPARE,    /* something is compared with the number */
	GH_F_ARG_NUMBER, /* argument `index` is the number */
	GH_F_ARG_TEXT,   /* argument `index` is text that feature `of` asks for */
	GH_F_CHARACTERISTIC,
	GH_F_BLOCKS,     /* basic blocks, to be counted */
	GH_F_FOREIGN,    /* of Windows and .NET: it never holds */
	GH_F_LAST = GH_F_FOREIGN,
} gh_feature_kind;

typedef enum gh_characteristic {
	GH_CH_LOOP,
	GH_CH_TIGHT_LOOP,
	GH_CH_RECURSIVE,
	GH_CH_INDIRECT,
	GH_CH_NZXOR,
	GH_CH_STACK_STRING,
	GH_CH_CALLS_FROM,
	GH_CH_CALLS_TO,
	GH_CH_SWITCH,
	GH_CH_TIGHT_XOR, /* ours: nzxor in a tight loop */
} gh_characteristic;

typedef struct gh_feature {
	uint32_t kind, index, of;
	uint32_t text, len;
	uint64_t number, mips, mask; /* the number on most CPUs and on MIPS, under a mask */
} gh_feature;

typedef enum gh_cap_op {
	GH_N_AND,
	GH_N_OR,
	GH_N_NOT,
	GH_N_SOME,    /* `least` of the children */
	GH_N_FEATURE, /* between `least` and `most` times */
	GH_N_SCOPE,   /* the child holds in a smaller scope */
	GH_N_LAST = GH_N_SCOPE,
} gh_cap_op;

typedef enum gh_cap_scope {
	GH_S_INSTRUCTION,
	GH_S_CALL,
	GH_S_BLOCK,
	GH_S_FUNCTION,
	GH_S_PROGRAM, /* all that can be reached from an entry */
	GH_S_FILE,
	GH_S_LAST = GH_S_FILE,
} gh_cap_scope;

/* In preorder: the nodes below one follow it, up to `end`; children are found by hopping over ends. */
typedef struct gh_cap_node {
	uint32_t op, scope;
	uint32_t least, most;
	uint32_t feature;
	uint32_t end;
} gh_cap_node;

/* What is searched for, and in what. */
typedef enum gh_cap_search {
	GH_SEARCH_TEXTS, /* parts of texts and expressions, in one text */
	GH_SEARCH_BYTES, /* runs of bytes, in the file */
	GH_SEARCH_NAMES, /* what a file must hold so that its code need be read, in the file */
	GH_SEARCHES,
} gh_cap_search;

struct gh_caps {
	gh_feature  *features;
	gh_cap_node *nodes;
	gh_cap_rule *rules; /* those that others build on come first */
	const char  *texts;
	uint32_t n_features, n_nodes, n_rules, n_texts;
	uint32_t *slots, slot_mask; /* index of features, by what they ask for */
	uint32_t *masked, n_masked; /* number features that compare under a mask */
	uint32_t *matches, n_matches; /* features that are other rules */
	uint32_t *arg_texts, n_arg_texts;
	gh_search *searches[GH_SEARCHES]; /* NULL: nothing to search for */
	bool has_blocks;
};

static inline gh_bytes gh_feature_text(const gh_caps *c, const gh_feature *f)
{
	return gh_view(c->texts + f->text, f->len);
}

/* A rule and a namespace by what `match` names. */
bool gh_cap_rule_is(const gh_cap_rule *rule, gh_bytes name);

/* ---- index.c ---- */
gh_code gh_caps_index(gh_ctx *ctx, gh_caps *caps) GH_MUST;
uint32_t gh_caps_text(const gh_caps *caps, gh_feature_kind kind, gh_bytes text);
/* `mips`: numbers are those of MIPS. */
uint32_t gh_caps_number(const gh_caps *caps, gh_feature_kind kind, unsigned index, uint64_t number, bool mips);
uint32_t gh_caps_arg_text(const gh_caps *caps, unsigned index, uint32_t of);
/* 32-bit numbers whose sign was carried on are what they were. */
uint64_t gh_cap_number(uint64_t n);

/* ---- searches.c ---- */
const gh_pattern *gh_caps_patterns(gh_ctx *ctx, const gh_caps *caps, gh_cap_search which, size_t *ret_n) GH_MUST;

/* It stands in a file byte by byte. */
bool gh_cap_is_literal(gh_feature_kind kind);

/* ---- blob.c ---- */
/* `texts` are those of the features so far; those of the rules are put behind them. */
gh_code gh_caps_write(gh_ctx *ctx, const gh_caps *caps, gh_buf *texts, gh_buf *blob) GH_MUST;

/* ---- constants.c ---- */
typedef struct gh_constant {
	const char *name;
	uint64_t number, mips, mask;
} gh_constant;
const gh_constant *gh_constant_named(const char *name);

/* ---- characteristics, scopes ---- */
int gh_characteristic_of(const char *name); /* -1 */
int gh_cap_scope_of(const char *name);      /* -1 */
extern const char *const gh_characteristic_names[];

#endif
