/* SPDX-License-Identifier: MIT */
/*
 * Files, locks, modules, exceptions, workers and names of synthetic traces.
 */
#include "tests/unit/analyze_trace.h"

#define CALL(name) ((uint64_t)CALL_##name << 48)
#define FILE_KIND ((uint64_t)FD_KIND_file << 58)
#define PIPE_KIND ((uint64_t)FD_KIND_pipe << 58)

static struct trace t;

static void begin(const char *name)
{
	trace_begin(&t, name);
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(&t, 1, 1 * MS, "prog");
}

static struct profile *load(const char *name)
{
	struct profile *p;

	trace_end(&t, name);
	p = trace_profile(&t);
	trace_remove(&t);
	return p;
}

static void put_open(uint32_t file, const char *path)
{
	put_text(&t, 1, 1, 2 * MS, TEXT_PATH, file, path, (uint32_t)strlen(path));
	put(&t, 1, 1, 2 * MS, FD, 10 | CALL(open) | FILE_KIND, file | UINT64_C(0xffffffff) << 32,
	    file);
}

static void put_read(uint32_t file, uint64_t bytes)
{
	put(&t, 1, 1, 3 * MS, IO, 10 | CALL(read) | FILE_KIND, bytes, file);
}

static void put_write(uint32_t file, uint64_t bytes)
{
	put(&t, 1, 1, 3 * MS, IO, 10 | CALL(write) | FILE_KIND, bytes, file);
}

static void put_pread(uint32_t file, uint64_t bytes, uint64_t at)
{
	put(&t, 1, 1, 3 * MS, IO_AT, 10 | CALL(pread) | FILE_KIND, bytes, file, at);
}

static void put_seek(uint32_t file, int64_t position)
{
	put(&t, 1, 1, 3 * MS, SEEK, 10 | FILE_KIND, (uint64_t)position, file);
}

static const struct file_row *file_row(const struct profile *p, const char *path)
{
	for (uint32_t i = 0; i < p->files.count; i++)
		if (!strcmp(p->files.rows[i]->name, path))
			return p->files.rows[i];
	fail_msg("no row of %s", path);
	return NULL;
}

static void share_is(const struct profile *p, const char *path, double share)
{
	double got = file_sequential_share(file_row(p, path));

	if (isnan(share) ? !isnan(got) : !(fabs(got - share) < 1e-9))
		fail_msg("%s: %g instead of %g", path, got, share);
}

static void what_is_sequential(void **state)
{
	struct profile *p;

	(void)state;
	begin("files1");
	put_open(5, "/straight"); /* reading on; where it reads does not break its writing */
	put_read(5, 100);
	put_read(5, 100);
	put_seek(5, 200); /* it was there already */
	put_read(5, 200);
	put_seek(5, -22); /* failed */
	put_read(5, 1);
	put_open(6, "/back"); /* 100 of 300 start where the last one ended */
	put_read(6, 100);
	put_seek(6, 0);
	put_read(6, 100);
	put_seek(6, 5000);
	put_read(6, 100);
	put_open(7, "/places"); /* the first, and the third */
	put_pread(7, 10, 4000);
	put_pread(7, 10, 8000);
	put_pread(7, 20, 8010);
	put_pread(7, 60, 0);
	put_open(8, "/both"); /* each direction has its own end */
	put_write(8, 50);
	put_seek(8, 0);
	put_read(8, 25);
	put_read(8, 25);
	put_seek(8, 50);
	put_write(8, 100);
	put_open(9, "/nothing");
	put_open(11, "/mixed"); /* a place of its own does not move the position */
	put_pread(11, 100, 0);
	put_read(11, 100);
	put_text(&t, 1, 1, 2 * MS, TEXT_PATH, 10, "pipe:[1]", 8);
	put(&t, 1, 1, 3 * MS, IO, 10 | CALL(read) | PIPE_KIND, 100, 10);
	put(&t, 1, 1, 4 * MS, META, 500 | UINT64_C(2) << 52);
	put(&t, 1, 1, 4 * MS, META, 700);
	put_exit(&t, 1, 9 * MS, 0, END_return, 1000);
	p = load("files1");
	share_is(p, "/straight", 1);
	share_is(p, "/back", 100.0 / 300);
	share_is(p, "/places", 30.0 / 100);
	share_is(p, "/both", 1);
	share_is(p, "/nothing", NAN);
	share_is(p, "/mixed", 0.5);
	share_is(p, "pipe:[1]", NAN);
	assert_int_equal(file_row(p, "/straight")->sums.metadata, 3);
	assert_int_equal(file_row(p, "/places")->sums.read_bytes, 100);
	assert_int_equal(file_row(p, "/places")->sums.reads, 4);
	assert_int_equal(file_row(p, "(by path)")->sums.metadata, 2);
	assert_int_equal(file_row(p, "(by path)")->sums.ticks, 1200);
	profile_free(p);
}

