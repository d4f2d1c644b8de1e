/* SPDX-License-Identifier: MIT */
/* Known instructions: how they are moved, how many words of arguments they read, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "plan_elf.h"

/* Bytes in hexadecimal; spaces are free. */
static size_t bytes_of(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	while (*text)
		if (*text == ' ')
			text++;
		else if (sscanf(text, "%2x", &byte) == 1) {
			out[n++] = (uint8_t)byte;
			text += 2;
		} else
			abort();
	return n;
}

struct moved {
	const char *what, *code;
	unsigned original, words;
	const char *trampoline; /* without what fixups fill in */
	struct {
		unsigned at, from, kind;
		uint64_t target;
	} fixups[4];
};

#define NEXT(n) (CODE_AT + (n))

static const struct moved moved[] = {
	/* push rbp; mov rbp,rsp; sub rsp,16; leave; ret */
	{ "frame",
	  "55 4889e5 4883ec10 c9 c3",
	  8,
	  0,
	  "55 4889e5 4883ec10 e900000000",
	  { { 9, 13, PLAN_rel32, NEXT(8) } } },
	{ "endbr64 is left alone",
	  "f30f1efa b801000000 c3",
	  5,
	  0,
	  "b801000000 e900000000",
	  { { 6, 10, PLAN_rel32, NEXT(9) } } },
	/* mov eax,[rip+0x1000-0x806] */
	{ "global",
	  "8b05 faffffff c3",
	  6,
	  0,
	  "8b05 faffffff e900000000",
	  { { 2, 6, PLAN_rel32, NEXT(0) }, { 7, 11, PLAN_rel32, NEXT(6) } } },
	/* mov dword [rip+1],5: four bytes follow the distance */
	{ "immediate behind the distance",
	  "c705 02000000 05000000 c3 90",
	  10,
	  0,
	  "c705 02000000 05000000 e900000000",
	  { { 2, 10, PLAN_rel32, NEXT(12) }, { 11, 15, PLAN_rel32, NEXT(10) } } },
	/* test edi,edi; je +6; mov eax,1; ret; xor eax,eax; ret */
	{ "short branch",
	  "85ff 7406 b801000000 c3 31c0 c3",
	  9,
	  0,
	  "85ff 0f8400000000 b801000000 e900000000",
	  { { 4, 8, PLAN_rel32, NEXT(10) }, { 14, 18, PLAN_rel32, NEXT(9) } } },
	{ "long branch",
	  "0f8501000000 c3 c3",
	  6,
	  0,
	  "0f8500000000 e900000000",
	  { { 2, 6, PLAN_rel32, NEXT(7) }, { 7, 11, PLAN_rel32, NEXT(6) } } },
	{ "jump to another function",
	  "e903000000 cccccc c3",
	  5,
	  16,
	  "e900000000",
	  { { 1, 5, PLAN_rel32, NEXT(8) } } },
	{ "short jump and padding",
	  "eb06 660f1f440000 c3",
	  8,
	  16,
	  "e900000000",
	  { { 1, 5, PLAN_rel32, NEXT(8) } } },
	/* sub rsp,8; call +1; …: push [rip+5]; jmp; slot */
	{ "call",
	  "4883ec08 e801000000 c3 c3",
	  9,
	  0,
	  "4883ec08 ff3505000000 e900000000 0000000000000000",
	  { { 11, 15, PLAN_rel32, NEXT(10) }, { 15, 0, PLAN_abs64, NEXT(9) } } },
	/* sub rsp,8; call rax */
	{ "call of a register behind byte 5",
	  "4883ec08 ffd0 4883c408 c3",
	  6,
	  0,
	  "4883ec08 ff3502000000 ffe0 0000000000000000",
	  { { 12, 0, PLAN_abs64, NEXT(6) } } },
	/* call [rip+2] */
	{ "call through memory",
	  "ff1502000000 c3 c3",
	  6,
	  0,
	  "ff3506000000 ff2502000000 0000000000000000",
	  { { 8, 12, PLAN_rel32, NEXT(8) }, { 12, 0, PLAN_abs64, NEXT(6) } } },
	{ "short function and padding", "31c0 c3 0f1f00 c3", 6, 0, "31c0 c3", { { 0 } } },
	{ "padding of int3", "c3 cccccccc c3", 5, 0, "c3", { { 0 } } },
	/* mov eax,[rsp+8]; ret: the first word */
	{ "argument on the stack",
	  "8b442408 8b4c2418 01c8 c3",
	  8,
	  4,
	  "8b442408 8b4c2418 e900000000",
	  { { 9, 13, PLAN_rel32, NEXT(8) } } },
	/* push rbp; mov rbp,rsp; mov rax,[rbp+0x28]: the fourth word */
	{ "through rbp",
	  "55 4889e5 488b4528 5d c3",
	  8,
	  4,
	  "55 4889e5 488b4528 e900000000",
	  { { 9, 13, PLAN_rel32, NEXT(8) } } },
	/* sub rsp,24; mov rax,[rsp+0x10] (its own); add rsp,24; mov rcx,[rsp+0x10]; ret */
	{ "its own frame is no argument",
	  "4883ec18 488b442410 4883c418 488b4c2410 c3",
	  9,
	  2,
	  "4883ec18 488b442410 e900000000",
	  { { 10, 14, PLAN_rel32, NEXT(9) } } },
	/* movaps xmm0,[rsp+0x18]: 16 bytes */
	{ "as wide as it is",
	  "0f28442418 c3",
	  5,
	  4,
	  "0f28442418 e900000000",
	  { { 6, 10, PLAN_rel32, NEXT(5) } } },
	/* lea rax,[rsp+8] */
	{ "address taken",
	  "488d442408 c3",
	  5,
	  64,
	  "488d442408 e900000000",
	  { { 6, 10, PLAN_rel32, NEXT(5) } } },
	/* mov rax,[rdi]; jmp [rax+0x10] */
	{ "tail call through a pointer", "488b07 ff6010 cc", 6, 16, "488b07 ff6010", { { 0 } } },
	{ "a marked switch is none", "488b07 3eff6010 cc", 7, 0, "488b07 3eff6010", { { 0 } } },
};

