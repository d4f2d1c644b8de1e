/* SPDX-License-Identifier: MIT */
/*
 * A table of key → mark. Nothing is taken out: an entry is free again when its task has
 * ended, or is of the process that this one was forked from. A key stands in one window;
 * what is put last is found first only if its entry comes first, so a program that gives
 * one id to two open tasks gets one of them.
 */
#include "task_itt_ids.h"

#include "room.h"

#define ENTRIES (1u << 14)
#define WINDOW 64
#define BUSY 1u /* key of an entry that somebody is filling */

struct named {
	_Atomic uint64_t key;
	_Atomic uint64_t mark;
};
static void *_Atomic table; /* ENTRIES of them */

uint64_t itt_key(uint64_t kind, uint64_t a, uint64_t b)
{
	unsigned __int128 product =
		(unsigned __int128)(a ^ UINT64_C(0xa0761d6478bd642f)) *
		(b * UINT64_C(0x9e3779b97f4a7c15) + (kind << 1 | 1) * UINT64_C(0xe7037ed1a0b428db));

	return ((uint64_t)product ^ (uint64_t)(product >> 64)) | 2;
}

uint64_t itt_ids_get(struct probe_thread *t, uint64_t key)
{
	struct named *entries = room_get(&table, ENTRIES * sizeof(*entries));

	for (unsigned i = 0; entries && i < WINDOW; i++) {
		unsigned at = (key + i) % ENTRIES;
		uint64_t is = atomic_load_explicit(&entries[at].key, memory_order_acquire), mark;

		if (!is)
			return 0;
		if (is != key)
			continue;
		mark = atomic_load_explicit(&entries[at].mark, memory_order_relaxed);
		if (mark_is_open(t, mark))
			return mark;
	}
	return 0;
}

bool itt_ids_put(struct probe_thread *t, uint64_t key, uint64_t mark)
{
	struct named *entries = room_get(&table, ENTRIES * sizeof(*entries));

	for (unsigned i = 0; entries && i < WINDOW; i++) {
		unsigned at = (key + i) % ENTRIES;
		uint64_t is = atomic_load_explicit(&entries[at].key, memory_order_acquire);

		if (is == BUSY)
			continue;
		if (is &&
		    mark_is_open(t, atomic_load_explicit(&entries[at].mark, memory_order_relaxed)))
			continue;
		if (!atomic_compare_exchange_strong(&entries[at].key, &is, BUSY))
			continue;
		atomic_store_explicit(&entries[at].mark, mark, memory_order_relaxed);
		atomic_store_explicit(&entries[at].key, key, memory_order_release);
		return true;
	}
	return false;
}
