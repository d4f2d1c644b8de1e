/* SPDX-License-Identifier: MIT */
#include "stack_walk.h"

#define RETURN_ADDRESS (-8)

static ZydisRegister register_of(uint8_t dwarf)
{
	static const uint16_t registers[FRAME_REGISTERS] = {
		ZYDIS_REGISTER_RAX, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_RCX, ZYDIS_REGISTER_RBX,
		ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_RDI, ZYDIS_REGISTER_RBP, ZYDIS_REGISTER_RSP,
		ZYDIS_REGISTER_R8,  ZYDIS_REGISTER_R9,	ZYDIS_REGISTER_R10, ZYDIS_REGISTER_R11,
		ZYDIS_REGISTER_R12, ZYDIS_REGISTER_R13, ZYDIS_REGISTER_R14, ZYDIS_REGISTER_R15,
	};

	return registers[dwarf];
}

static int64_t sum(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static struct stack_place known(int64_t at)
{
	return (struct stack_place){ PLACE_known, at };
}

void stack_walk_begin(struct stack_walk *w, const struct frames *f, int64_t frame)
{
	*w = (struct stack_walk){ .has_frame = frame >= 0 };
	if (frame >= 0) {
		frame_walk_begin(&w->frame, f, (uint32_t)frame);
		w->frame_end = f->entries[frame].end;
	} else {
		w->rsp = known(RETURN_ADDRESS);
	}
}

static void use_words(struct stack_use *use, uint64_t words)
{
	if (words > use->words)
		use->words = words < UINT32_MAX ? (uint32_t)words : UINT32_MAX;
}

void stack_walk_to(struct stack_walk *w, uint64_t address, struct stack_use *use)
{
	if (!w->has_frame)
		return;
	w->cfa = frame_walk_at(&w->frame, address);
	if (address >= w->frame_end)
		w->cfa.is_known = false;
	if (!w->cfa.is_known) {
		/* It realigns its stack, or its unwind information ends before it does. */
		use_words(use, STACK_WORDS_UNKNOWN);
		w->rsp = w->rbp = (struct stack_place){ 0 };
	} else if (w->cfa.reg == FRAME_rsp) {
		w->rsp = known(-w->cfa.offset);
	} else if (w->cfa.reg == FRAME_rbp) {
		w->rbp = known(-w->cfa.offset);
	}
}

bool stack_walk_is_at_entry(const struct stack_walk *w)
{
	return w->rsp.kind == PLACE_known && w->rsp.at == RETURN_ADDRESS;
}

static struct stack_place place_of(const struct stack_walk *w, ZydisRegister reg)
{
	if (reg == ZYDIS_REGISTER_RSP)
		return w->rsp;
	if (reg == ZYDIS_REGISTER_RBP)
		return w->rbp;
	if (w->cfa.is_known && reg == register_of(w->cfa.reg))
		return known(-w->cfa.offset);
	return (struct stack_place){ PLACE_elsewhere, 0 };
}

/* Touches the return address without looking at it: a function that realigns its stack pushes
 * a copy for unwinders; "lock or [rsp],0" is a memory barrier. */
static bool is_harmless(const ZydisDecodedInstruction *i)
{
	return i->mnemonic == ZYDIS_MNEMONIC_PUSH || (i->attributes & ZYDIS_ATTRIB_HAS_LOCK);
}

/* Memory that an instruction reads, writes or takes the address of. */
static void use_memory(const struct stack_walk *w, const ZydisDecodedInstruction *i,
		       const ZydisDecodedOperand *operand, struct stack_use *use)
{
	struct stack_place place = place_of(w, operand->mem.base);
	int64_t low, high, bytes = operand->size / 8;

	if (place.kind != PLACE_known) {
		/* Without unwind information, code behind the first return cannot be followed. */
		if (place.kind == PLACE_unknown && !w->has_frame)
			use_words(use, STACK_WORDS_UNKNOWN);
		return;
	}
	low = sum(place.at, operand->mem.disp.value);
	if (operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN &&
	    operand->mem.index != ZYDIS_REGISTER_NONE && low >= 0) {
		use_words(use, STACK_WORDS_ARRAY);
		return;
	}
	if (operand->mem.type == ZYDIS_MEMOP_TYPE_AGEN || !bytes ||
	    operand->mem.index != ZYDIS_REGISTER_NONE) {
		if (low >= 0 && i->mnemonic != ZYDIS_MNEMONIC_NOP) {
			use_words(use, STACK_WORDS_UNKNOWN);
			use->takes_address = true;
		}
		return;
	}
	high = sum(low, bytes);
	if (high > 0)
		use_words(use, ((uint64_t)high + 7) / 8);
	if (low < 0 && high > RETURN_ADDRESS && !is_harmless(i))
		use->reads_return = true;
}

static bool is_register(const ZydisDecodedOperand *operand, ZydisRegister reg)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER && operand->reg.value == reg;
}

