/* SPDX-License-Identifier: MIT */
/* The flight recorder: what is left, in what order, and how large it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "analyze/read/stream.h"
#include "collector/spool.h"
#include "collector/trace_dir.h"

#define CAP (UINT64_C(1) << 20)
#define THREADS 5

struct told {
	uint64_t sum[THREADS + 1]; /* of what TASK records say */
	uint64_t tasks, allocs, texts, samples, late;
};

static uint64_t seed;

static uint64_t noise(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void add(struct batch *b, unsigned type, uint64_t stamp, const uint64_t *v, unsigned words)
{
	assert_int_equal(batch_reserve(b), 0);
	memcpy(b->words + b->words_used, v, words * sizeof(*v));
	batch_add(b, type, stamp, words);
}

static void add_text(struct batch *b, uint64_t stamp, unsigned kind)
{
	char text[64];
	uint64_t v;

	assert_int_equal(batch_reserve(b), 0);
	v = noise() % 1000 | (uint64_t)kind << 32;
	v |= (uint64_t)snprintf(text, sizeof(text), "/%016llx/%016llx", (unsigned long long)noise(),
				(unsigned long long)noise())
	     << 48;
	b->text_at[b->count] = b->text_used;
	memcpy(b->text + b->text_used, text, strlen(text));
	b->text_used += (uint32_t)strlen(text);
	add(b, EVENT_TEXT, stamp, &v, 1);
}

/* One cycle of each thread: allocations, names, and a TASK record. */
static void write_cycle(struct spool *s, uint64_t cycle, unsigned names, struct told *told)
{
	uint64_t begin = cycle * 1000000;

	for (uint64_t thread = 0; thread <= THREADS; thread++) {
		struct batch b = { .thread = thread, .process = thread ? 1 : 0 };

		for (unsigned i = 0; thread && i < 1000; i++) {
			uint64_t v[1] = { noise() };

			add(&b, EVENT_ALLOC, begin + i * 100 + thread, v, 1);
			told->allocs++;
		}
		for (unsigned i = 0; thread && i < names; i++, told->texts++)
			add_text(&b, begin + 200000 + i, TEXT_PATH);
		if (thread) {
			uint64_t v[3] = { 7 | UINT64_C(2) << 48, 1, noise() % 1000 };

			add(&b, EVENT_TASK, begin + 900000 + thread, v, 3);
			told->sum[thread] += v[2];
			told->tasks++;
		} else {
			uint64_t v[13] = { 1, 1 };

			add(&b, EVENT_SAMPLE, begin + 500000, v, 13);
			told->samples++;
		}
		spool_block(s, &b, cycle, begin, thread ? 0 : SEGMENT_COLLECTOR);
		batch_fini(&b);
	}
	spool_roll(s);
}

static void read_back(const char *dir, struct told *told)
{
	struct stream *stream;
	struct record r;
	struct fault fault;
	int got;

	memset(told, 0, sizeof(*told));
	assert_int_equal(stream_open(dir, &stream, &fault), 0);
	while ((got = stream_next(stream, &r, &fault)) > 0) {
		told->allocs += r.type == EVENT_ALLOC;
		told->texts += r.type == EVENT_TEXT;
		told->samples += r.type == EVENT_SAMPLE;
		if (r.type != EVENT_TASK)
			continue;
		told->tasks++;
		assert_in_range(r.thread, 1, THREADS);
		told->sum[r.thread] += r.v[2];
	}
	assert_int_equal(got, 0);
	told->late = stream_facts_get(stream)->late_events;
	assert_int_equal(stream_facts_get(stream)->damaged_frames, 0);
	assert_int_equal(stream_facts_get(stream)->cut_bytes, 0);
	stream_close(stream);
}

/* Writes `cycles` under the cap; what was written and what is read. */
static void fly(unsigned cycles, unsigned names, struct flight *after, struct told *in,
		struct told *out)
{
	struct segment_header header = { .session_id = { 1, 2 } };
	static struct spool spool;
	char dir[] = "/tmp/tpprobe-flight-XXXXXX", path[100];

	seed = 42;
	memset(in, 0, sizeof(*in));
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, TRACE_SEGMENTS);
	assert_int_equal(mkdir(path, 0700), 0);
	spool_init(&spool, dir, &header, CAP);
	for (unsigned cycle = 1; cycle <= cycles; cycle++) {
		write_cycle(&spool, cycle, names, in);
		assert_true(spool_bytes(&spool) <= CAP);
	}
	*after = spool.flight;
	spool_fini(&spool);
	assert_int_equal(spool.error, 0);
	assert_int_equal(spool.dropped_events, 0);
	assert_int_equal(spool.recorded[CLASS_mem], in->allocs);
	read_back(dir, out);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	assert_int_equal(system(path), 0);
}

static void test_tasks_stay(void **state)
{
	struct flight after;
	struct told in, out;

	(void)state;
	fly(600, 0, &after, &in, &out);
	assert_true(after.dropped_segments > 10);
	assert_false(after.squeezed);
	assert_true(out.allocs < in.allocs / 10);
	assert_true(out.allocs > 1000);
	assert_int_equal(out.allocs + after.dropped[CLASS_mem], in.allocs);
	assert_int_equal(out.tasks, in.tasks);
	assert_int_equal(out.samples, in.samples);
	assert_memory_equal(out.sum, in.sum, sizeof(in.sum));
	assert_int_equal(out.late, 0);
}

/* Names by the thousand: they are let go before the cap is passed. */
static void test_names_are_squeezed(void **state)
{
	struct flight after;
	struct told in, out;

	(void)state;
	fly(600, 40, &after, &in, &out);
	assert_true(after.squeezed);
	assert_int_equal(out.tasks, in.tasks);
	assert_memory_equal(out.sum, in.sum, sizeof(in.sum));
	assert_true(out.texts < in.texts);
	assert_int_equal(out.texts + after.dropped[CLASS_text], in.texts);
	assert_true(out.samples < in.samples);
	assert_int_equal(out.late, 0);
}

static void test_little_is_not_touched(void **state)
{
	struct flight after;
	struct told in, out;

	(void)state;
	fly(3, 5, &after, &in, &out);
	assert_int_equal(after.dropped_segments, 0);
	assert_memory_equal(&out, &in, sizeof(in));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks_stay),
		cmocka_unit_test(test_names_are_squeezed),
		cmocka_unit_test(test_little_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
