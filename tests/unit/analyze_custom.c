/* SPDX-License-Identifier: MIT */
/*
 * What tasks inside processes have besides their time: custom metrics, processed
 * events, CPU time; and what the reports and notes say of them.
 */
#include <jansson.h>

#include "analyze/show/report.h"
#include "analyze/store/import.h"
#include "tests/unit/analyze_trace.h"

#define BIT(counter) (UINT64_C(1) << COUNTER_##counter)
#define TASK_TO(task, words) ((task) | (uint64_t)(words) << 48)
#define ROWS 70
#define HITS 71
#define QUERY 72
#define RATIO 73
#define OTHER_ROWS 74
#define NEVER_NAMED 75
#define LARGE 76

static struct store store;
static int64_t run_id;

static void put_name(struct trace *t, unsigned kind, uint32_t id, const char *name)
{
	put_text(t, 0, 0, 1 * MS, kind, id, name, (uint32_t)strlen(name) + 1);
}

static void put_begin(struct trace *t, uint64_t stamp, uint64_t id, uint32_t name, unsigned source)
{
	put(t, 1, 1, stamp, TASK_BEGIN, id | (uint64_t)name << 40, (uint64_t)source << 48, 0);
}

static void put_end(struct trace *t, uint64_t stamp, uint64_t id, unsigned how)
{
	put(t, 1, 1, stamp, TASK_END, id | (uint64_t)how << 40);
}

static void put_number(struct trace *t, uint64_t stamp, uint32_t name, int64_t value, uint64_t task)
{
	put(t, 1, 1, stamp, METRIC, name | (uint64_t)VALUE_signed << 32, (uint64_t)value, task);
}

static void put_real(struct trace *t, uint64_t stamp, uint32_t name, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	put(t, 1, 1, stamp, METRIC, name | (uint64_t)VALUE_float << 32, bits, 0);
}

static void put_string(struct trace *t, uint64_t stamp, uint32_t name, uint32_t id,
		       const char *value)
{
	put_text(t, 1, 1, stamp, TEXT_VALUE, id, value, (uint32_t)strlen(value));
	put(t, 1, 1, stamp, METRIC, name | (uint64_t)VALUE_text << 32, id, 0);
}

static const char manifest[] =
	", \"notes\": [\"--task none_*: no function matched\"], \"tasks\": ["
	"{\"spec\": \"load_*\", \"kind\": \"task\", \"matched\": 4, \"patched\": 2, \"refused\": "
	"[{\"why\": \"too short\", \"count\": 2, \"examples\": [\"load_a\", \"load_b\"]},"
	" {\"why\": \"jumped into\", \"count\": 9, \"examples\": [\"load_c\"]}]},"
	"{\"spec\": \"tick\", \"kind\": \"event\", \"matched\": 1, \"patched\": 1, \"refused\": "
	"[]},"
	"{\"spec\": \"none_*\", \"kind\": \"task\", \"matched\": 0, \"patched\": 0, \"refused\": "
	"[],"
	" \"problem\": \"no function matched\"},"
	"{\"spec\": \"n=arg9(f)\", \"kind\": \"metric\", \"matched\": 1, \"patched\": 0, "
	"\"problem\": \"f has two arguments\"}, 17, {\"refused\": 3}]";

/* main [1] ── load 300 (rows 10, 5) ── load 301 (rows 100, fails)
 *          └─ step 302 */
