/* SPDX-License-Identifier: MIT */
/* SPECs: what good ones mean, and which sentence each bad one gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/plan/spec.h"

static const struct good {
	enum spec_kind kind;
	const char *text, *library, *pattern;
	int args;
	enum plan_compare fail;
	int64_t fail_value;
	const char *metric;
	unsigned argument;
	enum plan_type type;
} good[] = {
	{ SPEC_task, "main", NULL, "main", -1, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "parse_*", NULL, "parse_*", -1, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "ns::Class::run", NULL, "ns::Class::run", -1, PLAN_never, 0, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "ns::f:args=8", NULL, "ns::f", 8, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "f:args=0", NULL, "f", 0, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "f:args=64:fail=ret<0", NULL, "f", 64, PLAN_lt, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "f:fail=ret!=0:args=0x10", NULL, "f", 16, PLAN_ne, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "f:fail=ret>-5", NULL, "f", -1, PLAN_gt, -5, NULL, 0, PLAN_auto },
	{ SPEC_task, "f:fail=ret==0xffffffffffffffff", NULL, "f", -1, PLAN_eq, -1, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "f:fail=ret==-0x8000000000000000", NULL, "f", -1, PLAN_eq, INT64_MIN, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "f:fail=ret==010", NULL, "f", -1, PLAN_eq, 10, NULL, 0, PLAN_auto },
	{ SPEC_task, "libfoo.so!bar_*", "libfoo.so", "bar_*", -1, PLAN_never, 0, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "lib*.so.[0-9]!ns::*:args=2", "lib*.so.[0-9]", "ns::*", 2, PLAN_never, 0, NULL,
	  0, PLAN_auto },
	{ SPEC_task, "[!_]*", NULL, "[!_]*", -1, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "a!X::operator!", "a", "X::operator!", -1, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "X::operator!=", NULL, "X::operator!=", -1, PLAN_never, 0, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "X::operator=:args=2", NULL, "X::operator=", 2, PLAN_never, 0, NULL, 0,
	  PLAN_auto },
	{ SPEC_task, "f[abi:cxx11]", NULL, "f[abi:cxx11]", -1, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_task, "<T as ns::Trait>::run", NULL, "<T as ns::Trait>::run", -1, PLAN_never, 0,
	  NULL, 0, PLAN_auto },
	{ SPEC_event, "tick:args=3", NULL, "tick", 3, PLAN_never, 0, NULL, 0, PLAN_auto },
	{ SPEC_metric, "rows=arg2(load)", NULL, "load", -1, PLAN_never, 0, "rows", 2, PLAN_auto },
	{ SPEC_metric, "a.b-c_1=ret(lib!f)", "lib", "f", -1, PLAN_never, 0, "a.b-c_1", 0,
	  PLAN_auto },
	{ SPEC_metric, "n=arg1/s(ns::f(int))", NULL, "ns::f(int)", -1, PLAN_never, 0, "n", 1,
	  PLAN_text },
	{ SPEC_metric, "x=ret/f32(f)", NULL, "f", -1, PLAN_never, 0, "x", 0, PLAN_f32 },
	{ SPEC_metric, "x=arg64/u8(f:args=9)", NULL, "f", 9, PLAN_never, 0, "x", 64, PLAN_u8 },
};

static const struct bad {
	enum spec_kind kind;
	const char *text, *sentence; /* a part of it */
} bad[] = {
	{ SPEC_task, "", "no function named" },
	{ SPEC_task, "lib!", "no function named" },
	{ SPEC_task, "!f", "has no name" },
	{ SPEC_task, "/usr/lib/libfoo.so!f", "without directories" },
	{ SPEC_task, "py:module.f", "Python" },
	{ SPEC_task, "f:args=", "0 to 64" },
	{ SPEC_task, "f:args=65", "0 to 64" },
	{ SPEC_task, "f:args=-1", "0 to 64" },
	{ SPEC_task, "f:args=eight", "0 to 64" },
	{ SPEC_task, "f:args=8 ", "0 to 64" },
	{ SPEC_task, "f:arg=8", "no option \"arg=\"" },
	{ SPEC_task, "f:args", "is no option" },
	{ SPEC_task, "f:fail", "is no option" },
	{ SPEC_task, ":args=8", "is no option" },
	{ SPEC_task, "f:fail=ret", "<, >, == or !=" },
	{ SPEC_task, "f:fail=ret<=0", "<, >, == or !=" },
	{ SPEC_task, "f:fail=ret=0", "<, >, == or !=" },
	{ SPEC_task, "f:fail=arg1<0", "what the function returns" },
	{ SPEC_task, "f:fail=ret<", "no integer" },
	{ SPEC_task, "f:fail=ret<1.5", "no integer" },
	{ SPEC_task, "f:fail=ret<99999999999999999999", "no integer" },
	{ SPEC_task, "f:fail=ret<0x", "no integer" },
	{ SPEC_task, "a\nb", "control characters" },
	{ SPEC_event, "f:fail=ret<0", "belongs to --task" },
	{ SPEC_metric, "f", "NAME=argN(FUNCTION)" },
	{ SPEC_metric, "=arg1(f)", "1 to 64 characters" },
	{ SPEC_metric, "a b=arg1(f)", "letters, digits" },
	{ SPEC_metric, "n=arg0(f)", "count from arg1" },
	{ SPEC_metric, "n=arg65(f)", "count from arg1" },
	{ SPEC_metric, "n=arg(f)", "no value of a call" },
	{ SPEC_metric, "n=foo(f)", "no value of a call" },
	{ SPEC_metric, "n=arg1", "in brackets" },
	{ SPEC_metric, "n=arg1f)", "in brackets" },
	{ SPEC_metric, "n=)(", "in brackets" },
	{ SPEC_metric, "n=", "in brackets" },
	{ SPEC_metric, "n=arg1()", "no function named" },
	{ SPEC_metric, "n=arg1/int(f)", "no type \"int\"" },
	{ SPEC_metric, "n=ret(f:fail=ret<0)", "belongs to --task" },
};

