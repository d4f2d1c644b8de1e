/* SPDX-License-Identifier: MIT */
/*
 * What the thunk calls before and behind a function that is a task.
 *
 * Compiled for general registers only: the vector, x87 and mask registers belong to
 * the program here, and what does not fit into that (a full ring, a new thread, a
 * metric) goes through vectors_keep(). The rest is two records and a few stores.
 */
#include "patch.h"

#include "../record.h"
#include "../sys.h"
#include "../task.h"

/* Other clocks are read by functions of libc: the slow way. */
static inline uint64_t plain_now(void)
{
	return clock_tsc() - probe.base_ticks;
}

#define BUSY_MOST 2 /* fits into probe_thread.busy */

/* What record_charge() does, when the ring has room. False: it has none. */
static __attribute__((noinline)) bool charge_plain(struct probe_thread *t)
{
	struct slot *slot = t->slot;
	/* exchanged: a mark that a signal handler sets stays set */
	uint64_t touched = atomic_exchange_explicit(&slot->touched.all, 0, memory_order_relaxed);
	uint64_t bits = 0, gained[COUNTER_COUNT + 1];
	struct pending p;
	struct place place;
	unsigned n = 0;

	for (uint64_t left = touched; left;) {
		unsigned byte = (unsigned)__builtin_ctzll(left) / 8;

		left &= ~(UINT64_C(0xff) << byte * 8);
		for (unsigned i = byte * 8; i < byte * 8 + 8 && i < COUNTER_COUNT; i++) {
			uint64_t more = slot->counters[i] - slot->charged[i];

			if (!more)
				continue;
			bits |= UINT64_C(1) << i;
			gained[n++] = more & RING_WORD2_MASK;
		}
	}
	if (!n)
		return true;
	gained[n] = 0;
	if (unlikely(!record_try(t, &p, &place, EVENT_TASK, 1 + (n + 2) / 2))) {
		atomic_fetch_or_explicit(&slot->touched.all, touched, memory_order_relaxed);
		return false;
	}
	record_words(&place, 0, bits, gained[0]);
	for (unsigned i = 1; i < n; i += 2)
		record_words(&place, (i + 1) / 2, gained[i], gained[i + 1]);
	record_commit(t, &p, &place, EVENT_TASK,
		      atomic_load_explicit(&slot->task, memory_order_relaxed) | (uint64_t)(n + 1)
											<< 48,
		      plain_now());
	for (unsigned i = 0; bits; i++, bits &= bits - 1)
		slot->charged[__builtin_ctzll(bits)] += gained[i];
	return true;
}

/* The thread has a slot, and all that was counted is charged. */
static inline bool is_plain(const struct probe_thread *t)
{
	return likely(!probe.clock_slow) && likely(t->generation == probe_generation[0]) &&
	       likely(!atomic_load_explicit(&t->slot->touched.all, memory_order_relaxed));
}

/* Of a thread that is not plain: can it be made so without leaving this file? */
static inline bool is_plain_now(struct probe_thread *t)
{
	return !probe.clock_slow && t->generation == probe_generation[0] && charge_plain(t);
}

/* A slow part that is at work on this thread is entered again by a signal handler, which may
 * come while it waits for room. But it may also call a function of libc that is a task
 * itself, and so on: there is an end to it. */
static inline bool may_go_slow(struct probe_thread *t)
{
	if (unlikely(t->busy == BUSY_MOST)) {
		probe_count(t, COUNTER_lost_task, 1);
		return false;
	}
	return t->generation == probe_generation[0] || !patch_is_passive(t);
}

/* 0: a new piece is wanted. */
static inline uint64_t next_id(struct slot *slot)
{
	uint64_t limit = slot->task_limit, id = 1;

	/* One instruction, against handlers that begin tasks of their own. The limit was
	 * read before: a handler's new piece would take in the first id behind the old. */
	__asm__ volatile("xaddq %0, %1" : "+r"(id), "+m"(slot->next_task), "+r"(limit) : : "cc");
	return likely(id < limit) ? id : 0;
}

static inline __attribute__((always_inline)) bool tell_begin(struct probe_thread *t,
							     const struct task_frame *f,
							     uint64_t id)
{
	uint64_t begin = id | (uint64_t)f->function->name << 40;
	uint64_t frame = ((uintptr_t)f & ((UINT64_C(1) << 48) - 1)) | (uint64_t)SOURCE_function
									      << 48;
	struct pending p;
	struct place place;

	if (unlikely(!record_try(t, &p, &place, EVENT_TASK_BEGIN, 2)))
		return false;
	record_words(&place, 0, frame, 0);
	record_commit(t, &p, &place, EVENT_TASK_BEGIN, begin, plain_now());
	return true;
}

