/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of objects that threads wait for (locks, conditions,
 * semaphores, barriers, pipes, connections) until the other end of an edge comes.
 * For the sources of edges alone.
 */
#ifndef TPPROBE_EDGE_OBJECTS_H
#define TPPROBE_EDGE_OBJECTS_H

#include "edges.h"

/* In all of these `edge` has stamp, waited, to and kind; who it came from is found
 * here. */

/* Somebody gave up a lock or woke up to `count` waiters. */
void edge_woken(struct edges *e, const struct thread *by, uint64_t object, uint32_t count,
		uint64_t stamp);
/* A lock was taken after waiting: from who gave it up last; else from who held it
 * when the wait began. */
void edge_lock_taken(struct edges *e, const struct thread *by, uint64_t object, uint32_t owner_tid,
		     const struct edge *edge);
/* A wait ended: from the oldest waker during it that has not woken enough yet. */
void edge_wait_ends(struct edges *e, const struct process *p, uint64_t object,
		    const struct edge *edge);
/* A thread leaves a barrier: whose call began last has let the others go. */
void edge_barrier(struct edges *e, const struct process *p, uint64_t object,
		  const struct edge *edge);
/* Through a pipe or connection: from the first write that began while the reader
 * was waiting. The writer may be told after the reader. */
void edge_written(struct edges *e, uint64_t channel, const struct edge *by);
void edge_read(struct edges *e, uint64_t channel, const struct edge *edge);

/* All objects; a barrier's last round is told before. */
void edge_objects_forget(struct edges *e);

#endif