static void test_moved(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		const struct moved *m = &moved[i];
		uint8_t code[128], want[FUNCTION_CODE_MAX];
		size_t bytes = bytes_of(m->code, code), n = bytes_of(m->trampoline, want);
		uint64_t skip = code[0] == 0xf3 ? 4 : 0, end = bytes;
		struct object *o = object_of_code(code, bytes);
		struct function_code f;
		unsigned fixups = 0;

		assert_non_null(o);
		print_message("# %s\n", m->what);
		/* The target of a jump is another function. */
		if (!strncmp(m->what, "jump", 4) || strstr(m->what, "padding"))
			end -= 1;
		assert_string_equal(refusal_text(function_plan(o, CODE_AT, end, &f)), "");
		assert_int_equal(f.entry, CODE_AT + skip);
		assert_int_equal(f.original_bytes, m->original);
		assert_memory_equal(f.original, code + skip, m->original);
		assert_int_equal(f.stack_words, m->words);
		while (fixups < 4 && m->fixups[fixups].kind)
			fixups++;
		assert_int_equal(f.fixups, fixups);
		for (unsigned k = 0; k < fixups; k++) {
			assert_int_equal(f.fixup[k].at, m->fixups[k].at);
			assert_int_equal(f.fixup[k].from, m->fixups[k].from);
			assert_int_equal(f.fixup[k].kind, m->fixups[k].kind);
			assert_int_equal(f.fixup[k].target, m->fixups[k].target);
		}
		assert_int_equal(f.code_bytes, n);
		assert_memory_equal(f.code, want, n);
		object_close(o);
	}
}

