/* SPDX-License-Identifier: MIT */
#include "body.h"

#include <errno.h>
#include <stdlib.h>

#include "object_parts.h"
#include "reader.h"

#define TABLES_MAX 256
#define TABLE_ENTRIES_MAX 4096

struct body_walk {
	struct object *object;
	struct body *body;
	struct stack_walk stack;
	uint64_t tables[TABLES_MAX]; /* whose address is taken: perhaps of a switch */
	unsigned tables_n;
	bool has_switch;
	int err;
};

static void mark(struct body *b, uint64_t *marks, uint64_t target)
{
	if (target >= b->near && target - b->near < BODY_NEAR)
		*marks |= UINT64_C(1) << (target - b->near);
}

static int add_exit(struct body *b, uint64_t target, bool is_part)
{
	if (b->exits_n && b->exits[b->exits_n - 1].target == target) {
		b->exits[b->exits_n - 1].is_part |= is_part;
		return 0;
	}
	if (b->exits_n == b->exits_room) {
		uint32_t room = b->exits_room ? b->exits_room * 2 : 4;
		void *more = realloc(b->exits, room * sizeof(*b->exits));

		if (!more)
			return -ENOMEM;
		b->exits = more;
		b->exits_room = room;
	}
	b->exits[b->exits_n++] = (struct body_exit){ target, is_part };
	return 0;
}

static void elsewhere(struct body *b)
{
	if (b->use.words < STACK_WORDS_ELSEWHERE)
		b->use.words = STACK_WORDS_ELSEWHERE;
}

static void take_jump(struct body_walk *w, uint64_t target)
{
	struct body *b = w->body;

	mark(b, &b->near_jumps, target);
	if (target >= b->begin && target < b->end)
		return;
	if (object_in_plt(w->object, target))
		elsewhere(b);
	else if (!w->err)
		w->err = add_exit(b, target, !stack_walk_is_at_entry(&w->stack));
}

static void take_branch(struct body_walk *w, const ZydisDecodedInstruction *i,
			const ZydisDecodedOperand *operand, uint64_t address)
{
	struct body *b = w->body;

	if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		uint64_t target = address + i->length + operand->imm.value.u;

		if (i->mnemonic == ZYDIS_MNEMONIC_CALL)
			mark(b, &b->near_calls, target);
		else
			take_jump(w, target);
	} else if (i->mnemonic == ZYDIS_MNEMONIC_JMP) {
		/* Compilers mark the jumps of a switch when they mark what is jumped to (-fcf-protection). */
		w->has_switch = true;
		if (stack_walk_is_at_entry(&w->stack) &&
		    !(i->attributes & ZYDIS_ATTRIB_HAS_NOTRACK))
			elsewhere(b);
	}
}

/* lea reg,[rip+table], and [table + reg * 8] */
static void take_table(struct body_walk *w, const ZydisDecodedInstruction *i,
		       const ZydisDecodedOperand *operand, uint64_t next)
{
	uint64_t address = (uint64_t)operand->mem.disp.value;
	bool is_relative =
		     i->mnemonic == ZYDIS_MNEMONIC_LEA && operand->mem.base == ZYDIS_REGISTER_RIP,
	     is_indexed = operand->mem.base == ZYDIS_REGISTER_NONE && operand->mem.scale == 8;

	if (is_relative)
		address += next;
	if ((is_relative || is_indexed) && w->tables_n < TABLES_MAX)
		w->tables[w->tables_n++] = address;
}

/* Reads what may be the table of a switch as both kinds that compilers make: distances from the
 * table, and addresses. */
static void read_table(struct body *b, const struct object *o, uint64_t address)
{
	struct object_bytes bytes = object_bytes(o, address);
	struct reader near = reader_of(bytes, 0, bytes.bytes), far = near;
	uint64_t target;

	for (unsigned i = 0; i < TABLE_ENTRIES_MAX; i++) {
		target = address + (uint64_t)read_signed(&near, 4);
		if (near.failed || target < b->begin || target >= b->end)
			break;
		mark(b, &b->near_jumps, target);
	}
	for (unsigned i = 0; i < TABLE_ENTRIES_MAX; i++) {
		target = read_bytes(&far, 8);
		if (far.failed || target < b->begin || target >= b->end)
			break;
		mark(b, &b->near_jumps, target);
	}
}

