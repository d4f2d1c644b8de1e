/* SPDX-License-Identifier: MIT */
/*
 * Arguments are where the compiler puts them: functions are called with known values, a
 * stub in their place looks at registers and stack, and the plan's place of each argument
 * must hold its value. The same source, compiled in other ways, must give the same plan.
 */
#include <stdbool.h>
#include <stdint.h>

/* --- what is called ----------------------------------------------------------- */

struct small {
	int a;
	float b;
};
struct pair {
	double x, y;
};
struct mixed {
	double x;
	long n;
};
struct two {
	long a, b;
};
struct large {
	long n[3];
};
enum color { RED = -1, GREEN = 5 };
typedef const volatile short odd;
typedef float vector __attribute__((vector_size(16)));

#define FUNCTION __attribute__((noinline, visibility("default")))
extern volatile long sink;
volatile long sink;

FUNCTION int ints(int a, long b, signed char c, odd d, unsigned e, unsigned long f, int g, long h)
{
	sink = a + b + c + d;
	sink += e + f + g + h;
	return (int)sink;
}

FUNCTION double numbers(int a, double b, float c, const char *s, unsigned char u, bool t,
			enum color e)
{
	sink = a + (long)b + (long)c + *s + u + t + e;
	return b;
}

FUNCTION long structs(struct small s, int a, struct pair p, double d, struct large l, int b,
		      long double big, long c, struct mixed m, vector v, float last)
{
	sink = s.a + a + (long)p.x + (long)d + l.n[0] + b + (long)big + c + (long)m.x;
	return sink + (long)v[0] + (long)last;
}

FUNCTION struct large hidden(int a, long b)
{
	struct large l = { { a, b, sink } };

	return l;
}

FUNCTION unsigned char wide(long a, long b, long c, long d, long e, struct two f, int g, long h)
{
	sink = a + b + c + d + e + f.a + f.b + g + h;
	return (unsigned char)sink;
}

FUNCTION int huge(int a, __int128 b, int c)
{
	sink = a + (long)b;
	return c;
}

FUNCTION void floats(double a, double b, double c, double d, double e, double f, double g, double h,
		     double i, float j, int k)
{
	sink = (long)(a + b + c + d + e + f + g + h + i + j) + k;
}

FUNCTION float ratio(float a)
{
	return a * (float)sink;
}

#ifndef FUNCTIONS_ONLY

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/plan/arguments.h"
#include "collector/plan/symbols.h"

/* --- where they were ------------------------------------------------------------ */

struct seen {
	uint64_t integer[6], vector[8], stack[24];
};
struct seen seen;

/* In the place of any function. */
__attribute__((naked)) void capture(void)
{
	__asm__("mov %rdi, seen(%rip)\n"
		"mov %rsi, seen+8(%rip)\n"
		"mov %rdx, seen+16(%rip)\n"
		"mov %rcx, seen+24(%rip)\n"
		"mov %r8, seen+32(%rip)\n"
		"mov %r9, seen+40(%rip)\n"
		"movsd %xmm0, seen+48(%rip)\n"
		"movsd %xmm1, seen+56(%rip)\n"
		"movsd %xmm2, seen+64(%rip)\n"
		"movsd %xmm3, seen+72(%rip)\n"
		"movsd %xmm4, seen+80(%rip)\n"
		"movsd %xmm5, seen+88(%rip)\n"
		"movsd %xmm6, seen+96(%rip)\n"
		"movsd %xmm7, seen+104(%rip)\n"
		"lea 8(%rsp), %rsi\n"
		"lea seen+112(%rip), %rdi\n"
		"mov $24, %ecx\n"
		"rep movsq\n"
		"mov seen(%rip), %rax\n" /* the hidden address is returned */
		"ret\n");
}

/* Out of the compiler's sight. */
static void *volatile stub = (void *)capture;

#define CALL(function, ...) ((__typeof__(&function))stub)(__VA_ARGS__)

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, 8);
	return bits;
}

static uint64_t float_bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, 4);
	return bits;
}

/* --- what the plan says ----------------------------------------------------------- */

static struct object *object;
static struct symbols symbols;
static struct arguments *arguments;

