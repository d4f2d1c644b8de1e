/* SPDX-License-Identifier: MIT */
/*
 * Names by what they say, not by where they stand: a program may build them in a buffer.
 * A name is known by 95 bits of hash, so that its bytes need not be kept.
 *
 * Entries are never taken out: the ids stay good in forked children, which tell nothing
 * anew. Whoever looks reads on until an empty entry of the window, and from a full window
 * in the next, larger table: few names stay together in few pages. Two threads that meet
 * a new name at the same moment may both tell it, under two ids that say the same.
 */
#include "task_name.h"

#include <string.h>

#include "record.h"
#include "room.h"

#define NAME_ID_LIMIT (1u << 24) /* TASK_BEGIN.name */

struct name {
	_Atomic uint64_t key;	/* one half of the hash; 0: empty */
	_Atomic uint64_t value; /* the other half << 32 | id; 0: not told yet */
};

static struct name few[256];
static struct table {
	void *_Atomic names;
	uint32_t entries;
	uint32_t window; /* entries that a name may be in */
} tables[] = {
	{ few, 256, 8 },
	{ NULL, 4096, 16 },
	{ NULL, 65536, 512 },
};
static _Atomic uint32_t more_tasks, more_metrics; /* "(more names)" */

struct hash {
	uint64_t key, check;
};

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static struct hash hash_of(enum text_kind kind, const char *name, size_t bytes)
{
	uint64_t a = UINT64_C(0x9e3779b97f4a7c15) ^ kind, b = UINT64_C(0xd1b54a32d192ed03) ^ bytes;

	for (size_t at = 0; at < bytes; at += 8) {
		uint64_t word = 0;

		if (likely(bytes - at >= 8))
			__builtin_memcpy(&word, name + at, 8);
		else
			memcpy(&word, name + at, bytes - at);
		a = fold(a ^ word, UINT64_C(0xa0761d6478bd642f));
		b = fold(b + word, UINT64_C(0xe7037ed1a0b428db)) + (b << 1 | b >> 63);
	}
	return (struct hash){ fold(a, b) | 1, fold(b, UINT64_C(0x8ebc6af09c88c6e3)) >> 32 | 1 };
}

/* How many bytes of the name count. */
static size_t length_of(const char *name)
{
	size_t bytes = strnlen(name, TASK_NAME_MAX + 1);

	if (bytes <= TASK_NAME_MAX)
		return bytes;
	/* not in the middle of a character, which has at most four bytes */
	for (bytes = TASK_NAME_MAX; bytes > TASK_NAME_MAX - 4; bytes--)
		if (((uint8_t)name[bytes] & 0xc0) != 0x80)
			return bytes;
	return TASK_NAME_MAX;
}

/* Tells it. *told: it can be relied on. 0: there is no id for it. */
static uint32_t tell(struct probe_thread *t, enum text_kind kind, const char *name, size_t bytes,
		     bool *told)
{
	_Atomic uint32_t *next = &probe_header()->next_text;
	uint32_t id;

	*told = false;
	if (kind == TEXT_TASK && atomic_load_explicit(next, memory_order_relaxed) >= NAME_ID_LIMIT)
		return 0;
	id = atomic_fetch_add(next, 1);
	if (kind == TEXT_TASK && id >= NAME_ID_LIMIT)
		return 0;
	*told = record_text(t, id, kind, name, bytes, "", NULL, 0);
	return id;
}

/* For names that no table has room for. */
static uint32_t tell_more(struct probe_thread *t, enum text_kind kind)
{
	static const char name[] = "(more names)";
	_Atomic uint32_t *known = kind == TEXT_TASK ? &more_tasks : &more_metrics;
	uint32_t id = atomic_load(known);
	bool told;

	if (id)
		return id;
	id = tell(t, kind, name, sizeof(name) - 1, &told);
	if (told)
		atomic_store(known, id);
	return id;
}

/* Is the entry this name's? It is from now on when it was empty. */
static bool is_entry_of(struct name *entry, uint64_t key)
{
	uint64_t is = atomic_load_explicit(&entry->key, memory_order_relaxed);

	if (!is && atomic_compare_exchange_strong(&entry->key, &is, key))
		return true;
	return is == key;
}

uint32_t task_name(struct probe_thread *t, enum text_kind kind, const char *name)
{
	struct hash hash;
	size_t bytes;

	if (!name)
		return 0;
	bytes = length_of(name);
	hash = hash_of(kind, name, bytes);
	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct table *table = &tables[i];
		struct name *names = room_get(&table->names, table->entries * sizeof(*names));

		for (unsigned k = 0; names && k < table->window; k++) {
			struct name *entry = &names[(hash.key + k) % table->entries];
			uint64_t value, none = 0;
			uint32_t id;
			bool told;

			if (!is_entry_of(entry, hash.key))
				continue;
			value = atomic_load_explicit(&entry->value, memory_order_relaxed);
			if (likely(value >> 32 == hash.check))
				return (uint32_t)value;
			if (value)
				continue;
			id = tell(t, kind, name, bytes, &told);
			if (told)
				atomic_compare_exchange_strong(&entry->value, &none,
							       hash.check << 32 | id);
			return id;
		}
	}
	return tell_more(t, kind);
}
