/* SPDX-License-Identifier: MIT */
/* Functions of several parts, functions that jump to others, and what only unwind information tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "plan_elf.h"

static const struct part {
	const char *name, *code;
	enum refusal why;
	unsigned words;
} parts[] = {
	{ "leaf", "mov $1,%eax\n ret\n", 0, 0 },
	{ "third_word", "mov 24(%rsp),%rax\n ret\n", 0, 4 },
	{ "framed_word",
	  "push %rbp\n.cfi_def_cfa_offset 16\n mov %rsp,%rbp\n.cfi_def_cfa_register 6\n"
	  "sub $64,%rsp\n mov 16(%rbp),%rax\n leave\n.cfi_def_cfa 7,8\n ret\n",
	  0, 2 },
	/* By rsp though the CFA is told by rbp: rsp is followed. */
	{ "framed_but_by_rsp",
	  "push %rbp\n.cfi_def_cfa_offset 16\n mov %rsp,%rbp\n.cfi_def_cfa_register 6\n"
	  "sub $64,%rsp\n mov 80+24(%rsp),%rax\n leave\n.cfi_def_cfa 7,8\n ret\n",
	  0, 4 },
	/* By rbp though the CFA is told by rsp. */
	{ "bare_but_by_rbp",
	  "push %rbp\n.cfi_def_cfa_offset 16\n mov %rsp,%rbp\n mov 16+8(%rbp),%rax\n"
	  "pop %rbp\n.cfi_def_cfa_offset 8\n ret\n",
	  0, 2 },
	{ "rbp_is_something_else",
	  "push %rbp\n.cfi_def_cfa_offset 16\n mov %rdi,%rbp\n mov 16+800(%rbp),%rax\n"
	  "pop %rbp\n.cfi_def_cfa_offset 8\n ret\n",
	  0, 0 },
	/* DW_CFA_def_cfa_expression: DW_OP_breg6 8 */
	{ "cfa_is_an_expression", "nop\n.cfi_escape 0x0f,2,0x76,8\n mov $1,%eax\n ret\n", 0, 64 },
	/* leaq 8(%rsp): how gcc begins where it realigns its stack. */
	{ "realigns", "lea 8(%rsp),%r10\n and $-32,%rsp\n push -8(%r10)\n ret\n", 0, 64 },
	{ "jumps_to_third_word", "xor %eax,%eax\n nop\n nop\n nop\n jmp third_word\n", 0, 4 },
	{ "jumps_to_that", "test %edi,%edi\n nopl (%rax)\n jne jumps_to_third_word\n ret\n", 0, 4 },
	{ "round_and", "mov $1,%eax\n jmp round_about\n", REFUSAL_circle, 0 },
	{ "jumps_into_circle", "mov $1,%eax\n jmp round_and\n", 0, 4 },
	{ "round_about", "mov $2,%eax\n test %edi,%edi\n je jumps_to_that\n jmp round_and\n",
	  REFUSAL_circle, 4 },
	{ "jumps_to_library", "mov $1,%eax\n jmp somewhere@PLT\n", 0, 16 },
	{ "jumps_through_pointer", "mov $1,%eax\n jmp *%rdi\n", 0, 16 },
	/* A switch, not a tail call: there is a frame. */
	{ "switches",
	  "push %rbx\n.cfi_def_cfa_offset 16\n mov %rdi,%rbx\n nopl (%rax)\n jmp *%rsi\n"
	  "pop %rbx\n.cfi_def_cfa_offset 8\n ret\n",
	  0, 0 },
	{ "calls_many", "mov $1,%eax\n call many_words\n ret\n", 0, 0 },
	{ "many_words", "mov 520(%rsp),%rax\n ret\n", REFUSAL_many_arguments, 0 },
	{ "jumps_to_many", "mov $1,%eax\n jmp many_words\n", REFUSAL_many_arguments, 0 },
	/* A part elsewhere that has the frame still. */
	{ "has_part",
	  "push %rbx\n.cfi_def_cfa_offset 16\n mov %rdi,%rbx\n test %edi,%edi\n js its_part\n"
	  "pop %rbx\n.cfi_def_cfa_offset 8\n ret\n",
	  0, 6 },
	{ "its_part",
	  ".cfi_def_cfa_offset 16\n mov 16+32(%rsp),%rax\n mov %rax,%rbx\n jmp has_part+8\n",
	  REFUSAL_not_function, 0 },
	{ "has_looking_part",
	  "push %rbx\n.cfi_def_cfa_offset 16\n mov %rdi,%rbx\n test %edi,%edi\n js looking_part\n"
	  "pop %rbx\n.cfi_def_cfa_offset 8\n ret\n",
	  REFUSAL_reads_return, 0 },
	{ "looking_part",
	  ".cfi_def_cfa_offset 16\n mov 8(%rsp),%rax\n mov %rax,%rbx\n jmp has_looking_part+8\n",
	  REFUSAL_not_function, 0 },
	{ "is_entered_by_part",
	  "push %rbx\n.cfi_def_cfa_offset 16\n mov %rdi,%rbx\n test %edi,%edi\n js entering_part\n"
	  "pop %rbx\n.cfi_def_cfa_offset 8\n ret\n",
	  REFUSAL_jumped_into, 0 },
	{ "entering_part", ".cfi_def_cfa_offset 16\n mov $1,%edi\n jmp is_entered_by_part+1\n",
	  REFUSAL_not_function, 0 },
	/* lea table(%rip),%rax; movslq (%rax,%rdi,4),%rcx; add %rax,%rcx; jmp *%rcx */
	{ "table_into_beginning",
	  "inc %edi\n 1: cmp $9,%edi\n lea table(%rip),%rax\n movslq (%rax,%rdi,4),%rcx\n"
	  "add %rax,%rcx\n notrack jmp *%rcx\n 2: ret\n"
	  ".section .rodata\n table: .long 2b-table, 1b-table\n .text\n",
	  REFUSAL_jumped_into, 0 },
	{ "table_elsewhere",
	  "inc %edi\n cmp $9,%edi\n 1: lea table_2(%rip),%rax\n movslq (%rax,%rdi,4),%rcx\n"
	  "add %rax,%rcx\n notrack jmp *%rcx\n 2: ret\n"
	  ".section .rodata\n table_2: .long 2b-table_2, 1b-table_2\n .text\n",
	  0, 0 },
	/* An alias of what is inside of another function. */
	{ "whole",
	  "push %rbx\n.cfi_def_cfa_offset 16\n mov %rdi,%rbx\n nopl (%rax)\n"
	  ".globl inside\n .type inside,@function\n inside: mov $1,%eax\n .size inside,6\n"
	  "pop %rbx\n.cfi_def_cfa_offset 8\n ret\n",
	  0, 0 },
	{ "inside", NULL, REFUSAL_not_function, 0 },
	/* One that begins before its frame is made is entered like a function. */
	{ "with_late_entry",
	  "mov $1,%eax\n .globl late_entry\n .type late_entry,@function\n late_entry:\n"
	  "mov $2,%ecx\n .size late_entry,6\n ret\n",
	  0, 0 },
	{ "late_entry", NULL, 0, 0 },
	/* Two begin in the same 5 bytes. */
	{ "two_at_once",
	  "xor %eax,%eax\n .globl second_of_two\n .type second_of_two,@function\n second_of_two:\n"
	  "mov $2,%ecx\n .size second_of_two,6\n ret\n",
	  REFUSAL_shares_bytes, 0 },
	{ "second_of_two", NULL, 0, 0 },
	{ "data_in_code", "mov $1,%eax\n ret\n .byte 6,6,6\n", REFUSAL_bad_code, 0 },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static char dir[] = "/tmp/plan_parts.XXXXXX";

