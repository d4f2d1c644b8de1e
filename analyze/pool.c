/* SPDX-License-Identifier: MIT */
/*
 * Memory for very many small things.
 */
#include "pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES (256 * 1024)

struct pool_block {
	struct pool_block *next;
	char bytes[];
};

static size_t units_of(size_t bytes)
{
	return (bytes + POOL_UNIT - 1) / POOL_UNIT;
}

static void *from_new_block(struct pool *pool, size_t bytes)
{
	size_t room = BLOCK_BYTES - sizeof(struct pool_block);
	bool is_large = bytes > room / 4; /* then it has a block of its own */
	struct pool_block *block = malloc(sizeof(*block) + (is_large ? bytes : room));

	if (!block)
		return NULL;
	block->next = pool->blocks;
	pool->blocks = block;
	if (!is_large) {
		pool->at = block->bytes + bytes;
		pool->left = room - bytes;
	}
	return block->bytes;
}

void *pool_take(struct pool *pool, size_t bytes)
{
	size_t units = units_of(bytes);
	void *thing;

	bytes = units * POOL_UNIT;
	if (units < POOL_SIZES && pool->spare[units]) {
		thing = pool->spare[units];
		memcpy(&pool->spare[units], thing, sizeof(void *));
	} else if (bytes <= pool->left) {
		thing = pool->at;
		pool->at += bytes;
		pool->left -= bytes;
	} else {
		thing = from_new_block(pool, bytes);
	}
	return thing ? memset(thing, 0, bytes) : NULL;
}

void pool_give(struct pool *pool, void *thing, size_t bytes)
{
	size_t units = units_of(bytes);

	if (!thing || !units || units >= POOL_SIZES)
		return;
	memcpy(thing, &pool->spare[units], sizeof(void *));
	pool->spare[units] = thing;
}

void pool_fini(struct pool *pool)
{
	for (struct pool_block *block = pool->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	*pool = (struct pool){ 0 };
}
