/* SPDX-License-Identifier: MIT */
/*
 * From ids to pointers, where nearly all ids of a range are there: pages of
 * IDTABLE_PAGE of them, found by an idmap.
 *
 *	id  ......pppppppp nnnn
 *	          idmap ──▶ page[n]
 *
 * 8 bytes for each id when they lie close together; a page for each when not.
 */
#ifndef TPPROBE_IDTABLE_H
#define TPPROBE_IDTABLE_H

#include "idmap.h"
#include "pool.h"

#define IDTABLE_PAGE 16

struct idtable {
	struct idmap pages; /* key: id / IDTABLE_PAGE + 1 */
	struct pool pool;
};

void *idtable_get(const struct idtable *table, uint64_t id);	  /* NULL: not there */
int idtable_put(struct idtable *table, uint64_t id, void *value); /* adds or replaces; -ENOMEM */
/* Calls `each` for all that are there, by rising id; ends when it does not return 0, and
 * returns that. -ENOMEM. */
int idtable_each(const struct idtable *table, int (*each)(void *to, uint64_t id, void *value),
		 void *to);
void idtable_fini(struct idtable *table); /* the values stay */

#endif
