/* SPDX-License-Identifier: MIT */
/*
 * From ids to pointers, by pages.
 */
#include "idtable.h"

#include <errno.h>

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

void idtable_fini(struct idtable *table)
{
	idmap_fini(&table->pages);
	pool_fini(&table->pool);
}
