/* SPDX-License-Identifier: MIT */
/*
 * Wake edges of synthetic traces: who made whom go on, and who did not.
 */
#include <errno.h>

#include "analyze/profile/edge_objects.h"
#include "tests/unit/analyze_trace.h"

#define CALL(name) ((uint64_t)CALL_##name << 48)
#define LOCK UINT64_C(0xabc0)
#define COND UINT64_C(0xdef0)
#define SYNC ((uint64_t)WAIT_sync << 58)
#define SOCKET ((uint64_t)FD_KIND_socket_inet << 58)
#define PIPE ((uint64_t)FD_KIND_pipe << 58)

static struct trace t;

static void begin(const char *name, unsigned threads)
{
	trace_begin(&t, name);
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	for (uint32_t i = 0; i < threads; i++) {
		put(&t, 1, 1, 1 * MS + 1, THREAD_CREATE, (uint64_t)(0x700 + i) << 32, 2 + i, 10);
		put_thread(&t, 2 + i, 1, 2 * MS, 101 + i, 1);
	}
}

static struct profile *load(const char *name)
{
	struct profile *p;

	put_exit(&t, 1, 900 * MS, 0, END_return, 1000);
	trace_end(&t, name);
	p = trace_profile(&t);
	trace_remove(&t);
	return p;
}

/* Count and milliseconds of one row; kinds without a wait are asked for count. */
static void edge(const struct profile *p, uint64_t from, uint64_t to, enum edge_kind kind,
		 uint64_t count, uint64_t ticks)
{
	for (uint32_t i = 0; i < p->edges.count; i++) {
		const struct edge_row *row = p->edges.rows[i];

		if (row->from->id != from || row->to->id != to || row->kind != kind)
			continue;
		assert_int_equal(row->count, count);
		assert_int_equal(row->ticks, ticks);
		return;
	}
	if (count)
		fail_msg("no %s edge from %d to %d", edge_kind_name[kind], (int)from, (int)to);
}

static void put_lock(uint64_t thread, uint64_t stamp, uint64_t waited, uint32_t owner, int result)
{
	put(&t, thread, 1, stamp, LOCK_WAIT, LOCK | CALL(pthread_mutex_lock), 0x400100, waited,
	    owner, (uint32_t)result);
}

static void unlock_to_lock(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges1", 3);
	/* 2 holds it; 3 and 4 wait; 2 gives it to 3, 3 to 4 */
	put(&t, 2, 1, 10 * MS, UNLOCK_WAKE, LOCK, 0);
	put_lock(3, 11 * MS, 6 * MS, 101, 0);
	put(&t, 3, 1, 20 * MS, UNLOCK_WAKE, LOCK, 0);
	put_lock(4, 21 * MS, 15 * MS, 101, 0);
	/* 2 waits for nobody who unlocked meanwhile: who held it then is to blame */
	put_lock(2, 40 * MS, 5 * MS, 103, 0);
	/* given up: no edge; held by somebody unknown: none */
	put_lock(3, 50 * MS, 5 * MS, 103, ETIMEDOUT);
	put_lock(3, 60 * MS, 5 * MS, 0, 0);
	p = load("edges1");
	edge(p, 2, 3, EDGE_lock, 1, 6 * MS);
	edge(p, 3, 4, EDGE_lock, 1, 15 * MS);
	edge(p, 4, 2, EDGE_lock, 1, 5 * MS);
	edge(p, 2, 4, EDGE_lock, 0, 0);
	edge(p, 4, 3, EDGE_lock, 0, 0);
	edge(p, 1, 2, EDGE_start, 1, 0);
	profile_free(p);
}

/* A call that has no name here is as good as any: what counts is the object. */
static void put_wait(uint64_t thread, uint64_t stamp, uint64_t waited, uint64_t object, int result)
{
	put(&t, thread, 1, stamp, WAIT, waited | CALL(waitpid) | SYNC, object, (uint32_t)result);
}

static void wakers_wake_as_many_as_they_say(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges2", 4);
	/* two signals by 2 and 3: one waiter each, the one that waits longest first */
	put(&t, 2, 1, 10 * MS, WAKE, COND, 0, 1);
	put(&t, 3, 1, 12 * MS, WAKE, COND, 0, 1);
	put_wait(4, 13 * MS, 8 * MS, COND, 0);
	put_wait(5, 14 * MS, 8 * MS, COND, 0);
	put_wait(5, 15 * MS, 14 * MS, COND, 0); /* nobody is left */
	/* a broadcast wakes all that were waiting, not who comes later */
	put(&t, 2, 1, 30 * MS, WAKE, COND, 0, UINT32_MAX);
	put_wait(3, 31 * MS, 2 * MS, COND, 0);
	put_wait(4, 32 * MS, 3 * MS, COND, 0);
	put_wait(5, 33 * MS, 1 * MS, COND, 0);
	/* timed out, and another object of that address in another process */
	put_wait(5, 34 * MS, 10 * MS, COND, ETIMEDOUT);
	put_process(&t, 20, 2 * MS, 200, 100, 8, 1, PROCESS_image);
	put(&t, 20, 20, 35 * MS, WAIT, 10 * MS | CALL(waitpid) | SYNC, COND, 0);
	p = load("edges2");
	edge(p, 2, 4, EDGE_wake, 2, 11 * MS);
	edge(p, 3, 5, EDGE_wake, 1, 8 * MS);
	edge(p, 2, 3, EDGE_wake, 1, 2 * MS);
	edge(p, 2, 5, EDGE_wake, 0, 0);
	edge(p, 2, 20, EDGE_wake, 0, 0);
	edge(p, 1, 20, EDGE_fork, 1, 0);
	profile_free(p);
}

