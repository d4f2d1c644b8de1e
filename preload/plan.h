/* SPDX-License-Identifier: MIT */
/*
 * The patch plan: what a process has to do to make functions of one object into
 * tasks. Asked for by the probe, made by the collector (which reads the ELF file),
 * applied by the probe, which only copies, relocates and compares.
 *
 *	probe                                    collector
 *	  plan-KEY in the session directory? ──▶ map it, apply it
 *	  no: fills a plan_request ────────────▶ makes the file plan-KEY (complete, by
 *	      waits for `state`, bounded   ◀──── rename), then answers
 *
 * A plan is position independent: addresses in it are relative to the object's
 * load address (l_addr). It depends on the object and on the session's options
 * alone, so a file serves all processes of the session. An object in which
 * nothing is to be patched has a plan without functions.
 *
 *	plan_header
 *	struct plan_function × functions     by rising `entry`
 *	struct plan_fixup × fixups
 *	struct plan_metric × metrics
 *	code_bytes of trampolines
 *
 * What the probe makes of it, for each function:
 *
 *	entry: jmp stub   ─▶ stub: push rbp; mov rbp,rsp; push descriptor; jmp thunk
 *	thunk: task begins; calls the trampoline; task ends; returns to the caller
 *	trampoline: the instructions that stood at `entry`, relocated; jmp behind them
 *
 * Emitted format of the probe; not kept beyond the session.
 */
#ifndef TPPROBE_PLAN_H
#define TPPROBE_PLAN_H

#include <stdatomic.h>
#include <stdint.h>

#define PLAN_MAGIC "TPPPLAN1"
#define PLAN_FILE_PREFIX "plan-" /* and 16 hexadecimal digits of the key */
#define PLAN_PATCH_BYTES 5	 /* jmp rel32 */
#define PLAN_ORIGINAL_MAX 24	 /* whole instructions that cover them: 4 + 15 at most */
#define PLAN_STACK_WORDS_MAX 64
#define PLAN_WAIT_MS 3000 /* of a process, for all its plans together */

struct plan_header {
	char magic[8];
	uint32_t header_bytes; /* sizeof(struct plan_header), and so on */
	uint32_t function_bytes, fixup_bytes, metric_bytes;
	uint32_t functions, fixups, metrics, code_bytes;
	uint32_t text; /* id of the TEXT_PLAN with the object's path */
	uint32_t reserved;
	uint64_t key;
	/* All that the trampolines refer to, and all entries, lie in here: the memory for stubs
	 * and trampolines has to be within 2 GiB of both ends. */
	uint64_t reach_low, reach_high;
};

enum {			/* plan_function.flags */
       PLAN_task = 1,	/* begin and end are recorded */
       PLAN_event = 2,	/* each call counts as an event */
       PLAN_floats = 4, /* one of its metrics needs vector registers */
};

enum plan_compare { PLAN_never = 0, PLAN_lt, PLAN_gt, PLAN_eq, PLAN_ne };

enum plan_type { /* how wide a value is and what it means */
		 PLAN_auto =
			 0, /* no debug information: 64 bits, but 0x80000000 … 0xffffffff is a negative int */
		 PLAN_i8,
		 PLAN_i16,
		 PLAN_i32,
		 PLAN_i64,
		 PLAN_u8,
		 PLAN_u16,
		 PLAN_u32,
		 PLAN_u64,
		 PLAN_f32,
		 PLAN_f64,
		 PLAN_text, /* address of a NUL-terminated string */
};

struct plan_function {
	uint64_t entry;	   /* relative; behind an endbr64 */
	uint32_t function; /* id of its TEXT_FUNCTION, below 2^24 */
	uint32_t code;	   /* its trampoline in the code */
	uint32_t first_fixup, first_metric;
	uint16_t code_bytes, fixups, metrics;
	uint8_t flags;
	uint8_t original_bytes; /* at `entry`, whole instructions, >= PLAN_PATCH_BYTES */
	uint8_t original[PLAN_ORIGINAL_MAX];
	uint8_t stack_words; /* arguments on the stack that the thunk copies */
	/* The task has failed when its return value compares so with fail_value. */
	uint8_t fail;	   /* enum plan_compare */
	uint8_t fail_type; /* enum plan_type, integers only */
	uint8_t reserved[5];
	int64_t fail_value;
};
_Static_assert(sizeof(struct plan_function) == 72, "plan layout");

enum plan_fixup_kind {
	PLAN_rel32 = 1, /* 4 bytes: base + target - (trampoline + from) */
	PLAN_abs64,	/* 8 bytes: base + target */
};

struct plan_fixup {
	uint16_t at;   /* in the trampoline */
	uint16_t from; /* rel32: end of the instruction, in the trampoline */
	uint32_t kind; /* enum plan_fixup_kind */
	uint64_t target;
};
_Static_assert(sizeof(struct plan_fixup) == 16, "plan layout");

enum plan_source {
	PLAN_integer_argument = 1, /* index 0..5: rdi rsi rdx rcx r8 r9 */
	PLAN_float_argument,	   /* index 0..7: xmm0 … */
	PLAN_stack_argument,	   /* index: words above the return address */
	PLAN_integer_return,	   /* rax */
	PLAN_float_return,	   /* xmm0 */
};

struct plan_metric {
	uint32_t name; /* id of its TEXT_METRIC */
	uint8_t source;
	uint8_t index;
	uint8_t type; /* enum plan_type */
	uint8_t reserved;
};
_Static_assert(sizeof(struct plan_metric) == 8, "plan layout");

/*
 * Asking. A request passes free → filling (by the process that takes it) → asked
 * → answered (by the collector) → free (by the process again, or by the collector
 * when the process is gone or has not come back for 10 s).
 */
enum plan_request_state {
	PLAN_REQUEST_free = 0,
	PLAN_REQUEST_filling,
	PLAN_REQUEST_asked,
	PLAN_REQUEST_answered
};

#define PLAN_REQUESTS 32
#define PLAN_PATH_SIZE 1024

struct plan_request {
	_Atomic uint32_t state; /* futex of the one that waits */
	uint32_t pid;		/* as its own namespace says */
	uint64_t key;		/* plan_key(): the file to make */
	uint64_t base;		/* l_addr */
	/* Of the file, when the object has no build-id and it can be looked at; else 0. */
	uint64_t device, inode, size, mtime_ns;
	uint8_t is_main; /* the executable */
	uint8_t build_id_bytes;
	uint8_t build_id[20];
	char path[PLAN_PATH_SIZE]; /* absolute where the process knows it so */
};

static inline uint64_t plan_hash(uint64_t hash, const void *bytes, uint64_t n)
{
	const uint8_t *at = bytes;

	while (n--)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

/* Names the plan of an object. Two processes that ask for the same object, under
 * the same base name, get the same file. */
static inline uint64_t plan_key(const struct plan_request *r)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *name = r->path, *at;

	for (at = r->path; *at; at++)
		if (*at == '/')
			name = at + 1;
	hash = plan_hash(hash, name, (uint64_t)(at - name));
	hash = plan_hash(hash, &r->is_main, 1);
	if (r->build_id_bytes)
		return plan_hash(hash, r->build_id, r->build_id_bytes);
	hash = plan_hash(hash, &r->device, 4 * sizeof(uint64_t));
	return plan_hash(hash, r->path, (uint64_t)(at - r->path));
}

#endif
