/* SPDX-License-Identifier: MIT */
/*
 * What the thunk leaves on the stack of a task, and what it knows of the function.
 * The numbers are for thunk_x86_64.S too.
 *
 *	rbp + 16   arguments on the stack
 *	rbp + 8    return address, of the caller
 *	rbp        the caller's rbp            ◀─ an ordinary frame
 *	rbp - 8    function                    (pushed by the stub)
 *	   …       the rest of struct task_frame
 *	rbp - 128  its start
 *	rbp - 192  xmm0 … xmm7, their low halves (task_thunk_floats alone)
 */
#ifndef TPPROBE_PATCH_FRAME_H
#define TPPROBE_PATCH_FRAME_H

#define FRAME_TARGET 128
#define FRAME_R11 120
#define FRAME_R10 112
#define FRAME_R9 104
#define FRAME_R8 96
#define FRAME_RCX 88
#define FRAME_RDX 80
#define FRAME_RSI 72
#define FRAME_RDI 64
#define FRAME_RAX 56
#define FRAME_FUNCTION 8
#define FRAME_ID 16
#define FRAME_FLOATS 192
#define FUNCTION_TRAMPOLINE 0
#define FUNCTION_STACK_WORDS 8
#define CONTEXT_CALLER 232
#define CONTEXT_RBX 240

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "../plan.h"

enum { FUNCTION_values = 128 }; /* it has metrics: the slow way */

/* A function that was patched; made once, in private memory, never changed. */
struct task_function {
	const void *trampoline;
	uint32_t stack_words; /* a multiple of 8 */
	uint32_t name;	      /* id of its TEXT_FUNCTION */
	uint8_t flags;	      /* PLAN_*, FUNCTION_values */
	uint8_t fail, fail_type;
	bool may_overrun; /* stack_words is a guess: there may be less above the frame */
	uint16_t metrics;
	int64_t fail_value;
	const struct plan_metric *metric;
};
_Static_assert(offsetof(struct task_function, trampoline) == FUNCTION_TRAMPOLINE &&
		       offsetof(struct task_function, stack_words) == FUNCTION_STACK_WORDS,
	       "thunk_x86_64.S");

struct task_frame {
	const void *target;
	uint64_t r11, r10, r9, r8, rcx, rdx, rsi, rdi, rax;
	uint32_t process;	  /* low half of the id of the image that began it */
	uint32_t how;		  /* enum task_end_how, from task_leave to its slow part */
	struct task_frame *outer; /* the one that was the thread's innermost before */
	uint64_t thread;	  /* that began it */
	uint64_t before;	  /* task that was current; */
	uint64_t id;		  /* 0: nothing was told, nothing will be */
	const struct task_function *function;
	uint64_t caller_rbp;
	const void *caller;
	uint64_t stack_argument[];
};
#define FRAME_OFFSET(field)                                                                        \
	(offsetof(struct task_frame, caller_rbp) - offsetof(struct task_frame, field))
_Static_assert(FRAME_OFFSET(target) == FRAME_TARGET && FRAME_OFFSET(r11) == FRAME_R11 &&
		       FRAME_OFFSET(rax) == FRAME_RAX && FRAME_OFFSET(id) == FRAME_ID &&
		       FRAME_OFFSET(function) == FRAME_FUNCTION,
	       "thunk_x86_64.S");

/* What swapcontext leaves in the context it saves: in words of the kernel's structure
 * that libc uses for nothing (context_x86_64.S, jump.c). */
struct context_saved {
	uint64_t caller, rbx;  /* return address, and the caller's rbx */
	uint64_t process;      /* that was in there, */
	uint64_t thread, task; /* its thread, and what was current */
	struct task_frame *top;
};
_Static_assert(offsetof(ucontext_t, uc_mcontext.__reserved1) == CONTEXT_CALLER &&
		       CONTEXT_CALLER + offsetof(struct context_saved, rbx) == CONTEXT_RBX &&
		       sizeof(struct context_saved) <=
			       sizeof(((ucontext_t *)0)->uc_mcontext.__reserved1),
	       "context_x86_64.S");

/* Low halves of xmm0 … xmm7 at the entry, and of xmm0 at the return. */
static inline const uint64_t *task_frame_floats(const struct task_frame *f)
{
	return (const uint64_t *)((const char *)f - (FRAME_FLOATS - FRAME_TARGET));
}

#endif
#endif
