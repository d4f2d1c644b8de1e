/* SPDX-License-Identifier: MIT */
/*
 * Threads begin in our trampoline, under an id that their creator chose, and
 * end there: by return, by pthread_exit, or cancelled.
 */
#include "hook_io.h"
#include "patch/patch.h"
#include "start.h"
#include "thread.h"
#include "waiting.h"

static void *trampoline(void *data)
{
	struct start start = *(struct start *)data;
	void *value;

	start_free(data);
	thread_begin(start.thread, start.parent, (const void *)start.routine);
	/* Built on sigsetjmp, so it needs no unwinder of ours. */
	pthread_cleanup_push(start_ended_early, NULL);
	value = start.routine(start.arg);
	pthread_cleanup_pop(0);
	thread_end(END_return);
	return value;
}

/* A thread that nobody joins may give back the memory of its pthread_t before its
 * creator returns: that one is not looked at. */
static bool is_detached(const pthread_attr_t *attr)
{
	int state = PTHREAD_CREATE_JOINABLE;

	return attr && pthread_attr_getdetachstate(attr, &state) == 0 &&
	       state == PTHREAD_CREATE_DETACHED;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
		   void *arg)
{
	struct io_call c;
	struct start *start;
	bool detached;
	uint64_t id;
	int result;

	if (!io_begin(&c) || !(start = start_new(c.thread, arg)))
		return real_pthread_create(thread, attr, routine, arg);
	start->routine = routine;
	id = start->thread;
	detached = is_detached(attr); /* before: the attributes may go as well */
	result = real_pthread_create(thread, attr, trampoline, start);
	start_tell(&c, start, id, result, result || detached ? 0 : *thread);
	return result;
}

static int joined(struct io_call *c, enum call call, pthread_t thread, int result)
{
	if (io_still(c))
		wait_tell(c, call, WAIT_sync, (uint64_t)thread, result);
	return result;
}

int pthread_join(pthread_t thread, void **value)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_join(thread, value);
	return joined(&c, CALL_pthread_join, thread, real_pthread_join(thread, value));
}

int pthread_tryjoin_np(pthread_t thread, void **value)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_tryjoin_np(thread, value);
	return joined(&c, CALL_pthread_tryjoin_np, thread, real_pthread_tryjoin_np(thread, value));
}

int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *until)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_timedjoin_np(thread, value, until);
	return joined(&c, CALL_pthread_timedjoin_np, thread,
		      real_pthread_timedjoin_np(thread, value, until));
}

int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
			 const struct timespec *until)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_clockjoin_np(thread, value, clock, until);
	return joined(&c, CALL_pthread_clockjoin_np, thread,
		      real_pthread_clockjoin_np(thread, value, clock, until));
}

/* Other threads end in the trampoline's cleanup; the main thread has none. */
void pthread_exit(void *value)
{
	struct probe_thread *t = probe_enter();

	if (t)
		t->exits = 1;
	if (t && t->how == THREAD_main)
		thread_end(END_pthread_exit);
	real_pthread_exit(value);
	__builtin_unreachable();
}

/* A jump may leave hooks behind that a handler had interrupted. The saved stack
 * pointer is mangled (glibc's PTR_MANGLE): rotated left by 17 after an
 * exclusive-or with the guard at %fs:0x30; slot 6 of the buffer. */
static void jump_begins(const struct __jmp_buf_tag *env)
{
	struct probe_thread *t = &probe_thread;
	uint64_t sp, guard;

	/* Out of a wait: it does not go on. Its time so far is not counted. */
	if (likely(t->generation == probe_generation[0]))
		wait_unmark(t);
	if (likely(!t->pending && !probe.tasks))
		return;
	__asm__("mov %%fs:0x30, %0" : "=r"(guard));
	sp = (uint64_t)env->__jmpbuf[6];
	sp = (sp >> 17 | sp << 47) ^ guard;
	record_abandon(t, (uintptr_t)sp);
	if (probe.tasks && t->generation == probe_generation[0])
		task_jump(t, (uintptr_t)sp);
}

#define JUMP(name)                                                                                 \
	void name(struct __jmp_buf_tag env[1], int value)                                          \
	{                                                                                          \
		jump_begins(env);                                                                  \
		real_##name(env, value);                                                           \
		__builtin_unreachable();                                                           \
	}

JUMP(longjmp)
JUMP(_longjmp)
JUMP(siglongjmp)
JUMP(__longjmp_chk)
