/* SPDX-License-Identifier: MIT */
/*
 * From a 64-bit id to a pointer.
 */
#include "idmap.h"

#include <errno.h>
#include <stdlib.h>

static size_t place_of(const struct idmap *map, uint64_t key)
{
	size_t at = idmap_hash(key) & (map->places - 1);

	while (map->entry[at].key && map->entry[at].key != key)
		at = (at + 1) & (map->places - 1);
	return at;
}

void *idmap_get(const struct idmap *map, uint64_t key)
{
	if (!map->places || !key)
		return NULL;
	return map->entry[place_of(map, key)].value;
}

static int grow(struct idmap *map)
{
	struct idmap larger = { .places = map->places ? map->places * 2 : 64, .count = map->count };

	larger.entry = calloc(larger.places, sizeof(*larger.entry));
	if (!larger.entry)
		return -ENOMEM;
	for (size_t i = 0; i < map->places; i++)
		if (map->entry[i].key)
			larger.entry[place_of(&larger, map->entry[i].key)] = map->entry[i];
	free(map->entry);
	*map = larger;
	return 0;
}

int idmap_put(struct idmap *map, uint64_t key, void *value)
{
	size_t at;

	if (!key)
		return -EINVAL;
	if ((map->count + 1) * 10 > map->places * 7 && grow(map))
		return -ENOMEM;
	at = place_of(map, key);
	if (!map->entry[at].key)
		map->count++;
	map->entry[at] = (struct idmap_entry){ key, value };
	return 0;
}

void idmap_remove(struct idmap *map, uint64_t key)
{
	size_t mask = map->places - 1, hole, at;

	if (!map->places || !key)
		return;
	hole = place_of(map, key);
	if (!map->entry[hole].key)
		return;
	map->count--;
	/* Whoever would not be found any more past the hole moves into it. */
	for (at = (hole + 1) & mask; map->entry[at].key; at = (at + 1) & mask) {
		size_t home = idmap_hash(map->entry[at].key) & mask;

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->entry[hole] = map->entry[at];
			hole = at;
		}
	}
	map->entry[hole] = (struct idmap_entry){ 0, NULL };
}

void idmap_fini(struct idmap *map)
{
	free(map->entry);
	*map = (struct idmap){ 0 };
}
