/* SPDX-License-Identifier: MIT */
/* Reading rings: a writer that follows ring.h, and one that follows nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/drain.h"
#include "collector/trace_dir.h"

#define SECOND_NS UINT64_C(1000000000)

static struct arena_view view;
static struct spool spool;
static struct gather gather;
static struct drain drain;
static char dir[64], segments[96];
static struct slot *slot;
static struct ring_cell *ring;
static uint32_t cells;
static bool rubbish; /* what comes out means nothing */

/* --- a writer, as plain as can be ------------------------------------------ */

static uint64_t reserve(unsigned n)
{
	return atomic_fetch_add(&slot->head, n);
}

static void put(uint64_t at, uint64_t word, uint64_t mark)
{
	ring[at & (cells - 1)].word = word;
	ring[at & (cells - 1)].mark = mark | ring_lap(at, cells);
}

static void put_head(uint64_t at, unsigned type, uint64_t word, uint64_t stamp)
{
	put(at, word, stamp | (uint64_t)type << RING_TYPE_SHIFT | RING_HEAD_BIT);
}

static void write_record(unsigned type, const uint64_t *v, unsigned words, uint64_t stamp)
{
	uint64_t at = reserve(1 + words / 2);

	for (unsigned i = 0; i < words / 2; i++)
		put(at + 1 + i, v[2 * i + 1], 2 * i + 2 < words ? v[2 * i + 2] : 0);
	put_head(at, type, v[0], stamp);
}

static void write_free(uint64_t addr)
{
	write_record(EVENT_FREE, &addr, 1, addr);
}

static void write_start(uint64_t thread)
{
	uint64_t v[5] = { getpid() | (uint64_t)THREAD_created << 32, thread, 1, 0, 1 };

	write_record(EVENT_THREAD_START, v, 5, thread);
}

/* --- what came out of it ---------------------------------------------------- */

static struct result {
	uint64_t frees, next_free, torn, gone, blocks, texts;
	uint64_t thread_of_free[1024];
	uint64_t told[COUNTER_COUNT];
	bool in_order;
} result;

static uint32_t read_ring(bool dead, uint64_t now_ns)
{
	drain_look(&drain);
	assert_non_null(drain.slots[0]);
	return drain_ring(&drain, drain.slots[0], dead, now_ns);
}

static void sum_up(const struct block *b, const struct event *e)
{
	const uint64_t *v = b->words + e->first;
	unsigned k = 2;

	for (unsigned i = 0; e->words > 1 && i < COUNTER_COUNT; i++)
		if (v[1] >> i & 1)
			result.told[i] += v[k++];
}

static void look_at_segment(void)
{
	char path[128];
	struct segment_reader *r;
	struct block b;

	gather_write(&gather, &drain.slots[0]->batch);
	spool_fini(&spool);
	memset(&result, 0, sizeof(result));
	result.in_order = true;
	snprintf(path, sizeof(path), "%s/0001.tps", segments);
	assert_int_equal(segment_open(path, &r, NULL), 0);
	while (segment_next(r, &b) == 1) {
		result.blocks++;
		for (uint32_t i = 0; i < b.count; i++) {
			const struct event *e = &b.events[i];
			const uint64_t *v = b.words + e->first;

			if (e->type == EVENT_FREE) {
				result.in_order &= v[0] >= result.next_free;
				result.next_free = v[0] + 1;
				if (result.frees < 1024)
					result.thread_of_free[result.frees] = b.thread;
				result.frees++;
			} else if (e->type == EVENT_TORN) {
				result.torn += v[0];
			} else if (e->type == EVENT_THREAD_GONE || e->type == EVENT_TASK) {
				result.gone += e->type == EVENT_THREAD_GONE;
				sum_up(&b, e);
			} else if (e->type == EVENT_TEXT && !rubbish) {
				assert_int_equal(event_TEXT_bytes(v), 40);
				assert_memory_equal(b.text + b.text_at[i],
						    "a text of forty bytes, in three cells ok", 40);
				result.texts++;
			}
		}
	}
	segment_close(r);
}

/* --- the tests --------------------------------------------------------------- */

static void test_what_is_written_is_read(void **state)
{
	static const char text[45] = "a text of forty bytes, in three cells ok";
	uint64_t at;

	(void)state;
	write_start(5);
	write_free(1);
	at = reserve(4);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t words[2] = { 0 };

		memcpy(words, text + 15 * i, 15);
		put(at + 1 + i, words[0], words[1]);
	}
	put_head(at, EVENT_TEXT, (uint64_t)40 << 48, 2);
	write_free(3);
	assert_int_equal(read_ring(false, 1), 4);
	assert_int_equal(read_ring(false, 1), 0);
	assert_int_equal(slot->tail, slot->head);
	look_at_segment();
	assert_int_equal(result.frees, 2);
	assert_int_equal(result.texts, 1);
	assert_int_equal(result.thread_of_free[0], 5);
}

/* Three and a half laps, in pieces that do not divide the ring. */
static void test_laps(void **state)
{
	uint64_t n = 0;

	(void)state;
	write_start(5);
	while (n < cells * 7 / 2) {
		for (unsigned i = 0; i < cells / 3; i++)
			write_free(n++);
		read_ring(false, 1);
	}
	look_at_segment();
	assert_int_equal(result.frees, n);
	assert_true(result.in_order);
	assert_int_equal(drain.torn_cells, 0);
}

