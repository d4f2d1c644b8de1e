/* SPDX-License-Identifier: MIT */
/*
 * Tasks inside processes, from records as the probe writes them. The truth is a
 * model of the program: stacks of frames, of which the top one is current.
 */
#include "tests/unit/analyze_task_trace.h"

static struct profile *load(struct trace *t, const char *name)
{
	struct profile *p;

	trace_end(t, name);
	p = trace_profile(t);
	trace_remove(t);
	return p;
}

static void nested_functions_share_the_time(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks1");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	put(&t, 1, 1, 4 * MS, TASK, TASK_TO(300, 2), BIT(mem_allocs), 3);
	put_begin(&t, 1, 1, 4 * MS, 301, 51, SOURCE_function, 0, 0x6000, 0);
	put(&t, 1, 1, 7 * MS, TASK, TASK_TO(301, 2), BIT(mem_allocs), 4);
	put_end(&t, 1, 1, 7 * MS, 301, TASK_END_failed);
	put_end(&t, 1, 1, 8 * MS, 300, TASK_END_return);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	put(&t, 1, 1, 21 * MS, THREAD_GONE, TASK_TO(1, 2), BIT(mem_allocs), 5);
	put_gone(&t, 1, 22 * MS, 100, GONE_kernel, 0);
	put_name(&t, 22 * MS, TEXT_FUNCTION, 50, "outer"); /* may come late */
	p = load(&t, "ftasks1");
	assert_string_equal(task_of(p, 300)->name, "outer");
	assert_string_equal(task_of(p, 301)->name, "(unknown)");
	assert_int_equal(task_of(p, 300)->kind, TASK_function);
	assert_ptr_equal(task_of(p, 301)->parent, task_of(p, 300));
	assert_ptr_equal(task_of(p, 300)->parent, task_of(p, 1));
	assert_int_equal(task_of(p, 300)->status, STATUS_completed);
	assert_int_equal(task_of(p, 301)->status, STATUS_failed);
	assert_int_equal(task_of(p, 300)->thread_ticks, 3 * MS);
	assert_int_equal(task_of(p, 301)->thread_ticks, 3 * MS);
	assert_int_equal(task_of(p, 1)->thread_ticks, 14 * MS);
	assert_int_equal(task_of(p, 300)->end, 8 * MS);
	assert_int_equal(counters_get(task_of(p, 300)->counters, COUNTER_mem_allocs), 3);
	assert_int_equal(counters_get(task_of(p, 301)->counters, COUNTER_mem_allocs), 4);
	assert_int_equal(counters_get(task_of(p, 1)->counters, COUNTER_mem_allocs), 5);
	profile_free(p);
}

/* A coroutine that nobody told of: its task is not on the way back of the one that is
 * current when it jumps. */
static void a_jump_on_a_stack_that_was_switched_to_unseen(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks1b");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	put_begin(&t, 1, 1, 3 * MS, 301, 50, SOURCE_function, 0, 0xa0000, 0); /* another stack */
	put_end(&t, 1, 1, 4 * MS, 300, TASK_END_return);
	put_begin(&t, 1, 1, 5 * MS, 302, 50, SOURCE_function, 0, 0x7000, 0);
	put_jump(&t, 1, 1, 6 * MS, 0x9f000, 0xa1000);
	put_jump(&t, 1, 1, 6 * MS, 0x7001, 0x7002);
	put_jump(&t, 1, 1, 6 * MS, 0x6000, 0x7000);
	put_end(&t, 1, 1, 9 * MS, 302, TASK_END_return);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	p = load(&t, "ftasks1b");
	assert_int_equal(task_of(p, 301)->status, STATUS_failed);
	assert_int_equal(task_of(p, 301)->end, 6 * MS);
	assert_int_equal(task_of(p, 302)->status, STATUS_completed);
	assert_int_equal(task_of(p, 302)->thread_ticks, 4 * MS);
	profile_free(p);
}

