/* SPDX-License-Identifier: MIT */
/* What tasks inside a process write into the ring. */
#include "task.h"

#include "record.h"
#include "sys.h"
#include "thread.h"

#define IDS_AT_ONCE 256
#define ID_LIMIT (UINT64_C(1) << 40)

/* A signal handler of this thread may come in between: what it leaves is looked at again. */
static uint64_t new_piece(struct probe_thread *t)
{
	struct slot *slot = t->slot;
	uint64_t all = ~UINT64_C(0), old, id = 0, first;

	if (!probe.no_syscalls)
		sys4(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, &old, 8);
	first = atomic_fetch_add(&probe_header()->next_id, IDS_AT_ONCE);
	if (first < ID_LIMIT - IDS_AT_ONCE) {
		id = first;
		slot->next_task = first + 1;
		slot->task_limit = first + IDS_AT_ONCE;
	}
	if (!probe.no_syscalls)
		sys4(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &old, NULL, 8);
	return id;
}

uint64_t task_new_id(struct probe_thread *t)
{
	struct slot *slot = t->slot;
	uint64_t limit = slot->task_limit, id = 1;

	/* One instruction, against handlers that begin tasks of their own. The limit was
	 * read before: a handler's new piece would take in the first id behind the old. */
	__asm__ volatile("xaddq %0, %1" : "+r"(id), "+m"(slot->next_task), "+r"(limit) : : "cc");
	return likely(id < limit) ? id : new_piece(t);
}

bool task_tell_begin(struct probe_thread *t, uint64_t id, uint32_t name, enum task_source source,
		     unsigned flags, uintptr_t frame, uint64_t parent)
{
	bool told;

	if (!(flags & TASK_FLAG_async))
		record_charge(t);
	told = record_3(t, EVENT_TASK_BEGIN, id | (uint64_t)name << 40,
			(frame & ((UINT64_C(1) << 48) - 1)) | (uint64_t)source << 48 |
				(uint64_t)flags << 56,
			parent, probe_now());
	if (told && !(flags & TASK_FLAG_async))
		atomic_store_explicit(&t->slot->task, id, memory_order_relaxed);
	return told;
}

bool task_tell_end(struct probe_thread *t, uint64_t id, enum task_end_how how, uint64_t before)
{
	bool told;

	if (before)
		record_charge(t);
	told = record_1(t, EVENT_TASK_END, id | (uint64_t)how << 40, probe_now());
	if (before)
		atomic_store_explicit(&t->slot->task, before, memory_order_relaxed);
	return told;
}

void task_switch(struct probe_thread *t, uint64_t id)
{
	if (id != atomic_load_explicit(&t->slot->task, memory_order_relaxed))
		record_task(t, id);
}

void task_tell_metric(struct probe_thread *t, uint32_t name, enum value_type type, uint64_t value,
		      uint64_t task)
{
	record_3(t, EVENT_METRIC, name | (uint64_t)type << 32, value, task, probe_now());
}

void task_tell_metric_text(struct probe_thread *t, uint32_t name, const char *text, size_t bytes,
			   uint64_t task)
{
	uint32_t id = atomic_fetch_add(&probe_header()->next_text, 1);

	record_text(t, id, TEXT_VALUE, text, bytes, "", NULL, 0);
	task_tell_metric(t, name, VALUE_text, id, task);
}
