/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs does the boot start that nothing else in the image knows?
 *
 * What belongs to a firmware is named in several places: its package's list, the web pages, the library or
 * the daemon that talks to it. What came later is named by the line that starts it. Clean images have such
 * programs too, hence a sign and a line of information; the last lines of a script weigh more.
 */
#include "check/boot_in.h"
#include "check/mentions.h"
#include "check/names_in.h"
#include "elf/elf.h"

enum { TAIL_LINES = 3, ORPHANS_MOST = 32, ORPHANS_FEW = 3 };

/* Is the line one of the last of its script, with nothing but the like behind it? */
static bool is_in_tail(const gh_boot_step *step)
{
	gh_bytes rest = gh_bytes_part(step->file->kept, step->at, step->file->kept.len);
	gh_cur c = gh_cur_over(rest, 0);
	unsigned lines = 0;
	while (c.left > 0) {
		gh_bytes line = gh_line(&c);
		size_t i = 0;
		while (i < line.len && line.ptr[i] <= ' ')
			i++;
		gh_bytes text = gh_bytes_part(line, i, line.len);
		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		bool ends = gh_bytes_start(text, GH_LIT("exit")) || gh_bytes_start(text, GH_LIT("return"));
		if (!ends && ++lines > TAIL_LINES)
			return false;
		if (lines > 1 && (gh_bytes_start(text, GH_LIT("}")) || gh_bytes_start(text, GH_LIT("fi")) ||
				  gh_bytes_start(text, GH_LIT("esac")) || gh_bytes_start(text, GH_LIT("done"))))
			return false;
	}
	return true;
}

/* A script of its own that is made for one program says nothing by its last line. */
static bool is_long_script(const gh_entry *script)
{
	unsigned lines = 0;
	if (!gh_bytes_start(script->kept, GH_LIT("#!")))
		return false;
	for (size_t i = 0; i < script->kept.len; i++)
		lines += script->kept.ptr[i] == '\n';
	return lines >= 8;
}

/* One program, and the line that starts it. */
typedef struct orphan {
	gh_boot_step step;
	const gh_entry *entry;
	bool tail;
} orphan;

typedef struct orphans {
	orphan list[ORPHANS_MOST];
	size_t n;
} orphans;

/* `grave`: the tail of a script starts it, and this maker's programs are mostly known elsewhere. */
static gh_code say(gh_check_ctx *check, const gh_node *node, const orphan *o, bool grave)
{
	gh_ctx *ctx = check->ctx;
	gh_finding f = {
		.id = o->tail ? "ORPHAN-STARTER/tail" : "ORPHAN-STARTER/alone",
		.check = gh_check_orphan_starter.id,
		.level = GH_LEVEL_INFO,
		.sure = GH_SURE_LOW,
		.title = gh_arena_printf(ctx->scratch, "/%.*s is started by %s, and no other file names it",
					 (int)GH_MIN(o->entry->path.len, (size_t)200), (const char *)o->entry->path.ptr,
					 o->tail ? "the last lines of a start script" : "a line of a start script"),
		.why = gh_check_orphan_starter.why,
		.harmless = gh_check_orphan_starter.harmless,
		.attack = gh_check_orphan_starter.attack,
		.n_evidence = 1,
	};
	f.evidence[0] = (gh_evidence){ .node = node->id,
				       .path = o->step.file->path,
				       .at = o->step.at,
				       .line = o->step.line,
				       .excerpt = gh_bytes_part(o->step.source, 0, GH_EXCERPT),
				       .note = "this line starts it" };
	gh_signal s = { .check = gh_check_orphan_starter.id,
			.witness = GH_WITNESS_START,
			.weight = grave ? 2 : 1,
			.about = o->entry->path,
			.evidence = f.evidence[0] };
	s.evidence.note = o->tail ? "the last lines of a start script start it, and no other file names it"
				  : "a start script starts it, and no other file names it";
	gh_code code = f.title ? gh_finding_add(ctx, check->out, &f) : gh_nomem(ctx);
	return code == GH_OK ? gh_signal_add(ctx, check->signals, &s) : code;
}

/* It is linked with libraries of the maker's own: whoever comes later brings the C library's kin alone. */
static bool is_at_home(const gh_entry *e)
{
	static const char *const common[] = { "libc.",     "libc-",     "libpthread", "libm.",     "libm-",
					      "libdl",     "librt",     "libcrypt.",  "libgcc_s",  "ld-",
					      "ld.",       "ld64",      "libutil",    "libresolv", "libnsl",
					      "libstdc++", "libuClibc", "libcrypto.", "libssl.",   "libz.",
					      "libcurl.",  "libpcap",   "libatomic" };
	for (unsigned i = 0; e->elf && i < e->elf->n_needed; i++) {
		bool own = true;
		for (size_t k = 0; k < GH_COUNT(common); k++)
			own = own && strncmp(e->elf->needed[i], common[k], strlen(common[k])) != 0;
		if (own)
			return true;
	}
	return false;
}

static gh_code on_start(gh_boot *boot, const gh_boot_step *step, gh_bytes program, const gh_entry *entry,
			bool background, bool module)
{
	(void)background;
	orphans *all = boot->arg;
	gh_bytes base = entry ? gh_path_base(entry->path) : (gh_bytes){ NULL, 0 };
	/* a link leads to a program of many names, as BusyBox; services that every router has need no other witness */
	if (module || !entry || !entry->leaf || strcmp(entry->leaf, "elf") != 0 || base.len == 0 ||
	    !gh_bytes_eq(gh_path_base(program), base) || gh_name_is_usual(base) || is_at_home(entry))
		return GH_OK;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].entry == entry)
			return GH_OK;
	bool known;
	unsigned files = gh_mentions_of(boot->root.node, base, &known);
	if (!known || files > 1 || all->n == ORPHANS_MOST)
		return GH_OK;
	bool named_here = memmem(step->file->kept.ptr, step->file->kept.len, base.ptr, base.len) != NULL;
	if (files == 0 || named_here)
		all->list[all->n++] = (orphan){ *step, entry, is_in_tail(step) && is_long_script(step->file) };
	return GH_OK;
}

static gh_code conclude(gh_check_ctx *check)
{
	gh_code code = GH_OK;
	orphans *all = gh_arena_zalloc(check->ctx->scratch, sizeof *all);
	if (!all)
		return gh_nomem(check->ctx);
	for (const gh_node *node = check->root; node && code == GH_OK; node = gh_node_after(check->root, node)) {
		all->n = 0;
		code = gh_boot_walk(check, node, on_start, all);
		/* where many are alone, being alone is this maker's way */
		for (size_t i = 0; i < all->n && code == GH_OK; i++)
			code = say(check, node, &all->list[i], all->list[i].tail && all->n <= ORPHANS_FEW);
	}
	return code;
}

const gh_check gh_check_orphan_starter = {
	.id = "ORPHAN-STARTER",
	.title = "Which programs does the boot start that nothing else in the image knows?",
	.why = "What belongs to a firmware is known in several places; what came later, only to the line that starts "
	       "it.",
	.harmless = "A program that does its work alone: a watchdog, a light, a vendor's late addition.",
	.attack = "T1037.004",
	.kinds = "alone, tail",
	.keeps = gh_boot_keeps,
	.conclude = conclude,
};