/* What is created in a function and outlives it belongs to who outlives it too. */
static void a_thread_that_outlives_its_function(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks2");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	put_thread(&t, 2, 1, 3 * MS, 101, 300);
	put_thread(&t, 3, 1, 3 * MS, 102, 300);
	put(&t, 3, 1, 4 * MS, TASK, 0);
	put_thread(&t, 4, 1, 4 * MS, 103, 999); /* whose begin was lost */
	put_end(&t, 1, 1, 5 * MS, 300, TASK_END_return);
	put(&t, 2, 1, 9 * MS, TASK, 0);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	put_gone(&t, 1, 22 * MS, 100, GONE_kernel, 0);
	p = load(&t, "ftasks2");
	assert_ptr_equal(task_of(p, 2)->creator, task_of(p, 300));
	assert_ptr_equal(task_of(p, 2)->parent, task_of(p, 1));
	assert_ptr_equal(task_of(p, 3)->parent, task_of(p, 300));
	assert_ptr_equal(task_of(p, 4)->parent, task_of(p, 1));
	profile_free(p);
}

static void what_is_open_at_the_end_is_running(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks3");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_thread(&t, 2, 1, 2 * MS, 101, 1);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	put_begin(&t, 2, 1, 3 * MS, 301, 50, SOURCE_function, 0, 0x9000, 0);
	put_begin(&t, 2, 1, 3 * MS, 302, 50, SOURCE_api, TASK_FLAG_async, 0, 0);
	put(&t, 2, 1, 6 * MS, TASK, 0); /* the thread ends by a plain system call */
	put_gone(&t, 1, 20 * MS, 100, GONE_kernel, 9);
	p = load(&t, "ftasks3");
	assert_int_equal(task_of(p, 1)->status, STATUS_killed);
	assert_int_equal(task_of(p, 300)->status, STATUS_running);
	assert_int_equal(task_of(p, 300)->end, 20 * MS);
	assert_int_equal(task_of(p, 301)->status, STATUS_running);
	assert_int_equal(task_of(p, 301)->end, 6 * MS);
	assert_ptr_equal(task_of(p, 301)->parent, task_of(p, 2));
	assert_int_equal(task_of(p, 302)->status, STATUS_running);
	assert_int_equal(task_of(p, 302)->end, 20 * MS);
	assert_ptr_equal(task_of(p, 302)->parent, task_of(p, 1));
	assert_ptr_equal(task_of(p, 302)->creator, task_of(p, 301));
	profile_free(p);
}

static void exec_and_fork_leave_functions_behind(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks4");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	/* a copy returns from the function: for it, the function never ran */
	put_process(&t, 5, 3 * MS, 101, 100, 8, 300, PROCESS_forked);
	put_end(&t, 5, 5, 4 * MS, 300, TASK_END_return);
	put(&t, 5, 5, 5 * MS, TASK, TASK_TO(300, 2), BIT(mem_allocs), 9);
	put_exit(&t, 5, 6 * MS, 0, END_return, 1000);
	put_gone(&t, 5, 6 * MS, 101, GONE_kernel, 0);
	/* the first one becomes another program within it */
	put(&t, 1, 1, 10 * MS, EXEC, 0, 1000);
	put_process(&t, 6, 11 * MS, 100, 1, 7, 300, PROCESS_image);
	put_end(&t, 6, 6, 12 * MS, 300, TASK_END_return);
	put_exit(&t, 6, 21 * MS, 0, END_return, 5 * MS);
	put_gone(&t, 6, 22 * MS, 100, GONE_kernel, 0);
	p = load(&t, "ftasks4");
	assert_int_equal(task_of(p, 300)->status, STATUS_running);
	assert_int_equal(task_of(p, 300)->end, 11 * MS);
	assert_int_equal(counters_get(task_of(p, 5)->counters, COUNTER_mem_allocs), 9);
	assert_ptr_equal(task_of(p, 5)->creator, task_of(p, 300));
	assert_ptr_equal(task_of(p, 5)->parent, task_of(p, 300));
	assert_int_equal(task_of(p, 5)->thread_ticks, 3 * MS);
	assert_int_equal(p->tasks.functions.unknown_ends, 1);
	profile_free(p);
}

