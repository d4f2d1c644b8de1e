/* SPDX-License-Identifier: MIT */
/*
 * Tasks of synthetic traces: who is whose parent, who is charged, how they
 * ended, what their times add up to.
 */
#include <signal.h>

#include "tests/unit/analyze_trace.h"

static struct profile *load(struct trace *t, const char *name)
{
	struct profile *p;

	trace_end(t, name);
	p = trace_profile(t);
	trace_remove(t);
	return p;
}

#define BIT(counter) (UINT64_C(1) << COUNTER_##counter)
#define TASK_TO(task, words) ((task) | (uint64_t)(words) << 48)

static void counters_are_charged_to_the_current_task(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;

	(void)state;
	trace_begin(&t, "tasks1");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(&t, 1, 1 * MS, "/bin/prog");
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put(&t, 2, 1, 3 * MS, TASK, TASK_TO(2, 3), BIT(mem_allocs) | BIT(mem_alloc_bytes), 5, 500);
	/* 4 ms of reading, 2 ms of CPU in an 8 ms thread */
	put(&t, 2, 1, 10 * MS, THREAD_END, END_return, 2 * MS, 1500, 500, 3, 4, 0, 1);
	put(&t, 2, 1, 10 * MS, TASK, TASK_TO(0, 4),
	    BIT(mem_allocs) | BIT(file_reads) | BIT(file_read_ticks), 1, 2, 4 * MS);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	put(&t, 1, 1, 21 * MS, THREAD_GONE, TASK_TO(1, 2), BIT(mem_allocs), 7);
	put_gone(&t, 1, 22 * MS, 100, GONE_kernel, 0);
	p = load(&t, "tasks1");
	assert_int_equal(counters_get(task_of(p, 2)->counters, COUNTER_mem_allocs), 6);
	assert_int_equal(counters_get(task_of(p, 1)->counters, COUNTER_mem_allocs), 7);
	assert_string_equal(task_of(p, 1)->name, "prog");
	assert_string_equal(task_of(p, 2)->name, "prog thread");
	profile_self(p, task_of(p, 2), &m);
	assert_true(fabs(m.value[METRIC_runtime_seconds] - 0.008) < 1e-9);
	assert_true(fabs(m.value[METRIC_thread_seconds] - 0.008) < 1e-9);
	assert_true(fabs(m.value[METRIC_cpu_user_seconds] - 0.0015) < 1e-9);
	assert_true(fabs(m.value[METRIC_io_wait_time_seconds] - 0.004) < 1e-9);
	assert_true(fabs(m.value[METRIC_other_seconds] - 0.002) < 1e-9);
	assert_int_equal((int)m.value[METRIC_context_switches], 7);
	/* the main thread: the process less its thread */
	profile_self(p, task_of(p, 1), &m);
	assert_true(fabs(m.value[METRIC_cpu_user_seconds] + m.value[METRIC_cpu_system_seconds] -
			 0.003) < 1e-9);
	assert_int_equal((int)m.value[METRIC_context_switches], 23);
	assert_true(fabs(m.value[METRIC_memory_usage_peak_mb] - 4000.0 / 1024) < 1e-9);
	profile_free(p);
}

/* 5 ms of CPU, most of them in the dynamic loader, in 1 ms that was seen on 2 cores. */
static void no_more_cores_are_used_than_there_are(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;

	(void)state;
	trace_begin(&t, "tasks1d");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_exit(&t, 1, 2 * MS, 0, END_return, 5 * MS);
	put_gone(&t, 1, 2 * MS, 100, GONE_kernel, 0);
	p = load(&t, "tasks1d");
	profile_self(p, task_of(p, 1), &m);
	assert_true(fabs(m.value[METRIC_cpu_user_utilization] - 0.6) < 1e-9);
	assert_true(fabs(m.value[METRIC_cpu_system_utilization] - 0.4) < 1e-9);
	assert_true(fabs(m.value[METRIC_core_efficiency] - 1) < 1e-9);
	assert_true(fabs(m.value[METRIC_speedup_factor] - 2) < 1e-9);
	profile_free(p);
}

