/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gifthorse - find what should not be in a router.
 *
 *	gifthorse_options options;
 *	gifthorse_options_init(&options);
 *	gifthorse_session *session;
 *	if (gifthorse_session_new(&options, &session) != GIFTHORSE_OK)
 *		…
 *	gifthorse_report *report;
 *	gifthorse_status status = gifthorse_scan(session, "image.bin", &report);
 *	puts(gifthorse_level_name(gifthorse_report_verdict(report)));
 *	gifthorse_report_text(report, stdout, &style);
 *	gifthorse_report_free(report);
 *	gifthorse_session_free(session);
 *
 * The bytes of an image are parsed in a caged process of their own; the caller's process only
 * reads what that process says about them, and trusts none of it. One session serves many images,
 * from one thread. All strings are UTF-8 or ASCII; those from the image are escaped in reports.
 */
#ifndef GIFTHORSE_GIFTHORSE_H
#define GIFTHORSE_GIFTHORSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GIFTHORSE_API __attribute__((visibility("default")))

typedef enum gifthorse_status {
	GIFTHORSE_OK = 0,       /* looked; the report says at what                        */
	GIFTHORSE_UNREADABLE,   /* the input cannot be opened or read                     */
	GIFTHORSE_OUTPUT,       /* the output cannot be written (full, exists, forbidden) */
	GIFTHORSE_USAGE,        /* an option makes no sense                               */
	GIFTHORSE_NOMEM,
	GIFTHORSE_INTERNAL      /* the worker could not be started                        */
} gifthorse_status;

typedef enum gifthorse_level {
	GIFTHORSE_INFO = 0,
	GIFTHORSE_NOTICE,
	GIFTHORSE_SUSPICIOUS,
	GIFTHORSE_MALICIOUS
} gifthorse_level;

/* Told while work goes on; may be called often. `done` and `total` count bytes, total 0: unknown. */
typedef void gifthorse_progress(void *arg, const char *image, uint64_t done, uint64_t total);

typedef struct gifthorse_options {
	size_t   size;        /* of this struct, set by gifthorse_options_init */
	unsigned jobs;        /* threads and processes; 0: as many as the machine has */
	uint64_t max_bytes;   /* unpacked bytes per image; 0: grows with the image, 8 GiB at most */
	uint64_t max_nodes;   /* nodes and files per image */
	unsigned max_depth;   /* layers */
	unsigned timeout_s;   /* seconds per image */
	const char *const *rules; /* folders with the user's rules (*.yar, *.yara, *.tsv, *.yml) */
	size_t   n_rules;
	bool     list_files;  /* put every file of every volume into the report */
	bool     force;       /* extract: write over what is there */
	bool     device;      /* scan: a folder is one device, its files the partitions */
	bool     show_secrets; /* report what belongs to one device alone: addresses, serial numbers, keys */
	bool     history;     /* extract: also older versions and deleted names, beside each file system */
	bool     verify;      /* tree: read every region once more and compare */
	bool     map;         /* tree: keep what gifthorse_report_map needs */
	const char *why;      /* programs: the reason for this rule, by its name or namespace */
	const char *function; /* programs: the code of this function, by its name or address */
	const char *program;  /* programs: of this file of the image */
	gifthorse_progress *progress;
	void    *progress_arg;
} gifthorse_options;

typedef struct gifthorse_session gifthorse_session;
typedef struct gifthorse_report  gifthorse_report;

/* How a text report is drawn. */
typedef struct gifthorse_style {
	bool color;
	bool verbose; /* also infos, all facts, all notes */
	bool quiet;   /* one line an image */
	unsigned width; /* columns; 0: 100 */
} gifthorse_style;

GIFTHORSE_API const char *gifthorse_version(void);
GIFTHORSE_API void gifthorse_options_init(gifthorse_options *options);

GIFTHORSE_API gifthorse_status gifthorse_session_new(const gifthorse_options *options, gifthorse_session **ret);
GIFTHORSE_API void gifthorse_session_free(gifthorse_session *session);
/* One line about the last call that did not give GIFTHORSE_OK; never NULL. */
GIFTHORSE_API const char *gifthorse_session_error(const gifthorse_session *session);
/* What was wrong with rule files: the i-th line, or NULL behind the last. */
GIFTHORSE_API const char *gifthorse_session_warning(const gifthorse_session *session, size_t i);

