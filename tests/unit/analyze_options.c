/* SPDX-License-Identifier: MIT */
/*
 * The option parser, the capture options and the suggestions for near misses.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/capture.h"
#include "analyze/command.h"

#define ARGC(argv) ((int)(sizeof(argv) / sizeof(argv[0])) - 1)

static const char *text;
static int64_t count;
static bool flag;
static struct option_list list;
static const struct option_row rows[] = {
	{ "--text", 't', "T", OPTION_text, &text, "" },
	{ "--count", 0, "N", OPTION_number, &count, "" },
	{ "--flag", 0, NULL, OPTION_flag, &flag, "" },
	{ "--list", 0, "L", OPTION_list, &list, "" },
	{ "--later", 0, "L", OPTION_later, NULL, "" },
	OPTIONS_END,
};

static void every_way_to_say_it(void **state)
{
	char *argv[] = { "x",	   "--text=a=b", "one",	   "--count", "5",     "--list=p",
			 "--list", "q",		 "--flag", "--",      "--two", NULL };
	char *letter[] = { "x", "-tabc", "-", NULL };
	struct fault fault;

	(void)state;
	assert_int_equal(options_parse(rows, ARGC(argv), argv, OPTIONS_ANYWHERE, &fault), 2);
	assert_string_equal(text, "a=b");
	assert_int_equal(count, 5);
	assert_true(flag);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.text[1], "q");
	assert_string_equal(argv[0], "one");
	assert_string_equal(argv[1], "--two");
	assert_null(argv[2]);
	assert_int_equal(options_parse(rows, ARGC(letter), letter, OPTIONS_ANYWHERE, &fault), 1);
	assert_string_equal(text, "abc");
	assert_string_equal(letter[0], "-");
}

static void a_command_ends_the_options(void **state)
{
	char *argv[] = { "run", "--count=2", "sort", "--flag", "--help", NULL };
	struct fault fault;

	(void)state;
	flag = false;
	assert_int_equal(options_parse(rows, ARGC(argv), argv, OPTIONS_FIRST, &fault), 3);
	assert_false(flag);
	assert_string_equal(argv[1], "--flag");
}

static void wrong(const char *const *words, const char *why)
{
	char *argv[8] = { "x" };
	struct fault fault = { "" };
	int n = 1;

	for (; words[n - 1]; n++)
		argv[n] = (char *)words[n - 1];
	assert_int_equal(options_parse(rows, n, argv, OPTIONS_ANYWHERE, &fault), -EINVAL);
	if (!strstr(fault.text, why))
		fail_msg("\"%s\" in: %s", why, fault.text);
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	wrong((const char *[]){ "--txet", "x", NULL }, "did you mean --text?");
	wrong((const char *[]){ "--frobnicate", NULL }, "no such option");
	wrong((const char *[]){ "--text", NULL }, "needs a value");
	wrong((const char *[]){ "--count=x", NULL }, "needs a number");
	wrong((const char *[]){ "--count=-1", NULL }, "needs a number");
	wrong((const char *[]){ "--count=99999999999999999999", NULL }, "needs a number");
	wrong((const char *[]){ "--flag=1", NULL }, "takes no value");
	wrong((const char *[]){ "--later=1", NULL }, "not built yet");
	wrong((const char *[]){ "-z", NULL }, "no such option");
}

static void capture_values(void **state)
{
	static const struct {
		enum capture_id id;
		const char *value;
		bool is_fine;
	} row[] = {
		{ CAPTURE_level, "trace", true },    { CAPTURE_level, "counters", true },
		{ CAPTURE_level, "loud", false },    { CAPTURE_level, "stacks", false },
		{ CAPTURE_level, "", false },	     { CAPTURE_level, "count", false },
		{ CAPTURE_sample_ms, "0", true },    { CAPTURE_sample_ms, "x", false },
		{ CAPTURE_sample_ms, "10x", false }, { CAPTURE_sample_ms, "-1", false },
		{ CAPTURE_when_full, "drop", true }, { CAPTURE_when_full, "later", false },
		{ CAPTURE_label, "k=v", true },	     { CAPTURE_label, "novalue", false },
		{ CAPTURE_label, "=v", false },	     { CAPTURE_follow, "cc*", true },
		{ CAPTURE_cpu_hz, "99", false }, /* later */
	};
	struct fault fault;

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (!capture_check_value(row[i].id, row[i].value, &fault) != row[i].is_fine)
			fail_msg("%s %s", capture_info[row[i].id].option, row[i].value);
}

static void settings_for_the_collector(void **state)
{
	struct capture capture = { 0 };
	struct option_row all[CAPTURE_OPTIONS + 1];
	char *argv[] = { "run", "--level", "counters", "--label", "a=1", "--label",
			 "b=2", "-o",	   "d",	       "true",	  NULL };
	struct fault fault;
	char **settings;

	(void)state;
	all[capture_rows(&capture, all)] = (struct option_row)OPTIONS_END;
	assert_int_equal(options_parse(all, ARGC(argv), argv, OPTIONS_FIRST, &fault), 1);
	assert_int_equal(capture_check(&capture, &fault), 0);
	assert_string_equal(capture.text[CAPTURE_out], "d");
	settings = capture_settings(&capture);
	assert_string_equal(settings[0], "TPPROBE_LABELS=a=1;b=2");
	assert_string_equal(settings[1], "TPPROBE_LEVEL=counters");
	assert_null(settings[2]);
	free(settings[0]);
	free(settings[1]);
	free(settings);
}

static void near_misses(void **state)
{
	static const char *const words[] = { "report", "record", "runs", NULL };

	(void)state;
	assert_string_equal(command_near("reprot", words), "report");
	assert_string_equal(command_near("run", words), "runs");
	assert_null(command_near("frobnicate", words));
	assert_null(command_near("", words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_say_it),
		cmocka_unit_test(a_command_ends_the_options),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(capture_values),
		cmocka_unit_test(settings_for_the_collector),
		cmocka_unit_test(near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
