/* SPDX-License-Identifier: MIT */
/*
 * Stacks that are left or changed: longjmp ends the tasks that it jumps over,
 * swapcontext gives every coroutine the task back that it had.
 */
#include <errno.h>
#include <signal.h>

#include "../real.h"
#include "../record.h"
#include "../sys.h"
#include "../task.h"
#include "patch.h"

/* Tells that what lies from `from` up to below `target` is left. */
static void leave(struct probe_thread *t, uintptr_t from, uintptr_t target)
{
	struct slot *slot = t->slot;
	struct task_frame *f = slot->top_frame;
	uint64_t v[2] = { target, from };

	record_charge(t);
	record_n(t, EVENT_TASK_JUMP, v, 2, probe_now());
	/* These frames are on a stack that still is in use: they can be looked at. */
	for (; (uintptr_t)f >= from && (uintptr_t)f < target; f = f->outer)
		atomic_store_explicit(&slot->task, f->before, memory_order_relaxed);
	slot->top_frame = f;
}

void task_jump(struct probe_thread *t, uintptr_t target)
{
	struct slot *slot = t->slot;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), end;
	stack_t alt;

	t->busy = 0;
	if (!slot->top_frame &&
	    atomic_load_explicit(&slot->task, memory_order_relaxed) == t->thread)
		return;
	/* Out of a handler on its own stack: what is left lies on both. */
	if (!probe.no_syscalls && sys2(SYS_sigaltstack, NULL, &alt) == 0 &&
	    (alt.ss_flags & SS_ONSTACK) && target - (uintptr_t)alt.ss_sp >= alt.ss_size) {
		end = (uintptr_t)alt.ss_sp + alt.ss_size;
		leave(t, here, end);
		here = (uintptr_t)slot->top_frame;
		if (!here)
			return;
	}
	if (here < target)
		leave(t, here, target);
}

/* Perhaps on another thread by now: nothing may be kept from before the switch. */
static __attribute__((noinline)) void come_back(uint64_t process, uint64_t thread, uint64_t task,
						void *top)
{
	struct probe_thread *t = probe_enter();

	if (!t || process != probe.process)
		return;
	task_switch(t, task == thread ? t->thread : task);
	t->slot->top_frame = top;
}

int swapcontext(ucontext_t *from, const ucontext_t *to)
{
	struct probe_thread *t = probe_enter();
	uint64_t process, thread, task;
	int result, saved;
	void *top;

	if (!t)
		return real_swapcontext(from, to);
	process = probe.process;
	thread = t->thread;
	task = atomic_load_explicit(&t->slot->task, memory_order_relaxed);
	top = t->slot->top_frame;
	result = real_swapcontext(from, to);
	saved = errno;
	come_back(process, thread, task, top);
	errno = saved;
	return result;
}
