/* SPDX-License-Identifier: MIT */
/*
 * Reports from the store: the promised JSON, tree sums, statistics, and texts of
 * hostile programs.
 */
#include <jansson.h>

#include "analyze/json_out.h"
#include "analyze/profile/statistics.h"
#include "analyze/show/format.h"
#include "analyze/show/report.h"
#include "analyze/store/import.h"
#include "tests/unit/analyze_trace.h"

#define BIT(counter) (UINT64_C(1) << COUNTER_##counter)

static struct store store;
static int64_t run_id;

/* A process with two children; the second has a name that bites terminals. */
static int setup(void **state)
{
	struct trace t;
	struct fault fault;
	enum import_result result;
	int err;

	(void)state;
	trace_begin(&t, "report");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(&t, 1, 1 * MS, "root");
	put_text(&t, 1, 1, 1 * MS, TEXT_PATH, 5, "/data/in", 8);
	put(&t, 1, 1, 2 * MS, IO, 1000 | (uint64_t)CALL_read << 48 | (uint64_t)FD_KIND_file << 58,
	    4096, 5 | 3ull << 32);
	put(&t, 1, 1, 2 * MS, LOCK_WAIT, 0xabc0 | (uint64_t)CALL_pthread_mutex_lock << 48, 0x400100,
	    3 * MS, 0, 0);
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put_text(&t, 2, 2, 2 * MS, TEXT_ARGV, 0, "child\0-a\0", 9);
	put_exit(&t, 2, 6 * MS, 0, END_return, 1 * MS);
	put(&t, 2, 2, 6 * MS, THREAD_GONE, 2 | 3ull << 48, BIT(mem_allocs) | BIT(mem_alloc_bytes),
	    10, 1000);
	put_process(&t, 3, 3 * MS, 102, 100, 9, 1, PROCESS_image);
	put_text(&t, 3, 3, 3 * MS, TEXT_ARGV, 0, "bad\033[31m\xff\0", 10);
	put_exit(&t, 3, 9 * MS, 1, END_return, 1 * MS);
	put(&t, 3, 3, 9 * MS, THREAD_GONE, 3 | 2ull << 48, BIT(mem_allocs), 5);
	put_exit(&t, 1, 20 * MS, 0, END_return, 3 * MS);
	put(&t, 1, 1, 20 * MS, THREAD_GONE, 1 | 2ull << 48, BIT(mem_allocs), 1);
	put_gone(&t, 1, 21 * MS, 100, GONE_launcher, 0);
	trace_end(&t, "report");
	err = store_open(&store, NULL, STORE_MEMORY, &fault);
	if (!err)
		err = import_trace(&store, t.dir, &run_id, &result, &fault);
	if (err)
		print_error("%s\n", fault.text);
	trace_remove(&t);
	return err;
}

static int cleanup(void **state)
{
	(void)state;
	store_close(&store);
	return 0;
}

static char *made(int (*make)(const struct store *, int64_t, const struct report_options *, FILE *,
			      struct fault *))
{
	const struct report_options options = { 0 };
	struct fault fault = { "" };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (make(&store, run_id, &options, out, &fault))
		fail_msg("%s", fault.text);
	fclose(out);
	return text;
}

static double at(const json_t *o, const char *a, const char *b)
{
	const json_t *value = json_object_get(json_object_get(o, a), b);

	assert_non_null(value);
	return json_is_null(value) ? NAN : json_number_value(value);
}