static void open_object(const char *path)
{
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(object_open(fd, &object), 0);
	assert_int_equal(symbols_open(object, path, -1, &symbols), 0);
	assert_int_equal(arguments_open(fd, object, path, -1, &arguments), 0);
	close(fd);
}

static void close_object(void)
{
	arguments_close(arguments);
	symbols_close(&symbols);
	object_close(object);
}

static const struct symbol *symbol_of(const char *part)
{
	for (uint32_t i = 0; i < symbols.count; i++)
		if (!strcmp(symbols.all[i].name, part))
			return &symbols.all[i];
	fail_msg("there is no %s", part);
	return NULL;
}

static const char *look_up(const char *name, unsigned argument, enum plan_type type,
			   struct plan_metric *out)
{
	const struct symbol *s = symbol_of(name);

	return arguments_metric(arguments, s->address, s->name, argument, type, out);
}

static uint64_t value_at(const struct plan_metric *m)
{
	switch (m->source) {
	case PLAN_integer_argument:
		return seen.integer[m->index];
	case PLAN_float_argument:
		return seen.vector[m->index];
	case PLAN_stack_argument:
		return seen.stack[m->index];
	}
	fail_msg("source %d", m->source);
	return 0;
}

static void holds(const char *name, unsigned argument, enum plan_type type, uint64_t value)
{
	static const uint8_t bytes[] = {
		[PLAN_i8] = 1,	[PLAN_i16] = 2, [PLAN_i32] = 4,	 [PLAN_i64] = 8,
		[PLAN_u8] = 1,	[PLAN_u16] = 2, [PLAN_u32] = 4,	 [PLAN_u64] = 8,
		[PLAN_f32] = 4, [PLAN_f64] = 8, [PLAN_text] = 8,
	};
	struct plan_metric m;
	const char *why = look_up(name, argument, PLAN_auto, &m);
	uint64_t got, mask = UINT64_MAX >> (64 - 8 * bytes[type]);

	if (why)
		fail_msg("%s arg%u: %s", name, argument, why);
	got = value_at(&m);
	if (m.type != type || (got & mask) != (value & mask))
		fail_msg("%s arg%u: source %d index %d type %d (not %d), 0x%lx is not 0x%lx", name,
			 argument, m.source, m.index, m.type, type, got, value);
}

static void refused(const char *name, unsigned argument, enum plan_type type, const char *part)
{
	struct plan_metric m;
	const char *why = look_up(name, argument, type, &m);

	if (!why || !strstr(why, part))
		fail_msg("%s arg%u: %s", name, argument, why);
}

static void returns(const char *name, enum plan_source source, enum plan_type type)
{
	struct plan_metric m;
	const char *why = look_up(name, 0, PLAN_auto, &m);

	if (why || m.source != source || m.type != type)
		fail_msg("%s returns: %s source %d type %d", name, why, m.source, m.type);
}

