/* SPDX-License-Identifier: MIT */
/*
 * The table of open tasks. An entry is free when its key is 0 or of the process that this
 * one was forked from. Whoever takes the key out ends the task: that happens once.
 *
 * A thread's entries lie together, in a stretch that its slot gives it (256 slots on, the
 * same again); only with more open tasks than that it looks further. Those that are not async hang together, from
 * innermost[] outward, for as long as they are open: ends may come in any order. One that
 * another thread ends stays as `ended` until its own thread comes by, which alone knows
 * what is current there.
 */
#include "task_mark.h"

#include "room.h"
#include "thread.h"

#define OWN_ENTRIES 16 /* of the stretch of one slot */
#define NEAR_ENTRIES (256u * OWN_ENTRIES)
#define FAR_ENTRIES (1u << 16)
#define LOOK_FURTHER 1024
#define WALK_MAX 1024
#define NO_PLACE UINT64_C(0xffffff)
#define KEY_ENDED (UINT64_C(1) << 63)
#define SLOT_SHIFT MARK_ID_BITS
#define SOURCE_SHIFT 56

struct entry {
	_Atomic uint64_t key;	 /* KEY_ENDED, generation of the process << 40, id */
	_Atomic uint64_t before; /* what was current on the thread; 0: async */
	_Atomic uint64_t thread; /* its id, its slot << 40, enum task_source << 56 */
	_Atomic uint64_t outer;	 /* mark of the next one outward in the chain */
};

_Static_assert(ARENA_SLOTS <= 1 << (SOURCE_SHIFT - SLOT_SHIFT), "struct entry.thread");

static struct entry near[NEAR_ENTRIES];
static void *_Atomic far;			/* FAR_ENTRIES more */
static _Atomic uint64_t innermost[ARENA_SLOTS]; /* marks */
static _Atomic uint32_t look_from;

#define get(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define set(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

static uint64_t own_key(const struct probe_thread *t, uint64_t id)
{
	return ((uint64_t)t->generation << MARK_ID_BITS & ~KEY_ENDED) | id;
}

static bool is_of_process(const struct probe_thread *t, uint64_t key)
{
	return (key & ~KEY_ENDED) >> MARK_ID_BITS == own_key(t, 0) >> MARK_ID_BITS;
}

static uint64_t current(const struct probe_thread *t)
{
	return get(t->slot->task);
}

static struct entry *entry_at(uint64_t place)
{
	struct entry *more = get(far);

	if (place - 1 < NEAR_ENTRIES)
		return &near[place - 1];
	return more && place - 1 - NEAR_ENTRIES < FAR_ENTRIES ? &more[place - 1 - NEAR_ENTRIES]
							      : NULL;
}

static uint64_t place_of(const struct entry *entry)
{
	const struct entry *more = get(far);

	return entry >= near && entry < near + NEAR_ENTRIES
		       ? (uint64_t)(entry - near) + 1
		       : (uint64_t)(entry - more) + 1 + NEAR_ENTRIES;
}

/* The entry of a task that is open, or ended by another thread than its own; NULL none. */
static struct entry *find_any(const struct probe_thread *t, uint64_t mark)
{
	struct entry *entry = entry_at(mark >> MARK_ID_BITS);

	if (!entry || !MARK_ID(mark) ||
	    (atomic_load_explicit(&entry->key, memory_order_acquire) & ~KEY_ENDED) !=
		    own_key(t, MARK_ID(mark)))
		return NULL;
	return entry;
}

static struct entry *find(const struct probe_thread *t, uint64_t mark)
{
	struct entry *entry = find_any(t, mark);

	return entry && !(get(entry->key) & KEY_ENDED) ? entry : NULL;
}

static uint64_t thread_of(struct entry *entry)
{
	return MARK_ID(get(entry->thread));
}

static bool take(struct probe_thread *t, struct entry *entry, uint64_t id)
{
	uint64_t key = get(entry->key), thread = get(entry->thread);
	/* Ended by others, and its own thread, which had this slot before us, is gone. */
	bool left = key & KEY_ENDED && MARK_ID(thread) != t->thread &&
		    (thread >> SLOT_SHIFT & (ARENA_SLOTS - 1)) == t->slot_index;

	if (key && is_of_process(t, key) && !left)
		return false;
	return atomic_compare_exchange_strong(&entry->key, &key, own_key(t, id));
}

/* A free entry, taken for this id; NULL: the table is as good as full. */
static struct entry *take_free(struct probe_thread *t, uint64_t id)
{
	struct entry *own = &near[t->slot_index * OWN_ENTRIES % NEAR_ENTRIES], *more;
	uint32_t from;

	for (unsigned i = 0; i < OWN_ENTRIES; i++)
		if (take(t, &own[i], id))
			return &own[i];
	more = room_get(&far, FAR_ENTRIES * sizeof(*more));
	if (!more)
		return NULL;
	from = atomic_fetch_add_explicit(&look_from, 1, memory_order_relaxed);
	for (unsigned i = 0; i < LOOK_FURTHER; i++)
		if (take(t, &more[(from + i) % FAR_ENTRIES], id)) {
			set(look_from, from + i + 1);
			return &more[(from + i) % FAR_ENTRIES];
		}
	return NULL;
}

