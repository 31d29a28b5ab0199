/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over files and folders given by name, as an ordinary test: no libFuzzer, any
 * compiler. Every input is also run cut in half and with one byte more, which costs nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

static int run_file(const char *path, off_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc((size_t)size + 1);
	if (!f || !data) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	size_t n = fread(data, 1, (size_t)size, f);
	fclose(f);
	data[n] = 0;
	for (unsigned i = 0; i < 3; i++) {
		size_t len = i == 0 ? n : i == 1 ? n / 2 : n + 1;
		uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees the edge */
		if (!exact)
			exit(2);
		memcpy(exact, data, len);
		(void)LLVMFuzzerTestOneInput(exact, len);
		free(exact);
	}
	free(data);
	inputs++;
	return 0;
}

static int run(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return 0; /* a target without seeds of its own yet */
	if (!S_ISDIR(st.st_mode))
		return run_file(path, st.st_size);
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char below[4096];
		if (names[i]->d_name[0] != '.' &&
		    snprintf(below, sizeof below, "%s/%s", path, names[i]->d_name) < (int)sizeof below)
			(void)run(below);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return 0;
}

int main(int argc, char **argv)
{
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		(void)run(argv[i]);
	printf("%u inputs\n", inputs);
	return inputs > 0 ? 0 : 1; /* a target without a seed is not a test */
}
