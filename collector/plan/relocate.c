/* SPDX-License-Identifier: MIT */
/*
 *	instruction                     in the trampoline
 *	rip-relative operand            the same, distance as a fixup
 *	jcc, jmp                        with 32 bits of distance, as a fixup
 *	call (then it is the last one)  push [rip + next]; jmp: it returns into the
 *	                                function itself, so that unwinding finds it there
 *	others                          the same
 *
 * Behind them a jump to the instruction that follows in the function.
 *
 * (A shadow stack, where one is in use, would not let such a call return. No Linux
 * turns it on unless the user asks for it.)
 */
#include "relocate.h"

#include <Zydis/Zydis.h>
#include <string.h>

struct trampoline {
	const struct object *object;
	struct function_code *out;
	uint64_t low, high; /* of the object */
	unsigned
		return_slot_at; /* where the distance to the return address is missing; 0: nowhere */
	bool is_outside;	/* something refers to outside of the object */
};

static void emit(struct trampoline *t, const void *bytes, unsigned n)
{
	memcpy(t->out->code + t->out->code_bytes, bytes, n);
	t->out->code_bytes += (uint8_t)n;
}

static void fix(struct trampoline *t, unsigned at, unsigned from, unsigned kind, uint64_t target)
{
	t->is_outside |= target < t->low || target > t->high;
	t->out->fixup[t->out->fixups++] = (struct plan_fixup){
		.at = (uint16_t)at, .from = (uint16_t)from, .kind = kind, .target = target
	};
}

/* An opcode and 32 bits of distance to `target`. */
static void emit_jump(struct trampoline *t, const void *opcode, unsigned n, uint64_t target)
{
	static const uint8_t distance[4];

	emit(t, opcode, n);
	emit(t, distance, sizeof(distance));
	fix(t, t->out->code_bytes - 4u, t->out->code_bytes, PLAN_rel32, target);
}

/* As it is, but for the distance of a rip-relative operand. */
static void emit_same(struct trampoline *t, const ZydisDecodedInstruction *i, const uint8_t *bytes,
		      uint64_t next)
{
	unsigned begin = t->out->code_bytes;

	emit(t, bytes, i->length);
	if ((i->attributes & ZYDIS_ATTRIB_IS_RELATIVE) && i->raw.disp.size == 32)
		fix(t, begin + i->raw.disp.offset, begin + i->length, PLAN_rel32,
		    next + (uint64_t)i->raw.disp.value);
}

static void emit_return_address(struct trampoline *t)
{
	static const uint8_t push[6] = { 0xff, 0x35 };

	emit(t, push, sizeof(push));
	t->return_slot_at = t->out->code_bytes - 4u;
}

static enum refusal emit_call(struct trampoline *t, const ZydisDecodedInstruction *i,
			      const ZydisDecodedOperand *operand, const uint8_t *bytes,
			      uint64_t next)
{
	uint8_t as_jump[ZYDIS_MAX_INSTRUCTION_LENGTH];

	if (next - t->out->entry < PLAN_PATCH_BYTES ||
	    i->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ||
	    (i->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE))
		return REFUSAL_early_call;
	if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		emit_return_address(t);
		emit_jump(t, "\xe9", 1, next + operand->imm.value.u);
		return REFUSAL_none;
	}
	/* The push moves rsp. */
	if ((operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	     operand->reg.value == ZYDIS_REGISTER_RSP) ||
	    (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.base == ZYDIS_REGISTER_RSP))
		return REFUSAL_early_call;
	emit_return_address(t);
	memcpy(as_jump, bytes, i->length);
	as_jump[i->raw.modrm.offset] ^= 0x30; /* ff /2 is call, ff /4 is jmp */
	emit_same(t, i, as_jump, next);
	return REFUSAL_none;
}

