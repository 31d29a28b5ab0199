/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine/scan_in - the worker's side of one image: what the caged process does and says.
 *
 * speak.c says it record by record, look.c meets the files, write.c puts them into the output,
 * job.c runs the whole. A wall: nobody else includes it.
 */
#ifndef GH_ENGINE_SCAN_IN_H
#define GH_ENGINE_SCAN_IN_H

#include <pthread.h>

#include "cap/cap.h"
#include "check/check.h"
#include "engine/wire.h"
#include "host/output.h"
#include "report/report.h"
#include "rule/rule.h"
#include "unpack/unpack.h"
#include "unpack/verify.h"

/* What one image is to be done with; set up by the parent, read by its worker. */
typedef struct gh_order {
	gh_job           job;
	gh_bytes         image;
	const char      *name; /* as the user named it */
	unsigned         jobs;
	uint64_t         max_bytes, max_nodes;
	unsigned         max_depth;
	bool             list_files;
	bool             show_secrets; /* of the device: addresses, serial numbers, keys */
	bool             history; /* extract: write entries of the past, too */
	bool             verify, strip; /* tree: read all of it once more; how dense the image is along its way */
	bool             alone; /* the second try with one thread: say what the budget allowed */
	gh_bytes         rules; /* blob of gh_rules_compile */
	gh_bytes         caps;  /* blob of gh_caps_compile */
	const char      *why;      /* caps: the rule whose reason is wanted; NULL */
	const char      *function; /* disasm: the one that is wanted; NULL */
	const char      *program;  /* caps, strings, disasm: the one file that is wanted; NULL */
	const gh_search *search;
	gh_output       *output; /* extract */
	struct gh_spill *spill;  /* where the largest things inside may lie */
} gh_order;

/* Says records to the parent, from any thread. */
typedef struct gh_speaker {
	int             fd;
	pthread_mutex_t lock;
	gh_ctx          ctx; /* its own arena, for the buffer */
	gh_buf          buffer;
	bool            deaf; /* the parent is gone */
} gh_speaker;

gh_code gh_speaker_init(gh_speaker *s, int fd) GH_MUST;
void    gh_speaker_free(gh_speaker *s);
void    gh_say_hello(gh_speaker *s, gh_hello *hello);
void    gh_say_node(gh_speaker *s, gh_node *node);
void    gh_say_entry(gh_speaker *s, const gh_node *volume, uint32_t index);
void    gh_say_finding(gh_speaker *s, gh_finding *finding);
void    gh_say_warning(gh_speaker *s, const char *line);
void    gh_say_rules(gh_speaker *s, gh_bytes blob);
void    gh_say_caps(gh_speaker *s, gh_bytes blob);
void    gh_say_program(gh_speaker *s, gh_program_view *view);
void    gh_say_progress(gh_speaker *s, uint64_t done);
void    gh_say_again(gh_speaker *s);
void    gh_say_done(gh_speaker *s, gh_done *done);

typedef struct gh_scan {
	const gh_order *order;
	gh_speaker     *speaker;
	gh_rules       *rules;
	gh_caps        *caps;
	pthread_mutex_t lock;
	gh_findings     findings; /* of all look()s; under lock */
	gh_signals       signals;
	_Atomic uint64_t files, bytes, written, not_written;
	struct gh_tops  *tops; /* write.c */
	uint8_t          image_sha256[32];
	gh_verified      verified;
	gh_bytes         strip;
} gh_scan;

/* look.c */
gh_code gh_scan_visit(void *arg, gh_ctx *ctx, const gh_visit *visit);
gh_code gh_scan_settled(void *arg, gh_ctx *ctx, gh_node *node);
gh_code gh_scan_read(void *arg, gh_ctx *ctx, gh_node *volume, uint32_t index);
gh_code gh_scan_conclude(gh_scan *scan, gh_ctx *ctx, gh_node *root) GH_MUST;

/* write.c: a volume's names are planned in the order of its entries, then its files are written. */
gh_code gh_write_volume(gh_scan *scan, gh_ctx *ctx, gh_node *volume) GH_MUST;
gh_code gh_write_file(gh_scan *scan, gh_ctx *ctx, const gh_visit *visit) GH_MUST;
gh_code gh_write_region(gh_scan *scan, gh_ctx *ctx, const gh_visit *visit) GH_MUST;

/* programs.c: caps, strings and disasm of a file that is a program; of others nothing. */
gh_code gh_scan_program(gh_scan *scan, gh_ctx *ctx, const gh_visit *visit) GH_MUST;

/* What a worker ends with that could not even begin to speak. */
enum { GH_SCAN_NO_MEMORY = 2 };

/* job.c: the whole of a worker, for gh_worker_job.run. `arg` is a gh_order. */
int gh_scan_run(void *arg, int out, const char *cage);

/* rules.c: compiles rule files in a worker of its own. `arg` is a gh_rule_order. */
typedef struct gh_rule_order {
	const gh_rule_file *files;
	size_t              n;
	bool                programs; /* those about programs, too */
} gh_rule_order;
int gh_rules_run(void *arg, int out, const char *cage);

#endif
