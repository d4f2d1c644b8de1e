/* SPDX-License-Identifier: MIT */
/*
 * From a plan to patched functions. Everything is ready and executable before the
 * first entry is overwritten; what does not look as the plan says is left alone.
 *
 *	stub, 32 bytes:  push rbp; mov rbp,rsp; push [descriptor]; jmp [thunk]
 *	                 address of the descriptor; address of the thunk
 */
#include <string.h>
#include <sys/mman.h>

#include "../sys.h"
#include "patch.h"

#define STUB_BYTES 32
#define ALIGNED(n) (((n) + 15) & ~UINT64_C(15))

static void put_stub(uint8_t *at, const struct task_function *function)
{
	static const uint8_t code[16] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0x35, 6, 0,
					  0,	0,    0xff, 0x25, 8,	0,    0, 0 };
	const char *thunk = !(function->flags & PLAN_task) && !(function->flags & FUNCTION_values)
				    ? event_thunk
			    : function->flags & PLAN_floats ? task_thunk_floats
							    : task_thunk;
	uintptr_t words[2] = { (uintptr_t)function, (uintptr_t)thunk };

	memcpy(at, code, sizeof(code));
	memcpy(at + sizeof(code), words, sizeof(words));
}

/* Copies and relocates one trampoline. False: the plan cannot be right. */
static bool put_trampoline(uint8_t *at, uintptr_t base, const struct plan *plan,
			   const struct plan_function *f)
{
	memcpy(at, plan->code + f->code, f->code_bytes);
	for (unsigned i = 0; i < f->fixups; i++) {
		const struct plan_fixup *fix = &plan->fixup[f->first_fixup + i];
		uint64_t target = base + fix->target;
		int64_t distance = (int64_t)(target - ((uintptr_t)at + fix->from));
		int32_t near = (int32_t)distance;

		if (fix->kind == PLAN_abs64 && fix->at + 8u <= f->code_bytes) {
			memcpy(at + fix->at, &target, 8);
			continue;
		}
		if (fix->kind != PLAN_rel32 || fix->at + 4u > f->code_bytes || near != distance)
			return false;
		memcpy(at + fix->at, &near, 4);
	}
	return true;
}

static bool is_inside(const struct plan *plan, const struct plan_function *f)
{
	const struct plan_header *h = plan->header;

	return (uint64_t)f->code + f->code_bytes <= h->code_bytes &&
	       (uint64_t)f->first_fixup + f->fixups <= h->fixups &&
	       (uint64_t)f->first_metric + f->metrics <= h->metrics &&
	       f->original_bytes >= PLAN_PATCH_BYTES && f->original_bytes <= PLAN_ORIGINAL_MAX &&
	       f->entry >= h->reach_low && f->entry + PLAN_PATCH_BYTES <= h->reach_high &&
	       f->function < 1u << 24 && f->stack_words <= PLAN_STACK_WORDS_MAX;
}

static void describe(struct task_function *to, const struct plan_function *f,
		     const struct plan_metric *metrics, const void *trampoline)
{
	*to = (struct task_function){
		.trampoline = trampoline,
		.stack_words = (f->stack_words + 7u) & ~7u,
		.name = f->function,
		.flags = f->flags | (f->metrics ? FUNCTION_values : 0),
		.fail = f->fail,
		.fail_type = f->fail_type,
		.may_overrun = f->stack_words > 0,
		.metrics = f->metrics,
		.fail_value = f->fail_value,
		.metric = metrics + f->first_metric,
	};
}