static void same(const char *got, const char *wanted, const char *text)
{
	if (!got != !wanted || (got && strcmp(got, wanted)))
		fail_msg("%s: %s, not %s", text, got, wanted);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct good *g = &good[i];
		char why[SPEC_WHY];
		struct spec s;

		if (spec_parse(g->kind, g->text, &s, why))
			fail_msg("%s: %s", g->text, why);
		same(s.text, g->text, g->text);
		same(s.library, g->library, g->text);
		same(s.pattern, g->pattern, g->text);
		same(s.metric, g->metric, g->text);
		assert_int_equal(s.args, g->args);
		assert_int_equal(s.fail, g->fail);
		assert_int_equal(s.fail_value, g->fail_value);
		assert_int_equal(s.argument, g->argument);
		assert_int_equal(s.type, g->type);
		spec_fini(&s);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[SPEC_WHY];
		struct spec s;

		if (!spec_parse(bad[i].kind, bad[i].text, &s, why))
			fail_msg("\"%s\" passes", bad[i].text);
		if (!strstr(why, bad[i].sentence))
			fail_msg("\"%s\": %s", bad[i].text, why);
		spec_fini(&s);
	}
}

static void test_long(void **state)
{
	static char text[SPEC_TEXT_MAX + 2];
	struct specs specs = { 0 };

	(void)state;
	memset(text, 'f', sizeof(text) - 1);
	assert_int_equal(specs_add(&specs, SPEC_task, text), 0);
	assert_int_equal(specs.count, 1);
	assert_non_null(specs.all[0].problem);
	text[SPEC_TEXT_MAX] = '\0';
	assert_int_equal(specs_add(&specs, SPEC_task, text), 0);
	assert_null(specs.all[1].problem);
	specs_fini(&specs);
}

static void test_list(void **state)
{
	struct specs specs = { 0 };

	(void)state;
	assert_int_equal(specs_add(&specs, SPEC_task, NULL), 0);
	assert_int_equal(specs_add(&specs, SPEC_task, ""), 0);
	assert_int_equal(specs_add(&specs, SPEC_task, "; ;;"), 0);
	assert_int_equal(specs.count, 0);
	assert_int_equal(specs_add(&specs, SPEC_task, "a; b:args=x ;c*"), 0);
	assert_int_equal(specs_add(&specs, SPEC_event, "d"), 0);
	assert_int_equal(specs.count, 4);
	assert_string_equal(specs.all[0].pattern, "a");
	assert_string_equal(specs.all[1].text, "b:args=x");
	assert_non_null(strstr(specs.all[1].problem, "args="));
	assert_string_equal(specs.all[2].pattern, "c*");
	assert_int_equal(specs.all[3].kind, SPEC_event);
	specs_fini(&specs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