static void put_module(uint64_t stamp, uint32_t id, const char *name, uint64_t base)
{
	put_text(&t, 1, 1, stamp, TEXT_MODULE, id, name, (uint32_t)strlen(name));
	put(&t, 1, 1, stamp, MODULE, id, base, 0x1000, 0, 0, 0, 0);
}

/* What was mapped there at that time: one after the other at one address, and a
 * library that was told only when the program ended. */
static void places_by_time(void **state)
{
	struct profile *p;
	const struct image *image;
	char text[64];

	(void)state;
	begin("modules1");
	put_module(1 * MS, 1, "/usr/bin/prog", 0x400000);
	put_module(5 * MS, 2, "/usr/lib/first.so", 0x800000);
	put(&t, 1, 1, 10 * MS, MODULE_GONE, 0x800000);
	put_module(20 * MS, 3, "/usr/lib/second.so", 0x800000);
	put_module(30 * MS, 4, "/usr/lib/late.so", 0x900000);
	put_process(&t, 2, 25 * MS, 101, 100, 8, 1, PROCESS_forked);
	put_exit(&t, 2, 26 * MS, 0, END_return, 1000);
	put_exit(&t, 1, 30 * MS, 0, END_return, 1000);
	p = load("modules1");
	image = task_of(p, 1)->process->image;
	assert_true(modules_place(image, 0x400123, 2 * MS, text, sizeof(text)));
	assert_string_equal(text, "prog+0x123");
	assert_true(modules_place(image, 0x800010, 7 * MS, text, sizeof(text)));
	assert_string_equal(text, "first.so+0x10");
	assert_true(modules_place(image, 0x800010, 15 * MS, text, sizeof(text)));
	assert_string_equal(text, "second.so+0x10");
	assert_true(modules_place(image, 0x800010, 25 * MS, text, sizeof(text)));
	assert_string_equal(text, "second.so+0x10");
	assert_true(modules_place(image, 0x900fff, 2 * MS, text, sizeof(text)));
	assert_string_equal(text, "late.so+0xfff");
	assert_false(modules_place(image, 0x901000, 2 * MS, text, sizeof(text)));
	assert_true(modules_place(task_of(p, 2)->process->image, 0x400123, 26 * MS, text,
				  sizeof(text)));
	profile_free(p);
}

static void locks_have_kinds_and_owners(void **state)
{
	struct profile *p;
	const struct lock_row *row;

	(void)state;
	assert_string_equal(lock_kind("pthread_mutex_lock"), "mutex");
	assert_string_equal(lock_kind("pthread_rwlock_timedwrlock"), "rwlock");
	assert_string_equal(lock_kind("pthread_spin_lock"), "spin");
	assert_string_equal(lock_kind("mtx_lock"), "mutex");
	assert_string_equal(lock_kind(NULL), "mutex");
	begin("locks1");
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put_thread(&t, 3, 1, 2 * MS, 102, 1);
	put(&t, 2, 1, 10 * MS, LOCK_WAIT, 0xabc0 | CALL(pthread_mutex_lock), 0x400100, 3 * MS, 100,
	    0);
	put(&t, 2, 1, 12 * MS, UNLOCK_WAKE, 0xabc0, 0);
	put(&t, 3, 1, 13 * MS, LOCK_WAIT, 0xabc0 | CALL(pthread_mutex_lock), 0x400200, 9 * MS, 101,
	    0);
	put(&t, 2, 1, 20 * MS, LOCK_WAIT, 0xabc0 | CALL(pthread_mutex_lock), 0x400300, 1 * MS, 102,
	    0);
	put_exit(&t, 1, 30 * MS, 0, END_return, 1000);
	p = load("locks1");
	assert_int_equal(p->locks.count, 1);
	row = p->locks.rows[0];
	assert_int_equal(row->contended, 3);
	assert_int_equal(row->wait_ticks, 13 * MS);
	assert_int_equal(row->max_wait_ticks, 9 * MS);
	assert_int_equal(row->hold_ticks, 2 * MS);
	assert_int_equal(row->site, 0x400200);
	assert_ptr_equal(row->owner, task_of(p, 2));
	profile_free(p);
}