static void json_is_what_was_promised(void **state)
{
	static const char *const key[] = {
		"schema",     "run",	    "capture", "totals",	  "tasks_total",
		"tasks",      "profiles",   "files",   "peers",		  "locks",
		"exceptions", "curves",	    "workers", "workers_summary", "functions",
		"graph",      "bottlenecks"
	};
	char *text = made(report_json);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error), *task;

	(void)state;
	if (!root)
		fail_msg("%s\n%s", error.text, text);
	for (unsigned i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		assert_non_null(json_object_get(root, key[i]));
	assert_int_equal(json_object_size(root), sizeof(key) / sizeof(key[0]));
	assert_int_equal(json_object_size(json_object_get(root, "totals")), METRICS);
	assert_int_equal((int)at(root, "totals", "memory_allocations"), 16);
	assert_true(isnan(at(root, "totals", "exceptions_raised")));
	assert_true(fabs(at(root, "totals", "runtime_seconds") - 0.019) < 1e-9);
	task = json_array_get(json_object_get(root, "tasks"), 0);
	assert_string_equal(json_string_value(json_object_get(task, "name")), "root");
	assert_int_equal((int)at(task, "metrics", "memory_allocations"), 16);
	assert_int_equal((int)at(task, "self", "memory_allocations"), 1);
	assert_int_equal((int)at(task, "metrics", "thread_count"), 3);
	task = json_array_get(json_object_get(root, "tasks"), 1);
	assert_int_equal(json_array_size(json_object_get(task, "command")), 2);
	task = json_array_get(json_object_get(root, "tasks"), 2);
	assert_string_equal(json_string_value(json_object_get(task, "name")),
			    "bad\033[31m\xef\xbf\xbd");
	assert_string_equal(json_string_value(json_object_get(task, "status")), "failed");
	task = json_array_get(json_object_get(root, "files"), 0);
	assert_string_equal(json_string_value(json_object_get(task, "path")), "/data/in");
	assert_int_equal(json_integer_value(json_object_get(task, "read_bytes")), 4096);
	task = json_array_get(json_object_get(root, "locks"), 0);
	assert_int_equal(json_integer_value(json_object_get(task, "contended")), 1);
	assert_true(json_is_null(json_object_get(task, "acquisitions")));
	json_decref(root);
	free(text);
}

static void text_never_bites_the_terminal(void **state)
{
	char *text = made(report_text);

	(void)state;
	assert_non_null(strstr(text, "run 1: n, completed"));
	assert_non_null(strstr(text, "root"));
	assert_non_null(strstr(text, "child"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\xff'));
	free(text);
}

static void statistics_of_known_numbers(void **state)
{
	struct statistics s = { 0 };
	struct distribution d;
	struct metrics m;

	(void)state;
	metrics_clear(&m);
	for (int i = 100; i >= 1; i--) {
		m.value[METRIC_runtime_seconds] = i;
		assert_int_equal(statistics_add(&s, "t", "process", i == 7, &m), 0);
	}
	metrics_clear(&m);
	assert_int_equal(statistics_add(&s, "t", "thread", false, &m), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.group[0]->failed, 1);
	assert_int_equal(group_distribution(s.group[0], METRIC_runtime_seconds, &d), 0);
	assert_int_equal(d.count, 100);
	assert_true(d.sum == 5050 && d.mean == 50.5 && d.median == 50.5 && d.min == 1);
	assert_true(d.max == 100 && d.p95 == 95 && d.p99 == 99);
	assert_true(fabs(d.stdev - 29.011491975882016) < 1e-9);
	assert_int_equal(group_distribution(s.group[0], METRIC_cpu_cores, &d), 0);
	assert_int_equal(d.count, 0);
	statistics_fini(&s);
}

static void numbers_for_people(void **state)
{
	char t[FORMAT_SIZE], safe[16];

	(void)state;
	assert_string_equal(format_seconds(t, 0.0123), "12 ms");
	assert_string_equal(format_seconds(t, 75), "75.00 s");
	assert_string_equal(format_seconds(t, 7500), "2h05m");
	assert_string_equal(format_seconds(t, NAN), "-");
	assert_string_equal(format_bytes(t, 1536), "1.5 KiB");
	assert_string_equal(format_bytes(t, 12), "12 B");
	assert_string_equal(format_short_bytes(t, 0), "0");
	assert_string_equal(format_count(t, 1234567), "1.2M");
	assert_string_equal(format_share(t, 1, 4), "25%");
	assert_string_equal(format_safe(safe, sizeof(safe), "a\nb"), "a\\x0ab");
	assert_string_equal(format_safe(safe, 5, "\xc3\xa4\xc3\xa4\xc3\xa4"), "\xc3\xa4\xc3\xa4");
	assert_string_equal(format_safe(safe, sizeof(safe), "\xc2\x9b"), "\\x9b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_what_was_promised),
		cmocka_unit_test(text_never_bites_the_terminal),
		cmocka_unit_test(statistics_of_known_numbers),
		cmocka_unit_test(numbers_for_people),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