static enum patch_why poke(struct code_writer *w, uintptr_t base, const struct plan_function *f,
			   const uint8_t *stub)
{
	uintptr_t entry = base + f->entry;
	int32_t distance = (int32_t)((uintptr_t)stub - (entry + PLAN_PATCH_BYTES));
	uint8_t jump[PLAN_PATCH_BYTES] = { 0xe9 }, is[PLAN_ORIGINAL_MAX];

	code_read(w, entry, is, f->original_bytes);
	for (unsigned i = 0; i < f->original_bytes; i++)
		if (is[i] != f->original[i])
			return PATCH_changed;
	for (unsigned i = 0; i < 4; i++)
		jump[1 + i] = (uint8_t)((uint32_t)distance >> 8 * i);
	return code_write(w, entry, jump, sizeof(jump)) ? PATCH_denied : PATCH_done;
}

static void *map_private(uint64_t bytes)
{
	long at = sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

/* Stubs and trampolines of all functions; the number that can be patched, in order. */
static uint32_t prepare(uintptr_t base, const struct plan *plan, struct patched *patched)
{
	const struct plan_header *h = plan->header;
	struct task_function *function = patched->data;
	struct plan_metric *metrics = (struct plan_metric *)(function + h->functions);
	uint8_t *stub = patched->code, *trampoline = stub + (uint64_t)h->functions * STUB_BYTES;
	uint32_t good = 0;

	memcpy(metrics, plan->metric, h->metrics * sizeof(*metrics));
	for (uint32_t i = 0; i < h->functions; i++) {
		const struct plan_function *f = &plan->function[i];

		if (!is_inside(plan, f) || !put_trampoline(trampoline, base, plan, f)) {
			function[i].trampoline = NULL;
			continue;
		}
		describe(&function[i], f, metrics, trampoline);
		put_stub(stub + (uint64_t)i * STUB_BYTES, &function[i]);
		trampoline += ALIGNED(f->code_bytes);
		good++;
	}
	return good;
}

static uint64_t trampoline_bytes(const struct plan *plan)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < plan->header->functions; i++)
		bytes += ALIGNED(plan->function[i].code_bytes);
	return bytes;
}

static uint64_t round_page(uint64_t bytes)
{
	return (bytes + 4095) & ~UINT64_C(4095);
}

static enum patch_why make_room(uintptr_t base, const struct plan *plan, struct patched *p)
{
	const struct plan_header *h = plan->header;

	p->code_bytes = round_page((uint64_t)h->functions * STUB_BYTES + trampoline_bytes(plan));
	p->data_bytes = round_page((uint64_t)h->functions * sizeof(struct task_function) +
				   (uint64_t)h->metrics * sizeof(struct plan_metric));
	if (!p->data)
		p->data = map_private(p->data_bytes);
	if (p->data)
		p->code = code_room(base + h->reach_low, base + h->reach_high, p->code_bytes);
	return p->code ? PATCH_done : PATCH_no_memory;
}

enum patch_why patch_apply(uintptr_t base, const struct plan *plan, struct patched *p)
{
	const struct plan_header *h = plan->header;
	const struct task_function *function;
	enum patch_why why, worst = PATCH_done;
	struct code_writer writer;

	p->done = 0;
	p->left = h->functions;
	why = make_room(base, plan, p);
	if (why)
		return why;
	if (prepare(base, plan, p) < h->functions)
		worst = PATCH_bad_plan;
	if (sys3(SYS_mprotect, p->code, p->code_bytes, PROT_READ | PROT_EXEC) != 0) {
		patch_forget(p);
		return PATCH_denied;
	}
	function = p->data;
	code_open(&writer);
	for (uint32_t i = 0; i < h->functions; i++) {
		if (!function[i].trampoline)
			continue;
		why = poke(&writer, base, &plan->function[i],
			   (uint8_t *)p->code + (uint64_t)i * STUB_BYTES);
		if (!why)
			p->done++;
		else
			worst = why;
	}
	code_close(&writer);
	p->left = h->functions - p->done;
	if (!p->done)
		patch_forget(p);
	return worst;
}

void patch_forget(struct patched *p)
{
	if (p->code)
		sys2(SYS_munmap, p->code, p->code_bytes);
	p->code = NULL;
}