/* Unpack, look, judge. `path` is a file, or "-" for standard input. A report is made whenever the
 * input could be read, also when the worker died on it. */
GIFTHORSE_API gifthorse_status gifthorse_scan(gifthorse_session *session, const char *path, gifthorse_report **ret);
/* The same for many, with --jobs images at a time; `each` is called in the order of `paths`, with a
 * NULL report (and the error told by gifthorse_session_error) for one that could not be read. */
typedef void gifthorse_each(void *arg, const char *path, gifthorse_status status, const gifthorse_report *report);
GIFTHORSE_API gifthorse_status gifthorse_scan_all(gifthorse_session *session, const char *const *paths, size_t n,
                                                  gifthorse_each *each, void *arg);
/* Structure only: every layer, also inside files; no check is made. */
GIFTHORSE_API gifthorse_status gifthorse_tree(gifthorse_session *session, const char *path, gifthorse_report **ret);
/* Everything that was unpacked, as files below the folder `target`, which is made if missing. */
GIFTHORSE_API gifthorse_status gifthorse_extract(gifthorse_session *session, const char *path, const char *target,
                                                 gifthorse_report **ret);

/* The programs of an image, or the one that it is: what they can do, their texts with who uses them,
 * their code. */
typedef enum gifthorse_question { GIFTHORSE_CAPS, GIFTHORSE_STRINGS, GIFTHORSE_DISASM } gifthorse_question;
GIFTHORSE_API gifthorse_status gifthorse_programs(gifthorse_session *session, gifthorse_question question,
                                                  const char *path, gifthorse_report **ret);

GIFTHORSE_API gifthorse_level gifthorse_report_verdict(const gifthorse_report *report);
/* False when the worker died, ran out of budget or time: part of the image was not looked at. */
GIFTHORSE_API bool gifthorse_report_complete(const gifthorse_report *report);
/* True when a piece of the image is cut short, damaged, of an unknown dialect, encrypted or beyond a limit. */
GIFTHORSE_API bool gifthorse_report_damaged(const gifthorse_report *report);
/* How many things read differently the second time (options.verify). */
GIFTHORSE_API uint64_t gifthorse_report_differing(const gifthorse_report *report);
GIFTHORSE_API size_t gifthorse_report_findings(const gifthorse_report *report, gifthorse_level at_least);
/* Rendered documents. false: writing to `out` failed. */
GIFTHORSE_API bool gifthorse_report_text(const gifthorse_report *report, FILE *out, const gifthorse_style *style);
GIFTHORSE_API bool gifthorse_report_tree_text(const gifthorse_report *report, FILE *out, const gifthorse_style *style);
GIFTHORSE_API bool gifthorse_report_programs_text(const gifthorse_report *report, FILE *out,
                                                  const gifthorse_style *style);
/* How many programs it tells of. */
GIFTHORSE_API size_t gifthorse_report_programs(const gifthorse_report *report);
/* The image as a picture (SVG): where what stands, how dense it is. */
GIFTHORSE_API bool gifthorse_report_map(const gifthorse_report *report, FILE *out);
/* One JSON document holds any number of images: begin, then each of them (`first` for the first
 * one), then end. An image that could not be read stands in it with its error. */
GIFTHORSE_API bool gifthorse_json_begin(FILE *out);
GIFTHORSE_API bool gifthorse_report_json(const gifthorse_report *report, FILE *out, bool first);
GIFTHORSE_API bool gifthorse_json_unread(const char *path, const char *error, FILE *out, bool first);
GIFTHORSE_API bool gifthorse_json_end(FILE *out);
GIFTHORSE_API void gifthorse_report_free(gifthorse_report *report);

GIFTHORSE_API const char *gifthorse_level_name(gifthorse_level level);
GIFTHORSE_API bool gifthorse_level_of(const char *word, gifthorse_level *ret);

/* What it knows. The i-th one, or false behind the last. */
typedef struct gifthorse_format {
	const char *name, *title, *kind, *spec, *limits; /* limits: NULL when nothing is missing */
} gifthorse_format;
typedef struct gifthorse_check {
	const char *id, *title, *why, *harmless, *attack, *kinds; /* attack: NULL when none fits */
} gifthorse_check;
GIFTHORSE_API bool gifthorse_format_at(size_t i, gifthorse_format *ret);
GIFTHORSE_API bool gifthorse_check_at(size_t i, gifthorse_check *ret);

#ifdef __cplusplus
}
#endif
#endif
