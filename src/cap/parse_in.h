/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cap/parse_in - a pack while it is made from rule files.
 */
#ifndef GH_CAP_PARSE_IN_H
#define GH_CAP_PARSE_IN_H

#include "cap/pack_in.h"
#include "cap/yaml_in.h"

typedef struct gh_maker {
	gh_ctx  *ctx;
	gh_caps  caps; /* grows; texts in `texts` */
	gh_buf   texts;
	uint32_t room_features, room_nodes, room_rules;
	uint32_t *index, index_mask; /* of features, by all their fields */
	bool     builtin; /* the file at hand is ours: tests have shown that it compiles */
	const char **files; /* of each rule, for messages */
	/* The trouble of the rule at hand. */
	unsigned line;
	char     why[200];
	gh_code  code; /* not GH_OK: out of memory */
} gh_maker;

/* False, after saying what is wrong with the rule. */
bool gh_maker_fail(gh_maker *m, unsigned line, const char *fmt, ...) GH_PRINTF(3, 4);
/* Text with its NUL, at an offset of the pack's texts; UINT32_MAX when memory is out. */
uint32_t gh_maker_text(gh_maker *m, const char *text, size_t len);
/* The one feature with these fields; UINT32_MAX. */
uint32_t gh_maker_feature(gh_maker *m, gh_feature f, const char *text, size_t len);
/* A new node at the end; UINT32_MAX. */
uint32_t gh_maker_node(gh_maker *m, gh_cap_op op, uint32_t least, uint32_t most, uint32_t feature);

/* feature.c: the feature that a key and its value name, as a node. */
bool gh_maker_leaf(gh_maker *m, const char *key, const gh_yaml *value, uint32_t least, uint32_t most);
/* An argument of a call: number, constant, text, /expression/, or a list of them. */
bool gh_maker_argument(gh_maker *m, unsigned index, const gh_yaml *value);

/* statement.c: what stands below `features`. */
bool gh_maker_statements(gh_maker *m, const gh_yaml *list);

/* rule.c: one file, a rule more. */
bool gh_maker_rule(gh_maker *m, const gh_cap_file *file);

#endif
