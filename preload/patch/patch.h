/* SPDX-License-Identifier: MIT */
/*
 * Functions of the program as tasks: entry patches as the collector has planned
 * them (plan.h), made where no other thread can run the code.
 *
 *	patch.c      when: in the constructor, and at _r_debug.r_brk (rdebug.c)
 *	ask.c        the plan of an object
 *	apply.c      stubs and trampolines near the object, and the jumps to them
 *	code.c       room for code, and writing into it
 *	thunk_x86_64.S, task_function.c, task_slow.c   what runs at each call
 *	personality.c   exceptions and cancellation
 *	jump.c, context_x86_64.S   longjmp and swapcontext
 */
#ifndef TPPROBE_PATCH_H
#define TPPROBE_PATCH_H

#include "../probe.h"
#include "frame.h"

#pragma GCC visibility push(hidden)

/* --- at the start ------------------------------------------------------------ */

/* Makes what the session's options name into tasks. Only for the constructor. */
void patch_start(struct probe_thread *t);

/* Objects that the loader has mapped since; and those that are gone. */
void patch_new_objects(struct probe_thread *t);

/* --- a plan ------------------------------------------------------------------ */

struct plan {
	const struct plan_header *header; /* NULL: nothing is to be done */
	uint64_t bytes;
	const struct plan_function *function;
	const struct plan_fixup *fixup;
	const struct plan_metric *metric;
	const uint8_t *code;
};

/* The plan that `request` asks for (all but its state), or none. `wait_ms`: the most
 * that may be waited, less what was. */
enum patch_why plan_get(const struct plan_request *request, struct plan *plan, uint32_t *wait_ms);
void plan_put(struct plan *plan);

struct patched {
	void *code; /* stubs and trampolines */
	void *data; /* descriptors and metrics */
	uint64_t code_bytes, data_bytes;
	uint32_t done, left;
};

/* patched->data: NULL, or what an earlier patch_apply() of the same plan has left. */
enum patch_why patch_apply(uintptr_t base, const struct plan *plan, struct patched *patched);
/* The object is gone, and the code with it. The data stays: a function that has closed its
 * own library by its last jump comes back to the thunk, which looks at the descriptor. */
void patch_forget(struct patched *patched);

/* --- code, code.c -------------------------------------------------------------- */

struct code_writer {
	int memory; /* /proc/self/mem; below 0: pages are made writable for the moment */
};

void code_open(struct code_writer *w);
void code_close(struct code_writer *w);
/* 0 or -errno. */
int code_read(struct code_writer *w, uintptr_t at, void *bytes, size_t n);
int code_write(struct code_writer *w, uintptr_t at, const void *bytes, size_t n);
/* Writable memory from which [low, high) can be reached by 32-bit displacements, and
 * back; NULL: none. */
void *code_room(uintptr_t low, uintptr_t high, size_t bytes);

/* --- the loader -------------------------------------------------------------- */

/* From here on patch_new_objects() is called whenever the loader's lists have changed. */
bool rdebug_hook(void);

/* --- at each call ------------------------------------------------------------ */

extern const char task_thunk[], task_thunk_floats[], event_thunk[];
/* Calls a function that may do as it likes with vector, x87 and mask registers, and
 * puts them back. */
void vectors_keep(void (*call)(void *), void *argument);
/* The parts of the state that the machine has, 0 without xsave; and the room for them. */
extern uint64_t patch_vector_mask, patch_vector_bytes;

uint64_t task_enter(struct task_frame *f);
void task_leave(struct task_frame *f);
void event_enter(struct task_frame *f);
void task_enter_slow(void *frame);
void task_leave_slow(void *frame);
void event_enter_slow(void *frame);
/* The task ends because its frame is being unwound. */
void task_unwound(struct task_frame *f, enum task_end_how how);

/* Before a jump to a frame whose stack pointer is `target`: the tasks in between end. */
void task_jump(struct probe_thread *t, uintptr_t target);

/* Before and behind swapcontext. False: it is not for us to come back. */
bool context_leave(ucontext_t *from);
void context_back(const ucontext_t *from);

/* Are the 8 bytes there, to be read? One system call. */
bool patch_is_readable(uintptr_t at);

/* A thread that no task can be recorded for now. */
static inline bool patch_is_passive(struct probe_thread *t)
{
	if (probe.state != PROBE_on || t->quiet || probe.no_syscalls)
		return true;
	/* Refused a ring not long ago (probe_attach). */
	if (!t->slot && t->stuck && probe_generation[0]) {
		t->stuck--;
		return true;
	}
	return false;
}

/* What is the innermost frame when this one has gone. One that goes out of turn (stacks
 * were switched in a way that we do not see) leaves nobody who could be relied on. */
static inline struct task_frame *outer_of(struct probe_thread *t, struct task_frame *f)
{
	return likely(t->slot->top_frame == f) ? f->outer : NULL;
}

/* What an integer of this type means, out of 64 bits of which the upper may be anything. */
static inline int64_t plan_integer(unsigned type, uint64_t raw)
{
	switch (type) {
	case PLAN_i8:
		return (int8_t)raw;
	case PLAN_i16:
		return (int16_t)raw;
	case PLAN_i32:
		return (int32_t)raw;
	case PLAN_u8:
		return (uint8_t)raw;
	case PLAN_u16:
		return (uint16_t)raw;
	case PLAN_u32:
		return (uint32_t)raw;
	case PLAN_auto:
		return raw >> 31 == 1 ? (int32_t)raw : (int64_t)raw;
	default:
		return (int64_t)raw;
	}
}

#pragma GCC visibility pop

#endif
