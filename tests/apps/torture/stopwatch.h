/* SPDX-License-Identifier: MIT */
/*
 * Another clock: STOPWATCH as the first thing in a function takes the time of each call by
 * clock_gettime, inside what is measured, however it returns. What was taken is written to the
 * file $STOPWATCH at the end: "function calls nanoseconds". For one thread.
 */
#ifndef STOPWATCH_H
#define STOPWATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct stopwatch {
	const char *name;
	unsigned long calls, ns;
	struct stopwatch *next;
};

struct stopwatch_call {
	struct stopwatch *watch;
	unsigned long begin;
};

/* One list for all files of the program. */
struct stopwatch *stopwatches __attribute__((weak));

static inline unsigned long stopwatch_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000000000 + (unsigned long)t.tv_nsec;
}

__attribute__((weak)) void stopwatch_write(void);
__attribute__((weak)) void stopwatch_write(void)
{
	const char *path = getenv("STOPWATCH");
	FILE *out = path ? fopen(path, "w") : NULL;

	for (struct stopwatch *w = stopwatches; out && w; w = w->next)
		fprintf(out, "%s %lu %lu\n", w->name, w->calls, w->ns);
	if (out)
		fclose(out);
}

static inline struct stopwatch_call stopwatch_begin(struct stopwatch *w)
{
	if (!w->calls++) {
		if (!stopwatches)
			atexit(stopwatch_write);
		w->next = stopwatches;
		stopwatches = w;
	}
	return (struct stopwatch_call){ w, stopwatch_now() };
}

static inline void stopwatch_end(struct stopwatch_call *call)
{
	call->watch->ns += stopwatch_now() - call->begin;
}

#define STOPWATCH                                                                                  \
	static struct stopwatch stopwatch = { __func__, 0, 0, 0 };                                 \
	__attribute__((cleanup(stopwatch_end), unused)) struct stopwatch_call stopwatch_call =     \
		stopwatch_begin(&stopwatch);

#endif