static void test_a_block_belongs_to_one_thread(void **state)
{
	(void)state;
	for (uint64_t t = 1; t <= 10; t++) {
		write_start(t);
		write_free(t);
	}
	read_ring(false, 1);
	look_at_segment();
	assert_int_equal(result.frees, 10);
	assert_int_equal(result.blocks, 10);
	for (uint64_t t = 1; t <= 10; t++)
		assert_int_equal(result.thread_of_free[t - 1], t);
}

/* Reserved, interrupted by a handler that wrote on, and killed. */
static void test_a_torn_record_of_the_dead(void **state)
{
	(void)state;
	write_free(1);
	reserve(3);
	write_free(2);
	assert_int_equal(read_ring(false, 1), 1);
	assert_int_equal(read_ring(false, 2), 0);
	assert_int_equal(read_ring(true, 3), 1);
	assert_int_equal(slot->tail, slot->head);
	reserve(2); /* and nothing behind it */
	read_ring(true, 4);
	assert_int_equal(slot->tail, slot->head);
	look_at_segment();
	assert_int_equal(result.frees, 2);
	assert_int_equal(result.torn, 5);
}

static void test_a_late_commit_is_waited_for(void **state)
{
	uint64_t at;

	(void)state;
	write_free(1);
	at = reserve(1);
	assert_int_equal(read_ring(false, 1), 1);
	assert_int_equal(read_ring(false, 1 + 100 * SECOND_NS), 0); /* nothing behind it */
	put_head(at, EVENT_FREE, 2, 2);
	assert_int_equal(read_ring(false, 1 + 100 * SECOND_NS), 1);
	at = reserve(1);
	write_free(4);
	assert_int_equal(read_ring(false, 1 + 200 * SECOND_NS), 0);
	assert_int_equal(read_ring(false, 2 + 201 * SECOND_NS), 1); /* patience is over */
	look_at_segment();
	assert_int_equal(result.frees, 3);
	assert_int_equal(result.torn, 1);
}

/* What was skipped must not come to life two laps later, when the lap bit is the
 * same again. */
static void test_a_skipped_cell_stays_dead(void **state)
{
	uint64_t n = 0, at;

	(void)state;
	for (int lap = 0; lap < 4; lap++) {
		for (uint32_t i = 0; i < cells; i++) {
			if (lap == 1 && i == 7) {
				reserve(1);
				continue;
			}
			write_free(n++);
			read_ring(lap == 1, 1);
		}
	}
	at = reserve(8);
	assert_int_equal(at & (cells - 1), 0);
	assert_int_equal(read_ring(false, 1), 0);
	assert_int_equal(drain.torn_cells, 1);
	look_at_segment();
	assert_int_equal(result.frees, n);
}

static void test_rubbish_ends(void **state)
{
	uint64_t x = 1;

	(void)state;
	rubbish = true;
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < 50; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			((volatile uint64_t *)ring)[x >> 20 & (cells * 2 - 1)] = x * x;
		}
		if (round % 3 == 0)
			atomic_fetch_add(&slot->head, x >> 50);
		if (round % 100 == 0)
			slot->head = x;
		slot->tail = x;
		slot->ring_cells = (uint32_t)x;
		slot->ring_offset = x;
		read_ring(round % 2, (uint64_t)round * SECOND_NS);
	}
	look_at_segment();
	rubbish = false;
}

static void test_counters_are_told_once(void **state)
{
	uint64_t v[5] = { 9 | (uint64_t)3 << 48, 1 << COUNTER_mem_allocs | 1 << COUNTER_mem_frees,
			  10, 4, 0 };

	(void)state;
	atomic_store(arena_view_owner(&view, 0), ARENA_OWNER(getpid(), 1));
	slot->counters[COUNTER_mem_allocs] = 17;
	slot->counters[COUNTER_mem_frees] = 4;
	write_start(5);
	write_record(EVENT_TASK, v, 4, 3);
	read_ring(true, 1);
	drain_release(&drain, drain.slots[0]);
	assert_int_equal(atomic_load(arena_view_owner(&view, 0)), 0);
	assert_int_equal(atomic_load(&view.header->slot_hint), 0);
	read_ring(true, 1);
	drain_release(&drain, drain.slots[0]);
	look_at_segment();
	assert_int_equal(result.gone, 1);
	assert_int_equal(result.told[COUNTER_mem_allocs], 17);
	assert_int_equal(result.told[COUNTER_mem_frees], 4);
}

static int setup(void **state)
{
	static const struct segment_header header = { .clock = CLOCK_raw };

	(void)state;
	strcpy(dir, "/tmp/tpprobe-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(segments, sizeof(segments), "%s/%s", dir, TRACE_SEGMENTS);
	mkdir(segments, 0700);
	memset(&view, 0, sizeof(view));
	view.base = mmap(NULL, arena_total_bytes(), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (view.base == MAP_FAILED)
		return -1;
	arena_format(view.base);
	view.header = (struct arena_header *)view.base;
	view.header->clock = CLOCK_raw;
	view.header->slot_high = 1;
	view.header->slot_hint = 1;
	view.facts = *view.header;
	slot = arena_view_slot(&view, 0);
	ring = arena_view_ring(&view, 0, &cells);
	spool_init(&spool, dir, &header, 0);
	gather_init(&gather, &spool, 1);
	drain_init(&drain, &view, &gather);
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	drain_fini(&drain);
	gather_fini(&gather);
	munmap(view.base, arena_total_bytes());
	snprintf(path, sizeof(path), "%s/0001.tps", segments);
	unlink(path);
	rmdir(segments);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_written_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_laps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_block_belongs_to_one_thread, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_torn_record_of_the_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_late_commit_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_skipped_cell_stays_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rubbish_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters_are_told_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
