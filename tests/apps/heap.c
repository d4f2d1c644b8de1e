/* SPDX-License-Identifier: MIT */
/*
 * heap OPERATIONS [THREADS [SEED]]: random allocations by every function of the
 * family, on threads that free each other's blocks. What is still there at the
 * end is never freed.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "ledger.h"

enum { SLOTS = 512, THREADS_MAX = 64 };

static _Atomic(void *) shared[SLOTS]; /* blocks that anybody may take */
static long operations;

struct tally {
	pthread_t thread;
	uint64_t seed;
	uint64_t allocs, bytes, frees;
};

/* Every block carries its size in front, so that what leaks is known. */
static void *fresh(struct tally *t, uint32_t random)
{
	size_t size = 16 + (random >> 4) % (random & 8 ? 400 : 30000);
	void *block = NULL;

	switch (random % 7) {
	case 0:
	case 1:
		block = malloc(size);
		break;
	case 2:
		block = calloc(2, size / 2);
		size = size / 2 * 2;
		break;
	case 3:
		CHECK(posix_memalign(&block, 64, size) == 0);
		break;
	case 4:
		size = (size + 63) & ~63UL;
		block = aligned_alloc(64, size);
		break;
	case 5:
		block = memalign(128, size);
		break;
	case 6:
		block = realloc(NULL, size);
		break;
	}
	CHECK(block);
	memcpy(block, &size, sizeof(size));
	t->allocs++;
	t->bytes += size;
	return block;
}

static void *resized(struct tally *t, void *block, uint32_t random)
{
	size_t size = 16 + random % 5000;

	if (random & 1) {
		size = size / 8 * 8;
		block = reallocarray(block, size / 8, 8);
	} else {
		block = realloc(block, size);
	}
	CHECK(block);
	memcpy(block, &size, sizeof(size));
	t->allocs++;
	t->frees++;
	t->bytes += size;
	return block;
}

static void *work(void *arg)
{
	struct tally *t = arg;

	for (long i = 0; i < operations; i++) {
		uint32_t random = next_random(&t->seed);
		_Atomic(void *) *slot = &shared[random % SLOTS];
		void *block = atomic_exchange(slot, NULL);

		random = next_random(&t->seed);
		if (!block) {
			block = fresh(t, random);
		} else if (random % 3 == 0) {
			block = resized(t, block, random / 3);
		} else {
			free(block);
			t->frees++;
			free(NULL); /* is none */
			block = NULL;
		}
		if (!block)
			continue;
		block = atomic_exchange(slot, block);
		if (block) {
			free(block);
			t->frees++;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct tally tally[THREADS_MAX];
	long threads = argument(argc, argv, 2, 1);
	uint64_t seed = argument(argc, argv, 3, 1);
	uint64_t allocs = 0, bytes = 0, frees = 0, live = 0, live_bytes = 0;
	void *impossible;

	operations = argument(argc, argv, 1, 10000);
	CHECK(threads <= THREADS_MAX);
	impossible = malloc(SIZE_MAX / 2); /* a failed call is none */
	CHECK(!impossible);
	for (long i = 0; i < threads; i++) {
		tally[i].seed = seed * 1000 + i;
		if (threads > 1)
			CHECK(!pthread_create(&tally[i].thread, NULL, work, &tally[i]));
		else
			work(&tally[i]);
	}
	for (long i = 0; i < threads; i++) {
		if (threads > 1)
			pthread_join(tally[i].thread, NULL);
		allocs += tally[i].allocs;
		bytes += tally[i].bytes;
		frees += tally[i].frees;
	}
	for (int i = 0; i < SLOTS; i++) {
		if (shared[i]) {
			live++;
			live_bytes += *(size_t *)shared[i];
		}
	}
	ledger_add("allocs", allocs);
	ledger_add("bytes", bytes);
	ledger_add("frees", frees);
	ledger_add("live", live);
	ledger_add("live_bytes", live_bytes);
	ledger_close();
	return 0;
}