static void put_throw(uint64_t thread, uint64_t stamp, uint32_t type)
{
	put(&t, thread, 1, stamp, EXCEPTION, type | (uint64_t)EXCEPTION_cxx << 32, 0x400100);
}

static void exceptions_by_type_and_task(void **state)
{
	struct profile *p;
	struct metrics m;

	(void)state;
	begin("exceptions1");
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put_throw(2, 3 * MS, 70); /* another thread tells the name of its type */
	put_text(&t, 1, 1, 4 * MS, TEXT_TYPE, 70, "St13runtime_error", 17);
	put_text(&t, 1, 1, 4 * MS, TEXT_TYPE, 71, "N4pipe5stuckE", 13);
	put_text(&t, 1, 1, 4 * MS, TEXT_TYPE, 72, "St13runtime_error", 17); /* of a plugin */
	put_text(&t, 1, 1, 4 * MS, TEXT_TYPE, 73, "rust panic", 10);
	for (int i = 0; i < 5; i++)
		put_throw(1, 5 * MS, 70);
	for (int i = 0; i < 3; i++)
		put_throw(1, 6 * MS, 72);
	put_throw(1, 7 * MS, 71);
	put_throw(1, 7 * MS, 73);
	put_throw(1, 7 * MS, 99); /* its name was lost */
	put(&t, 1, 1, 8 * MS, TASK, 1 | UINT64_C(2) << 48, UINT64_C(1) << COUNTER_exceptions, 11);
	put_exit(&t, 1, 9 * MS, 0, END_return, 1000);
	p = load("exceptions1");
	assert_int_equal(p->exceptions.count, 5);
	assert_string_equal(p->exceptions.rows[0]->name, "std::runtime_error");
	assert_int_equal(p->exceptions.rows[0]->count, 8);
	assert_ptr_equal(p->exceptions.rows[0]->task, task_of(p, 1));
	assert_string_equal(p->exceptions.rows[1]->name, "(unknown)");
	assert_string_equal(p->exceptions.rows[2]->name, "pipe::stuck");
	assert_string_equal(p->exceptions.rows[3]->name, "rust panic");
	assert_ptr_equal(p->exceptions.rows[4]->task, task_of(p, 2));
	profile_self(p, task_of(p, 1), &m);
	assert_int_equal((int)m.value[METRIC_exceptions_raised], 11);
	profile_free(p);
}

static void names_that_programs_give(void **state)
{
	struct profile *p;
	char name[16] = { 0, 7, 0, 0, 'w', 'r', 'i', 't', 'e', 'r' };

	(void)state;
	begin("names1");
	put(&t, 1, 1, 2 * MS, THREAD_CREATE, UINT64_C(0x700) << 32, 2, 10);
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put_thread(&t, 3, 1, 2 * MS, 102, 1);
	put_thread(&t, 4, 1, 2 * MS, 103, 1);
	put_text(&t, 1, 1, 3 * MS, TEXT_COMM_OF, 0, name, 10);
	put_text(&t, 3, 1, 3 * MS, TEXT_COMM, 0, "reader", 6);
	put_text(&t, 3, 1, 4 * MS, TEXT_COMM, 0, "closer", 6); /* the last one counts */
	put_text(&t, 1, 1, 3 * MS, TEXT_COMM, 0, "other", 5);  /* processes keep theirs */
	put_text(&t, 1, 1, 3 * MS, TEXT_COMM_OF, 0, "xx", 2);  /* cut off: nobody's */
	put_exit(&t, 1, 9 * MS, 0, END_return, 1000);
	p = load("names1");
	assert_string_equal(task_of(p, 1)->name, "prog");
	assert_string_equal(task_of(p, 2)->name, "writer");
	assert_string_equal(task_of(p, 3)->name, "closer");
	assert_string_equal(task_of(p, 4)->name, "prog thread");
	profile_free(p);
}

