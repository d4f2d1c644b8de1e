/* SPDX-License-Identifier: MIT */
/* Names as people write them, and which functions a pattern finds. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/plan/candidates.h"
#include "collector/plan/match.h"

static const struct name {
	const char *name, *full, *brief;
} names[] = {
	{ "main", "main", "main" },
	{ "parse.isra.0", "parse", "parse" },
	{ "parse.constprop.1.isra.0", "parse", "parse" },
	{ "parse.part.0.lto_priv.12", "parse", "parse" },
	{ "f.llvm.123456789", "f", "f" },
	{ "f.localalias", "f", "f" },
	{ "f.__uniq.2342", "f", "f" },
	/* a nested function of C, one that LTO found twice */
	{ "inner.0", "inner", "inner" },
	{ "partial.1", "partial", "partial" },
	/* what else has a dot is a name of its own */
	{ "work._omp_fn.0", "work._omp_fn.0", "work._omp_fn.0" },
	{ "main.main", "main.main", "main.main" },
	{ "partial.x", "partial.x", "partial.x" },
	{ ".isra.0", ".isra.0", ".isra.0" },
	{ "_ZN2ns1C3runEi", "ns::C::run(int)", "ns::C::run" },
	{ "_ZN2ns1C3runEi.constprop.0", "ns::C::run(int)", "ns::C::run" },
	{ "_ZNK2ns1C3runEPKc", "ns::C::run(char const*) const", "ns::C::run" },
	{ "_ZN2ns1CC1Ev", "ns::C::C()", "ns::C::C" },
	{ "_ZN2ns1CD0Ev", "ns::C::~C()", "ns::C::~C" },
	{ "_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work()",
	  "(anonymous namespace)::work" },
	{ "_Z3addIiET_S0_S0_", "int add<int>(int, int)", "add<int>" },
	{ "_ZN1XeqERKS_", "X::operator==(X const&)", "X::operator==" },
	{ "_ZN4demo4work17h0123456789abcdefE", "demo::work", "demo::work" },
	{ "_ZN4demo4work17h0123456789abcdefE.llvm.77", "demo::work", "demo::work" },
	{ "_ZN40_$LT$demo..Item$u20$as$u20$demo..Job$GT$3run17h0123456789abcdefE",
	  "<demo::Item as demo::Job>::run", "<demo::Item as demo::Job>::run" },
	{ "_RNvCs1234_7mycrate3foo", "mycrate::foo", "mycrate::foo" },
	{ "_RNvMs_Cs1234_4demoNtB4_4Item3run", "<demo::Item>::run", "<demo::Item>::run" },
	/* not mangled names, though they look like it */
	{ "_Z", "_Z", "_Z" },
	{ "_ZZZZZ", "_ZZZZZ", "_ZZZZZ" },
	{ "_R", "_R", "_R" },
	{ "_RETURN", "_RETURN", "_RETURN" },
};

static void test_names(void **state)
{
	static struct demangled d;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		demangle(names[i].name, &d);
		if (strcmp(d.full, names[i].full) || strcmp(d.brief, names[i].brief))
			fail_msg("%s: %s, %s", names[i].name, d.full, d.brief);
	}
	assert_true(demangle_is_cold_part("f.cold"));
	assert_true(demangle_is_cold_part("_Z1fv.constprop.0.cold"));
	assert_true(demangle_is_cold_part("f.cold.3"));
	assert_false(demangle_is_cold_part("f.colder"));
	assert_false(demangle_is_cold_part("scold"));
}

/* A name of some hundred bytes that stands for 2^200. */
static void test_bombs(void **state)
{
	static struct demangled d;
	static char name[DEMANGLE_MAX * 2];
	char *at = stpcpy(name, "_Z1fIiEv");

	(void)state;
	for (unsigned i = 0; i < 30; i++) { /* each pair holds the one before twice */
		at = name + sprintf(name, "_Z1f");
		for (unsigned k = 0; k < i; k++)
			at = stpcpy(at, "1AI");
		at = stpcpy(at, "i");
		for (unsigned k = 0; k < i; k++)
			at += sprintf(at, "S%c_E", k ? (char)('0' + k - 1) : '_');
		demangle(name, &d);
	}
	memset(name, 'P', sizeof(name) - 1);
	memcpy(name, "_Z1f", 4);
	demangle(name, &d);
	memset(name, 'x', sizeof(name) - 1);
	demangle(name, &d);
	assert_int_equal(strlen(d.full), DEMANGLE_MAX - 1);
}

