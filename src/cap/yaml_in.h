/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cap/yaml - a YAML file as plain nodes. libfyaml is used in yaml.c and nowhere else.
 */
#ifndef GH_CAP_YAML_IN_H
#define GH_CAP_YAML_IN_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef enum gh_yaml_kind { GH_YAML_TEXT, GH_YAML_LIST, GH_YAML_MAP } gh_yaml_kind;

typedef struct gh_yaml gh_yaml;
struct gh_yaml {
	gh_yaml_kind kind;
	bool         quoted;
	unsigned     line; /* 1-based */
	const char  *key;  /* inside a map, else NULL */
	const char  *text; /* of a text */
	size_t       len;
	gh_yaml     *first, *next;
};

/* NULL with ctx's trouble (`at` is the line) for what is no YAML of a sensible size. Anchors and aliases
 * are refused: a rule needs none, and they make small files large. */
const gh_yaml *gh_yaml_read(gh_ctx *ctx, gh_bytes text) GH_MUST;

/* The value of a key; NULL. */
const gh_yaml *gh_yaml_get(const gh_yaml *map, const char *key);

#endif
