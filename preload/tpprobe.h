/* SPDX-License-Identifier: MIT */
/*
 * tpprobe.h: a program marks its own tasks, metrics and events for tpprobe.
 *
 * Optional. Include this one file; nothing is linked. Without the probe every call is a
 * load and a branch that do nothing; so it is in statically linked programs, and where
 * the probe does not exist (other machines than x86-64, other formats than ELF, other
 * compilers than gcc and clang). C90 with <stdint.h>, C++11.
 *
 *	uint64_t task = tpprobe_task_begin("parse");
 *	tpprobe_metric_int(task, "rows", rows);
 *	if (ok)
 *		tpprobe_task_end(task);
 *	else
 *		tpprobe_task_fail(task);
 *
 * Tasks. Every thread has one current task, to which its CPU time, I/O, memory … are
 * charged: at first its own, the thread's. tpprobe_task_begin() makes the new task a child
 * of the current one, and the current one; its end makes current again what was before.
 * A begin is ended by exactly one end, on any thread; ends may come in another order than
 * begins. A task that is never ended has the status "running". A function that is left
 * by longjmp or an exception does not end the tasks that it has begun.
 *
 * Asynchronous tasks (tpprobe_task_begin_async) never become the current one by
 * themselves: they may overlap, and last from one thread to another. Where they have no
 * tpprobe_task_switch(), they have a duration and metrics, and nothing is charged to them.
 *
 * Task numbers are not 0; 0 stands for "none": what begins return without the probe, in a
 * child of vfork, or in a thread that got no ring. They mean something in the process
 * that began the task, not in its forked children, where ending them does nothing. The low
 * 40 bits are the task's id in reports.
 *
 * Harmless, and without any effect: to end a task twice, to end 0 or a number that was
 * never given, NULL for a name. As a parent or a task of a metric such a number counts as 0.
 *
 * Names are bytes, best UTF-8, of which the first 512 count (cut before a character that
 * does not fit). They are copied. 40,000 different names of tasks and metrics are told
 * apart in a process at least; what comes above 70,000 is called "(more names)", so
 * numbers do not belong in names. Some 65,000 tasks may be open in a process at a time;
 * more begin as asynchronous ones, whose second end is not noticed.
 *
 * All functions may be called at any time, in any thread, and in signal handlers; they
 * leave errno alone. The names tpprobe_v1_* are the binary interface, which stays: a
 * program need not be built again for a newer probe.
 */
#ifndef TPPROBE_H
#define TPPROBE_H

#include <stdint.h>

#if defined(__GNUC__) && defined(__x86_64__) && defined(__LP64__) && defined(__ELF__)

/*
 * The address of an entry point of the probe, NULL without it. The weak reference is
 * written as a load from the global offset table because that is filled in when the
 * program is loaded, whatever it was built as; the address of a weak function as the
 * compiler takes it is 0 for good in executables that are not position independent.
 */
#define TPPROBE_FIND_(function, name)                                                              \
	__asm__(".weak " name "\n\tmov{q}\t{" name "@GOTPCREL(%%rip), %0|%0, QWORD PTR " name      \
		"@GOTPCREL[rip]}"                                                                  \
		: "=r"(function))
#else
#define TPPROBE_FIND_(function, name) ((function) = 0)
#endif

#ifdef __GNUC__
#define TPPROBE_INLINE_ static __inline__
#else
#define TPPROBE_INLINE_ static inline
#endif

/* 1: the calls below reach a probe that records; 0: they do nothing. */
TPPROBE_INLINE_ int tpprobe_active(void)
{
	int (*f)(void);

	TPPROBE_FIND_(f, "tpprobe_v1_active");
	return f ? f() : 0;
}

/* Flags of tpprobe_v1_begin. */
#define TPPROBE_ASYNC_ 1u

TPPROBE_INLINE_ uint64_t tpprobe_begin_(const char *name, uint64_t parent, unsigned flags)
{
	uint64_t (*f)(const char *, uint64_t, unsigned);

	TPPROBE_FIND_(f, "tpprobe_v1_begin");
	return f ? f(name, parent, flags) : 0;
}

