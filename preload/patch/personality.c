/* SPDX-License-Identifier: MIT */
/*
 * The thunk's personality routine: an exception or a cancellation that passes
 * through the frame of a task ends it. There is nothing to catch and nothing to
 * clean up, so no landing pad and no unwinder are needed; only where the frame
 * lies has to be asked from the unwinder that is at work.
 */
#include <dlfcn.h>
#include <link.h>

#include "../symbol.h"
#include "../task.h"
#include "patch.h"

/* The Itanium C++ ABI, <unwind.h>. */
enum { CLEANUP_PHASE = 2, FORCED = 8, CONTINUE_UNWIND = 8 };

enum { DWARF_RBP = 6 };

typedef uintptr_t get_register(void *context, int number);

/* The unwinder that called us, and its _Unwind_GetGR: mostly one for the whole process. */
static _Atomic uintptr_t unwinder_start, unwinder_end, unwinder_get;

static get_register *find_get(void *caller)
{
	uintptr_t at = (uintptr_t)caller, found;
	struct dl_find_object object;

	if (at - atomic_load(&unwinder_start) <
	    atomic_load(&unwinder_end) - atomic_load(&unwinder_start))
		return (get_register *)atomic_load(&unwinder_get);
	if (_dl_find_object(caller, &object) != 0)
		return NULL;
	found = (uintptr_t)symbol_in(object.dlfo_link_map, "_Unwind_GetGR");
	atomic_store(&unwinder_end, 0);
	atomic_store(&unwinder_get, found);
	atomic_store(&unwinder_start, (uintptr_t)object.dlfo_map_start);
	atomic_store(&unwinder_end, (uintptr_t)object.dlfo_map_end);
	return (get_register *)found;
}

/* An unwinder that was linked statically does not say; then it is the innermost task
 * of this thread: frames are unwound from inside. */
static struct task_frame *frame_of(void *context, void *caller)
{
	get_register *get = find_get(caller);
	struct task_frame *f;

	if (get)
		return (struct task_frame *)(get(context, DWARF_RBP) - FRAME_TARGET);
	f = probe_thread.slot ? probe_thread.slot->top_frame : NULL;
	return (uintptr_t)f > (uintptr_t)__builtin_frame_address(0) && !probe.no_syscalls &&
			       patch_is_readable((uintptr_t)f)
		       ? f
		       : NULL;
}

__attribute__((visibility("hidden"))) int task_personality(int version, int actions, uint64_t class,
							   void *exception, void *context)
{
	struct task_frame *f;
	enum task_end_how how = TASK_END_exception;

	(void)version;
	(void)class;
	(void)exception;
	if (!(actions & CLEANUP_PHASE))
		return CONTINUE_UNWIND;
	f = frame_of(context, __builtin_return_address(0));
	if (actions & FORCED)
		how = probe_thread.exits ? TASK_END_exited : TASK_END_cancelled;
	if (f)
		task_unwound(f, how);
	return CONTINUE_UNWIND;
}