static void check_all(void)
{
	static const char text[] = "x";
	struct small s = { 7, 1.5f };
	struct pair p = { 2.5, 3.5 };
	struct two two = { 61, 62 };
	struct large l = { { 101, 102, 103 } };
	struct mixed m = { 8.5, 77 };
	vector v = { 1, 2, 3, 4 };
	enum plan_type type;

	CALL(ints, -3, -4, -5, -6, 7, 1ul << 40, -8, -9);
	holds("ints", 1, PLAN_i32, (uint64_t)-3);
	holds("ints", 2, PLAN_i64, (uint64_t)-4);
	holds("ints", 3, PLAN_i8, (uint64_t)-5);
	holds("ints", 4, PLAN_i16, (uint64_t)-6);
	holds("ints", 5, PLAN_u32, 7);
	holds("ints", 6, PLAN_u64, 1ul << 40);
	holds("ints", 7, PLAN_i32, (uint64_t)-8);
	holds("ints", 8, PLAN_i64, (uint64_t)-9);
	refused("ints", 9, PLAN_auto, "fewer arguments");
	refused("ints", 1, PLAN_f64, "an integer");
	returns("ints", PLAN_integer_return, PLAN_i32);

	CALL(numbers, 1, 2.25, 3.5f, text, 200, true, GREEN);
	holds("numbers", 1, PLAN_i32, 1);
	holds("numbers", 2, PLAN_f64, bits_of(2.25));
	holds("numbers", 3, PLAN_f32, float_bits_of(3.5f));
	holds("numbers", 4, PLAN_text, (uintptr_t)text);
	refused("numbers", 1, PLAN_text, "address of a string");
	holds("numbers", 5, PLAN_u8, 200);
	holds("numbers", 6, PLAN_u8, 1);
	holds("numbers", 7, PLAN_i32, GREEN);
	refused("numbers", 2, PLAN_i32, "floating");
	returns("numbers", PLAN_float_return, PLAN_f64);

	CALL(structs, s, 11, p, 4.75, l, 12, 5.0L, 13, m, v, 6.5f);
	refused("structs", 1, PLAN_auto, "struct");
	holds("structs", 2, PLAN_i32, 11);
	refused("structs", 3, PLAN_auto, "struct");
	holds("structs", 4, PLAN_f64, bits_of(4.75));
	refused("structs", 5, PLAN_auto, "struct");
	holds("structs", 6, PLAN_i32, 12);
	refused("structs", 7, PLAN_auto, "not a number");
	holds("structs", 8, PLAN_i64, 13);
	holds("structs", 11, PLAN_f32, float_bits_of(6.5f));

	CALL(hidden, 21, 22);
	holds("hidden", 1, PLAN_i32, 21);
	holds("hidden", 2, PLAN_i64, 22);
	refused("hidden", 0, PLAN_auto, "struct");

	CALL(wide, 1, 2, 3, 4, 5, two, 7, 8);
	holds("wide", 5, PLAN_i64, 5);
	refused("wide", 6, PLAN_auto, "struct"); /* fits no more, what follows does */
	holds("wide", 7, PLAN_i32, 7);
	holds("wide", 8, PLAN_i64, 8);
	returns("wide", PLAN_integer_return, PLAN_u8);

	CALL(huge, 31, (__int128)32, 33);
	holds("huge", 1, PLAN_i32, 31);
	refused("huge", 2, PLAN_auto, "not a number");
	holds("huge", 3, PLAN_i32, 33);

	CALL(floats, 1, 2, 3, 4, 5, 6, 7, 8, 9.5, 10.5f, 11);
	holds("floats", 8, PLAN_f64, bits_of(8));
	holds("floats", 9, PLAN_f64, bits_of(9.5)); /* on the stack */
	holds("floats", 10, PLAN_f32, float_bits_of(10.5f));
	holds("floats", 11, PLAN_i32, 11);
	refused("floats", 0, PLAN_auto, "returns nothing");
	returns("ratio", PLAN_float_return, PLAN_f32);

	assert_null(arguments_fail_type(arguments, symbol_of("ints")->address, "ints", &type));
	assert_int_equal(type, PLAN_i32);
	assert_non_null(
		arguments_fail_type(arguments, symbol_of("ratio")->address, "ratio", &type));
}

static void test_of_itself(void **state)
{
	(void)state;
	open_object("/proc/self/exe");
	check_all();
	close_object();
}

static const char *source_file(void)
{
	static char path[1000];
	const char *at = getenv("TPTEST_TOP");

	snprintf(path, sizeof(path), "%s/tests/unit/plan_arguments.c", at ? at : ".");
	return path;
}

static void compile(const char *with, const char *source)
{
	char command[2000];

	snprintf(command, sizeof(command), "%s -shared -fPIC -o arguments.so %s", with, source);
	if (system(command))
		fail_msg("%s", command);
}

