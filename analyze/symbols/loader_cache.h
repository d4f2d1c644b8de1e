/* SPDX-License-Identifier: MIT */
/*
 * /etc/ld.so.cache: where the dynamic loader expects libraries.
 */
#ifndef TPPROBE_LOADER_CACHE_H
#define TPPROBE_LOADER_CACHE_H

#include <stddef.h>

struct loader_cache {
	const char *bytes; /* mapped; NULL: none */
	size_t size;
};

void loader_cache_open(struct loader_cache *c, const char *path);
void loader_cache_close(struct loader_cache *c);
/* Path of an x86-64 library; NULL: not there. Valid until the cache is closed. */
const char *loader_cache_find(const struct loader_cache *c, const char *name);

#endif