static const struct refused {
	enum refusal why;
	const char *what, *code;
	uint64_t size;	/* 0: all */
	uint64_t other; /* a function begins there too */
} refused[] = {
	{ REFUSAL_bad_code, "no instruction", "06 0606060606", 0, 0 },
	{ REFUSAL_bad_code, "no instruction behind the patch", "b801000000 06", 0, 0 },
	{ REFUSAL_bad_code, "cut off", "b801", 0, 0 },
	{ REFUSAL_bad_code, "a breakpoint", "cc cccccccccc", 0, 0 },
	{ REFUSAL_bad_code, "refers to outside", "8b05 00000070 c3", 0, 0 },
	{ REFUSAL_too_short, "other code behind it", "31c0 c3 31c031c0c3", 3, 0 },
	{ REFUSAL_too_short, "the end of all code behind it", "31c0 c3", 0, 0 },
	{ REFUSAL_shares_bytes, "another function", "b801000000 c3", 0, 3 },
	/* xor eax,eax; inc eax; dec edi; jne inc */
	{ REFUSAL_jumped_into, "a loop", "31c0 ffc0 ffcf 75fa c3", 0, 0 },
	/* xor eax,eax; call of this call */
	{ REFUSAL_jumped_into, "calls itself inside", "31c0 e8fbffffff c3", 0, 0 },
	/* dec edi; lea rax,[rax]; jne dec */
	{ REFUSAL_loops_to_entry, "a loop from the beginning", "ffcf 4883c001 75f8 c3", 0, 0 },
	{ REFUSAL_loops_to_entry, "the same behind endbr64", "f30f1efa ffcf 4883c001 75f8 c3", 0,
	  0 },
	{ REFUSAL_loops_to_entry, "the same to endbr64", "f30f1efa ffcf 4883c001 75f4 c3", 0, 0 },
	{ REFUSAL_early_call, "call rax", "ffd0 31c0 c3 90", 0, 0 },
	{ REFUSAL_early_call, "call [rsp+8]", "90 ff542408 c3", 0, 0 },
	{ REFUSAL_early_loop, "loop", "e205 90909090 90 c3", 0, 0 },
	{ REFUSAL_early_loop, "jrcxz", "e305 90909090 90 c3", 0, 0 },
	/* mov rax,[rsp]; ret */
	{ REFUSAL_reads_return, "its return address", "488b0424 31c9 c3", 0, 0 },
	/* push rbp; mov rbp,rsp; mov rax,[rbp+8] */
	{ REFUSAL_reads_return, "the same through rbp", "55 4889e5 488b4508 5d c3", 0, 0 },
	{ REFUSAL_reads_return, "pops it", "59 31c0 31d2 ffe1 cc", 0, 0 },
	{ REFUSAL_pops_caller, "ret 8", "b801000000 c20800", 0, 0 },
	/* mov rax,[rsp+0x208] */
	{ REFUSAL_many_arguments, "the 65th word", "488b842408020000 c3", 0, 0 },
	/* mov rax,[rsp+rdi*8+8] */
	{ REFUSAL_many_arguments, "indexed", "488b44fc08 c3", 0, 0 },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct refused *r = &refused[i];
		uint8_t code[128];
		size_t bytes = bytes_of(r->code, code);
		struct object *o = object_of_code(code, bytes);
		uint64_t other = CODE_AT + r->other;
		struct function_code f;

		assert_non_null(o);
		print_message("# %s\n", r->what);
		assert_int_equal(object_set_entries(o, &other, 1), 0);
		assert_string_equal(
			refusal_text(function_plan(o, CODE_AT, r->size ? r->size : bytes, &f)),
			refusal_text(r->why));
		/* Whoever knows better can plan it all the same. */
		if (r->why == REFUSAL_many_arguments)
			assert_true(f.code_bytes && f.stack_words == PLAN_STACK_WORDS_MAX);
		object_close(o);
	}
}

/* A push of the return address, and a barrier on it, look at nothing. */
static void test_harmless(void **state)
{
	static const char *const codes[] = { "f0830c2400 c3", "ff3424 5859 90 c3" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t code[32];
		size_t bytes = bytes_of(codes[i], code);
		struct object *o = object_of_code(code, bytes);
		struct function_code f;
		enum refusal why = function_plan(o, CODE_AT, bytes, &f);

		/* The second pops the copy, and then the address itself. */
		assert_int_equal(why, i ? REFUSAL_reads_return : REFUSAL_none);
		object_close(o);
	}
}

/* Addresses outside of the code, sizes that cannot be. */
static void test_outside(void **state)
{
	uint8_t code[64];
	size_t bytes = bytes_of("b801000000 c3", code);
	struct object *o = object_of_code(code, bytes);
	struct function_code f;

	(void)state;
	assert_int_equal(function_plan(o, 0, 10, &f), REFUSAL_not_code);
	assert_int_equal(function_plan(o, CODE_AT + bytes, 10, &f), REFUSAL_not_code);
	assert_int_equal(function_plan(o, UINT64_MAX, UINT64_MAX, &f), REFUSAL_not_code);
	assert_int_equal(function_plan(o, CODE_AT, UINT64_MAX, &f), REFUSAL_too_large);
	assert_int_equal(function_plan(o, CODE_AT, 0, &f), REFUSAL_none);
	/* Its end is not in the file: what is there could read anything. */
	assert_int_equal(function_plan(o, CODE_AT, 4096, &f), REFUSAL_none);
	assert_int_equal(f.stack_words, PLAN_STACK_WORDS_MAX);
	object_close(o);
}

static void test_never(void **state)
{
	static const char *const yes[] = { "vfork", "setjmp",	  "_Unwind_RaiseException",
					   "dlsym", "parse.cold", "__tls_get_addr",
					   "_start" };
	static const char *const no[] = { "main", "parse", "fork", "start", "cold", "dl", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_non_null(function_never(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_null(function_never(no[i]));
	assert_non_null(function_never_object("ld-linux-x86-64.so.2"));
	assert_null(function_never_object("libc.so.6"));
	assert_null(function_never("ld-linux-x86-64.so.2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moved),	 cmocka_unit_test(test_refused),
		cmocka_unit_test(test_harmless), cmocka_unit_test(test_outside),
		cmocka_unit_test(test_never),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
