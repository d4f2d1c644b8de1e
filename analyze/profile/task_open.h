/* SPDX-License-Identifier: MIT */
/*
 * What is known of a task inside a process while it is open, and longer where others
 * go back to it:
 *
 *	thread.open ─▶ C ─▶ B ─▶ A          next: newest first
 *	               │    │    │
 *	               └───▶└───▶└──▶ (the thread's own task)      before
 */
#ifndef TPPROBE_TASK_OPEN_H
#define TPPROBE_TASK_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "../pool.h"

struct task;

struct task_open {
	struct task *task;		 /* NULL: has ended */
	struct task_open *before;	 /* NULL: the thread's own task */
	struct task_open *next, **place; /* in the list of its thread or process */
	uint64_t frame;			 /* 0 none */
	uint64_t left;			 /* stamp at which its stack was gone; STAMP_NEVER */
	uint32_t after;			 /* of how many it is `before` */
	uint32_t on;			 /* of how many threads it is current */
	bool is_async;
};

struct task_open *task_open_new(struct pool *pool); /* NULL: out of memory */
/* Gives back what has ended and nobody goes back to. */
void task_open_release(struct pool *pool, struct task_open *o);

/* Into a list that it is in none of, as its first; out of its list. */
void task_open_put(struct task_open **list, struct task_open *o);
void task_open_take(struct task_open *o);

void task_open_set_before(struct task_open *o, struct task_open *before); /* once */
/* The nearest one before it that has not ended; NULL: the thread's own task. */
struct task_open *task_open_back(struct pool *pool, struct task_open *o);

#endif