static void a_thread_ends_with_its_destructors(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;

	(void)state;
	trace_begin(&t, "tasks1c");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put(&t, 2, 1, 5 * MS, THREAD_END, END_return, 1 * MS, 700, 200, 3, 4, 0, 1);
	put(&t, 2, 1, 5 * MS, TASK, TASK_TO(0, 2), BIT(mem_allocs), 1);
	put(&t, 2, 1, 6 * MS, THREAD_START, 101 | (uint64_t)THREAD_resumed << 32, 2, 0, 0, 1);
	put(&t, 2, 1, 7 * MS, FREE, 0x1000);
	put(&t, 2, 1, 19 * MS, THREAD_GONE, TASK_TO(2, 2), BIT(mem_frees), 1);
	put_exit(&t, 1, 21 * MS, 0, END_return, 1 * MS);
	put_gone(&t, 1, 22 * MS, 100, GONE_kernel, 0);
	p = load(&t, "tasks1c");
	profile_self(p, task_of(p, 2), &m);
	assert_true(fabs(m.value[METRIC_runtime_seconds] - 0.005) < 1e-9);
	assert_true(fabs(m.value[METRIC_thread_seconds] - 0.005) < 1e-9);
	assert_int_equal(counters_get(task_of(p, 2)->counters, COUNTER_mem_frees), 1);
	profile_free(p);
}

/* The kernel says 0.6 ms of user time of the process, and 0.7 of its thread. */
static void threads_have_no_more_of_a_kind_than_their_process(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;

	(void)state;
	trace_begin(&t, "tasks1b");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put(&t, 2, 1, 10 * MS, THREAD_END, END_return, 9 * MS / 10, 700, 200, 3, 4, 0, 1);
	put_exit(&t, 1, 21 * MS, 0, END_return, 1 * MS);
	put_gone(&t, 1, 22 * MS, 100, GONE_kernel, 0);
	p = load(&t, "tasks1b");
	profile_self(p, task_of(p, 2), &m);
	assert_true(fabs(m.value[METRIC_cpu_user_seconds] - 0.0006) < 1e-9);
	assert_true(fabs(m.value[METRIC_cpu_system_seconds] - 0.0003) < 1e-9);
	profile_self(p, task_of(p, 1), &m);
	assert_true(fabs(m.value[METRIC_cpu_user_seconds]) < 1e-9);
	assert_true(fabs(m.value[METRIC_cpu_system_seconds] - 0.0001) < 1e-9);
	profile_free(p);
}

static void waits_never_exceed_what_the_cpu_leaves(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;
	double sum;

	(void)state;
	trace_begin(&t, "tasks2");
	put_process(&t, 1, 0, 100, 1, 7, 0, PROCESS_image);
	put(&t, 1, 1, 10 * MS, TASK, TASK_TO(1, 3), BIT(file_read_ticks) | BIT(sleep_ticks), 9 * MS,
	    3 * MS);
	put_exit(&t, 1, 10 * MS, 0, END_return, 6 * MS);
	p = load(&t, "tasks2");
	profile_self(p, task_of(p, 1), &m);
	assert_true(fabs(m.value[METRIC_io_wait_time_seconds] - 0.003) < 1e-9);
	assert_true(fabs(m.value[METRIC_sleep_seconds] - 0.001) < 1e-9);
	sum = m.value[METRIC_cpu_user_seconds] + m.value[METRIC_cpu_system_seconds] +
	      m.value[METRIC_io_wait_time_seconds] + m.value[METRIC_network_wait_seconds] +
	      m.value[METRIC_lock_wait_seconds] + m.value[METRIC_sync_wait_seconds] +
	      m.value[METRIC_sleep_seconds] + m.value[METRIC_other_seconds];
	assert_true(fabs(sum - m.value[METRIC_thread_seconds]) < 1e-9);
	profile_free(p);
}

