/* SPDX-License-Identifier: MIT */
/*
 * The heap of synthetic processes: peak, delta, leaked, temporary, frees on
 * other threads, records that came the wrong way round.
 */
#include "tests/unit/analyze_trace.h"

#define A(n) (UINT64_C(0x10000) + (n)*UINT64_C(64))
#define SIZE(bytes) ((uint64_t)(bytes) << 48)

static struct profile *load(struct trace *t, const char *name)
{
	struct profile *p;

	trace_end(t, name);
	p = trace_profile(t);
	trace_remove(t);
	return p;
}

static void two_threads(struct trace *t, const char *name)
{
	trace_begin(t, name);
	put_process(t, 1, 1000, 100, 1, 7, 0, PROCESS_image);
	put_thread(t, 2, 1, 2000, 101, 1);
}

static void peak_delta_and_leak(void **state)
{
	struct trace t;
	struct profile *p;
	const struct task *main, *thread;

	(void)state;
	two_threads(&t, "heap1");
	put(&t, 1, 1, 10000, ALLOC, A(1) | SIZE(1000));
	put(&t, 2, 1, 20000, ALLOC, A(2) | SIZE(500));
	put(&t, 1, 1, 30000, ALLOC_BIG, A(3), 100000);
	put(&t, 2, 1, 40000, FREE, A(1)); /* across threads */
	put(&t, 1, 1, 50000, FREE, A(3));
	put(&t, 2, 1, 55000, FREE, A(9)); /* unknown: ignored */
	put(&t, 1, 1, 60000, ALLOC, A(4) | SIZE(10));
	put(&t, 2, 1, 70000, TASK, 0);
	put_exit(&t, 1, 80000, 0, END_return, 1000);
	put_gone(&t, 1, 90000, 100, GONE_unknown, 0);
	p = load(&t, "heap1");
	main = task_of(p, 1);
	thread = task_of(p, 2);
	assert_int_equal(heap_of(main).tree_peak, 101500);
	assert_int_equal(heap_of(main).self_peak, 101000);
	assert_int_equal(heap_of(thread).tree_peak, 500);
	assert_int_equal(heap_of(main).tree_at_end, 510);
	assert_int_equal(heap_of(main).self_at_end, 10);
	assert_int_equal(heap_of(thread).self_at_end, 500);
	assert_int_equal(heap_of(main).leaked, 10);
	assert_int_equal(heap_of(thread).leaked, 500);
	assert_int_equal(main->process->heap.unknown_frees, 1);
	profile_free(p);
}

static void temporary_is_the_next_call_of_the_thread(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	two_threads(&t, "heap2");
	put(&t, 1, 1, 10000, ALLOC, A(1) | SIZE(8));
	put(&t, 2, 1, 11000, ALLOC, A(2) | SIZE(8)); /* another thread's call between */
	put(&t, 1, 1, 12000, FREE, A(1));	     /* temporary */
	put(&t, 1, 1, 13000, ALLOC, A(3) | SIZE(8));
	put(&t, 1, 1, 14000, ALLOC, A(4) | SIZE(8));
	put(&t, 1, 1, 15000, FREE, A(3)); /* not: A(4) came between */
	put(&t, 1, 1, 16000, FREE, A(2)); /* not: not its own last */
	put_exit(&t, 1, 80000, 0, END_return, 1000);
	p = load(&t, "heap2");
	assert_int_equal(heap_of(task_of(p, 1)).temporary, 1);
	assert_int_equal(heap_of(task_of(p, 2)).temporary, 0);
	profile_free(p);
}

static void realloc_moves_and_fails(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	two_threads(&t, "heap3");
	put(&t, 1, 1, 10000, ALLOC, A(1) | SIZE(100));
	put(&t, 1, 1, 11000, REALLOC_FREE, A(1));
	put(&t, 1, 1, 12000, REALLOC_ALLOC, A(2), 300);
	put(&t, 1, 1, 13000, REALLOC_FREE, A(2));
	put(&t, 1, 1, 14000, REALLOC_UNDO, A(2)); /* failed: still there */
	put_exit(&t, 1, 80000, 0, END_return, 1000);
	p = load(&t, "heap3");
	assert_int_equal(heap_of(task_of(p, 1)).self_peak, 300);
	assert_int_equal(heap_of(task_of(p, 1)).leaked, 300);
	profile_free(p);
}

/* F before M, and M before the F of the block before it: both less than 4096
 * ticks apart, on different threads. */
static void wrong_way_round_is_repaired(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	two_threads(&t, "heap4");
	put(&t, 2, 1, 10000, FREE, A(1));
	put(&t, 1, 1, 10100, ALLOC, A(1) | SIZE(50)); /* really before the free */
	put(&t, 1, 1, 20000, ALLOC, A(2) | SIZE(60));
	put(&t, 1, 1, 30000, ALLOC, A(2) | SIZE(70)); /* really after the free below */
	put(&t, 2, 1, 30050, FREE, A(2));
	put(&t, 2, 1, 90000, FREE, A(5)); /* too far apart: an unknown block */
	put(&t, 1, 1, 99000, ALLOC, A(5) | SIZE(5));
	put_exit(&t, 1, 200000, 0, END_return, 1000);
	p = load(&t, "heap4");
	assert_int_equal(task_of(p, 1)->process->heap.repaired, 2);
	assert_int_equal(heap_of(task_of(p, 1)).leaked, 75);
	assert_int_equal(heap_of(task_of(p, 1)).self_peak, 75);
	profile_free(p);
}

static void fork_starts_empty_and_exec_leaks(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "heap5");
	put_process(&t, 1, 1000, 100, 1, 7, 0, PROCESS_image);
	put(&t, 1, 1, 2000, ALLOC, A(1) | SIZE(40));
	put_process(&t, 3, 5000, 102, 100, 8, 1, PROCESS_forked);
	put(&t, 3, 3, 6000, FREE, A(1)); /* the parent's: unknown here */
	put(&t, 3, 3, 7000, ALLOC, A(2) | SIZE(30));
	put_process(&t, 4, 20000, 102, 100, 8, 3, PROCESS_image);
	put(&t, 4, 4, 30000, ALLOC, A(2) | SIZE(20));
	put(&t, 4, 4, 31000, FREE, A(2));
	put_exit(&t, 4, 40000, 0, END_return, 1000);
	put_exit(&t, 1, 50000, 0, END_return, 1000);
	p = load(&t, "heap5");
	assert_ptr_equal(task_of(p, 3), task_of(p, 4));
	assert_int_equal(heap_of(task_of(p, 3)).leaked, 30);
	assert_int_equal(heap_of(task_of(p, 3)).self_peak, 30);
	assert_int_equal(heap_of(task_of(p, 1)).leaked, 40);
	assert_int_equal(heap_of(task_of(p, 1)).tree_peak, 70);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peak_delta_and_leak),
		cmocka_unit_test(temporary_is_the_next_call_of_the_thread),
		cmocka_unit_test(realloc_moves_and_fails),
		cmocka_unit_test(wrong_way_round_is_repaired),
		cmocka_unit_test(fork_starts_empty_and_exec_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
