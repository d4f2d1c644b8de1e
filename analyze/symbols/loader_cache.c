/* SPDX-License-Identifier: MIT */
/*
 * /etc/ld.so.cache, as glibc's ldconfig writes it:
 *
 *	char magic[20] "glibc-ld.so.cache1.1"; uint32 entries, string bytes;
 *	flags, extensions: 20 bytes;
 *	per entry: int32 flags; uint32 name, path, os version; uint64 hwcap
 *
 * Name and path are offsets from the magic. Before it may stand the older format,
 * which we skip. Nothing in the file is trusted.
 */
#include "loader_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "glibc-ld.so.cache1.1"
#define HEADER_BYTES 48
#define FLAGS_X86_64 0x0303 /* FLAG_ELF_LIBC6 | FLAG_X8664_LIB64 */

struct entry {
	int32_t flags;
	uint32_t name, path, os_version;
	uint64_t hwcap;
};
_Static_assert(sizeof(struct entry) == 24, "layout of the cache");

void loader_cache_open(struct loader_cache *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *start;
	struct stat st;
	void *bytes;

	*c = (struct loader_cache){ NULL, 0 };
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size > 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED)
			*c = (struct loader_cache){ bytes, (size_t)st.st_size };
	}
	close(fd);
	start = c->bytes ? memmem(c->bytes, c->size, MAGIC, strlen(MAGIC)) : NULL;
	if (c->bytes && (!start || c->size - (size_t)(start - c->bytes) < HEADER_BYTES))
		loader_cache_close(c);
}

void loader_cache_close(struct loader_cache *c)
{
	if (c->bytes)
		munmap((void *)(uintptr_t)c->bytes, c->size);
	*c = (struct loader_cache){ NULL, 0 };
}

/* A string of the cache; "" when it would run out of it. */
static const char *text_at(const char *from, size_t size, uint32_t offset)
{
	return offset < size && memchr(from + offset, '\0', size - offset) ? from + offset : "";
}

const char *loader_cache_find(const struct loader_cache *c, const char *name)
{
	const char *from = c->bytes ? memmem(c->bytes, c->size, MAGIC, strlen(MAGIC)) : NULL;
	size_t size;
	uint32_t entries;

	if (!from)
		return NULL;
	size = c->size - (size_t)(from - c->bytes);
	memcpy(&entries, from + strlen(MAGIC), sizeof(entries));
	if (entries > (size - HEADER_BYTES) / sizeof(struct entry))
		return NULL;
	for (uint32_t i = 0; i < entries; i++) {
		struct entry e;
		const char *path;

		memcpy(&e, from + HEADER_BYTES + i * sizeof(e), sizeof(e));
		path = text_at(from, size, e.path);
		if (e.flags == FLAGS_X86_64 && !e.hwcap && *path == '/' &&
		    !strcmp(text_at(from, size, e.name), name))
			return path;
	}
	return NULL;
}