static void exec_stays_the_same_task(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks3");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(&t, 1, 1 * MS, "sh");
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_forked);
	put_process(&t, 3, 4 * MS, 101, 100, 8, 2, PROCESS_image);
	put_argv(&t, 3, 4 * MS, "/usr/bin/sort");
	put_process(&t, 4, 5 * MS, 102, 101, 9, 2, PROCESS_image); /* created by the old image */
	put_exit(&t, 4, 6 * MS, 0, END_return, 1000);
	put(&t, 2, 2, 7 * MS, THREAD_GONE, TASK_TO(2, 2), BIT(mem_allocs), 3); /* comes late */
	put_exit(&t, 3, 9 * MS, 2, END_return, 1000);
	put_exit(&t, 1, 10 * MS, 0, END_return, 1000);
	p = load(&t, "tasks3");
	assert_int_equal(p->tasks.count, 3);
	assert_ptr_equal(task_of(p, 2), task_of(p, 3));
	assert_string_equal(task_of(p, 3)->name, "sort");
	assert_ptr_equal(task_of(p, 3)->parent, task_of(p, 1));
	assert_ptr_equal(task_of(p, 4)->parent, task_of(p, 3));
	assert_int_equal(task_of(p, 3)->status, STATUS_failed);
	assert_int_equal(task_of(p, 3)->process->exit_code, 2);
	assert_int_equal(task_of(p, 3)->start, 2 * MS);
	assert_int_equal(task_of(p, 3)->end, 9 * MS);
	assert_int_equal(task_of(p, 3)->thread_ticks, 7 * MS);
	assert_int_equal(counters_get(task_of(p, 3)->counters, COUNTER_mem_allocs), 3);
	profile_free(p);
}

static void children_lie_inside_their_parents(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks4");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put_thread(&t, 3, 1, 3 * MS, 102, 2);
	put_process(&t, 4, 4 * MS, 103, 100, 8, 3, PROCESS_image); /* a daemon of thread 3 */
	put(&t, 2, 1, 5 * MS, THREAD_END, END_return, 0, 0, 0, 0, 0, 0, 0);
	put(&t, 2, 1, 5 * MS, TASK, 0);
	put(&t, 3, 1, 8 * MS, THREAD_END, END_return, 0, 0, 0, 0, 0, 0, 0);
	put(&t, 3, 1, 8 * MS, TASK, 0);
	put_exit(&t, 1, 10 * MS, 0, END_return, 1000);
	put_exit(&t, 4, 20 * MS, 0, END_return, 1000);
	p = load(&t, "tasks4");
	assert_ptr_equal(task_of(p, 3)->parent, task_of(p, 1)); /* outlives thread 2 */
	assert_ptr_equal(task_of(p, 3)->creator, task_of(p, 2));
	assert_null(task_of(p, 4)->parent); /* outlives them all */
	assert_ptr_equal(task_of(p, 4)->creator, task_of(p, 3));
	profile_free(p);
}

/* Best source first: kernel or launcher, the parent's wait, the exit record. */
static void status_rules(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks5");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	for (uint32_t i = 2; i <= 7; i++)
		put_process(&t, i, i * MS, 100 + i, 100, 100 + i, 1, PROCESS_image);
	put_thread(&t, 20, 4, 8 * MS, 200, 4);
	put(&t, 1, 1, 20 * MS, CHILD_EXIT, 103u | (uint64_t)(5 << 8) << 32, 0, 0, 0, 0, 0);
	put_gone(&t, 2, 20 * MS, 102, GONE_kernel, SIGKILL);
	put_gone(&t, 3, 20 * MS, 103, GONE_unknown, 0);
	put_gone(&t, 4, 20 * MS, 104, GONE_unknown, 0);
	put_exit(&t, 5, 20 * MS, 0, END_return, 1000);
	put_exit(&t, 6, 20 * MS, SIGABRT, END_abort, 1000);
	put_gone(&t, 6, 21 * MS, 106, GONE_unknown, 0);
	put_exit(&t, 1, 30 * MS, 0, END_return, 1000);
	put_gone(&t, 1, 31 * MS, 100, GONE_launcher, 0);
	p = load(&t, "tasks5");
	assert_int_equal(task_of(p, 1)->status, STATUS_completed);
	assert_int_equal(task_of(p, 2)->status, STATUS_killed);
	assert_int_equal(task_of(p, 2)->process->signal, SIGKILL);
	assert_int_equal(task_of(p, 3)->status, STATUS_failed);
	assert_int_equal(task_of(p, 3)->process->exit_code, 5);
	assert_int_equal(task_of(p, 4)->status, STATUS_killed);
	assert_int_equal(task_of(p, 4)->process->exit_code, -1);
	assert_int_equal(task_of(p, 4)->process->signal, -1);
	assert_int_equal(task_of(p, 20)->status, STATUS_killed);
	assert_int_equal(task_of(p, 20)->end, 20 * MS);
	assert_int_equal(task_of(p, 5)->status, STATUS_completed);
	assert_int_equal(task_of(p, 6)->status, STATUS_killed);
	assert_int_equal(task_of(p, 6)->process->signal, SIGABRT);
	assert_int_equal(task_of(p, 7)->status, STATUS_running);
	assert_true(task_of(p, 7)->end == STAMP_NEVER);
	profile_free(p);
}

