/* SPDX-License-Identifier: MIT */
/*
 * Memory for very many small things that are all given back at once: taken from
 * large blocks, without a header of its own for each. What is given back before
 * is taken again for things of the same size.
 */
#ifndef TPPROBE_POOL_H
#define TPPROBE_POOL_H

#include <stddef.h>

#define POOL_UNIT 8
#define POOL_SIZES 65 /* of what can be given back: up to 64 units */

struct pool {
	struct pool_block *blocks;
	char *at; /* free bytes of the newest block */
	size_t left;
	void *spare[POOL_SIZES]; /* by units */
};

/* Zeroed, aligned to POOL_UNIT; NULL: out of memory. */
void *pool_take(struct pool *pool, size_t bytes);
void pool_give(struct pool *pool, void *thing, size_t bytes); /* NULL is fine */
void pool_fini(struct pool *pool);

#endif
