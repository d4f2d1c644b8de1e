/* SPDX-License-Identifier: MIT */
/*
 * Resource curves of the whole run: the samples of all processes on one grid of
 * at most CURVE_POINTS points. When a trace outgrows the grid, two points become
 * one and the grid is twice as wide.
 */
#ifndef TPPROBE_CURVES_H
#define TPPROBE_CURVES_H

#include <stdbool.h>
#include <stdint.h>

#define CURVE_POINTS 1024
#define CURVE_FIRST_TICKS (UINT64_C(1) << 24) /* width at the start; a power of two */

struct process;

struct curve_point {
	bool is_sampled;
	int64_t rss_kb; /* largest sum over the processes */
	uint32_t threads, processes;
	uint64_t cpu_ms;	  /* used since the point before */
	uint32_t live_workers;	  /* at most; filled by workers_finish() */
	uint32_t running_workers; /* threads whose CPU clock moved, at most in one round */
};

struct curves {
	struct curve_point point[CURVE_POINTS];
	uint32_t count;
	uint64_t width; /* ticks; 0: nothing yet */
	uint64_t origin;
	int64_t rss_kb, peak_rss_kb; /* sum over live processes: now and at most */
	uint32_t threads, processes;
	uint32_t moved; /* THREAD_CPU records of this round; a round begins by SAMPLEs */
};

/* Before and after the sample is put into process->usage: what it was. */
struct curve_before {
	int64_t rss_kb;
	uint32_t threads;
	uint64_t cpu_ms;
};
void curves_on_sample(struct curves *curves, uint64_t stamp, const struct curve_before *before,
		      const struct curve_before *now);
/* The CPU clock of a thread has moved since the round before. */
void curves_on_thread_cpu(struct curves *curves, uint64_t stamp);
/* The process has ended: its memory and threads are gone. */
void curves_on_gone(struct curves *curves, uint64_t stamp, const struct curve_before *before);

#endif
