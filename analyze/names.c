/* SPDX-License-Identifier: MIT */
/*
 * Every text once.
 */
#include "names.h"

#include <string.h>

struct name {
	struct name *same_hash;
	char text[];
};

const char *names_get(struct names *names, const char *text, size_t bytes)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct name *first, *name;

	bytes = strnlen(text, bytes);
	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	hash |= 1;
	first = idmap_get(&names->by_hash, hash);
	for (name = first; name; name = name->same_hash)
		if (!strncmp(name->text, text, bytes) && !name->text[bytes])
			return name->text;
	name = pool_take(&names->pool, sizeof(*name) + bytes + 1);
	if (!name || idmap_put(&names->by_hash, hash, name))
		return NULL;
	memcpy(name->text, text, bytes);
	name->same_hash = first;
	return name->text;
}

void names_fini(struct names *names)
{
	idmap_fini(&names->by_hash);
	pool_fini(&names->pool);
}