static enum refusal emit_branch(struct trampoline *t, const ZydisDecodedInstruction *i,
				const ZydisDecodedOperand *operand, const uint8_t *bytes,
				uint64_t next)
{
	uint64_t target = next + operand->imm.value.u;
	uint8_t opcode[2] = { 0x0f, 0x80 };

	if (operand->type != ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		if (i->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
			return REFUSAL_early_loop;
		emit_same(t, i, bytes, next);
		return REFUSAL_none;
	}
	/* Processors do not agree on what a branch of 16 bits is. */
	if (i->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE)
		return REFUSAL_early_loop;
	if (i->mnemonic == ZYDIS_MNEMONIC_JMP) {
		emit_jump(t, "\xe9", 1, target);
		return REFUSAL_none;
	}
	if (i->meta.category != ZYDIS_CATEGORY_COND_BR)
		return REFUSAL_early_loop;
	if (i->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && (i->opcode & 0xf0) == 0x70)
		opcode[1] |= i->opcode & 0x0f;
	else if (i->opcode_map == ZYDIS_OPCODE_MAP_0F && (i->opcode & 0xf0) == 0x80)
		opcode[1] |= i->opcode & 0x0f;
	else
		return REFUSAL_early_loop; /* loop, jrcxz, xbegin */
	emit_jump(t, opcode, 2, target);
	return REFUSAL_none;
}

static bool ends_flow(const ZydisDecodedInstruction *i)
{
	return i->mnemonic == ZYDIS_MNEMONIC_JMP || i->mnemonic == ZYDIS_MNEMONIC_RET ||
	       i->mnemonic == ZYDIS_MNEMONIC_CALL || i->mnemonic == ZYDIS_MNEMONIC_UD2;
}

static bool is_padding(const ZydisDecodedInstruction *i)
{
	return i->mnemonic == ZYDIS_MNEMONIC_NOP || i->mnemonic == ZYDIS_MNEMONIC_INT3;
}

/* [eip + distance]: no compiler for this ABI makes it. */
static bool is_relative_32(const ZydisDecodedInstruction *i)
{
	return (i->attributes & ZYDIS_ATTRIB_IS_RELATIVE) && i->raw.disp.size &&
	       i->address_width != 64;
}

/* The slot of the return address lies behind all code. */
static void close_slot(struct trampoline *t)
{
	static const uint8_t slot[8];
	uint32_t distance;

	if (!t->return_slot_at)
		return;
	distance = t->out->code_bytes - (t->return_slot_at + 4u);
	memcpy(t->out->code + t->return_slot_at, &distance, sizeof(distance));
	emit(t, slot, sizeof(slot));
	fix(t, t->out->code_bytes - 8u, 0, PLAN_abs64, t->out->entry + t->out->original_bytes);
}

enum refusal relocate(const struct object *o, uint64_t entry, struct function_code *out)
{
	struct object_bytes code = object_code(o, entry);
	struct trampoline t = { .object = o, .out = out };
	ZydisDecoder decoder;
	bool is_over = false; /* what follows is not reached */
	enum refusal why = REFUSAL_none;
	unsigned at = 0;

	object_range(o, &t.low, &t.high);
	out->entry = entry;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	while (at < PLAN_PATCH_BYTES) {
		ZydisDecodedInstruction i;
		ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
		const uint8_t *bytes = code.at + at;

		if (!ZYAN_SUCCESS(
			    ZydisDecoderDecodeFull(&decoder, bytes, code.bytes - at, &i, operands)))
			return is_over ? REFUSAL_too_short : REFUSAL_bad_code;
		at += i.length;
		if (is_over && !is_padding(&i))
			return REFUSAL_too_short;
		if (is_over)
			continue;
		if (i.mnemonic == ZYDIS_MNEMONIC_CALL)
			why = emit_call(&t, &i, &operands[0], bytes, entry + at);
		else if (i.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
			 i.mnemonic != ZYDIS_MNEMONIC_RET)
			why = emit_branch(&t, &i, &operands[0], bytes, entry + at);
		else if (i.mnemonic == ZYDIS_MNEMONIC_INT3 || is_relative_32(&i))
			why = REFUSAL_bad_code;
		else
			emit_same(&t, &i, bytes, entry + at);
		if (why)
			return why;
		is_over = ends_flow(&i);
	}
	out->original_bytes = (uint8_t)at;
	memcpy(out->original, code.at, at);
	if (!is_over)
		emit_jump(&t, "\xe9", 1, entry + at);
	close_slot(&t);
	return t.is_outside ? REFUSAL_bad_code : REFUSAL_none;
}