/* Records that come later than their stamps say, behind the end of their process. */
static void a_late_end_is_an_end(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks4b");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_function, 0, 0x7000, 0);
	put_gone(&t, 1, 9 * MS, 100, GONE_kernel, 0);
	trace_cycle(&t, 10 * MS);
	put_end(&t, 1, 1, 4 * MS, 300, TASK_END_return);
	put_end(&t, 1, 1, 5 * MS, 300, TASK_END_failed);
	p = load(&t, "ftasks4b");
	assert_int_equal(task_of(p, 300)->status, STATUS_completed);
	assert_int_equal(task_of(p, 300)->end, 4 * MS);
	assert_int_equal(p->tasks.functions.unknown_ends, 1);
	profile_free(p);
}

/* Of two tasks that a program marks, the first may end first: the second goes on. */
static void marked_tasks_overlap(void **state)
{
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks5");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_begin(&t, 1, 1, 2 * MS, 300, 50, SOURCE_api, 0, 0, 0);
	put_begin(&t, 1, 1, 3 * MS, 301, 50, SOURCE_api, 0, 0, 1);
	put_end(&t, 1, 1, 5 * MS, 300, TASK_END_return);
	put_end(&t, 1, 1, 9 * MS, 301, TASK_END_return);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	p = load(&t, "ftasks5");
	assert_int_equal(task_of(p, 300)->thread_ticks, 1 * MS);
	assert_int_equal(task_of(p, 301)->thread_ticks, 6 * MS);
	assert_ptr_equal(task_of(p, 301)->creator, task_of(p, 1));
	assert_int_equal(task_of(p, 300)->kind, TASK_api);
	profile_free(p);
}

