/* SPDX-License-Identifier: Apache-2.0 */
#include "host/spill.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (size + page - 1) / page * page;
}

static void *take(void *arg, size_t size)
{
	gh_spill *s = arg;
	size_t need = whole_pages(size), at = SIZE_MAX;
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_holes && at == SIZE_MAX; i++) {
		if (s->holes[i].size < need)
			continue;
		at = s->holes[i].at;
		s->holes[i].at += need;
		s->holes[i].size -= need;
		if (s->holes[i].size == 0)
			s->holes[i] = s->holes[--s->n_holes];
	}
	if (at == SIZE_MAX && need <= s->size - s->used) {
		at = s->used;
		s->used += need;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return at == SIZE_MAX ? NULL : s->ptr + at;
}

static void give(void *arg, void *ptr, size_t size)
{
	gh_spill *s = arg;
	size_t len = whole_pages(size), at = (size_t)((uint8_t *)ptr - s->ptr);
	(void)madvise(ptr, len, MADV_REMOVE); /* a file system without holes keeps the blocks: so be it */
	(void)pthread_mutex_lock(&s->lock);
	if (at + len == s->used)
		s->used = at;
	else if (s->n_holes < GH_SPILL_HOLES) {
		s->holes[s->n_holes].at = at;
		s->holes[s->n_holes++].size = len;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

int gh_nameless_file(void)
{
	const char *places[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	int fd = -1;
	for (size_t i = 0; i < GH_COUNT(places) && fd < 0; i++)
		if (places[i] && places[i][0] == '/')
			fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	return fd >= 0 ? fd : memfd_create("gifthorse", MFD_CLOEXEC);
}

void gh_spill_open(gh_spill *s, size_t size)
{
	struct statvfs disk;
	*s = (gh_spill){ .store = { s, take, give } };
	int fd = pthread_mutex_init(&s->lock, NULL) == 0 && size > 0 ? gh_nameless_file() : -1;
	if (fd < 0)
		return;
	if (fstatvfs(fd, &disk) == 0) {
		uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize / 2;
		size = (size_t)GH_MIN((uint64_t)size, left);
		size -= size % (size_t)sysconf(_SC_PAGESIZE);
		void *ptr = size > 0 && ftruncate(fd, (off_t)size) == 0
				    ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0)
				    : MAP_FAILED;
		if (ptr != MAP_FAILED) {
			s->ptr = ptr;
			s->size = size;
		}
	}
	(void)close(fd);
}

void gh_spill_close(gh_spill *s)
{
	if (s->ptr)
		(void)munmap(s->ptr, s->size);
	(void)pthread_mutex_destroy(&s->lock);
	s->ptr = NULL;
	s->size = s->used = 0;
}

void gh_spill_behind(gh_spill *s, const void *ptr, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)s->ptr, last = first + s->size;
	uintptr_t from = GH_MAX((uintptr_t)ptr, first), to = GH_MIN((uintptr_t)ptr + len, last);
	from = (from + page - 1) & ~(page - 1);
	to &= ~(page - 1);
	if (s->ptr && from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}
