/* SPDX-License-Identifier: MIT */
/*
 * The calls in one function's code.
 *
 * Addresses of functions are followed through registers to the next call, so that those
 * which are handed to pthread_create and its like are known.
 */
#include "code_scan.h"

#include <Zydis/Zydis.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

#define CODE_MAX (1u << 20) /* of one function; what lies behind is not read */

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, REGISTERS = 16 };

/* Functions that run another one somewhere else, and the register that it comes in. */
static const struct {
	const char *name;
	int reg;
} starters[] = {
	{ "pthread_create", RDX },   { "thrd_create", RSI },	  { "g_thread_new", RSI },
	{ "g_thread_try_new", RSI }, { "uv_thread_create", RSI }, { "GOMP_parallel", RDI },
	{ "GOMP_task", RDI },	     { "SDL_CreateThread", RDI }, { "thr_create", RDX },
};

struct scan {
	struct code_scan *to;
	const struct catalog_function *f;
	const struct imports *imports;
	size_t size; /* of the code that is read */
	/* What is known to be in registers: an address in this object, or an import. */
	struct {
		uint64_t address;
		const char *import;
		bool is_known;
	} reg[REGISTERS];
};

static int gpr(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	return whole >= ZYDIS_REGISTER_RAX && whole <= ZYDIS_REGISTER_R15
		       ? (int)(whole - ZYDIS_REGISTER_RAX)
		       : -1;
}

static int add(struct scan *s, struct code_call call)
{
	struct code_scan *to = s->to;
	struct code_call *more = array_grown(to->call, to->count, &to->room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	to->call = more;
	more[to->count++] = call;
	return 0;
}

static int add_call(struct scan *s, uint64_t target, const char *import, uint32_t at)
{
	int err = 0;

	if (!import)
		import = imports_find(s->imports, target);
	for (unsigned i = 0; import && i < sizeof(starters) / sizeof(starters[0]); i++) {
		int reg = starters[i].reg;

		if (strcmp(import, starters[i].name) || !s->reg[reg].is_known)
			continue;
		err = add(s, (struct code_call){ s->reg[reg].address, s->reg[reg].import,
						 starters[i].name, at, false });
	}
	if (!err && (import || target))
		err = add(s, (struct code_call){ target, import, NULL, at, false });
	return err;
}

/* `lea reg, [rip+x]`, `mov reg, imm`, `mov reg, [rip+slot]`, `mov reg, reg`: the register
 * holds an address from here on; any other write forgets it. */
static void follow(struct scan *s, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op,
		   uint64_t address)
{
	int to = in->operand_count_visible && op[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
				 op[0].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE
			 ? gpr(op[0].reg.value)
			 : -1;
	ZyanU64 value = 0;
	int from;

	if (to < 0)
		return;
	s->reg[to].is_known = false;
	if (in->operand_count_visible < 2)
		return;
	if (op[1].type == ZYDIS_OPERAND_TYPE_REGISTER && in->mnemonic == ZYDIS_MNEMONIC_MOV) {
		from = gpr(op[1].reg.value);
		if (from >= 0)
			s->reg[to] = s->reg[from];
		return;
	}
	if (in->mnemonic == ZYDIS_MNEMONIC_MOV && op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		s->reg[to].address = op[1].imm.value.u;
		s->reg[to].import = NULL;
		s->reg[to].is_known = true;
		return;
	}
	if (op[1].type != ZYDIS_OPERAND_TYPE_MEMORY || op[1].mem.base != ZYDIS_REGISTER_RIP ||
	    !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(in, &op[1], address, &value)))
		return;
	if (in->mnemonic == ZYDIS_MNEMONIC_LEA) {
		s->reg[to].address = value;
		s->reg[to].import = NULL;
		s->reg[to].is_known = true;
	} else if (in->mnemonic == ZYDIS_MNEMONIC_MOV) {
		s->reg[to].import = imports_find(s->imports, value);
		s->reg[to].is_known = s->reg[to].import != NULL;
	}
}

/* What a call leaves alone: rbx, rbp, r12 … r15. */
static void forget(struct scan *s)
{
	for (int i = 0; i < REGISTERS; i++)
		if (i != RBX && i != RSP && i != RBP && i < 12)
			s->reg[i].is_known = false;
}

/* Functions that do not return: what stands behind a call of them is another block. */
static bool is_last(const char *import)
{
	static const char *const names[] = {
		"abort",
		"exit",
		"_exit",
		"_Exit",
		"quick_exit",
		"longjmp",
		"siglongjmp",
		"__longjmp_chk",
		"__assert_fail",
		"__stack_chk_fail",
		"__cxa_throw",
		"__cxa_rethrow",
		"_Unwind_Resume",
		"pthread_exit",
		"_ZSt9terminatev",
		"err",
		"errx",
		"__chk_fail",
	};

	for (unsigned i = 0; import && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(import, names[i]))
			return true;
	return import && !strncmp(import, "_ZSt", 4) && strstr(import, "__throw_");
}

/* A call or a jump: into the function itself, out of it, or through a slot. */
static int branch(struct scan *s, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op,
		  uint32_t at)
{
	uint64_t address = s->f->address + at, target = 0;
	bool is_call = in->meta.category == ZYDIS_CATEGORY_CALL;
	bool is_conditional = in->meta.category == ZYDIS_CATEGORY_COND_BR;
	struct flow_branch flow = { at + in->length, FLOW_NOWHERE, is_call || is_conditional,
				    false };
	const char *import = NULL;
	int err = 0;

	if (op[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
		int reg = gpr(op[0].reg.value);

		if (is_call && reg >= 0 && s->reg[reg].is_known) {
			import = s->reg[reg].import;
			target = import ? 0 : s->reg[reg].address;
			err = add_call(s, target, import, at);
		}
		flow.is_indirect = !is_call;
	} else if (op[0].type == ZYDIS_OPERAND_TYPE_MEMORY) {
		if (op[0].mem.base == ZYDIS_REGISTER_RIP &&
		    ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(in, &op[0], address, &target)))
			import = imports_find(s->imports, target);
		if (import)
			err = add_call(s, 0, import, at);
		flow.is_indirect = !is_call && !import;
	} else if (op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
		   ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(in, &op[0], address, &target))) {
		import = imports_find(s->imports, target);
		if (is_call || target < s->f->address || target >= s->f->address + s->size)
			err = add_call(s, target, import, at);
		else
			flow.target = (uint32_t)(target - s->f->address);
	}
	if (is_call && !is_last(import) &&
	    (import || !target || !s->to->is_last || !s->to->is_last(s->to->of, target)))
		return err;
	s->to->returns = s->to->returns || (!is_call && flow.target == FLOW_NOWHERE);
	flow.goes_on = is_conditional;
	return err ? err : flow_add(&s->to->flow, flow);
}