static bool finds(const char *pattern, const char *name)
{
	static struct match_name n;
	struct match m;

	match_init(&m, pattern);
	match_name_init(&n, name);
	return match_function(&m, &n);
}

static void test_matches(void **state)
{
	static const char run[] = "_ZN2ns1C3runEi.constprop.0";

	(void)state;
	assert_true(finds("ns::C::run", run));
	assert_true(finds("ns::C::run(int)", run));
	assert_true(finds("ns::*", run));
	assert_true(finds("*::run", run));
	assert_true(finds("*run*", run));
	assert_true(finds("_ZN2ns1C3runEi", run));
	assert_true(finds(run, run));
	assert_false(finds("ns::C", run));
	assert_false(finds("run", run));
	assert_false(finds("ns::C::run(long)", run));
	assert_true(finds("ns::[A-C]::run", run));
	assert_false(finds("ns::[D-F]::run", run));
	/* What is not spelled in the mangled name. */
	assert_true(finds("std::string::append*", "_ZNSs6appendEPKc"));
	assert_true(finds("*(unsigned long)", "_Z1fm"));
	assert_true(finds("*unsigned*", "_Z1fm"));
	assert_true(finds("*anonymous*work", "_ZN12_GLOBAL__N_14workEv"));
	assert_true(finds("*::operator new*", "_ZN1XnwEm"));
	assert_true(finds("demo::work", "_ZN4demo4work17h0123456789abcdefE"));
	assert_true(finds("parse", "parse.isra.0"));
	assert_true(finds("parse.isra.0", "parse.isra.0"));
	assert_true(finds("inner", "inner.0"));
	assert_false(finds("work", "work._omp_fn.0"));
}

/* The prefilter never changes an answer: every name of libstdc++ against patterns made of
 * parts of its demangled name. */