static void test_compilers(void **state)
{
	static const char *const ways[] = {
		"gcc -O0 -g -DFUNCTIONS_ONLY",	      "gcc -O2 -g -DFUNCTIONS_ONLY",
		"gcc -O3 -gdwarf-4 -DFUNCTIONS_ONLY", "gcc -Og -g -gz=zlib -DFUNCTIONS_ONLY",
		"clang -O0 -g -DFUNCTIONS_ONLY",      "clang -O2 -g -DFUNCTIONS_ONLY",
		"gcc -O2 -g -flto -DFUNCTIONS_ONLY",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		compile(ways[i], source_file());
		open_object("arguments.so");
		check_all();
		close_object();
	}
	unlink("arguments.so");
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void at(const char *name, unsigned argument, enum plan_source source, unsigned index)
{
	struct plan_metric m;
	const char *why = look_up(name, argument, PLAN_auto, &m);

	if (why || m.source != source || m.index != index)
		fail_msg("%s arg%u: %s source %d index %d", name, argument, why, m.source, m.index);
}

/* `this`, classes that are passed by the address of a copy, and returned so. */
static void test_cxx(void **state)
{
	(void)state;
	put("arguments.cc",
	    "#include <string>\n"
	    "struct C { int n; int run(int, std::string, double, int &); };\n"
	    "int C::run(int a, std::string s, double d, int &b) { return n + a + s.size() + d + b; "
	    "}\n"
	    "std::string make(int n, char c) { return std::string(n, c); }\n"
	    "struct E {}; int empty(E, int n) { return n; }\n"
	    "int member(int C::*p, int (C::*f)(int), int n) { return p && f ? n : 0; }\n");
	compile("g++ -O1 -g", "arguments.cc");
	open_object("arguments.so");
	at("_ZN1C3runEiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEdRi", 1,
	   PLAN_integer_argument, 0);
	at("_ZN1C3runEiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEdRi", 2,
	   PLAN_integer_argument, 1);
	at("_ZN1C3runEiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEdRi", 4,
	   PLAN_float_argument, 0);
	at("_ZN1C3runEiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEdRi", 5,
	   PLAN_integer_argument, 3);
	at("_Z4makeB5cxx11ic", 1, PLAN_integer_argument, 1);
	at("_Z4makeB5cxx11ic", 2, PLAN_integer_argument, 2);
	at("_Z5empty1Ei", 2, PLAN_integer_argument, 0);
	at("_Z6memberM1CiMS_FiiEi", 3, PLAN_integer_argument, 3);
	close_object();
	unlink("arguments.so");
	unlink("arguments.cc");
}

static void check_clone(bool has_debug)
{
	const struct symbol *s = NULL;
	struct plan_metric m;
	const char *why;

	open_object("arguments.so");
	for (uint32_t i = 0; i < symbols.count; i++)
		if (!strncmp(symbols.all[i].name, "work.", 5))
			s = &symbols.all[i];
	if (!s)
		fail_msg("the compiler made no clone");
	why = arguments_metric(arguments, s->address, s->name, 3, PLAN_auto, &m);
	if (has_debug) {
		assert_null(why);
		assert_int_equal(m.source, PLAN_integer_argument);
		assert_int_equal(m.index, 0); /* the only one left: in edi */
		why = arguments_metric(arguments, s->address, s->name, 2, PLAN_auto, &m);
		assert_non_null(strstr(why, "taken that argument away"));
	} else {
		assert_non_null(strstr(why, "clone"));
	}
	close_object();
}

/* The compiler drops an argument of a static function, and one that is constant. */
static void test_clones(void **state)
{
	(void)state;
	put("clones.c",
	    "volatile int sink;\n"
	    "static __attribute__((noinline)) int work(int unused, int constant, int n)\n"
	    "{ for (int i = 0; i < n; i++) sink += constant; return sink; }\n"
	    "int call(int n) { return work(1, 42, n) + work(2, 42, n + 1); }\n");
	compile("gcc -O2 -g", "clones.c");
	check_clone(true);
	compile("gcc -O2", "clones.c");
	check_clone(false);
	unlink("arguments.so");
	unlink("clones.c");
}

static void test_without_types(void **state)
{
	struct plan_metric m;

	(void)state;
	compile("gcc -O1 -DFUNCTIONS_ONLY", source_file());
	open_object("arguments.so");
	for (unsigned i = 1; i <= 6; i++)
		at("ints", i, PLAN_integer_argument, i - 1);
	at("ints", 7, PLAN_stack_argument, 0);
	at("ints", 9, PLAN_stack_argument, 2);
	assert_null(look_up("floats", 8, PLAN_f32, &m));
	assert_int_equal(m.source, PLAN_float_argument);
	assert_int_equal(m.index, 7);
	refused("floats", 9, PLAN_f64, "more than 8");
	returns("ints", PLAN_integer_return, PLAN_auto);
	close_object();
	unlink("arguments.so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_itself),     cmocka_unit_test(test_compilers),
		cmocka_unit_test(test_cxx),	      cmocka_unit_test(test_clones),
		cmocka_unit_test(test_without_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
