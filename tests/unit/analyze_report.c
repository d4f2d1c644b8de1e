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
	put_text(&t, 1, 1, 2 * MS, TEXT_TYPE, 9, "St9exception", 12);
	put(&t, 1, 1, 2 * MS, EXCEPTION, 9 | (uint64_t)EXCEPTION_cxx << 32, 0x400100);
	put_text(&t, 1, 1, 2 * MS, TEXT_EXEC, 77, "/opt/static", 11);
	put(&t, 1, 1, 2 * MS, UNINSTRUMENTED, UINT64_C(77) << 32 | (uint64_t)WHY_static << 56);
	put(&t, 1, 1, 3 * MS, FORK, 555u | (uint64_t)CALL_posix_spawn << 32, 10, 0);
	put(&t, 1, 1, 9 * MS, CHILD_EXIT, 555u | UINT64_C(0x100) << 32, 1, 2000000, 500000, 2048,
	    4);
	put(&t, 1, 1, 9 * MS, WAIT,
	    3 * MS | (uint64_t)CALL_waitpid << 48 | (uint64_t)WAIT_sync << 58, 102, 102);
	put(&t, 1, 1, 9 * MS + 1, CHILD_EXIT, 102u | UINT64_C(0x100) << 32, 0, 0, 0, 0, 0);
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
	put(&t, 1, 1, 20 * MS, THREAD_GONE, 1 | 3ull << 48, BIT(mem_allocs) | BIT(stdio_transfers),
	    1, 1);
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
		"schema",     "run",	     "capture", "totals",	   "tasks_total",
		"tasks",      "profiles",    "files",	"peers",	   "locks",
		"exceptions", "curves",	     "workers", "workers_summary", "functions",
		"graph",      "bottlenecks", "wakes"
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
	assert_true(isnan(at(root, "totals", "run_delay_seconds")));
	assert_true(at(root, "totals", "exceptions_raised") == 0);
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

static const json_t *first(const json_t *root, const char *list)
{
	const json_t *row = json_array_get(json_object_get(root, list), 0);

	assert_non_null(row);
	return row;
}

static bool says(const json_t *list, const char *part)
{
	const json_t *text;
	size_t i;

	json_array_foreach(list, i, text) if (strstr(json_string_value(text), part)) return true;
	return false;
}

static void json_tells_who_waited_and_what_is_not_in_it(void **state)
{
	char *text = made(report_json);
	json_t *root = json_loads(text, 0, NULL);
	const json_t *capture = json_object_get(root, "capture"), *row;

	(void)state;
	row = first(root, "exceptions");
	assert_string_equal(json_string_value(json_object_get(row, "type")), "std::exception");
	assert_int_equal(json_integer_value(json_object_get(row, "task")), 1);
	row = first(root, "wakes"); /* the longest wait: for the third process */
	assert_string_equal(json_string_value(json_object_get(row, "kind")), "exit");
	assert_int_equal(json_integer_value(json_object_get(row, "from")), 3);
	assert_int_equal(json_integer_value(json_object_get(row, "to")), 1);
	assert_true(fabs(json_number_value(json_object_get(row, "seconds")) - 0.003) < 1e-9);
	row = first(root, "workers");
	assert_string_equal(json_string_value(json_object_get(row, "name")), "root");
	assert_int_equal(json_array_size(json_object_get(root, "workers")), 3);
	assert_true(fabs(at(root, "workers_summary", "average") - 0.003 / 0.019 - 0.002 / 0.019) <
		    1e-9);
	assert_int_equal((int)at(root, "workers_summary", "peak"), 3);
	assert_true(at(root, "workers_summary", "memory_limit_mb") == 1024);
	row = first(capture, "uninstrumented");
	assert_int_equal(json_integer_value(json_object_get(row, "wait_status")), 0x100);
	assert_true(json_number_value(json_object_get(row, "cpu_seconds")) == 2.5);
	assert_true(json_number_value(json_object_get(row, "peak_rss_mb")) == 2);
	assert_true(says(json_object_get(capture, "notes"), "2.500 s of CPU time that 1 program"));
	assert_true(says(json_object_get(capture, "notes"), "3 processes: heap_*"));
	assert_true(says(json_object_get(capture, "estimated"), "io_read_count"));
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
	assert_non_null(strstr(text, "std::exception"));
	assert_non_null(strstr(text, "Who made whom wait"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\xff'));
	free(text);
}

static void check_distribution(const struct group *group, enum metric metric, uint64_t count)
{
	const struct histogram *h;
	struct histogram made;
	struct distribution d;

	assert_int_equal(group_histogram(group, metric, &made, &h), 0);
	distribution_read(h, &d);
	assert_int_equal(d.count, count);
	if (count == 60) {
		assert_true(d.sum == 1830 && d.mean == 30.5 && d.median == 30.5 && d.min == 1);
		assert_true(d.max == 60 && d.p95 == 57 && d.p99 == 60);
		assert_true(fabs(d.stdev - 17.464249196572980) < 1e-9);
	}
	if (count == 1)
		assert_true(d.median == 60 && d.p99 == 60 && isnan(d.stdev));
	histogram_fini(&made);
}

static void statistics_of_known_numbers(void **state)
{
	struct statistics s = { 0 };
	struct metrics m;

	(void)state;
	metrics_clear(&m);
	for (int i = 60; i >= 1; i--) {
		m.value[METRIC_runtime_seconds] = i;
		assert_int_equal(statistics_add(&s, "t", "process", i == 7, &m), 0);
		if (i == 60) /* one task: no histogram is made for it */
			check_distribution(s.group[0], METRIC_runtime_seconds, 1);
		assert_true((s.group[0]->distribution != NULL) == (60 - i >= GROUP_FEW));
	}
	metrics_clear(&m);
	assert_int_equal(statistics_add(&s, "t", "thread", false, &m), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.group[0]->failed, 1);
	check_distribution(s.group[0], METRIC_runtime_seconds, 60);
	check_distribution(s.group[0], METRIC_cpu_cores, 0);
	check_distribution(s.group[1], METRIC_runtime_seconds, 0);
	statistics_fini(&s);
}

static void numbers_for_people(void **state)
{
	char t[FORMAT_SIZE], safe[16], path[64];

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
	assert_string_equal(format_path(path, sizeof(path), "/short\n"), "/short\\x0a");
	assert_string_equal(format_path(path, sizeof(path), "/srv/shop/build/demo/data/orders.csv"),
			    ".../build/demo/data/orders.csv");
	assert_string_equal(format_path(path, sizeof(path),
					"/srv/one-name-as-long-as-this-0123.csv"),
			    "...me-as-long-as-this-0123.csv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_what_was_promised),
		cmocka_unit_test(json_tells_who_waited_and_what_is_not_in_it),
		cmocka_unit_test(text_never_bites_the_terminal),
		cmocka_unit_test(statistics_of_known_numbers),
		cmocka_unit_test(numbers_for_people),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