/* Begins a task, child of the current one, which becomes the current one. */
TPPROBE_INLINE_ uint64_t tpprobe_task_begin(const char *name)
{
	return tpprobe_begin_(name, 0, 0);
}

/* The same as a child of `parent`; 0: of the current one. */
TPPROBE_INLINE_ uint64_t tpprobe_task_begin_in(const char *name, uint64_t parent)
{
	return tpprobe_begin_(name, parent, 0);
}

/* Begins an asynchronous task; parent 0: the current task. */
TPPROBE_INLINE_ uint64_t tpprobe_task_begin_async(const char *name, uint64_t parent)
{
	return tpprobe_begin_(name, parent, TPPROBE_ASYNC_);
}

TPPROBE_INLINE_ void tpprobe_end_(uint64_t task, unsigned failed)
{
	void (*f)(uint64_t, unsigned);

	TPPROBE_FIND_(f, "tpprobe_v1_end");
	if (f)
		f(task, failed);
}

/* Ends a task of either kind: completed … */
TPPROBE_INLINE_ void tpprobe_task_end(uint64_t task)
{
	tpprobe_end_(task, 0);
}

/* … or failed. */
TPPROBE_INLINE_ void tpprobe_task_fail(uint64_t task)
{
	tpprobe_end_(task, 1);
}

/* The current task of this thread: to be the parent of what another thread begins. */
TPPROBE_INLINE_ uint64_t tpprobe_task_current(void)
{
	uint64_t (*f)(void);

	TPPROBE_FIND_(f, "tpprobe_v1_current");
	return f ? f() : 0;
}

/*
 * This thread works for `task` from here on: a scheduler that goes on with a coroutine, a
 * worker that takes a job. 0: for no one, that is for its own task. Gives the task that
 * was current, to be switched back to. The task must have begun, of whatever kind and on
 * whatever thread, and not have ended; else nothing happens.
 */
TPPROBE_INLINE_ uint64_t tpprobe_task_switch(uint64_t task)
{
	uint64_t (*f)(uint64_t);

	TPPROBE_FIND_(f, "tpprobe_v1_switch");
	return f ? f(task) : 0;
}

TPPROBE_INLINE_ void tpprobe_metric_(uint64_t task, const char *name, unsigned type, uint64_t value)
{
	void (*f)(uint64_t, const char *, unsigned, uint64_t);

	TPPROBE_FIND_(f, "tpprobe_v1_metric");
	if (f)
		f(task, name, type, value);
}

/* Values of a custom metric, metric.NAME in the report: of `task`; 0: of the current one. */
TPPROBE_INLINE_ void tpprobe_metric_int(uint64_t task, const char *name, int64_t value)
{
	tpprobe_metric_(task, name, 1, (uint64_t)value);
}

TPPROBE_INLINE_ void tpprobe_metric_uint(uint64_t task, const char *name, uint64_t value)
{
	tpprobe_metric_(task, name, 2, value);
}

TPPROBE_INLINE_ void tpprobe_metric_double(uint64_t task, const char *name, double value)
{
	union {
		double value;
		uint64_t bits;
	} as;

	as.value = value;
	tpprobe_metric_(task, name, 3, as.bits);
}

/* Of the text at most 256 bytes are kept; NULL: nothing happens. */
TPPROBE_INLINE_ void tpprobe_metric_string(uint64_t task, const char *name, const char *text)
{
	void (*f)(uint64_t, const char *, const char *);

	TPPROBE_FIND_(f, "tpprobe_v1_metric_string");
	if (f)
		f(task, name, text);
}

/* n events (records, frames, requests …) were processed: events_processed and
 * event_rate_hz of the current task. */
TPPROBE_INLINE_ void tpprobe_event(uint64_t n)
{
	void (*f)(uint64_t);

	TPPROBE_FIND_(f, "tpprobe_v1_event");
	if (f)
		f(n);
}

#endif