static void uninstrumented_children_are_named(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks6");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_text(&t, 1, 1, 2 * MS, TEXT_EXEC, 77, "/opt/static", 11);
	put(&t, 1, 1, 2 * MS, UNINSTRUMENTED, UINT64_C(77) << 32 | (uint64_t)WHY_static << 56);
	put(&t, 1, 1, 3 * MS, FORK, 555u | (uint64_t)CALL_posix_spawn << 32, 10, 0);
	put(&t, 1, 1, 9 * MS, CHILD_EXIT, 555u, 1, 2000000, 500000, 2048, 4);
	put_exit(&t, 1, 10 * MS, 0, END_return, 1000);
	p = load(&t, "tasks6");
	assert_int_equal(p->children.count, 1);
	assert_string_equal(p->children.rows[0].path, "/opt/static");
	assert_int_equal(p->children.rows[0].pid, 555);
	assert_int_equal(p->children.rows[0].utime_us, 2000000);
	profile_free(p);
}

/* Bytes that read moved and no hook saw; the child's own are not counted twice. */
static void unattributed_is_what_no_hook_saw(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks7");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put_exit(&t, 2, 3 * MS, 0, END_return, 1000); /* rchar 4096, wchar 2048 */
	put(&t, 1, 1, 4 * MS, CHILD_EXIT, 101u, 0, 0, 0, 0, 0);
	put(&t, 2, 2, 3 * MS, THREAD_GONE, TASK_TO(2, 2), BIT(file_read_bytes), 96);
	put_exit(&t, 1, 5 * MS, 0, END_return, 1000); /* the same figures: all the child's */
	p = load(&t, "tasks7");
	assert_int_equal(usage_unattributed_read(&p->tasks), 4000);
	assert_int_equal(usage_unattributed_write(&p->tasks), 2048);
	profile_free(p);
}

/* Killed: the last sample knew less than the hooks, and it did not tell its end. */
static void what_a_killed_child_did_is_not_its_parents(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks7b");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put(&t, 2, 2, 3 * MS, THREAD_GONE, TASK_TO(2, 3),
	    BIT(file_read_bytes) | BIT(file_write_bytes), 4000, 2000);
	put(&t, 1, 1, 4 * MS, CHILD_EXIT, 101u | (uint64_t)SIGPIPE << 32, 0, 0, 0, 0, 0);
	put_exit(&t, 1, 5 * MS, 0, END_return, 1000); /* rchar 4096, wchar 2048 */
	p = load(&t, "tasks7b");
	assert_int_equal(usage_unattributed_read(&p->tasks), 96);
	assert_int_equal(usage_unattributed_write(&p->tasks), 48);
	profile_free(p);
}

/* Those that rchar leaves out were seen by hooks and are not in it. */
static void what_proc_leaves_out_is_not_subtracted(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks8");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put(&t, 1, 1, 3 * MS, TASK, TASK_TO(1, 5),
	    BIT(net_receive_bytes) | BIT(net_send_bytes) | BIT(aside_read_bytes) |
		    BIT(aside_write_bytes),
	    3000, 2000, 2900, 2000);
	put_exit(&t, 1, 5 * MS, 0, END_return, 1000); /* rchar 4096, wchar 2048 */
	p = load(&t, "tasks8");
	assert_int_equal(usage_unattributed_read(&p->tasks), 3996);
	assert_int_equal(usage_unattributed_write(&p->tasks), 2048);
	profile_free(p);
}

/* In every task of a trace with all kinds of waiting the parts are the whole, and
 * none of them is negative. */
