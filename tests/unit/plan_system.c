/* SPDX-License-Identifier: MIT */
/*
 * All functions of real programs and libraries: nearly all can be planned, few need many
 * words of arguments. Every plan puts whole instructions back together as objdump sees them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "plan_elf.h"

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Where objdump sees an instruction begin: a bit for each byte. */
static uint8_t *boundaries_of(const char *path, uint64_t high)
{
	uint8_t *bits = calloc(1, high / 8 + 1);
	char command[256], line[512];
	unsigned long at;
	FILE *f;

	snprintf(command, sizeof(command), "objdump -d -w --no-show-raw-insn %s", path);
	f = popen(command, "r");
	assert_true(bits && f);
	while (fgets(line, sizeof(line), f))
		if (line[0] == ' ' && sscanf(line, " %lx:", &at) == 1 && at < high)
			bits[at / 8] |= (uint8_t)(1 << at % 8);
	pclose(f);
	return bits;
}

static bool begins_at(const uint8_t *bits, uint64_t at)
{
	return bits[at / 8] >> at % 8 & 1;
}

static void check(const char *path, size_t enough)
{
	struct object *o = object_of_file(path);
	struct named_function *functions = NULL;
	unsigned refused[REFUSALS] = { 0 }, words[PLAN_STACK_WORDS_MAX + 1] = { 0 };
	size_t n, planned = 0, never = 0;
	uint64_t low, high;
	double ms = now_ms();
	uint8_t *bits;

	if (!o) {
		print_message("# %s: not here\n", path);
		return;
	}
	n = functions_of(o, &functions);
	object_range(o, &low, &high);
	bits = boundaries_of(path, high);
	ms = now_ms();
	for (size_t i = 0; i < n; i++) {
		struct function_code f;
		enum refusal why;

		if (function_never(functions[i].name)) {
			never++;
			continue;
		}
		why = function_plan(o, functions[i].address, functions[i].size, &f);
		refused[why]++;
		if (why)
			continue;
		planned++;
		words[f.stack_words]++;
		assert_true(begins_at(bits, f.entry));
		assert_true(begins_at(bits, f.entry + f.original_bytes) ||
			    !object_code(o, f.entry + f.original_bytes).bytes);
		assert_memory_equal(object_code(o, f.entry).at, f.original, f.original_bytes);
	}
	ms = now_ms() - ms;
	print_message("# %s: %zu functions, %zu never, %zu planned in %.0f ms\n", path, n, never,
		      planned, ms);
	for (unsigned i = 1; i < REFUSALS; i++)
		if (refused[i])
			print_message("#   %u: %s\n", refused[i], refusal_text(i));
	for (unsigned i = 0; i <= PLAN_STACK_WORDS_MAX; i++)
		if (words[i])
			print_message("#   %u with %u words of arguments\n", words[i], i);
	assert_true(n >= enough);
	assert_true(planned * 100 >= (n - never) * 97);
	/* Those with one or some dozen arguments and the variadic ones. */
	assert_true(words[0] * 100 >= planned * 55);
	assert_true(words[PLAN_STACK_WORDS_MAX] * 100 <= planned * 8);
	free(functions);
	free(bits);
	object_close(o);
}

static void test_system(void **state)
{
	(void)state;
	check("/usr/bin/python3", 1000);
	check("/lib/x86_64-linux-gnu/libc.so.6", 2000);
	check("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", 3000);
	check("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", 250);
}

/* What a file tells only by the beginnings of its ranges of code: a stripped program. */
static void test_ranges(void **state)
{
	struct object *o = object_of_file("/usr/bin/python3");
	struct function_code f;
	unsigned refused[REFUSALS] = { 0 };
	double ms = now_ms();

	(void)state;
	if (!o)
		return;
	for (uint32_t i = 0; i < object_frames(o); i++) {
		struct object_frame frame = object_frame(o, i);

		refused[function_plan(o, frame.begin, frame.end - frame.begin, &f)]++;
	}
	print_message("# python3: %u ranges in %.0f ms\n", object_frames(o), now_ms() - ms);
	for (unsigned i = 0; i < REFUSALS; i++)
		if (refused[i])
			print_message("#   %u: %s\n", refused[i], i ? refusal_text(i) : "planned");
	/* Nearly every range is a function, or the part of one that is seldom run. */
	assert_true((refused[0] + refused[REFUSAL_not_function]) * 100 >= object_frames(o) * 98);
	assert_true(refused[0] * 2 >= object_frames(o));
	object_close(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_ranges),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
