/* SPDX-License-Identifier: MIT */
/* What is recognised as a trace, and what is never removed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/trace_dir.h"

static char top[64], dir[96];

static const char *below(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(below(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static enum trace_state state_now(void)
{
	enum trace_state state = TRACE_foreign;

	assert_int_equal(trace_dir_state(dir, &state), 0);
	return state;
}

static void make_trace(const char *manifest)
{
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(below(TRACE_SEGMENTS), 0700), 0);
	assert_int_equal(mkdir(below(TRACE_MODULES), 0700), 0);
	put("segments/0001.tps", "x");
	put("modules/ab.json", "{}");
	put(TRACE_LOG, "");
	put(TRACE_MANIFEST, manifest);
}

static void test_nothing_empty_foreign(void **state)
{
	(void)state;
	assert_int_equal(state_now(), TRACE_none);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(state_now(), TRACE_empty);
	assert_int_equal(trace_dir_remove(dir), -EINVAL);
	put("letter.txt", "dear");
	assert_int_equal(state_now(), TRACE_foreign);
	assert_int_equal(trace_dir_remove(dir), -EINVAL);
	put(TRACE_MANIFEST, "{\"schema\": \"somebody.else/1\"}");
	assert_int_equal(state_now(), TRACE_foreign);
	put(TRACE_MANIFEST, "not json");
	assert_int_equal(state_now(), TRACE_foreign);
}

static void test_finished_is_removed_whole(void **state)
{
	(void)state;
	make_trace("{\"schema\": \"tpprobe.trace/1\", \"state\": \"complete\"}");
	assert_int_equal(state_now(), TRACE_finished);
	assert_int_equal(trace_dir_remove(dir), 0);
	assert_int_equal(state_now(), TRACE_none);
}

static void test_a_strange_file_stops_the_removal(void **state)
{
	(void)state;
	make_trace("{\"schema\": \"tpprobe.trace/1\", \"state\": \"complete\"}");
	put("thesis.tex", "irreplaceable");
	assert_int_equal(trace_dir_remove(dir), -EINVAL);
	assert_int_equal(access(below("thesis.tex"), F_OK), 0);
	assert_int_equal(access(below("segments/0001.tps"), F_OK), 0);
	unlink(below("thesis.tex"));
	put("segments/thesis.tex", "irreplaceable");
	assert_int_equal(trace_dir_remove(dir), -EINVAL);
	assert_int_equal(access(below("segments/thesis.tex"), F_OK), 0);
	assert_int_equal(state_now(), TRACE_finished);
}

static void test_newer_is_not_touched(void **state)
{
	(void)state;
	make_trace("{\"schema\": \"tpprobe.trace/2\", \"state\": \"complete\"}");
	assert_int_equal(state_now(), TRACE_newer);
	assert_int_equal(trace_dir_remove(dir), -EINVAL);
}

static void test_orphan(void **state)
{
	(void)state;
	make_trace("{\"schema\": \"tpprobe.trace/1\", \"state\": \"live\"}");
	assert_int_equal(symlink("/dev/shm/tpprobe-never-was", below(TRACE_SESSION_LINK)), 0);
	assert_int_equal(state_now(), TRACE_orphaned);
	assert_int_equal(trace_dir_remove(dir), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/tpprobe-test-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(dir, sizeof(dir), "%s/trace", top);
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "letter.txt",	  TRACE_MANIFEST,
					     TRACE_LOG,		  "segments/thesis.tex",
					     "segments/0001.tps", "modules/ab.json" };

	(void)state;
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(below(files[i]));
	rmdir(below(TRACE_SEGMENTS));
	rmdir(below(TRACE_MODULES));
	rmdir(dir);
	return rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_empty_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(test_finished_is_removed_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_strange_file_stops_the_removal, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_newer_is_not_touched, setup, teardown),
		cmocka_unit_test_setup_teardown(test_orphan, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