static void the_parts_are_the_whole(void **state)
{
	static const unsigned tick[] = { COUNTER_file_read_ticks, COUNTER_file_write_ticks,
					 COUNTER_metadata_ticks,  COUNTER_net_receive_ticks,
					 COUNTER_net_send_ticks,  COUNTER_net_setup_ticks,
					 COUNTER_lock_wait_ticks, COUNTER_sync_wait_ticks,
					 COUNTER_sleep_ticks,	  COUNTER_io_wait_ticks };
	static const enum metric part[] = {
		METRIC_cpu_user_seconds,     METRIC_cpu_system_seconds, METRIC_io_wait_time_seconds,
		METRIC_network_wait_seconds, METRIC_lock_wait_seconds,	METRIC_sync_wait_seconds,
		METRIC_sleep_seconds,	     METRIC_other_seconds
	};
	enum { TICKS = sizeof(tick) / sizeof(tick[0]), THREADS = 40 };
	uint64_t random = 7;
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "tasks9");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	for (uint32_t i = 2; i < THREADS; i++) {
		uint64_t v[2 + TICKS] = { TASK_TO(0, TICKS + 1), 0 };

		for (unsigned k = 0; k < TICKS; k++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			v[1] |= UINT64_C(1) << tick[k];
			v[2 + k] = (random >> 40) % (i * MS / 4);
		}
		put_thread(&t, i, 1, 2 * MS, 100 + i, 1);
		put(&t, i, 1, (2 + i) * MS, THREAD_END, END_return, (random >> 35) % (i * MS), 30,
		    10, 0, 0, 0, 0);
		/* the bits are in the order of ids, the values need not be */
		trace_words(&t, i, 1, (2 + i) * MS, EVENT_TASK, 2 + TICKS, v, NULL, 0);
	}
	put_exit(&t, 1, 90 * MS, 0, END_return, 900 * MS);
	p = load(&t, "tasks9");
	assert_int_equal(p->tasks.count, THREADS - 1);
	for (size_t i = 0; i < p->tasks.count; i++) {
		struct metrics m;
		double sum = 0;

		profile_self(p, p->tasks.all[i], &m);
		for (unsigned k = 0; k < sizeof(part) / sizeof(part[0]); k++) {
			assert_true(m.value[part[k]] >= 0);
			sum += m.value[part[k]];
		}
		assert_true(fabs(sum - m.value[METRIC_thread_seconds]) < 1e-9);
		assert_true(m.value[METRIC_thread_seconds] > 0);
	}
	profile_free(p);
}

/* Waiting for file locks and message queues is waiting for I/O. */
static void io_waits_are_io(void **state)
{
	struct trace t;
	struct profile *p;
	struct metrics m;

	(void)state;
	trace_begin(&t, "tasks10");
	put_process(&t, 1, 0, 100, 1, 7, 0, PROCESS_image);
	put(&t, 1, 1, 10 * MS, TASK, TASK_TO(1, 3), BIT(metadata_ticks) | BIT(io_wait_ticks),
	    1 * MS, 4 * MS);
	put_exit(&t, 1, 10 * MS, 0, END_return, 2 * MS);
	p = load(&t, "tasks10");
	profile_self(p, task_of(p, 1), &m);
	assert_true(fabs(m.value[METRIC_io_wait_time_seconds] - 0.005) < 1e-9);
	assert_true(fabs(m.value[METRIC_other_seconds] - 0.003) < 1e-9);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_charged_to_the_current_task),
		cmocka_unit_test(no_more_cores_are_used_than_there_are),
		cmocka_unit_test(a_thread_ends_with_its_destructors),
		cmocka_unit_test(threads_have_no_more_of_a_kind_than_their_process),
		cmocka_unit_test(waits_never_exceed_what_the_cpu_leaves),
		cmocka_unit_test(exec_stays_the_same_task),
		cmocka_unit_test(children_lie_inside_their_parents),
		cmocka_unit_test(status_rules),
		cmocka_unit_test(uninstrumented_children_are_named),
		cmocka_unit_test(unattributed_is_what_no_hook_saw),
		cmocka_unit_test(what_a_killed_child_did_is_not_its_parents),
		cmocka_unit_test(what_proc_leaves_out_is_not_subtracted),
		cmocka_unit_test(the_parts_are_the_whole),
		cmocka_unit_test(io_waits_are_io),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