static void workers_over_time(void **state)
{
	struct profile *p;

	(void)state;
	begin("workers1");
	for (uint32_t i = 0; i < 3; i++) { /* one after the other, two at most beside main */
		put_thread(&t, 2 + i, 1, (10 + 20 * i) * MS, 101 + i, 1);
		put(&t, 2 + i, 1, (40 + 20 * i) * MS, THREAD_END, END_return, 6 * MS, 0, 0, 0, 0, 0,
		    0);
		put(&t, 2 + i, 1, (40 + 20 * i) * MS, TASK, 0);
	}
	put_thread(&t, 5, 1, 40 * MS, 104, 1); /* begins when the first one ends */
	put(&t, 5, 1, 41 * MS, TASK, 0);
	for (uint64_t at = 15; at <= 75; at += 30) { /* a sample of main and of two clocks */
		put(&t, 0, 0, at * MS, SAMPLE, 100 | UINT64_C(3) << 32, 1, 2048, 0, at, 0, 0, 0, 0,
		    0, 2048, 0, 0);
		put(&t, 0, 0, at * MS, THREAD_CPU, 100, 1, at * MS / 10);
		put(&t, 0, 0, at * MS, THREAD_CPU, 101, 2, 1 * MS);
	}
	put_exit(&t, 1, 101 * MS, 0, END_return, 38 * MS);
	p = load("workers1");
	assert_int_equal(p->workers.peak, 3);
	assert_int_equal(p->workers.count, 5);
	assert_ptr_equal(p->workers.rows[0], task_of(p, 1));
	assert_ptr_equal(p->workers.rows[4], task_of(p, 4));
	assert_true(p->workers.cpu_ns == 38e6);
	assert_true(profile_memory_limit_mb(p) == 1024);
	for (uint32_t i = 0, sampled = 0; i < p->curves.count; i++) {
		if (!p->curves.point[i].is_sampled)
			continue;
		sampled++;
		assert_int_equal(p->curves.point[i].running_workers, 2);
		assert_int_equal(p->curves.point[i].live_workers, sampled == 3 ? 2 : 3);
	}
	profile_free(p);
}

/* A sanitizer's allocator: calls are counted, blocks are not seen. */
static void heaps_that_are_not_seen_are_null(void **state)
{
	struct profile *p;
	struct metrics m;

	(void)state;
	begin("unseen1");
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put(&t, 2, 2, 3 * MS, ALLOC, 0x1000 | UINT64_C(10) << 48);
	put(&t, 2, 2, 4 * MS, TASK, 2 | UINT64_C(2) << 48, UINT64_C(1) << COUNTER_mem_allocs, 1);
	put(&t, 1, 1, 8 * MS, TASK, 1 | UINT64_C(2) << 48, UINT64_C(1) << COUNTER_mem_allocs, 9);
	put_exit(&t, 2, 5 * MS, 0, END_return, 1000);
	put_exit(&t, 1, 9 * MS, 0, END_return, 1000);
	p = load("unseen1");
	assert_int_equal(p->heap_unseen, 1);
	profile_self(p, task_of(p, 1), &m);
	assert_int_equal((int)m.value[METRIC_memory_allocations], 9);
	assert_true(isnan(m.value[METRIC_heap_peak_bytes]) &&
		    isnan(m.value[METRIC_heap_delta_bytes]) &&
		    isnan(m.value[METRIC_heap_leaked_bytes]) &&
		    isnan(m.value[METRIC_memory_temporary_allocations]));
	profile_self(p, task_of(p, 2), &m);
	assert_int_equal((int)m.value[METRIC_heap_peak_bytes], 10);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sequential),
		cmocka_unit_test(places_by_time),
		cmocka_unit_test(locks_have_kinds_and_owners),
		cmocka_unit_test(exceptions_by_type_and_task),
		cmocka_unit_test(names_that_programs_give),
		cmocka_unit_test(workers_over_time),
		cmocka_unit_test(heaps_that_are_not_seen_are_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