static void take(struct body_walk *w, const ZydisDecodedInstruction *i,
		 const ZydisDecodedOperand *operands, uint64_t address)
{
	struct body *b = w->body;

	if (address == b->near) {
		b->begins_at_near = true;
		b->is_entry_at_near = stack_walk_is_at_entry(&w->stack);
	}
	if (i->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE)
		take_branch(w, i, operands, address);
	for (unsigned k = 0; k < i->operand_count_visible; k++)
		if (operands[k].type == ZYDIS_OPERAND_TYPE_MEMORY)
			take_table(w, i, &operands[k], address + i->length);
	stack_walk_over(&w->stack, i, operands, &b->use);
}

/* Whether it can have to do with rsp, rbp or rip: all others only have to be stepped over. Numbers
 * 4 and 5 stand for rsp and rbp, for r12 and r13, and for other things. */
static bool matters(const struct body_walk *w, const ZydisDecodedInstruction *i)
{
	const ZydisDecodedInstructionRaw *raw = &i->raw;

	if (!(i->attributes & ZYDIS_ATTRIB_HAS_MODRM) ||
	    i->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE || (raw->modrm.reg & 6) == 4)
		return true;
	if (w->stack.cfa.is_known && w->stack.cfa.reg != FRAME_rsp && w->stack.cfa.reg != FRAME_rbp)
		return true;
	if (raw->modrm.mod != 3 && raw->modrm.rm == 4)
		return (raw->sib.base & 6) == 4;
	return (raw->modrm.rm & 6) == 4;
}

/* An instruction, with operands if they matter. Not by ZydisDecoderDecodeFull(): it clears
 * room for ten of them each time. */
static bool decode(struct body_walk *w, const ZydisDecoder *decoder, struct object_bytes code,
		   uint64_t at, ZydisDecodedInstruction *i, ZydisDecodedOperand *operands)
{
	ZydisDecoderContext context;

	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(decoder, &context, code.at + at,
							code.bytes - at, i)))
		return false;
	stack_walk_to(&w->stack, w->body->begin + at, &w->body->use);
	if (matters(w, i))
		return ZYAN_SUCCESS(ZydisDecoderDecodeOperands(decoder, &context, i, operands,
							       i->operand_count));
	i->operand_count = i->operand_count_visible = 0;
	return true;
}

int body_read(struct object *o, uint64_t begin, uint64_t end, int64_t frame, uint64_t near,
	      struct body *out)
{
	struct object_bytes code = object_code(o, begin);
	struct body_walk w = { .object = o, .body = out };
	ZydisDecoder decoder;

	*out = (struct body){ .begin = begin, .end = end, .near = near, .words = -1 };
	if (end - begin > (frame < 0 ? BODY_MAX_BARE : BODY_MAX)) {
		out->is_too_large = true;
		return 0;
	}
	if (code.bytes > end - begin)
		code.bytes = end - begin;
	stack_walk_begin(&w.stack, &o->frames, frame);
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (uint64_t at = 0; at < code.bytes && !w.err;) {
		ZydisDecodedInstruction i;
		ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

		if (!decode(&w, &decoder, code, at, &i, operands)) {
			out->is_bad = true;
			break;
		}
		take(&w, &i, operands, begin + at);
		at += i.length;
	}
	if (w.has_switch)
		for (unsigned k = 0; k < w.tables_n; k++)
			read_table(out, o, w.tables[k]);
	if (out->is_bad || code.bytes < end - begin)
		out->use.words = STACK_WORDS_UNKNOWN;
	if (w.err)
		body_fini(out);
	return w.err;
}

void body_fini(struct body *b)
{
	free(b->exits);
	b->exits = NULL;
	b->exits_n = b->exits_room = 0;
}

struct body *body_of_frame(struct object *o, uint32_t frame)
{
	const struct frame_entry *e = &o->frames.entries[frame];
	struct body *b;

	if (!o->bodies)
		o->bodies = calloc(o->frames.count, sizeof(*o->bodies));
	if (!o->bodies || o->bodies[frame])
		return o->bodies ? o->bodies[frame] : NULL;
	b = malloc(sizeof(*b));
	if (b && body_read(o, e->begin, e->end, frame, e->begin, b)) {
		free(b);
		b = NULL;
	}
	o->bodies[frame] = b;
	return b;
}

void body_forget(struct object *o)
{
	for (uint32_t i = 0; o->bodies && i < o->frames.count; i++)
		if (o->bodies[i]) {
			body_fini(o->bodies[i]);
			free(o->bodies[i]);
		}
	free(o->bodies);
	o->bodies = NULL;
}