/* The innermost open one in this thread's chain. Those that others have ended go, and if
 * the thread still works for one it goes on with what was before. */
static uint64_t chain(struct probe_thread *t)
{
	for (;;) {
		uint64_t mark = get(innermost[t->slot_index]);
		struct entry *entry = find_any(t, mark);

		if (!entry || thread_of(entry) != t->thread)
			return 0;
		if (!(get(entry->key) & KEY_ENDED))
			return mark;
		set(innermost[t->slot_index], get(entry->outer));
		if (current(t) == MARK_ID(mark))
			task_switch(t, get(entry->before));
		set(entry->key, 0);
	}
}

/* `gone` ends while later ones may go on: they hang together without it, and none of them
 * goes back to it. */
static void unlink_from(struct probe_thread *t, uint64_t gone, const struct entry *was)
{
	uint64_t mark = get(innermost[t->slot_index]);

	if (mark == gone) {
		set(innermost[t->slot_index], get(was->outer));
		return;
	}
	for (unsigned i = 0; i < WALK_MAX; i++) {
		struct entry *entry = find_any(t, mark);

		if (!entry)
			return;
		if (get(entry->before) == MARK_ID(gone))
			set(entry->before, get(was->before));
		mark = get(entry->outer);
		if (mark == gone) {
			set(entry->outer, get(was->outer));
			return;
		}
	}
}

uint64_t mark_task(uint64_t mark)
{
	uint64_t id = MARK_ID(mark);

	return id < get(probe_header()->next_id) ? id : 0;
}

uint64_t mark_begin(struct probe_thread *t, uint32_t name, enum task_source source, unsigned flags,
		    uint64_t parent)
{
	uint64_t id = task_new_id(t), outer = chain(t), before = current(t);
	struct entry *entry;

	if (!id)
		return 0;
	entry = take_free(t, id);
	if (!entry)
		flags |= TASK_FLAG_async;
	if (!task_tell_begin(t, id, name, source, flags, 0, mark_task(parent))) {
		if (entry)
			set(entry->key, 0);
		set(t->slot->task, before);
		return 0;
	}
	if (!entry)
		return NO_PLACE << MARK_ID_BITS | id;
	set(entry->before, flags & TASK_FLAG_async ? 0 : before);
	set(entry->thread,
	    t->thread | (uint64_t)t->slot_index << SLOT_SHIFT | (uint64_t)source << SOURCE_SHIFT);
	set(entry->outer, outer);
	id |= place_of(entry) << MARK_ID_BITS;
	if (!(flags & TASK_FLAG_async))
		set(innermost[t->slot_index], id);
	return id;
}

/* Takes it out of the table. False: somebody else did. */
static bool take_out(struct probe_thread *t, uint64_t mark, struct entry *entry,
		     const struct entry *was)
{
	uint64_t key = own_key(t, MARK_ID(mark));
	bool by_other = get(was->before) && MARK_ID(get(was->thread)) != t->thread;

	if (!atomic_compare_exchange_strong(&entry->key, &key, by_other ? key | KEY_ENDED : 0))
		return false;
	if (get(was->before) && !by_other)
		unlink_from(t, mark, was);
	return true;
}

void mark_end(struct probe_thread *t, uint64_t mark, enum task_end_how how)
{
	struct entry *entry = find(t, mark), was;
	uint64_t id = MARK_ID(mark);

	if (mark >> MARK_ID_BITS == NO_PLACE && mark_task(id))
		task_tell_end(t, id, how, 0);
	if (!entry)
		return;
	set(was.before, get(entry->before));
	set(was.thread, get(entry->thread));
	set(was.outer, get(entry->outer));
	if (!take_out(t, mark, entry, &was))
		return;
	if (get(was.before) && MARK_ID(get(was.thread)) == t->thread && current(t) == id) {
		task_tell_end(t, id, how, get(was.before));
	} else {
		if (current(t) == id) /* switched to */
			task_switch(t, t->thread);
		task_tell_end(t, id, how, 0);
	}
	chain(t);
}

uint64_t mark_innermost(struct probe_thread *t, enum task_source source)
{
	uint64_t mark = chain(t);

	for (unsigned i = 0; i < WALK_MAX; i++) {
		struct entry *entry = find_any(t, mark);

		if (!entry)
			return 0;
		if (get(entry->thread) >> SOURCE_SHIFT == (uint64_t)source && find(t, mark))
			return mark;
		mark = get(entry->outer);
	}
	return 0;
}

bool mark_is_open(struct probe_thread *t, uint64_t mark)
{
	return find(t, mark) != NULL;
}

uint64_t mark_current(struct probe_thread *t)
{
	uint64_t mark = chain(t), id = current(t);

	return MARK_ID(mark) == id ? mark : id;
}

void mark_switch(struct probe_thread *t, uint64_t mark)
{
	uint64_t id = mark ? mark_task(mark) : t->thread;

	if (mark >> MARK_ID_BITS && mark >> MARK_ID_BITS != NO_PLACE && !find(t, mark))
		return;
	if (id)
		task_switch(t, id);
}
