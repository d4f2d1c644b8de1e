/* SPDX-License-Identifier: MIT */
/* The glob of --follow answers as fnmatch does. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preload/glob.c"

static void same(const char *pattern, const char *text)
{
	bool wanted = fnmatch(pattern, text, 0) == 0;

	if (glob_match(pattern, text) != wanted)
		fail_msg("\"%s\" and \"%s\": fnmatch says %s", pattern, text,
			 wanted ? "yes" : "no");
}

static void test_by_hand(void **state)
{
	static const char *const patterns[] = {
		"",	     "*",      "**",	"?",	  "cc*",   "*cc",     "*c*c*",
		"/usr/*/cc", "[a-c]c", "[!a]c", "[]a]c",  "[c-]*", "g++-*",   "[x",
		"a[x",	     "\\*",    "a\\",	"*.[ch]", "???",   "*/bin/*", "*a*b*c*d*e*",
	};
	static const char *const texts[] = {
		"",    "c",   "cc",  "ccc",    "acc",	     "/usr/bin/cc", "/usr/lib/gcc/cc",
		"bc",  "]c",  "-c",  "g++-12", "[x",	     "a[x",	    "*",
		"x.c", "x.h", "x.o", "abcde",  "aabbccddee", "a",
	};

	(void)state;
	for (unsigned p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++)
		for (unsigned t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
			same(patterns[p], texts[t]);
}

static void test_by_chance(void **state)
{
	static const char *const pieces[] = { "a", "b", "c", "*",     "?",     "[ab]",
					      "/", "*", "a", "[!ab]", "[a-c]", "\\*" };
	char pattern[64], text[16];

	(void)state;
	srand(7);
	for (unsigned i = 0; i < 200000; i++) {
		unsigned n = (unsigned)rand() % 7, m = (unsigned)rand() % 9;

		for (pattern[0] = '\0'; n--;)
			strcat(pattern, pieces[(unsigned)rand() % 12]);
		for (unsigned k = 0; k < m; k++)
			text[k] = "abc/*d"[rand() % 6];
		text[m] = '\0';
		same(pattern, text);
	}
}

/* A matcher that tries every way for every star would not come back. */
static void test_many_stars(void **state)
{
	char text[4097];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
	assert_true(glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*", text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_by_chance),
		cmocka_unit_test(test_many_stars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