static void run(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

/* `head` says where the assembler puts the unwind information. */
static struct object *build(const char *head, const char *more)
{
	char path[64], command[256];
	struct object *o;
	FILE *f;

	snprintf(path, sizeof(path), "%s/lib.s", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n.text\n", head);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].code)
			fprintf(f,
				".globl %s\n.type "
				"%s,@function\n%s:\n.cfi_startproc\n%s.cfi_endproc\n"
				".size %s,.-%s\n.p2align 4\n",
				parts[i].name, parts[i].name, parts[i].name, parts[i].code,
				parts[i].name, parts[i].name);
	fclose(f);
	snprintf(command, sizeof(command),
		 "gcc -shared -nostdlib %s -Wl,-Bsymbolic -o %s/lib.so %s", more, dir, path);
	run(command);
	snprintf(path, sizeof(path), "%s/lib.so", dir);
	o = object_of_file(path);
	assert_non_null(o);
	return o;
}

static void check(struct object *o)
{
	struct named_function *functions = NULL;
	size_t n = functions_of(o, &functions), found = 0;

	/* Twice: what was kept of the first time gives the same. */
	for (size_t i = 0; i < 2 * n; i++)
		for (size_t k = 0; k < PARTS; k++) {
			const struct named_function *is = &functions[i % n];
			struct function_code f;
			enum refusal why;

			if (strcmp(is->name, parts[k].name))
				continue;
			why = function_plan(o, is->address, is->size, &f);
			if (why != parts[k].why || (!why && f.stack_words != parts[k].words))
				fail_msg("%s: \"%s\", %u words", is->name, refusal_text(why),
					 f.stack_words);
			found++;
		}
	assert_int_equal(found, 2 * PARTS);
	free(functions);
	object_close(o);
}

static void test_eh_frame(void **state)
{
	(void)state;
	check(build("", ""));
}

static void test_debug_frame(void **state)
{
	(void)state;
	check(build(".cfi_sections .debug_frame", ""));
}

/* Without a table that leads to it, and in a program that is not relocated. */
static void test_fixed_addresses(void **state)
{
	(void)state;
	check(build("", "-Wl,-Ttext-segment=0x400000 -Wl,--no-eh-frame-hdr"));
}

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eh_frame),
		cmocka_unit_test(test_debug_frame),
		cmocka_unit_test(test_fixed_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