static void join_leads_to_the_thread(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges3", 2);
	put(&t, 2, 1, 50 * MS, TASK, 0);
	put(&t, 1, 1, 51 * MS, WAIT, 30 * MS | CALL(pthread_join) | SYNC,
	    UINT64_C(0x7f0000000700) << 6, 0);
	put(&t, 1, 1, 52 * MS, WAIT, 1 * MS | CALL(pthread_tryjoin_np) | SYNC,
	    UINT64_C(0x7f0000000701) << 6, EBUSY);
	/* its handle is given to a new thread */
	put(&t, 1, 1, 53 * MS, THREAD_CREATE, UINT64_C(0x700) << 32, 9, 10);
	put_thread(&t, 9, 1, 53 * MS, 109, 1);
	put(&t, 1, 1, 60 * MS, WAIT, 4 * MS | CALL(pthread_join) | SYNC,
	    UINT64_C(0x7f0000000700) << 6, 0);
	p = load("edges3");
	edge(p, 2, 1, EDGE_join, 1, 30 * MS);
	edge(p, 3, 1, EDGE_join, 0, 0);
	edge(p, 9, 1, EDGE_join, 1, 4 * MS);
	profile_free(p);
}

static void children_end(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges4", 0);
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put_process(&t, 3, 4 * MS, 101, 100, 8, 1, PROCESS_image); /* exec: no further child */
	put_exit(&t, 3, 30 * MS, 0, END_return, 1000);
	put(&t, 1, 1, 31 * MS, WAIT, 20 * MS | CALL(waitpid) | SYNC, 101, 101);
	put(&t, 1, 1, 31 * MS, CHILD_EXIT, 101, 0, 0, 0, 0, 0);
	put(&t, 1, 1, 40 * MS, CHILD_EXIT, 101, 0, 0, 0, 0, 0); /* of one without the probe */
	p = load("edges4");
	edge(p, 2, 1, EDGE_exit, 1, 20 * MS);
	edge(p, 1, 2, EDGE_fork, 1, 0);
	profile_free(p);
}

static void put_io(uint64_t thread, uint64_t process, uint64_t stamp, uint64_t took, enum call call,
		   uint64_t kind, uint32_t file)
{
	put(&t, thread, process, stamp, IO, took | (uint64_t)call << 48 | kind, 100,
	    file | 3ull << 32);
}

