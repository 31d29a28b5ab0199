/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/output - the only place that writes what came out of an image.
 *
 * Nothing is written outside the target folder and nothing that exists is changed, whatever the
 * names in the image say. Work is done in a staging folder inside the target, whose name says that
 * it is half-written (".gifthorse-partial-<pid>"); gh_output_finish moves the finished top-level
 * folders and files to their names, all or none.
 *
 *	gh_output *out;
 *	code = gh_output_open(ctx, "target", false, &out);            // before the cage; fd for gh_cage.output
 *	code = gh_output_top(ctx, out, "0x120200-squashfs", GH_PLACE_DIR, &top);
 *	code = gh_output_plan(ctx, out, &top, entry->path, GH_PLACE_FILE, &place); // in the order of entries
 *	code = gh_output_file(ctx, out, &place, mode, mtime, content);             // from any thread
 *	code = gh_output_finish(ctx, out);
 *	const char *left = gh_output_close(out);                      // in the parent; after a crash too
 *
 * Plan first, write later. The plan decides in the order of the entries what a name becomes, so it is
 * the same however many threads write. A name that cannot be (.., control bytes, too long, taken, a
 * folder where a file stands) gets a safe one beside it and a reason; it never fails the extraction.
 *
 * Files get (mode & 0755) | 0600, folders 0755, both less the umask: no setuid, setgid, sticky bits, no
 * foreign owner. Device nodes, FIFOs and sockets are never made: there is no call for them.
 */
#ifndef GH_HOST_OUTPUT_H
#define GH_HOST_OUTPUT_H

#include "base/ctx.h"
#include "bytes/view.h"

typedef enum gh_place_kind { GH_PLACE_FILE, GH_PLACE_DIR, GH_PLACE_LINK } gh_place_kind;

/* Where one entry goes. Small, because there may be a million. */
typedef struct gh_place {
	const char *name; /* in its folder, not ended by NUL; NULL for the top folder itself */
	const char *why;  /* why the path is not that of the image, one line; NULL: it is */
	uint32_t    dir;  /* number of the folder it is in; for a folder its own */
	uint8_t     len;  /* of name */
	uint8_t     kind; /* gh_place_kind */
} gh_place;

typedef struct gh_output gh_output;

/* Opens the target folder (made when missing, its parent must exist) and makes the staging folder.
 * With `force`, top-level names that exist are replaced when finishing; without, they are an error. */
gh_code gh_output_open(gh_ctx *ctx, const char *target, bool force, gh_output **ret) GH_MUST;

/* Descriptors for the cage: the target goes into gh_cage.output, both stay open. */
int gh_output_target_fd(const gh_output *out);
int gh_output_staging_fd(const gh_output *out);

/* A top-level folder or file, named by us. GH_IO: "target/name exists already". */
gh_code gh_output_top(gh_ctx *ctx, gh_output *out, const char *name, gh_place_kind kind, gh_place *ret) GH_MUST;

/* What becomes of `path` (bytes of the image, which must live as long as the output) below the
 * folder `top`. One call an entry, in the order of the entries: links too. From any thread, but the
 * entries of one folder from one. A path that was planned as a folder before is that folder. */
gh_code gh_output_plan(gh_ctx *ctx, gh_output *out, const gh_place *top, gh_bytes path, gh_place_kind kind,
                       gh_place *ret) GH_MUST;

/* These make what was planned, and the folders above it; once for each place, from any thread. They
 * may change the place: a file system that knows no case makes twins of "Makefile" and "makefile".
 * mtime is in seconds; one before 1970 or after 2106 is not set.
 * GH_IO: the disk is full or broken; every later call says the same at once and counts as missing. */
gh_code gh_output_dir(gh_ctx *ctx, gh_output *out, gh_place *place) GH_MUST;
gh_code gh_output_file(gh_ctx *ctx, gh_output *out, gh_place *place, uint16_t mode, int64_t mtime,
                       gh_bytes content) GH_MUST;
/* The target's bytes as they are: a link is never followed here. GH_UNSUPPORTED with the reason in
 * place->why when there can be no such link (empty, with a NUL, or too long). */
gh_code gh_output_link(gh_ctx *ctx, gh_output *out, gh_place *place, gh_bytes target, int64_t mtime) GH_MUST;

/* The path of a place below the target folder, text in ctx->arena; NULL: out of memory. */
const char *gh_output_used(gh_ctx *ctx, gh_output *out, const gh_place *place) GH_MUST;

typedef struct gh_output_counts {
	uint64_t files, dirs, links, bytes; /* made */
	uint64_t missing; /* asked for after the first failed write, that one included */
	uint64_t renamed; /* planned under another name than the image's */
} gh_output_counts;
gh_output_counts gh_output_count(gh_output *out);

/* Moves everything to its final name, or nothing: GH_IO with the story in ctx. After a failed write
 * the half-written tree stays under its staging name; when a name was taken meanwhile, nothing of
 * ours is left. */
gh_code gh_output_finish(gh_ctx *ctx, gh_output *out) GH_MUST;

/* Closes. Without a finish (a worker that died, a cancelled run) the staging folder stays, unless it
 * is empty; the answer is its path then, otherwise NULL. It lives in the arena of gh_output_open.
 * Finishing in a child and closing in the parent is what this is made for. NULL is fine. */
const char *gh_output_close(gh_output *out);

/* Closes and removes the staging folder with all that is in it: a first try that is done over. */
void gh_output_discard(gh_output *out);

#endif