static inline void make_current(struct probe_thread *t, struct task_frame *f, uint64_t id)
{
	struct slot *slot = t->slot;

	f->id = id;
	f->thread = t->thread;
	f->process = (uint32_t)probe.process;
	f->before = atomic_load_explicit(&slot->task, memory_order_relaxed);
	f->outer = slot->top_frame;
	atomic_store_explicit(&slot->task, id, memory_order_relaxed);
	slot->top_frame = f;
}

/* Arguments that may not be there: the caller's frame may be the last of its stack. Where
 * nobody may be asked they are taken to be there, as they nearly always are. */
static __attribute__((noinline)) uint64_t words_there(struct task_frame *f, uint32_t words)
{
	uintptr_t first = (uintptr_t)f->stack_argument, end = first + words * 8;
	uintptr_t page = (first + 4095) & ~(uintptr_t)4095;

	return page >= end || probe.no_syscalls || patch_is_readable(page) ? words
									   : (page - first) / 8;
}

static inline __attribute__((always_inline)) bool begin(struct probe_thread *t,
							struct task_frame *f)
{
	uint64_t id = next_id(t->slot);

	if (unlikely(!id) || unlikely(!tell_begin(t, f, id)))
		return false;
	make_current(t, f, id);
	return true;
}

/* Kept out of task_enter(), which so calls nobody and saves no registers. */
static __attribute__((noinline)) uint64_t enter_less_plainly(struct task_frame *f)
{
	const struct task_function *function = f->function;
	struct probe_thread *t = &probe_thread;

	f->id = 0;
	f->process = 0;
	if (!(function->flags == PLAN_task && is_plain_now(t) && begin(t, f)) && may_go_slow(t))
		vectors_keep(task_enter_slow, f);
	if (!function->stack_words)
		return 0;
	return function->may_overrun ? words_there(f, function->stack_words)
				     : function->stack_words;
}

uint64_t task_enter(struct task_frame *f)
{
	const struct task_function *function = f->function;
	struct probe_thread *t = &probe_thread;

	f->target = function->trampoline;
	if (unlikely(function->flags != PLAN_task) || !is_plain(t) || !begin(t, f))
		return enter_less_plainly(f);
	if (likely(!function->stack_words))
		return 0;
	return function->may_overrun ? words_there(f, function->stack_words)
				     : function->stack_words;
}

static inline bool has_failed(const struct task_function *function, uint64_t value)
{
	int64_t is = plan_integer(function->fail_type, value);

	switch (function->fail) {
	case PLAN_lt:
		return is < function->fail_value;
	case PLAN_gt:
		return is > function->fail_value;
	case PLAN_eq:
		return is == function->fail_value;
	case PLAN_ne:
		return is != function->fail_value;
	default:
		return false;
	}
}

static inline void make_outer_current(struct probe_thread *t, struct task_frame *f)
{
	atomic_store_explicit(&t->slot->task, f->before, memory_order_relaxed);
	t->slot->top_frame = outer_of(t, f);
}

static inline __attribute__((always_inline)) bool tell_end(struct probe_thread *t,
							   struct task_frame *f,
							   enum task_end_how how)
{
	struct pending p;
	struct place place;
	uint64_t id = f->id;

	if (unlikely(!record_try(t, &p, &place, EVENT_TASK_END, 1)))
		return false;
	f->id = 0; /* before: a thread that is cancelled at any instruction does not end it twice */
	record_commit(t, &p, &place, EVENT_TASK_END, id | (uint64_t)how << 40, plain_now());
	make_outer_current(t, f);
	return true;
}

static __attribute__((noinline)) void leave_less_plainly(struct task_frame *f)
{
	struct probe_thread *t = &probe_thread;

	if (!f->id && !(f->function->flags & FUNCTION_values))
		return;
	f->how = has_failed(f->function, f->rax) ? TASK_END_failed : TASK_END_return;
	if (f->function->flags == PLAN_task && is_plain_now(t) && t->thread == f->thread &&
	    tell_end(t, f, f->how))
		return;
	if (may_go_slow(t))
		vectors_keep(task_leave_slow, f);
	else if (f->id && t->generation == probe_generation[0] && t->thread == f->thread)
		make_outer_current(t, f);
}

void task_leave(struct task_frame *f)
{
	const struct task_function *function = f->function;
	struct probe_thread *t = &probe_thread;

	if (unlikely(!f->id) || unlikely(function->flags != PLAN_task) || !is_plain(t) ||
	    unlikely(t->thread != f->thread) || unlikely(function->fail) ||
	    !tell_end(t, f, TASK_END_return))
		leave_less_plainly(f);
}

void event_enter(struct task_frame *f)
{
	struct probe_thread *t = &probe_thread;

	f->target = f->function->trampoline;
	if (likely(t->generation == probe_generation[0]))
		probe_count(t, COUNTER_events, 1);
	else if (may_go_slow(t))
		vectors_keep(event_enter_slow, f);
}