/* The value that goes into rsp or rbp, if it is a place on the stack. */
static struct stack_place value_of(const struct stack_walk *w, const ZydisDecodedInstruction *i,
				   const ZydisDecodedOperand *operands)
{
	struct stack_place place = { 0 };
	const ZydisDecodedOperand *from = &operands[1];

	switch (i->mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		if (from->type == ZYDIS_OPERAND_TYPE_REGISTER)
			place = place_of(w, from->reg.value);
		break;
	case ZYDIS_MNEMONIC_LEA:
		place = place_of(w, from->mem.base);
		place.at = sum(place.at, from->mem.disp.value);
		if (from->mem.index != ZYDIS_REGISTER_NONE)
			place.kind = PLACE_unknown;
		break;
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		if (from->type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
			break;
		place = place_of(w, operands[0].reg.value);
		place.at = sum(place.at, i->mnemonic == ZYDIS_MNEMONIC_ADD
						 ? from->imm.value.s
						 : (int64_t)(0 - from->imm.value.u));
		break;
	default:
		break;
	}
	return place;
}

/* What becomes of rsp and rbp. */
static void move(struct stack_walk *w, const ZydisDecodedInstruction *i,
		 const ZydisDecodedOperand *operands)
{
	switch (i->mnemonic) {
	case ZYDIS_MNEMONIC_PUSH:
	case ZYDIS_MNEMONIC_PUSHFQ:
		w->rsp.at = sum(w->rsp.at, -(i->operand_width / 8));
		return;
	case ZYDIS_MNEMONIC_POP:
	case ZYDIS_MNEMONIC_POPFQ:
		w->rsp.at = sum(w->rsp.at, i->operand_width / 8);
		if (is_register(&operands[0], ZYDIS_REGISTER_RSP))
			w->rsp.kind = PLACE_unknown;
		if (is_register(&operands[0], ZYDIS_REGISTER_RBP))
			w->rbp.kind = PLACE_elsewhere;
		return;
	case ZYDIS_MNEMONIC_LEAVE:
		w->rsp = w->rbp;
		w->rsp.at = sum(w->rsp.at, 8);
		w->rbp.kind = PLACE_elsewhere;
		return;
	case ZYDIS_MNEMONIC_CALL:
		return;
	case ZYDIS_MNEMONIC_RET:
	case ZYDIS_MNEMONIC_JMP:
		w->rsp.kind = w->rbp.kind = PLACE_unknown;
		return;
	default:
		break;
	}
	for (unsigned k = 0; k < i->operand_count; k++) {
		const ZydisDecodedOperand *operand = &operands[k];

		if (!(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
			continue;
		if (is_register(operand, ZYDIS_REGISTER_RSP))
			w->rsp = k ? (struct stack_place){ 0 } : value_of(w, i, operands);
		else if (is_register(operand, ZYDIS_REGISTER_RBP) ||
			 is_register(operand, ZYDIS_REGISTER_EBP)) {
			w->rbp = k ? (struct stack_place){ 0 } : value_of(w, i, operands);
			if (w->rbp.kind == PLACE_unknown)
				w->rbp.kind = PLACE_elsewhere;
		}
	}
}

void stack_walk_over(struct stack_walk *w, const ZydisDecodedInstruction *i,
		     const ZydisDecodedOperand *operands, struct stack_use *use)
{
	for (unsigned k = 0; k < i->operand_count_visible; k++)
		if (operands[k].type == ZYDIS_OPERAND_TYPE_MEMORY)
			use_memory(w, i, &operands[k], use);
	if (i->mnemonic == ZYDIS_MNEMONIC_TEST && is_register(&operands[0], ZYDIS_REGISTER_AL) &&
	    is_register(&operands[1], ZYDIS_REGISTER_AL))
		use->is_variadic = true;
	if (i->mnemonic == ZYDIS_MNEMONIC_RET && i->operand_count_visible)
		use->pops_caller = true;
	if (i->mnemonic == ZYDIS_MNEMONIC_POP && stack_walk_is_at_entry(w))
		use->reads_return = true;
	move(w, i, operands);
}
