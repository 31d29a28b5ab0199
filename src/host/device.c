/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder as one input: a ustar archive of its files, as tar would write it of them, in a file without a name. Owners
 * and times are left out, so that the same files give the same bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/input.h"
#include "host/path_in.h"
#include "host/spill.h"

enum { RECORD = 512, FILES_MOST = 4096, NAME = 100, STEP = 8 << 20 };

struct tar {
	gh_ctx *ctx;
	const char *folder;
	int fd;
	uint64_t size;
	size_t files;
};

static gh_code cannot(struct tar *t, const char *path, const char *why)
{
	char shown[GH_PATH_SHOWN];
	return gh_fail(t->ctx, GH_IO, 0, "%s: %s", gh_path_shown(path, shown), why);
}

static gh_code put(struct tar *t, const void *ptr, size_t len)
{
	const uint8_t *from = ptr;
	t->size += len;
	while (len > 0) {
		ssize_t n = write(t->fd, from, GH_MIN(len, (size_t)STEP));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return cannot(t, t->folder, gh_errno_text(errno));
		from += n;
		len -= (size_t)n;
	}
	return GH_OK;
}

static gh_code put_header(struct tar *t, const char *name, uint64_t size)
{
	uint8_t h[RECORD] = { 0 };
	unsigned sum = 0;
	memcpy(h, name, GH_MIN(strlen(name), (size_t)NAME));
	memcpy(h + 100, "0000644", 7);
	memcpy(h + 108, "0000000", 7);
	memcpy(h + 116, "0000000", 7);
	(void)snprintf((char *)h + 124, 12, "%011llo", (unsigned long long)size);
	memcpy(h + 136, "00000000000", 11);
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < RECORD; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
	return put(t, h, RECORD);
}

static gh_code add_file(void *arg, const char *path)
{
	static const uint8_t zeros[RECORD];
	struct tar *t = arg;
	const char *name = path + strlen(t->folder);
	gh_input in;
	while (*name == '/')
		name++;
	if (++t->files > FILES_MOST)
		return cannot(t, t->folder, "has too many files for one device");
	if (strlen(name) > NAME)
		return cannot(t, path, "has too long a name for a part of a device");
	gh_code code = gh_input_open(t->ctx, path, 0, &in);
	if (code != GH_OK)
		return code;
	if (in.bytes.len > GH_GIB((uint64_t)8) - 1)
		code = cannot(t, path, "is too large for a part of a device");
	if (code == GH_OK)
		code = put_header(t, name, in.bytes.len);
	if (code == GH_OK)
		code = put(t, in.bytes.ptr, in.bytes.len);
	if (code == GH_OK)
		code = put(t, zeros, (RECORD - in.bytes.len % RECORD) % RECORD);
	gh_input_close(&in);
	return code;
}

static void cannot_read(void *arg, const char *path, const char *line)
{
	struct tar *t = arg;
	(void)path;
	if (t->ctx->code == GH_OK)
		gh_trouble(t->ctx, GH_IO, 0, "%s", line);
}

gh_code gh_input_open_folder(gh_ctx *ctx, const char *folder, gh_input *ret)
{
	static const uint8_t end[2 * RECORD];
	struct tar t = { .ctx = ctx, .folder = folder, .fd = gh_nameless_file() };
	gh_walk walk = { &t, add_file, cannot_read };
	*ret = (gh_input){ .fd = -1, .name = folder };
	ctx->code = GH_OK;
	if (t.fd < 0)
		return cannot(&t, folder, gh_errno_text(errno));
	gh_code code = gh_input_walk(ctx, folder, &walk);
	if (code == GH_OK)
		code = ctx->code; /* what cannot be read would be missing in silence */
	if (code == GH_OK && t.files == 0)
		code = cannot(&t, folder, "there is no file below this folder");
	if (code == GH_OK)
		code = put(&t, end, sizeof end);
	void *ptr = code == GH_OK ? mmap(NULL, (size_t)t.size, PROT_READ, MAP_PRIVATE, t.fd, 0) : MAP_FAILED;
	if (code == GH_OK && ptr == MAP_FAILED)
		code = cannot(&t, folder, gh_errno_text(errno));
	if (code != GH_OK) {
		(void)close(t.fd);
		return code;
	}
	ret->fd = t.fd;
	ret->bytes = gh_view(ptr, (size_t)t.size);
	return GH_OK;
}