static void test_prefilter(void **state)
{
	static struct demangled d;
	static struct match_name n;
	struct symbols symbols;
	struct object *o;
	uint32_t tried = 0;
	int fd = open("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", O_RDONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(object_open(fd, &o), 0);
	close(fd);
	assert_int_equal(symbols_open(o, NULL, -1, &symbols), 0);
	for (uint32_t i = 0; i < symbols.count; i += 3) {
		const char *name = symbols.all[i].name;
		size_t length;
		struct match m;
		char pattern[64];

		demangle(name, &d);
		length = strlen(d.full);
		for (size_t from = i % 5; from + 3 < length; from += 7) {
			size_t take = 3 + (i + from) % 9;

			if (take > length - from)
				take = length - from;
			if (strcspn(d.full + from, "[]*?\\") < take)
				continue;
			snprintf(pattern, sizeof(pattern), "*%.*s*", (int)take, d.full + from);
			match_init(&m, pattern);
			match_name_init(&n, name);
			tried++;
			if (!match_function(&m, &n))
				fail_msg("%s does not find %s (%s), literal \"%s\"", pattern,
					 d.full, name, m.literal);
		}
	}
	assert_true(tried > 10000);
	symbols_close(&symbols);
	object_close(o);
}

static void test_libraries(void **state)
{
	(void)state;
	assert_true(match_library("libfoo.so", "/opt/lib/libfoo.so"));
	assert_true(match_library("libfoo.so", "/opt/lib/libfoo.so.1.2"));
	assert_true(match_library("libfoo.so.1.2", "/opt/lib/libfoo.so.1.2"));
	assert_true(match_library("libfoo", "/opt/lib/libfoo.so.1"));
	assert_true(match_library("libf*", "libfoo.so.1"));
	assert_true(match_library("app", "/usr/bin/app"));
	assert_false(match_library("libfoo.so.2", "/opt/lib/libfoo.so.1.2"));
	assert_false(match_library("libfo", "/opt/lib/libfoo.so"));
	assert_false(match_library("libfoo", "/opt/lib/libfoo.solid"));
	assert_true(match_is_system("/lib/x86_64-linux-gnu/libc.so.6"));
	assert_true(match_is_system("/usr/lib/python3/dist-packages/x.so"));
	assert_false(match_is_system("/usr/local/lib/libfoo.so"));
	assert_false(match_is_system("/opt/app/lib/libfoo.so"));
	assert_false(match_is_system("libfoo.so"));
}

/* --- candidates ------------------------------------------------------------------ */

static struct object *object;
static struct symbols symbols;

static void make(const char *source)
{
	FILE *f = fopen("names.c", "w");
	int fd;

	assert_non_null(f);
	fputs(source, f);
	fclose(f);
	assert_int_equal(system("gcc -O1 -shared -fPIC -o names.so names.c"), 0);
	fd = open("names.so", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(object_open(fd, &object), 0);
	close(fd);
	unlink("names.c");
	unlink("names.so");
	assert_int_equal(symbols_open(object, NULL, -1, &symbols), 0);
}

static void unmake(void)
{
	symbols_close(&symbols);
	object_close(object);
}

static const struct candidate *called(const struct candidates *c, const char *name)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (!strcmp(c->all[i].name, name))
			return &c->all[i];
	return NULL;
}

static void test_candidates(void **state)
{
	struct candidates_where where = { "/opt/names.so", false, false, 0 };
	const struct candidate *one;
	struct candidates c;
	struct specs specs = { 0 };

	(void)state;
	make("int parse_a(int n) { return n + 1; }\n"
	     "int parse_b(int n) { return n + 2; }\n"
	     "int other(int n) { return n + 3; }\n"
	     "int alias_a(int) __attribute__((alias(\"parse_a\")));\n"
	     "static int hidden(int n) { return n; }\n"
	     "static void *choose(void) { return hidden; }\n"
	     "int chosen(int) __attribute__((ifunc(\"choose\")));\n");
	specs_add(&specs, SPEC_task, "parse_*;alias_a;chosen;libother.so!parse_a;names!other;bad:");
	specs_add(&specs, SPEC_event, "parse_b");
	assert_int_equal(candidates_find(&symbols, &specs, &where, &c), 0);
	assert_int_equal(c.count, 4); /* parse_a, parse_b, other, chosen */
	one = called(&c, "parse_a") ? called(&c, "parse_a") : called(&c, "alias_a");
	assert_non_null(one);
	assert_int_equal(one->match_count, 2);
	assert_int_equal(one->other_count, 1);
	assert_null(one->why);
	one = called(&c, "parse_b");
	assert_int_equal(one->match_count, 2);
	assert_int_equal(c.matches[one->first_match], 0);
	assert_int_equal(c.matches[one->first_match + 1], 6);
	assert_non_null(strstr(called(&c, "chosen")->why, "IFUNC"));
	assert_int_equal(c.of_spec[0].matched, 2);
	assert_false(c.of_spec[3].in_scope);
	assert_true(c.of_spec[4].in_scope);
	assert_false(c.of_spec[5].in_scope);
	candidates_fini(&c);

	/* The same file as one of the system's: only what says so means it. */
	where.path = "/usr/lib/names.so";
	assert_int_equal(candidates_find(&symbols, &specs, &where, &c), 0);
	assert_int_equal(c.count, 1);
	assert_string_equal(c.all[0].name, "other");
	candidates_fini(&c);
	where.is_asked = true;
	assert_int_equal(candidates_find(&symbols, &specs, &where, &c), 0);
	assert_int_equal(c.count, 4);
	candidates_fini(&c);
	specs_fini(&specs);
	unmake();
}

static void test_too_many(void **state)
{
	struct candidates_where where = { "/opt/names.so", false, false, 100 };
	struct candidates c;
	struct specs specs = { 0 };
	static char source[200 * 60];
	char *at = source;

	(void)state;
	for (unsigned i = 0; i < 150; i++)
		at += sprintf(at, "int zf%u(int n) { return n + %u; }\n", i, i);
	make(source);
	specs_add(&specs, SPEC_task, "zf*;zf1*;zf7");
	assert_int_equal(candidates_find(&symbols, &specs, &where, &c), 0);
	assert_true(c.of_spec[0].too_many);
	assert_int_equal(c.of_spec[0].matched, 150);
	assert_false(c.of_spec[1].too_many);
	assert_int_equal(c.of_spec[1].matched, 61); /* zf1 zf10…zf19 zf100…zf149 */
	assert_int_equal(c.count, 62);
	candidates_fini(&c);
	where.limit = 0;
	assert_int_equal(candidates_find(&symbols, &specs, &where, &c), 0);
	assert_int_equal(c.count, 150);
	candidates_fini(&c);
	specs_fini(&specs);
	unmake();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_matches),	  cmocka_unit_test(test_prefilter),
		cmocka_unit_test(test_libraries), cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
