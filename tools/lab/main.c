/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gifthorse-lab - writes router-like laboratory images from recipes.
 *
 *	gifthorse-lab RECIPE OUTPUT
 *	gifthorse-lab --all FOLDER OUTFOLDER	every *.recipe below FOLDER; OUTFOLDER gets *.bin and *.tsv
 *	gifthorse-lab --manifest RECIPE		the truth: offset path type mode size sha256_or_target
 */
#include "volume.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 4 };

static gh_bytes make(lab *l, const char *recipe)
{
	return lab_block(l, lab_recipe_read(l->arena, recipe));
}

static FILE *open_out(const char *path)
{
	FILE *f = fopen(path, "wb");
	if (!f)
		lab_die(NULL, "cannot write %s: %s", path, strerror(errno));
	return f;
}

static void close_out(FILE *f, const char *path)
{
	bool bad = ferror(f) != 0;
	if (fclose(f) != 0 || bad)
		lab_die(NULL, "cannot write %s", path);
}

static lab lab_new(void)
{
	lab l = { .arena = gh_arena_new(GH_GIB(2)) };
	if (!l.arena)
		lab_die(NULL, "out of memory");
	return l;
}

static void write_image(const char *recipe, const char *output, const char *manifest)
{
	lab l = lab_new();
	gh_bytes image = make(&l, recipe);
	FILE *f = open_out(output);
	if (image.len)
		(void)fwrite(image.ptr, 1, image.len, f);
	close_out(f, output);
	if (manifest) {
		f = open_out(manifest);
		lab_manifest(&l, f);
		close_out(f, manifest);
	}
	gh_arena_free(l.arena);
}

static int is_recipe_or_folder(const struct dirent *d)
{
	return d->d_name[0] != '.' && (d->d_type == DT_DIR || gh_bytes_end(gh_view_text(d->d_name), GH_LIT(".recipe")));
}

static void write_all(const char *folder, const char *out, unsigned depth)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_recipe_or_folder, alphasort);
	if (n < 0 || depth > FOLDERS_DEEP)
		lab_die(NULL, "cannot read the folder %s", folder);
	if (mkdir(out, 0777) != 0 && errno != EEXIST)
		lab_die(NULL, "cannot make the folder %s", out);
	for (int i = 0; i < n; i++) {
		gh_arena *arena = gh_arena_new(GH_MIB(1));
		char *from = arena ? gh_arena_printf(arena, "%s/%s", folder, list[i]->d_name) : NULL;
		int stem = (int)strlen(list[i]->d_name) - (list[i]->d_type == DT_DIR ? 0 : (int)strlen(".recipe"));
		char *to = from ? gh_arena_printf(arena, "%s/%.*s", out, stem, list[i]->d_name) : NULL;
		char *bin = to ? gh_arena_printf(arena, "%s.bin", to) : NULL;
		char *tsv = bin ? gh_arena_printf(arena, "%s.tsv", to) : NULL;
		if (!tsv)
			lab_die(NULL, "out of memory");
		if (list[i]->d_type == DT_DIR)
			write_all(from, to, depth + 1);
		else
			write_image(from, bin, tsv);
		gh_arena_free(arena);
		free(list[i]);
	}
	free(list);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--all") == 0) {
		write_all(argv[2], argv[3], 0);
	} else if (argc == 3 && strcmp(argv[1], "--manifest") == 0) {
		lab l = lab_new();
		(void)make(&l, argv[2]);
		lab_manifest(&l, stdout);
		gh_arena_free(l.arena);
		if (fflush(stdout) != 0)
			lab_die(NULL, "cannot write");
	} else if (argc == 3 && argv[1][0] != '-') {
		write_image(argv[1], argv[2], NULL);
	} else {
		(void)fputs("usage: gifthorse-lab RECIPE OUTPUT\n"
			    "       gifthorse-lab --all FOLDER OUTFOLDER\n"
			    "       gifthorse-lab --manifest RECIPE\n",
			    stderr);
		return 2;
	}
	return 0;
}
