/* SPDX-License-Identifier: MIT */
/*
 * From ids to pointers, by pages.
 */
#include "idtable.h"

#include <errno.h>
#include <stdlib.h>

void *idtable_get(const struct idtable *table, uint64_t id)
{
	void **page = idmap_get(&table->pages, id / IDTABLE_PAGE + 1);

	return page ? page[id % IDTABLE_PAGE] : NULL;
}

int idtable_put(struct idtable *table, uint64_t id, void *value)
{
	uint64_t key = id / IDTABLE_PAGE + 1;
	void **page = idmap_get(&table->pages, key);

	if (!page) {
		page = pool_take(&table->pool, IDTABLE_PAGE * sizeof(void *));
		if (!page || idmap_put(&table->pages, key, page))
			return -ENOMEM;
	}
	page[id % IDTABLE_PAGE] = value;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct idmap_entry *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

int idtable_each(const struct idtable *table, int (*each)(void *to, uint64_t id, void *value),
		 void *to)
{
	const struct idmap *map = &table->pages;
	struct idmap_entry *page = malloc((map->count + 1) * sizeof(*page));
	size_t count = 0;
	int err = 0;

	if (!page)
		return -ENOMEM;
	for (size_t i = 0; i < map->places; i++)
		if (map->entry[i].key)
			page[count++] = map->entry[i];
	qsort(page, count, sizeof(*page), by_key);
	for (size_t i = 0; i < count; i++) {
		void **value = page[i].value;

		for (unsigned n = 0; !err && n < IDTABLE_PAGE; n++)
			if (value[n])
				err = each(to, (page[i].key - 1) * IDTABLE_PAGE + n, value[n]);
	}
	free(page);
	return err;
}

void idtable_fini(struct idtable *table)
{
	idmap_fini(&table->pages);
	pool_fini(&table->pool);
}