static int setup(void **state)
{
	struct trace t;
	struct fault fault = { "" };
	enum import_result result;
	int err;

	(void)state;
	trace_begin(&t, "custom");
	t.manifest = manifest;
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(&t, 1, 1 * MS, "prog");
	put_name(&t, TEXT_FUNCTION, 50, "load_chunk");
	put_name(&t, TEXT_TASK, 51, "step");
	put_name(&t, TEXT_METRIC, ROWS, "rows");
	put_name(&t, TEXT_METRIC, RATIO, "ratio");
	put_name(&t, TEXT_METRIC, LARGE, "large");
	put_name(&t, TEXT_METRIC, QUERY, "query");
	put_name(&t, TEXT_PLAN, 60, "/usr/lib/libbusy.so");
	put(&t, 1, 1, 2 * MS, PATCHED, 60 | (uint64_t)PATCH_threads << 32, UINT64_C(3) << 32, 0);
	put(&t, 1, 1, 2 * MS, PATCHED, 60 | (uint64_t)PATCH_done << 32, 3, 0);
	put_begin(&t, 3 * MS, 300, 50, SOURCE_function);
	put_number(&t, 4 * MS, ROWS, 10, 0);
	put_number(&t, 4 * MS, HITS, -3, 0); /* its name comes at the end */
	put_string(&t, 4 * MS, QUERY, 400, "select 1");
	put_number(&t, 5 * MS, ROWS, 5, 300);
	/* 2 ms of reading in 4 ms */
	put(&t, 1, 1, 7 * MS, TASK, TASK_TO(300, 4),
	    BIT(file_reads) | BIT(file_read_ticks) | BIT(events), 1, 2 * MS, 4);
	put_begin(&t, 7 * MS, 301, 50, SOURCE_function);
	put_number(&t, 7 * MS, OTHER_ROWS, 100, 0);
	put(&t, 1, 1, 9 * MS, TASK, TASK_TO(301, 2), BIT(events), 6);
	put_end(&t, 9 * MS, 301, TASK_END_exception);
	put_string(&t, 9 * MS, QUERY, 401, "select 2\xff");
	put_end(&t, 9 * MS, 300, TASK_END_return);
	put_begin(&t, 10 * MS, 302, 51, SOURCE_api);
	put_real(&t, 10 * MS, RATIO, 0.25);
	put_real(&t, 10 * MS, RATIO, NAN);
	put_number(&t, 10 * MS, ROWS, 1, 9999);	      /* of a task that is not known */
	put_number(&t, 10 * MS, NEVER_NAMED, 8, 302); /* and a name that is never told */
	put(&t, 1, 1, 10 * MS, METRIC, ROWS | UINT64_C(99) << 32, 5, 0);
	put_end(&t, 14 * MS, 302, TASK_END_return);
	put_end(&t, 14 * MS, 888, TASK_END_return);
	put_number(&t, 15 * MS, ROWS, 1000, 0);
	put_number(&t, 15 * MS, LARGE, INT64_C(4503599627370497), 0);
	put_exit(&t, 1, 21 * MS, 0, END_return, 9 * MS);
	put(&t, 1, 1, 21 * MS, THREAD_GONE, TASK_TO(1, 2), BIT(mem_allocs), 5);
	put_gone(&t, 1, 21 * MS, 100, GONE_kernel, 0);
	put_text(&t, 0, 0, 21 * MS, TEXT_METRIC, HITS, "hits", 5);
	put_text(&t, 0, 0, 21 * MS, TEXT_METRIC, OTHER_ROWS, "rows", 5);
	trace_end(&t, "custom");
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
			      struct fault *),
		  const struct report_options *options)
{
	struct fault fault = { "" };
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (make(&store, run_id, options, out, &fault))
		fail_msg("%s", fault.text);
	fclose(out);
	return text;
}

static json_t *report(void)
{
	const struct report_options options = { 0 };
	char *text = made(report_json, &options);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s\n%s", error.text, text);
	free(text);
	return root;
}

static const json_t *task(const json_t *root, int id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(root, "tasks"), i, one)
	{
		if (json_integer_value(json_object_get(one, "id")) == id)
			return one;
	}
	fail_msg("no task %d", id);
	return NULL;
}

static double number(const json_t *o, const char *object, const char *key)
{
	const json_t *value = json_object_get(json_object_get(o, object), key);

	if (!value)
		fail_msg("no %s in %s", key, object);
	return json_is_null(value) ? NAN : json_number_value(value);
}

static bool has(const json_t *o, const char *object, const char *key)
{
	return json_object_get(json_object_get(o, object), key);
}

static void metrics_of_tasks(void **state)
{
	json_t *root = report();
	const json_t *load = task(root, 300), *inner = task(root, 301), *step = task(root, 302);

	(void)state;
	assert_true(number(load, "self", "metric.rows") == 15);
	assert_true(number(load, "self", "metric.rows.last") == 5);
	assert_true(number(load, "self", "metric.rows.min") == 5);
	assert_true(number(load, "self", "metric.rows.max") == 10);
	assert_true(number(load, "metrics", "metric.rows") == 115);
	assert_true(number(load, "metrics", "metric.rows.last") == 100);
	assert_true(number(load, "metrics", "metric.rows.max") == 100);
	assert_true(number(inner, "self", "metric.rows") == 100);
	assert_true(number(load, "self", "metric.hits") == -3);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(load, "texts"), "query")),
		"select 2\xef\xbf\xbd");
	assert_false(has(load, "metrics", "metric.query"));
	assert_null(json_object_get(inner, "texts"));
	assert_true(number(step, "self", "metric.ratio") == 0.25);
	assert_true(number(step, "self", "metric.rows") == 1);
	assert_true(number(step, "self", "metric.(unknown)") == 8);
	assert_true(number(task(root, 1), "self", "metric.rows") == 1000);
	assert_true(number(task(root, 1), "metrics", "metric.rows") == 1116);
	assert_true(number(root, "totals", "metric.rows") == 1116);
	assert_true(number(root, "totals", "metric.rows.min") == 1);
	assert_true(number(root, "totals", "metric.rows.last") == 1000);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(root, "totals"), "metric.large")),
			 INT64_C(4503599627370497));
	json_decref(root);
}