static int instruction(struct scan *s, const ZydisDecodedInstruction *in,
		       const ZydisDecodedOperand *op, uint32_t at)
{
	int err = 0;

	switch (in->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		err = branch(s, in, op, at);
		forget(s);
		break;
	case ZYDIS_CATEGORY_COND_BR:
	case ZYDIS_CATEGORY_UNCOND_BR:
		err = branch(s, in, op, at);
		break;
	case ZYDIS_CATEGORY_RET:
		s->to->returns = true;
		err = flow_add(&s->to->flow,
			       (struct flow_branch){ at + in->length, FLOW_NOWHERE, false, false });
		break;
	default:
		if (in->mnemonic == ZYDIS_MNEMONIC_UD2 || in->mnemonic == ZYDIS_MNEMONIC_HLT)
			err = flow_add(&s->to->flow,
				       (struct flow_branch){ at + in->length, FLOW_NOWHERE, false,
							     false });
		follow(s, in, op, s->f->address + at);
	}
	return err;
}

int code_scan_read(struct code_scan *to, const struct catalog_function *f,
		   const struct imports *imports)
{
	struct scan s = { .to = to,
			  .f = f,
			  .imports = imports,
			  .size = f->code_bytes < CODE_MAX ? f->code_bytes : CODE_MAX };
	ZydisDecoder decoder;
	int err;

	to->count = 0;
	to->returns = false;
	err = flow_begin(&to->flow, f->bytes ? s.size : 0);
	if (err || !f->bytes)
		return err;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t at = 0; at < s.size && !err;) {
		ZydisDecodedInstruction in;
		ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];

		if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, f->bytes + at, s.size - at, &in,
							 op))) {
			at++;
			continue;
		}
		err = instruction(&s, &in, op, (uint32_t)at);
		at += in.length;
	}
	if (!err)
		err = flow_end(&to->flow);
	for (uint32_t i = 0; i < to->count && !err; i++)
		to->call[i].in_loop = flow_in_loop(&to->flow, to->call[i].at);
	return err;
}

void code_scan_fini(struct code_scan *s)
{
	free(s->call);
	flow_fini(&s->flow);
	*s = (struct code_scan){ .call = NULL };
}