static void damaged_records_do_no_harm(void **state)
{
	const uint64_t most = (UINT64_C(1) << 40) - 1;
	struct trace t;
	struct profile *p;

	(void)state;
	trace_begin(&t, "ftasks6");
	put_process(&t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_thread(&t, 2, 1, 1 * MS, 101, 1);
	put_end(&t, 1, 1, 2 * MS, 300, TASK_END_return); /* before its begin */
	put_begin(&t, 1, 1, 3 * MS, 0, 50, SOURCE_function, 0, 0x7000, 0);
	put_begin(&t, 1, 1, 3 * MS, 1, 50, SOURCE_function, 0, 0x7000, 0);
	put_begin(&t, 1, 1, 3 * MS, most, 0xffffff, SOURCE_function, 0, 0x7000, most);
	put_begin(&t, 1, 1, 4 * MS, 300, 50, SOURCE_function, 0, 0x6000, 301);
	put_begin(&t, 1, 1, 5 * MS, 301, 50, SOURCE_api, 0, 0x5000, 300);
	put_begin(&t, 1, 1, 6 * MS, 301, 50, SOURCE_function, 0, 0x5000, 0);
	put_end(&t, 1, 1, 7 * MS, 301, 250);
	put_end(&t, 1, 1, 7 * MS, 301, TASK_END_return);
	put_end(&t, 1, 1, 7 * MS, 1, TASK_END_return);
	put_end(&t, 1, 1, 7 * MS, 2, TASK_END_return);
	put_jump(&t, 1, 1, 8 * MS, UINT64_MAX, 0);
	put(&t, 2, 1, 8 * MS, TASK, 0); /* the thread ends, and its records go on */
	put_begin(&t, 2, 1, 9 * MS, 302, 50, SOURCE_function, 0, 0x5000, 0);
	put_jump(&t, 2, 1, 9 * MS, 0, UINT64_MAX);
	put_end(&t, 2, 1, 10 * MS, 302, TASK_END_return);
	put_begin(&t, 2, 1, 30 * MS, 303, 50, SOURCE_function, 0, 0x5000, 303);
	put_exit(&t, 1, 21 * MS, 0, END_return, 5 * MS);
	p = load(&t, "ftasks6");
	assert_int_equal(p->tasks.functions.began, 5);
	assert_int_equal(p->tasks.functions.odd_begins, 3);
	assert_int_equal(p->tasks.functions.unknown_ends, 4);
	assert_int_equal(task_of(p, most)->status, STATUS_running);
	assert_int_equal(task_of(p, 300)->status, STATUS_running);
	assert_int_equal(task_of(p, 301)->status, STATUS_failed);
	assert_ptr_equal(task_of(p, 301)->creator, task_of(p, 300));
	assert_int_equal(task_of(p, 302)->status, STATUS_completed);
	assert_int_equal(task_of(p, 303)->end, 21 * MS);
	for (size_t i = 0; i < p->tasks.count; i++) {
		const struct task *task = p->tasks.all[i], *up = task;

		for (unsigned steps = 0; up; up = up->parent)
			assert_true(++steps < 10);
		if (task->parent)
			assert_true(task->parent->end >= task->end);
	}
	profile_free(p);
}

/*
 * The model: a process with threads, on which contexts (stacks) run; each has
 * frames, of which the top one is current. Contexts move between threads.
 */
#define THREADS 4
#define CONTEXTS 12
#define DEPTH_MAX 40
#define TASKS_MAX 8000
#define FIRST_ID 1000

struct model {
	struct trace trace;
	uint32_t random;
	unsigned drop; /* of 100 begins and ends */
	uint64_t now, ids, told;
	struct context {
		uint32_t frame[DEPTH_MAX]; /* task, less FIRST_ID */
		unsigned depth;
		int thread; /* -1: waits */
	} context[CONTEXTS];
	struct model_thread {
		bool is_gone;
		int context;
		uint64_t since, ticks;
	} thread[THREADS];
	struct model_task {
		uint64_t ticks, end, frame;
		uint8_t status;
		bool is_open, is_function, is_told;
		uint64_t creator;
	} task[TASKS_MAX];
	uint32_t free_task[64]; /* async ones that are open */
	unsigned free_tasks;
};

static unsigned roll(struct model *m, unsigned of)
{
	m->random = m->random * 1664525 + 1013904223;
	return (m->random >> 8) % of;
}

/* Below the frames of this context. */
static uint64_t stack_pointer(const struct model *m, const struct context *c)
{
	uint64_t sp = 0x700000000000 + (uint64_t)(c - m->context + 1) * 0x100000;

	for (unsigned i = 0; i < c->depth; i++)
		if (m->task[c->frame[i]].is_function && m->task[c->frame[i]].frame < sp)
			sp = m->task[c->frame[i]].frame;
	return sp - 0x100;
}

static uint64_t own_id(int thread)
{
	return (uint64_t)thread + 1;
}

static struct context *context_of(struct model *m, int thread)
{
	return &m->context[m->thread[thread].context];
}

static uint64_t current_id(struct model *m, int thread)
{
	struct context *c = context_of(m, thread);

	return c->depth ? c->frame[c->depth - 1] + FIRST_ID : own_id(thread);
}

/* Time up to now goes to who is current. */
static void model_charge(struct model *m, int thread)
{
	struct context *c = context_of(m, thread);
	uint64_t passed = m->now - m->thread[thread].since;

	if (c->depth)
		m->task[c->frame[c->depth - 1]].ticks += passed;
	else
		m->thread[thread].ticks += passed;
	m->thread[thread].since = m->now;
}

static bool is_dropped(struct model *m)
{
	return m->drop && roll(m, 100) < m->drop;
}

static uint32_t model_begin(struct model *m, int thread, bool is_function, unsigned flags,
			    uint64_t frame)
{
	uint32_t at = (uint32_t)m->ids++;
	struct model_task *task = &m->task[at];

	*task = (struct model_task){ .is_open = true, .is_function = is_function, .frame = frame };
	task->creator = current_id(m, thread);
	task->is_told = !is_dropped(m);
	if (task->is_told)
		put_begin(&m->trace, own_id(thread), 1, m->now, at + FIRST_ID, 50,
			  is_function ? SOURCE_function : SOURCE_api, flags, frame, 0);
	m->told += task->is_told;
	return at;
}

static void model_end(struct model *m, int thread, uint32_t at, unsigned how)
{
	struct model_task *task = &m->task[at];

	task->is_open = false;
	task->end = m->now;
	task->status =
		how == TASK_END_return || how == TASK_END_exited ? STATUS_completed : STATUS_failed;
	if (how == TASK_END_jumped)
		return;
	if (!is_dropped(m))
		put_end(&m->trace, own_id(thread), 1, m->now, at + FIRST_ID, how);
}

static void begin_here(struct model *m, int thread)
{
	struct context *c = context_of(m, thread);
	bool is_function = roll(m, 4);

	if (c->depth == DEPTH_MAX)
		return;
	model_charge(m, thread);
	/* what is marked has no frame */
	c->frame[c->depth] =
		model_begin(m, thread, is_function, 0, is_function ? stack_pointer(m, c) : 0);
	c->depth++;
}

static void end_here(struct model *m, int thread)
{
	static const unsigned how[] = { TASK_END_return, TASK_END_return, TASK_END_failed,
					TASK_END_exception, TASK_END_exited };
	struct context *c = context_of(m, thread);

	if (!c->depth)
		return;
	model_charge(m, thread);
	c->depth--;
	model_end(m, thread, c->frame[c->depth], how[roll(m, 5)]);
}

/* What was marked ends out of order: on any thread, from the middle of a stack. */
static void end_elsewhere(struct model *m, int thread)
{
	struct context *c = &m->context[roll(m, CONTEXTS)];
	unsigned at = c->depth ? roll(m, c->depth) : 0;

	if (!c->depth || m->task[c->frame[at]].is_function)
		return;
	if (c->thread >= 0 && !m->thread[c->thread].is_gone)
		model_charge(m, c->thread);
	model_charge(m, thread);
	model_end(m, thread, c->frame[at], TASK_END_return);
	c->depth--;
	memmove(&c->frame[at], &c->frame[at + 1], (c->depth - at) * sizeof(c->frame[0]));
}

/* Over the functions on top; what was marked between them stays open. */
static void jump(struct model *m, int thread)
{
	struct context *c = context_of(m, thread);
	unsigned keep = c->depth ? roll(m, c->depth) : 0, kept = keep;
	uint64_t target = 0;

	if (m->drop)
		return; /* else frames that have gone would be taken for those that lie there now */
	for (unsigned i = keep; i < c->depth; i++)
		if (m->task[c->frame[i]].frame > target)
			target = m->task[c->frame[i]].frame;
	model_charge(m, thread);
	put_jump(&m->trace, own_id(thread), 1, m->now, stack_pointer(m, c) - 0x10, target + 0x10);
	for (unsigned i = keep; i < c->depth; i++) {
		if (m->task[c->frame[i]].is_function)
			model_end(m, thread, c->frame[i], TASK_END_jumped);
		else
			c->frame[kept++] = c->frame[i];
	}
	c->depth = kept;
}

static void switch_context(struct model *m, int thread)
{
	int to = (int)roll(m, CONTEXTS);

	if (m->context[to].thread >= 0)
		return;
	model_charge(m, thread);
	context_of(m, thread)->thread = -1;
	m->thread[thread].context = to;
	m->context[to].thread = thread;
	put(&m->trace, own_id(thread), 1, m->now, TASK, current_id(m, thread));
}

static void async(struct model *m, int thread)
{
	unsigned at;

	if (m->free_tasks < 64 && roll(m, 2)) {
		m->free_task[m->free_tasks++] = model_begin(m, thread, false, TASK_FLAG_async, 0);
	} else if (m->free_tasks) {
		at = roll(m, m->free_tasks);
		model_end(m, thread, m->free_task[at], TASK_END_return);
		m->free_task[at] = m->free_task[--m->free_tasks];
	}
}

static void thread_ends(struct model *m, int thread)
{
	struct context *c = context_of(m, thread);

	if (!thread || roll(m, 400))
		return;
	model_charge(m, thread);
	put(&m->trace, own_id(thread), 1, m->now, TASK, 0);
	m->thread[thread].is_gone = true;
	/* its stack is gone, with all that runs on it */
	for (unsigned i = 0; i < c->depth; i++)
		m->task[c->frame[i]].end = m->now;
}

static void act(struct model *m, int thread)
{
	static void (*const step[])(struct model * m, int thread) = {
		begin_here, begin_here, begin_here, end_here,	   end_here,	   end_here,
		end_here,   jump,	async,	    end_elsewhere, switch_context, thread_ends,
	};

	m->now += 1 + roll(m, 1000);
	step[roll(m, sizeof(step) / sizeof(step[0]))](m, thread);
}

static void compare(struct model *m, struct profile *p)
{
	uint64_t running = 0, ended = 0;

	for (uint32_t i = 0; i < m->ids; i++) {
		const struct model_task *truth = &m->task[i];
		const struct task *task = tasks_find(&p->tasks, i + FIRST_ID);

		assert_int_equal(task != NULL, truth->is_told);
		if (!task)
			continue;
		running += task->status == STATUS_running;
		ended += task->status != STATUS_running;
		if (m->drop)
			continue;
		assert_int_equal(task->status, truth->is_open ? STATUS_running : truth->status);
		assert_int_equal(task->end, truth->end ? truth->end : m->now);
		assert_int_equal(task->thread_ticks, truth->ticks);
		assert_int_equal(task->creator->id, truth->creator);
	}
	assert_int_equal(running + ended, m->told);
	assert_int_equal(p->tasks.functions.began, m->told);
	for (int i = 0; i < THREADS && !m->drop; i++)
		assert_int_equal(task_of(p, own_id(i))->thread_ticks, m->thread[i].ticks);
}

static void a_program_at_random(uint32_t seed, unsigned drop, unsigned steps)
{
	struct model *m = calloc(1, sizeof(*m));
	struct profile *p;
	char name[16];
	uint64_t sum = 0;

	assert_non_null(m);
	snprintf(name, sizeof(name), "ftr%u", seed);
	m->random = seed;
	m->drop = drop;
	trace_begin(&m->trace, name);
	put_process(&m->trace, 1, m->now = 1000, 100, 1, 7, 0, PROCESS_image);
	for (int i = 1; i < THREADS; i++)
		put_thread(&m->trace, own_id(i), 1, m->now, 100 + (uint32_t)i, 1);
	for (int i = 0; i < CONTEXTS; i++)
		m->context[i].thread = i < THREADS ? i : -1;
	for (int i = 0; i < THREADS; i++)
		m->thread[i] = (struct model_thread){ .context = i, .since = m->now };
	for (unsigned i = 0; i < steps && m->ids < TASKS_MAX; i++) {
		int thread = (int)roll(m, THREADS);

		if (!m->thread[thread].is_gone)
			act(m, thread);
	}
	m->now += 10;
	for (int i = 0; i < THREADS; i++)
		if (!m->thread[i].is_gone)
			model_charge(m, i);
	put_gone(&m->trace, 1, m->now, 100, GONE_kernel, 9);
	p = load(&m->trace, name);
	compare(m, p);
	for (size_t i = 0; i < p->tasks.count; i++)
		sum += p->tasks.all[i]->thread_ticks;
	for (int i = 0; i < THREADS; i++)
		sum -= m->thread[i].since - 1000;
	assert_int_equal(sum, 0); /* every tick of every thread is somebody's */
	profile_free(p);
	free(m);
}

static void coroutines_jumps_and_migrations(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++)
		a_program_at_random(seed, 0, 4000);
}

static void lost_records_cost_only_what_they_told(void **state)
{
	(void)state;
	for (uint32_t seed = 101; seed <= 110; seed++)
		a_program_at_random(seed, 1 + seed % 40, 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_functions_share_the_time),
		cmocka_unit_test(a_jump_on_a_stack_that_was_switched_to_unseen),
		cmocka_unit_test(a_thread_that_outlives_its_function),
		cmocka_unit_test(what_is_open_at_the_end_is_running),
		cmocka_unit_test(exec_and_fork_leave_functions_behind),
		cmocka_unit_test(a_late_end_is_an_end),
		cmocka_unit_test(marked_tasks_overlap),
		cmocka_unit_test(damaged_records_do_no_harm),
		cmocka_unit_test(coroutines_jumps_and_migrations),
		cmocka_unit_test(lost_records_cost_only_what_they_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
