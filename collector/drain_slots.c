/* SPDX-License-Identifier: MIT */
/* Finding the slots that threads have claimed, and freeing what they left. */
#include "drain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void drain_init(struct drain *d, const struct arena_view *arena, struct gather *gather)
{
	memset(d, 0, sizeof(*d));
	d->arena = arena;
	d->gather = gather;
}

void drain_fini(struct drain *d)
{
	for (uint32_t i = 0; i < d->high; i++) {
		struct drain_slot *s = d->slots[i];

		if (!s)
			continue;
		if (s->schedstat_fd >= 0)
			close(s->schedstat_fd);
		batch_fini(&s->batch);
		free(s->texts);
		free(s);
		d->slots[i] = NULL;
	}
}

static struct drain_slot *slot_new(const struct drain *d, uint32_t index)
{
	struct slot *slot = arena_view_slot(d->arena, index);
	struct drain_slot *s;
	uint64_t head;

	/* Claimed once does not mean that its page could be had. */
	if (arena_view_touch(slot, sizeof(*slot)))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->slot = slot;
	s->index = index;
	s->ring = arena_view_ring(d->arena, index, &s->cells);
	s->schedstat_fd = -1;
	s->tail = atomic_load(&slot->tail);
	head = atomic_load(&slot->head);
	if (head - s->tail > s->cells)
		s->tail = head - s->cells;
	/* Until its stream says better. */
	s->batch.thread = s->thread = s->task = atomic_load(&slot->thread);
	s->batch.process = s->process = atomic_load(&slot->process);
	if (s->tail)
		s->task = atomic_load(&slot->task);
	return s;
}

void drain_look(struct drain *d)
{
	uint32_t high = arena_view_high(d->arena);

	if (high > d->high)
		d->high = high;
	for (uint32_t i = 0; i < d->high; i++) {
		uint64_t owner =
			atomic_load_explicit(arena_view_owner(d->arena, i), memory_order_acquire);

		if (!d->slots[i])
			d->slots[i] = slot_new(d, i);
		if (d->slots[i])
			d->slots[i]->owner = owner;
	}
}

/* A thread that is no more may have been waiting (preload/waiting.h): since when, as
 * what its counters would have got. */
static int open_wait(const struct drain *d, const struct drain_slot *s, uint64_t *ticks)
{
	uint64_t mark = atomic_load(&s->slot->waiting), now = arena_view_now(d->arena);

	*ticks = now > mark >> 8 ? now - (mark >> 8) : 0;
	return mark && *ticks ? arena_wait_counter(mark & 0xff) : -1;
}

/* What the thread counted and no TASK record told, as the words of THREAD_GONE. */
static unsigned untold(const struct drain *d, const struct drain_slot *s, bool is_dead, uint64_t *v,
		       uint64_t *counted)
{
	uint64_t waited = 0;
	int wait = is_dead ? open_wait(d, s, &waited) : -1;
	unsigned n = 2;

	v[1] = 0;
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		uint64_t told = d->trust_charged ? s->slot->charged[i] : s->told[i];

		uint64_t more = wait < 0 ? 0 : wait == (int)i ? 1 : wait + 1 == (int)i ? waited : 0;

		counted[i] = *(volatile uint64_t *)&s->slot->counters[i];
		if (counted[i] + more == told)
			continue;
		v[1] |= UINT64_C(1) << i;
		v[n++] = counted[i] + more - told;
	}
	v[0] = s->task ? s->task : s->thread;
	v[0] = (v[0] & EVENT_MASK(48)) | (uint64_t)(n == 2 ? 0 : n - 1) << 48;
	return n == 2 ? 1 : n;
}

static void lower_hint(const struct drain *d, uint32_t index)
{
	_Atomic uint32_t *word = &d->arena->header->slot_hint;
	uint32_t hint = atomic_load(word);

	while (index < hint && !atomic_compare_exchange_weak(word, &hint, index))
		;
}

void drain_release(struct drain *d, struct drain_slot *s)
{
	uint64_t owner = s->owner, v[2 + COUNTER_COUNT], counted[COUNTER_COUNT];
	unsigned words = untold(d, s, true, v, counted);

	if (s->thread_open || words > 1)
		gather_add(d->gather, &s->batch, EVENT_THREAD_GONE, arena_view_now(d->arena), v,
			   words);
	memcpy(s->told, counted, sizeof(counted));
	s->thread_open = s->superseded = s->settle = false;
	if (s->schedstat_fd >= 0)
		close(s->schedstat_fd);
	s->schedstat_fd = -1;
	atomic_store(&s->slot->owner_waits, 0);
	atomic_store(&s->slot->waiting, 0);
	if (owner &&
	    atomic_compare_exchange_strong(arena_view_owner(d->arena, s->index), &owner, 0))
		lower_hint(d, s->index);
	s->owner = 0;
}

void drain_settle(struct drain *d, struct drain_slot *s)
{
	uint64_t v[2 + COUNTER_COUNT], counted[COUNTER_COUNT];
	unsigned words = untold(d, s, false, v, counted);

	/* Somebody who has claimed it since tells of himself by the head before he
	 * counts anything. */
	if (atomic_load(arena_view_owner(d->arena, s->index)) ||
	    atomic_load(&s->slot->head) != s->tail)
		return;
	s->settle = false;
	if (words == 1)
		return;
	gather_add(d->gather, &s->batch, EVENT_THREAD_GONE, arena_view_now(d->arena), v, words);
	memcpy(s->told, counted, sizeof(counted));
}
