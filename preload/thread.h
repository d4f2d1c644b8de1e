/* SPDX-License-Identifier: MIT */
/*
 * A thread's life in the probe: claims a slot at its first hook (or in the
 * pthread_create trampoline), gives it back at its end.
 */
#ifndef TPPROBE_THREAD_H
#define TPPROBE_THREAD_H

#include "probe.h"

/* A new id for a process image, thread or task. */
uint64_t probe_next_id(void);

/* Starts the calling thread under an id that its creator chose. */
void thread_begin(uint64_t thread, uint64_t parent, const void *routine);

/* Tells what the thread used, charges its counters and gives the slot back.
 * Destructors that come later claim one again (THREAD_resumed). */
void thread_end(enum end_how how);

/* Has this process, or one that it was forked from, made the pages of this slot present? */
bool thread_has_prepared(uint32_t index);

/* Exact CPU time of a thread of this process, by kernel tid; 0 unknown. */
uint64_t thread_cpu_ns(uint32_t tid);

#endif
