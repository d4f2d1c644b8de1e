/* SPDX-License-Identifier: MIT */
/*
 * Stacks that are left or changed: longjmp ends the tasks that it jumps over,
 * swapcontext gives every coroutine the task back that it had.
 */
#include <signal.h>

#include "../record.h"
#include "../sys.h"
#include "../task.h"
#include "patch.h"

#define PAGE 4096u
#define STACK_LOOK_BYTES (1u << 20) /* longer jumps are taken to be within one stack */

/* Guard pages, and holes, tell stacks apart: a jump over one is no jump over frames. */
static bool is_one_stack(uintptr_t from, uintptr_t to)
{
	if (probe.no_syscalls || to - from > STACK_LOOK_BYTES)
		return true;
	for (uintptr_t page = from | (PAGE - 1); page + 1 < to; page += PAGE)
		if (!patch_is_readable(page + 1))
			return false;
	return true;
}

/* The chain may lead to a stack that was left without our knowledge and is gone. */
static bool is_between(const struct task_frame *f, uintptr_t from, uintptr_t to)
{
	return (uintptr_t)f >= from && (uintptr_t)(f + 1) <= to &&
	       (probe.no_syscalls || (patch_is_readable((uintptr_t)&f->outer) &&
				      patch_is_readable((uintptr_t)&f->before)));
}

/* Tells that what lies from `from` up to below `target` is left. */
static void leave(struct probe_thread *t, uintptr_t from, uintptr_t target)
{
	struct slot *slot = t->slot;
	struct task_frame *f = slot->top_frame;
	uint64_t v[2] = { target, from };

	if (!is_one_stack(from, target))
		return;
	record_charge(t);
	record_n(t, EVENT_TASK_JUMP, v, 2, probe_now());
	while (is_between(f, from, target)) {
		struct task_frame *outer = f->outer;

		atomic_store_explicit(&slot->task, f->before, memory_order_relaxed);
		f = outer > f ? outer : NULL;
	}
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

static struct context_saved *saved_in(const ucontext_t *context)
{
	return (struct context_saved *)context->uc_mcontext.__reserved1;
}

bool context_leave(ucontext_t *from)
{
	struct probe_thread *t = probe_enter();
	struct context_saved *saved = saved_in(from);

	if (!t)
		return false;
	saved->process = probe.process;
	saved->thread = t->thread;
	saved->task = atomic_load_explicit(&t->slot->task, memory_order_relaxed);
	saved->top = t->slot->top_frame;
	return true;
}

/* Perhaps on another thread. */
void context_back(const ucontext_t *from)
{
	struct probe_thread *t = probe_enter();
	const struct context_saved *saved = saved_in(from);

	if (!t || saved->process != probe.process)
		return;
	task_switch(t, saved->task == saved->thread ? t->thread : saved->task);
	t->slot->top_frame = saved->top;
}
