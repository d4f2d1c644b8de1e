/* SPDX-License-Identifier: MIT */
/*
 * Time: ticks to seconds by triples; the order in which a stream hands events on;
 * memory that does not grow with the trace.
 */
#include <malloc.h>

#include "analyze/read/timeline.h"
#include "tests/unit/analyze_trace.h"

static void piecewise_linear(void **state)
{
	static struct timeline t;
	const struct clock_triple base = { 1000, 0, 5000 };
	const struct clock_triple one = { 3000, 1000000000, 0 }; /* 2000 ticks a second */
	const struct clock_triple two = { 4000, 2000000000, 0 }; /* then 1000 */
	const struct clock_triple back = { 3500, 100, 0 };	 /* raw goes backwards */

	(void)state;
	timeline_init(&t, false, &base);
	assert_false(timeline_is_known(&t));
	timeline_add(&t, &two);
	timeline_add(&t, &one); /* order does not matter */
	timeline_add(&t, &back);
	assert_int_equal(t.count, 3);
	assert_true(fabs(timeline_seconds(&t, 0)) < 1e-12);
	assert_true(fabs(timeline_seconds(&t, 1000) - 0.5) < 1e-9);
	assert_true(fabs(timeline_seconds(&t, 2500) - 1.5) < 1e-9);
	assert_int_equal(timeline_real_ns(&t, 0), 5000);
}

static void triples_stay_bounded(void **state)
{
	static struct timeline t;
	const struct clock_triple base = { 0, 0, 0 };

	(void)state;
	timeline_init(&t, false, &base);
	for (uint64_t i = 1; i <= 100000; i++) {
		struct clock_triple triple = { i * 2000, i * 1000, i * 1000 };

		timeline_add(&t, &triple);
	}
	assert_true(t.count <= TIMELINE_TRIPLES_MAX);
	assert_true(fabs(timeline_seconds(&t, 200000000) - 0.1) < 1e-9);
}

static void stream_is_in_order_up_to_the_watermark(void **state)
{
	struct trace t;
	struct stream *s;
	struct fault fault;
	struct record r;
	uint64_t seen[8], n = 0;
	static const uint64_t wanted[] = { 100, 200, 300, 400, 250, 550, 600 };

	(void)state;
	trace_begin(&t, "time1");
	put(&t, 1, 1, 200, FREE, 1);
	put(&t, 1, 1, 400, FREE, 1);
	put(&t, 2, 1, 100, FREE, 1);
	put(&t, 2, 1, 300, FREE, 1);
	put(&t, 2, 1, 600, FREE, 1); /* behind the watermark: waits */
	trace_cycle(&t, 500);
	put(&t, 1, 1, 550, FREE, 1);
	trace_cycle(&t, 700);
	put(&t, 1, 1, 250, FREE, 1); /* late */
	trace_end(&t, "time1");
	assert_int_equal(stream_open(t.dir, &s, &fault), 0);
	while (n < 8 && stream_next(s, &r, &fault) > 0)
		seen[n++] = r.stamp;
	assert_int_equal(n, 7);
	assert_memory_equal(seen, wanted, sizeof(wanted));
	assert_int_equal(stream_facts_get(s)->late_events, 1);
	stream_close(s);
	trace_remove(&t);
}

/* What a thread's destructors did lies in another ring, and was read before. */
static void a_thread_is_in_order_over_two_rings(void **state)
{
	struct trace t;
	struct stream *s;
	struct fault fault;
	struct record r;
	uint64_t seen[8], n = 0;
	static const uint64_t wanted[] = { 100, 150, 200, 300, 400, 450, 500, 600 };
	static const uint64_t again[] = { 400, 500 }, before[] = { 100, 200, 300 };

	(void)state;
	trace_begin(&t, "time3");
	for (int i = 0; i < 2; i++)
		put(&t, 1, 1, again[i], FREE, 1);
	for (int i = 0; i < 3; i++)
		put(&t, 1, 2, before[i], FREE, 1); /* the same thread, in a block of its own */
	put(&t, 2, 1, 150, FREE, 1);
	put(&t, 2, 1, 450, FREE, 1);
	put(&t, 1, 3, 600, FREE, 1);
	trace_end(&t, "time3");
	assert_int_equal(stream_open(t.dir, &s, &fault), 0);
	while (n < 8 && stream_next(s, &r, &fault) > 0)
		seen[n++] = r.stamp;
	assert_int_equal(n, 8);
	assert_memory_equal(seen, wanted, sizeof(wanted));
	assert_int_equal(stream_facts_get(s)->late_events, 0);
	stream_close(s);
	trace_remove(&t);
}

/* Heap in use at most while a trace of so many cycles is read. */
static size_t peak_of(uint64_t cycles)
{
	struct trace t;
	struct stream *s;
	struct fault fault;
	struct record r;
	size_t peak = 0;
	uint64_t stamp = 0;

	trace_begin(&t, "time2");
	for (uint64_t c = 0; c < cycles; c++) {
		for (int i = 0; i < 2000; i++, stamp += 10)
			put(&t, 1 + (uint64_t)(i & 1), 1, stamp, FREE, 0x1000);
		trace_cycle(&t, stamp - 50);
	}
	trace_end(&t, "time2");
	malloc_trim(0);
	assert_int_equal(stream_open(t.dir, &s, &fault), 0);
	for (uint64_t n = 0; stream_next(s, &r, &fault) > 0; n++)
		if (n % 1000 == 0 && mallinfo2().uordblks > peak)
			peak = mallinfo2().uordblks;
	stream_close(s);
	trace_remove(&t);
	return peak;
}

static void memory_is_flat(void **state)
{
	size_t small, large;

	(void)state;
	peak_of(10);
	small = peak_of(20);
	large = peak_of(400);
	assert_true(large < small + small / 4 + 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(piecewise_linear),
		cmocka_unit_test(triples_stay_bounded),
		cmocka_unit_test(stream_is_in_order_up_to_the_watermark),
		cmocka_unit_test(a_thread_is_in_order_over_two_rings),
		cmocka_unit_test(memory_is_flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
