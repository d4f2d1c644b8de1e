/* SPDX-License-Identifier: MIT */
/*
 * Is there such a function at all? A dlsym that fails keeps a message, which the
 * next one frees by the program's free: a wrapper of free that looks up the real one
 * would be called from within its own lookup, for ever. So names that may not be
 * there are looked for by hand first, in the hash tables of the objects behind us.
 */
#include "symbol.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tables {
	const uint32_t *hash; /* DT_GNU_HASH */
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint16_t *versions;
};

/* Most objects have their table relocated by the loader, the vdso has not. */
static const void *address(const struct link_map *map, const ElfW(Dyn) * entry)
{
	uintptr_t at = entry->d_un.d_ptr;

	return (const void *)(at < map->l_addr ? at + map->l_addr : at);
}

static bool read_tables(const struct link_map *map, struct tables *t)
{
	*t = (struct tables){ 0 };
	for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
		switch (entry->d_tag) {
		case DT_GNU_HASH:
			t->hash = address(map, entry);
			break;
		case DT_SYMTAB:
			t->symbols = address(map, entry);
			break;
		case DT_STRTAB:
			t->strings = address(map, entry);
			break;
		case DT_VERSYM:
			t->versions = address(map, entry);
			break;
		}
	}
	return t->hash && t->symbols && t->strings;
}

static uint32_t hash_of(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (uint8_t)*name;
	return h;
}

/* Sanitizers have a strcmp of their own, which is not up yet. */
static bool is_name(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The layout: buckets, first symbol, words of the filter, shift; filter, buckets, chains. */
static enum symbol_there look_in(const struct tables *t, const char *name, uint32_t hash,
				 uintptr_t *value)
{
	uint32_t buckets = t->hash[0], first = t->hash[1], words = t->hash[2];
	const uint32_t *bucket = t->hash + 4 + words * sizeof(size_t) / sizeof(uint32_t);
	const uint32_t *chain = bucket + buckets;
	enum symbol_there found = SYMBOL_none;
	uint32_t i = buckets ? bucket[hash % buckets] : 0;

	if (i < first)
		return SYMBOL_none;
	for (;; i++) {
		uint32_t other = chain[i - first];

		if ((other | 1) == (hash | 1) && t->symbols[i].st_shndx != SHN_UNDEF &&
		    is_name(t->strings + t->symbols[i].st_name, name)) {
			*value = t->symbols[i].st_value;
			if (!t->versions || !(t->versions[i] & 0x8000))
				return SYMBOL_default;
			found = SYMBOL_hidden;
		}
		if (other & 1)
			return found;
	}
}

enum symbol_there symbol_is_there(const char *name)
{
	const struct link_map *map = _r_debug.r_map;
	enum symbol_there found = SYMBOL_none;
	uint32_t hash = hash_of(name);

	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	for (map = map ? map->l_next : NULL; map; map = map->l_next) {
		struct tables t;
		enum symbol_there here;
		uintptr_t value;

		if (!read_tables(map, &t))
			continue;
		here = look_in(&t, name, hash, &value);
		if (here == SYMBOL_default)
			return here;
		if (here)
			found = here;
	}
	return found;
}

void *symbol_in(const struct link_map *map, const char *name)
{
	struct tables t;
	uintptr_t value;

	if (!read_tables(map, &t) || !look_in(&t, name, hash_of(name), &value))
		return NULL;
	return (void *)(map->l_addr + value);
}
