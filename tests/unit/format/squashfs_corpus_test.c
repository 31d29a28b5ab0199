/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real firmware: every SquashFS in the corpus gives exactly the entries that unsquashfs and sasquatch
 * gave. A row is: offset, path, type, mode, size, SHA-256 or link target.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "unit/format/squashfs_tests.h"

static const char *corpus;

struct row {
	uint64_t offset, size;
	char *path, *what;
	char type;
	unsigned mode;
	bool seen;
};

struct truth {
	const char *name;
	struct row *rows;
	size_t count;
	size_t files, wrong;
};

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	if (!f || fstat(fileno(f), &st) != 0)
		return NULL;
	char *text = malloc((size_t)st.st_size + 1);
	assert_non_null(text);
	*len = fread(text, 1, (size_t)st.st_size, f);
	text[*len] = '\0';
	(void)fclose(f);
	return text;
}

static struct truth parse(const char *name, char *text)
{
	struct truth t = { .name = name };
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *field[6], *rest = line;
		if (*line == '#')
			continue;
		for (size_t i = 0; i < GH_COUNT(field); i++)
			field[i] = strsep(&rest, "\t");
		assert_non_null(field[5]);
		t.rows = realloc(t.rows, (t.count + 1) * sizeof *t.rows);
		assert_non_null(t.rows);
		t.rows[t.count++] = (struct row){ .offset = strtoull(field[0], NULL, 10),
						  .path = field[1],
						  .type = field[2][0],
						  .mode = (unsigned)strtoul(field[3], NULL, 8),
						  .size = strtoull(field[4], NULL, 10),
						  .what = field[5] };
	}
	return t;
}

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1) : strcmp(x->path, y->path);
}

static struct row *find(const struct truth *t, uint64_t offset, gh_bytes path)
{
	char text[4096];
	if (path.len >= sizeof text)
		return NULL;
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	struct row want = { .offset = offset, .path = text };
	return bsearch(&want, t->rows, t->count, sizeof want, by_place);
}

static void complain(struct truth *t, const gh_entry *e, const char *why)
{
	if (t->wrong++ < 10)
		print_error("%s: %.*s: %s\n", t->name, (int)e->path.len, (const char *)e->path.ptr, why);
}

static char letter(gh_entry_type type)
{
	return type == GH_ENTRY_FILE ? 'f' : type == GH_ENTRY_DIR ? 'd' : type == GH_ENTRY_LINK ? 'l' : 's';
}

static void compare_entry(struct truth *t, uint64_t offset, const gh_entry *e)
{
	struct row *row = find(t, offset, e->path);
	if (!row) {
		complain(t, e, "not expected");
		return;
	}
	if (row->seen)
		complain(t, e, "met twice");
	row->seen = true;
	if (row->type != letter(e->type))
		complain(t, e, "another type");
	if (row->mode != e->mode)
		complain(t, e, "another mode");
	if (row->type == 'l' && !gh_bytes_eq(e->target, gh_view_text(row->what)))
		complain(t, e, "another target");
	if (e->notes)
		complain(t, e, e->notes->text);
}

struct at {
	struct truth *t;
	uint64_t offset;
};

static void compare_content(void *arg, const gh_entry *e, gh_code code, gh_bytes content)
{
	const struct at *a = arg;
	const struct row *row = find(a->t, a->offset, e->path);
	uint8_t sum[32];
	char hex[65] = "";
	gh_sha256(&content, 1, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	a->t->files++;
	if (code != GH_OK || !row || row->size != content.len || strcmp(hex, row->what) != 0)
		complain(a->t, e, code == GH_OK ? "another content" : gh_code_name(code));
}

static void check_volume(struct truth *t, gh_bytes image, uint64_t offset)
{
	struct opened o = open_squashfs(gh_bytes_part(image, offset, UINT64_MAX), offset, NULL);
	EQ(o.measured, GH_OK, t->name);
	EQ(o.span.proof, GH_PROOF_PARSED, t->name);
	EQ(o.unpacked, GH_OK, t->name);
	for (const gh_note *n = o.node->notes; n; n = n->next) {
		if (n->code != GH_OK)
			print_error("%s: note: %s\n", t->name, n->text);
		t->wrong += n->code != GH_OK;
	}
	assert_non_null(o.node->volume);
	for (size_t i = 0; i < o.node->volume->count; i++)
		compare_entry(t, offset, &o.node->volume->entries[i]);
	read_all(&o, compare_content, &(struct at){ t, offset });
	close_squashfs(&o);
}

static bool find_image(const char *name, char *ret, size_t size)
{
	static const char *const folders[] = { "vendor", "openwrt", "dd-wrt", "formats" };
	for (size_t i = 0; i < GH_COUNT(folders); i++) {
		(void)snprintf(ret, size, "%s/%s/%s", corpus, folders[i], name);
		struct stat st;
		if (stat(ret, &st) == 0)
			return true;
	}
	return false;
}

static void check_image(const char *tsv)
{
	char path[4096], name[256];
	size_t size, image_size;
	(void)snprintf(name, sizeof name, "%.*s", (int)(strlen(tsv) - strlen(".tsv")), tsv);
	(void)snprintf(path, sizeof path, "%s/expected/%s", corpus, tsv);
	char *text = read_file(path, &size);
	assert_non_null(text);
	struct truth t = parse(name, text);
	qsort(t.rows, t.count, sizeof *t.rows, by_place);
	assert_true(find_image(name, path, sizeof path));
	char *image = read_file(path, &image_size);
	assert_non_null(image);
	for (size_t i = 0; i < t.count; i++) {
		if (i == 0 || t.rows[i].offset != t.rows[i - 1].offset)
			check_volume(&t, gh_view(image, image_size), t.rows[i].offset);
	}
	for (size_t i = 0; i < t.count; i++) {
		if (!t.rows[i].seen && t.wrong++ < 10)
			print_error("%s: %s: missing\n", name, t.rows[i].path);
	}
	print_message("# %s: %zu entries, %zu contents, %zu differences\n", name, t.count, t.files, t.wrong);
	EQ(t.wrong, 0, name);
	free(t.rows);
	free(text);
	free(image);
}

static bool is_tsv(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');
	return dot && strcmp(dot, ".tsv") == 0;
}

static int choose(const struct dirent *d)
{
	return is_tsv(d);
}

static void every_real_volume_gives_what_it_is_known_to_hold(void **state)
{
	char path[4096];
	struct dirent **names;
	(void)state;
	if (!corpus) {
		print_message("# skipped: the corpus is absent (GIFTHORSE_CORPUS)\n");
		skip();
	}
	(void)snprintf(path, sizeof path, "%s/expected", corpus);
	int n = scandir(path, &names, choose, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		check_image(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int main(void)
{
	const char *places[] = { getenv("GIFTHORSE_CORPUS"), "../shared/corpus", "../../shared/corpus" };
	for (size_t i = 0; i < GH_COUNT(places) && !corpus; i++) {
		struct stat st;
		if (places[i] && stat(places[i], &st) == 0)
			corpus = places[i];
	}
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_real_volume_gives_what_it_is_known_to_hold) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