/* Both ends have the inode's name under ids of their own. */
static void pipe_from_writer_to_reader(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges5", 0);
	put_process(&t, 2, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put_text(&t, 1, 1, 3 * MS, TEXT_PATH, 5, "pipe:[77]", 9);
	put_text(&t, 2, 2, 3 * MS, TEXT_PATH, 6, "pipe:[77]", 9);
	/* the write began while the reader was inside */
	put_io(1, 1, 10 * MS, 100, CALL_write, PIPE, 5);
	put_io(2, 2, 11 * MS, 6 * MS, CALL_read, PIPE, 6);
	/* the writer is told after its reader */
	put_io(2, 2, 20 * MS, 5 * MS, CALL_read, PIPE, 6);
	put_io(1, 1, 20 * MS + 50, 100, CALL_write, PIPE, 5);
	/* it was there already: nobody was waited for */
	put_io(1, 1, 30 * MS, 100, CALL_write, PIPE, 5);
	put_io(2, 2, 40 * MS, 1 * MS, CALL_read, PIPE, 6);
	p = load("edges5");
	edge(p, 1, 2, EDGE_pipe, 2, 11 * MS);
	edge(p, 2, 1, EDGE_pipe, 0, 0);
	profile_free(p);
}

static void put_address(uint64_t thread, uint64_t process, uint32_t file, unsigned kind,
			const char *text)
{
	put_text(&t, thread, process, 3 * MS, kind, file, text, (uint32_t)strlen(text));
}

static void connections_go_both_ways(void **state)
{
	struct profile *p;

	(void)state;
	begin("edges6", 1);
	put_process(&t, 7, 2 * MS, 101, 100, 8, 1, PROCESS_image);
	put_address(1, 1, 5, TEXT_LOCAL_ADDRESS, "127.0.0.1:4000");
	put_address(1, 1, 5, TEXT_ADDRESS, "127.0.0.1:80");
	put_address(7, 7, 6, TEXT_ADDRESS, "127.0.0.1:4000");
	put_address(7, 7, 6, TEXT_LOCAL_ADDRESS, "127.0.0.1:80");
	put_io(1, 1, 10 * MS, 100, CALL_write, SOCKET, 5);
	put_io(7, 7, 11 * MS, 6 * MS, CALL_read, SOCKET, 6);
	put_io(7, 7, 15 * MS, 100, CALL_write, SOCKET, 6);
	put_io(1, 1, 16 * MS, 5 * MS, CALL_read, SOCKET, 5);
	/* its own bytes come back to nobody: a read of 5 is not made by a write into 5 */
	put_io(2, 1, 25 * MS, 100, CALL_write, SOCKET, 5);
	put_io(1, 1, 26 * MS, 5 * MS, CALL_read, SOCKET, 5);
	/* a socketpair is known by its records: made by thread 2, used by both */
	put(&t, 2, 1, 30 * MS, FD, CALL(socketpair) | SOCKET, 8 | UINT64_C(0xffffffff) << 32, 30);
	put(&t, 7, 7, 30 * MS + 1, FD, SOCKET, 9 | UINT64_C(0xffffffff) << 32, 32); /* another's */
	put(&t, 2, 1, 30 * MS + 2, FD, SOCKET, 9 | UINT64_C(0xffffffff) << 32, 31);
	put_io(2, 1, 40 * MS, 100, CALL_write, SOCKET, 30);
	put_io(1, 1, 41 * MS, 7 * MS, CALL_read, SOCKET, 31);
	put_io(7, 7, 42 * MS, 7 * MS, CALL_read, SOCKET, 32);
	/* without addresses nothing is guessed */
	put_address(1, 1, 50, TEXT_ADDRESS, "unix:");
	put_address(7, 7, 51, TEXT_ADDRESS, "unix:");
	put_address(1, 1, 50, TEXT_LOCAL_ADDRESS, "unix:");
	put_address(7, 7, 51, TEXT_LOCAL_ADDRESS, "unix:");
	put_io(1, 1, 60 * MS, 100, CALL_write, SOCKET, 50);
	put_io(7, 7, 61 * MS, 6 * MS, CALL_read, SOCKET, 51);
	p = load("edges6");
	edge(p, 1, 7, EDGE_socket, 1, 6 * MS);
	edge(p, 7, 1, EDGE_socket, 1, 5 * MS);
	edge(p, 2, 1, EDGE_socket, 1, 7 * MS);
	profile_free(p);
}

struct heard {
	unsigned count;
	struct edge last;
};

static void hear(void *to, const struct edge *e)
{
	struct heard *h = to;

	h->count++;
	h->last = *e;
}

/* Two rounds of a barrier, and the single edges that a listener is told. */
static void barrier_and_listener(void **state)
{
	struct process process = { 0 };
	struct task task[4] = { 0 };
	struct heard heard = { 0 };
	struct edges e = { .each = hear, .each_to = &heard };
	static const uint64_t begun[2][3] = { { 10, 40, 20 }, { 100, 70, 80 } };

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		task[i].id = i + 1;
	process.task = &task[3];
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 3; i++) {
			const uint64_t stamp = (round ? 101 : 41) + i;
			const struct edge arrival = { .stamp = stamp,
						      .waited = stamp - begun[round][i],
						      .to = &task[i] };

			edge_barrier(&e, &process, 0xb0, &arrival);
		}
	edges_finish(&e);
	assert_int_equal(heard.count, 4);
	assert_int_equal(e.count, 4);
	assert_true(heard.last.from == &task[0] && heard.last.kind == EDGE_barrier);
	assert_true(e.rows[0]->from == &task[0] && e.rows[0]->to == &task[1]);
	assert_true(e.rows[1]->from == &task[1] && e.rows[1]->to == &task[0]);
	assert_int_equal(e.rows[1]->ticks, 31);
	edges_fini(&e);
}

/* Many objects: what is remembered stays bounded, rows stay right. */
static void memory_is_bounded(void **state)
{
	struct thread thread[2] = { 0 };
	struct process process = { 0 };
	struct task task[2] = { { .id = 1 }, { .id = 2 } };
	struct edges e = { 0 };

	(void)state;
	process.task = &task[0];
	for (int i = 0; i < 2; i++) {
		task[i].process = &process;
		thread[i] =
			(struct thread){ .id = task[i].id, .own = &task[i], .current = &task[i] };
	}
	for (uint64_t i = 1; i <= 4 * EDGE_OBJECTS_MAX; i++) {
		const struct edge edge = { .stamp = i * 10 + 1, .waited = 5, .to = &task[1] };

		edge_woken(&e, &thread[0], i * 64, 1, i * 10);
		edge_wait_ends(&e, &process, i * 64, &edge);
		assert_true(e.objects.count <= EDGE_OBJECTS_MAX);
	}
	edges_finish(&e);
	assert_int_equal(e.count, 1);
	assert_int_equal(e.rows[0]->count, 4 * EDGE_OBJECTS_MAX);
	edges_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unlock_to_lock),
		cmocka_unit_test(wakers_wake_as_many_as_they_say),
		cmocka_unit_test(join_leads_to_the_thread),
		cmocka_unit_test(children_end),
		cmocka_unit_test(pipe_from_writer_to_reader),
		cmocka_unit_test(connections_go_both_ways),
		cmocka_unit_test(barrier_and_listener),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