static void metrics_of_profiles(void **state)
{
	json_t *root = report();
	const json_t *one, *metrics = NULL;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(root, "profiles"), i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "name")), "load_chunk"))
			continue;
		assert_int_equal(json_integer_value(json_object_get(one, "count")), 2);
		assert_int_equal(json_integer_value(json_object_get(one, "failed")), 1);
		metrics = json_object_get(one, "metrics");
	}
	assert_non_null(metrics);
	assert_true(number(metrics, "metric.rows", "sum") == 215);
	assert_true(number(metrics, "metric.rows", "max") == 115);
	assert_true(isnan(number(metrics, "metric.rows.max", "sum")));
	assert_true(number(metrics, "metric.rows.min", "min") == 5);
	json_decref(root);
}

/* The process used 9 ms: 18 ms of its time it did not wait. */
static void cpu_and_events(void **state)
{
	json_t *root = report();
	const json_t *load = task(root, 300), *inner = task(root, 301), *main = task(root, 1);
	double sum = 0;

	(void)state;
	for (int id = 300; id <= 302; id++)
		sum += number(task(root, id), "self", "cpu_user_seconds") +
		       number(task(root, id), "self", "cpu_system_seconds");
	assert_true(fabs(number(inner, "self", "cpu_user_seconds") +
			 number(inner, "self", "cpu_system_seconds") - 0.001) < 1e-9);
	assert_true(fabs(number(load, "self", "cpu_user_seconds") +
			 number(load, "self", "cpu_system_seconds") - 0.001) < 1e-9);
	assert_true(fabs(number(load, "self", "io_wait_time_seconds") - 0.002) < 1e-9);
	assert_true(fabs(number(load, "self", "other_seconds") - 0.001) < 1e-9);
	assert_true(fabs(sum + number(main, "self", "cpu_user_seconds") +
			 number(main, "self", "cpu_system_seconds") - 0.009) < 1e-9);
	assert_true(fabs(number(main, "metrics", "cpu_user_seconds") +
			 number(main, "metrics", "cpu_system_seconds") - 0.009) < 1e-9);
	assert_true(number(main, "metrics", "thread_count") == 1);
	assert_true(isnan(number(load, "metrics", "context_switches")));
	assert_false(isnan(number(main, "metrics", "context_switches")));
	assert_true(number(load, "metrics", "events_processed") == 10);
	assert_true(number(load, "self", "events_processed") == 4);
	assert_true(fabs(number(load, "metrics", "event_rate_hz") - 10 / 0.006) < 1e-3);
	assert_true(number(root, "totals", "events_processed") == 10);
	json_decref(root);
}

static bool is_noted(const json_t *root, const char *sentence)
{
	const json_t *note;
	size_t i;
	int times = 0;

	json_array_foreach(json_object_get(json_object_get(root, "capture"), "notes"), i, note)
		times += !strcmp(json_string_value(note), sentence);
	return times == 1;
}

static void notes_say_what_is_no_task(void **state)
{
	json_t *root = report();

	(void)state;
	assert_true(is_noted(root, "--task load_*: 2 functions are not patched: too short (load_a, "
				   "load_b)"));
	assert_true(is_noted(root, "--task load_*: 9 functions are not patched: jumped into "
				   "(load_c, ...)"));
	assert_true(is_noted(root, "--task none_*: no function matched"));
	assert_true(is_noted(root, "--metric n=arg9(f): f has two arguments"));
	assert_true(is_noted(root, "3 functions of /usr/lib/libbusy.so were not made tasks: other "
				   "threads were running already"));
	assert_true(is_noted(root, "ends of tasks that had not begun, or had ended: 1; they were "
				   "left out (the begins may be lost)"));
	assert_true(is_noted(root, "values of custom metrics that are neither numbers nor texts: "
				   "2; left out"));
	json_decref(root);
}

static void text_tells_functions_by_name(void **state)
{
	const struct report_options all = { 0 }, one = { .task = "load*" };
	char *text = made(report_text, &all);

	(void)state;
	assert_non_null(strstr(text, "1 process, 1 thread, 3 inside them"));
	/* name, count, failed, self 4 + 2 ms, total 6 + 2 ms */
	assert_non_null(strstr(text, "\nload_chunk     2      1 6.0 ms 8.0 ms"));
	assert_non_null(strstr(text, "\nstep           1      0 4.0 ms 4.0 ms"));
	assert_non_null(strstr(text, "\nCustom metrics\n"));
	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
		assert_true(end - line <= 100); /* tree characters count thrice */
	free(text);
	text = made(report_text, &one);
	assert_non_null(strstr(text, "\nload_chunk "));
	assert_null(strstr(text, "\nstep "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_of_tasks),
		cmocka_unit_test(metrics_of_profiles),
		cmocka_unit_test(cpu_and_events),
		cmocka_unit_test(notes_say_what_is_no_task),
		cmocka_unit_test(text_tells_functions_by_name),
	};

	return cmocka_run_group_tests(tests, setup, cleanup);
}
