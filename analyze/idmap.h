/* SPDX-License-Identifier: MIT */
/*
 * From a 64-bit id to a pointer: open addressing, linear probing, a power of
 * two of places, at most 70 % full. Key 0 means an empty place, so 0 is no id.
 */
#ifndef TPPROBE_IDMAP_H
#define TPPROBE_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap {
	struct idmap_entry {
		uint64_t key;
		void *value;
	} * entry;
	size_t places, count;
};

static inline uint64_t idmap_hash(uint64_t key)
{
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return key ^ key >> 29;
}

void *idmap_get(const struct idmap *map, uint64_t key);	     /* NULL: not there */
int idmap_put(struct idmap *map, uint64_t key, void *value); /* adds or replaces */
void idmap_remove(struct idmap *map, uint64_t key);
void idmap_fini(struct idmap *map); /* the values stay */

#endif
