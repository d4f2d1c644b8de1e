/* SPDX-License-Identifier: MIT */
/*
 * Wake edges: who made whom go on.
 *
 *	from  ────────────UNLOCK_WAKE───────────▶
 *	                          ╲  edge
 *	to    ──────[=== LOCK_WAIT ===]─────────▶   waited: the length of the call
 *
 * An edge is made when both ends are known; rows sum them up by who, whom and
 * kind. A waker counts only if it acted while the other one was inside its call,
 * so that an edge of a wait means that it ended because of it. Objects are known
 * by their address in a process: what processes share by memory is not seen.
 * Memory is bounded: by EDGE_ROWS_MAX rows, and EDGE_OBJECTS_MAX objects that
 * something is remembered of (when there are more, all that is forgotten).
 */
#ifndef TPPROBE_EDGES_H
#define TPPROBE_EDGES_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "files.h"
#include "tasks.h"

#define EDGE_ROWS_MAX 100000
#define EDGE_OBJECTS_MAX 16384

/* KIND(name, meaning): the names are those of wakes.kind in the store. */
#define EDGE_KIND_ROWS(KIND)                                                                       \
	KIND(lock, "a mutex or rwlock was given up")                                               \
	KIND(wake, "signal, broadcast, post, futex wake")                                          \
	KIND(barrier, "the last one arrived")                                                      \
	KIND(start, "a thread was created; nobody waited")                                         \
	KIND(join, "a thread ended that somebody joined")                                          \
	KIND(fork, "a process was created; nobody waited")                                         \
	KIND(exit, "a process ended that its parent waited for")                                   \
	KIND(pipe, "something was written into a pipe that somebody read from")                    \
	KIND(socket, "the same through a connection")

enum edge_kind {
#define EDGE_KIND(name, meaning) EDGE_##name,
	EDGE_KIND_ROWS(EDGE_KIND)
#undef EDGE_KIND
		EDGE_KINDS
};
extern const char *const edge_kind_name[EDGE_KINDS];

struct edge {
	uint64_t stamp;	 /* when `to` went on: the end of its call, or its start */
	uint64_t waited; /* ticks that `to` had waited in its call */
	const struct task *from, *to;
	enum edge_kind kind;
};

struct edge_row {
	const struct task *from, *to;
	enum edge_kind kind;
	uint64_t count, ticks;
	struct edge_row *same_hash;
};

struct edges {
	struct idmap by_key;
	struct edge_row **rows;
	uint32_t count, room;
	bool is_full;
	struct idmap objects;  /* what wakers of it did: edge_objects.h */
	struct idmap joinable; /* thread id by process and handle */
	/* Told of every edge, nearly in the order of stamps (a barrier's come when its
	 * next round begins, or at the end). NULL: nobody listens. */
	void (*each)(void *to, const struct edge *edge);
	void *each_to;
};

/* Records of all types; those that are no end of an edge are stepped over. After
 * tasks_on_event and files_on_event, which make what is looked up here. */
void edges_on_event(struct edges *edges, const struct tasks *tasks, const struct files *files,
		    struct thread *thread, const struct record *r);
/* The task of the newest thread with this handle (THREAD_CREATE); NULL: none. */
struct task *edges_joinable(const struct edges *edges, const struct tasks *tasks,
			    const struct process *process, uint32_t handle);
/* Once, at the end. Rows: those that waited longest first. */
void edges_finish(struct edges *edges);
void edges_fini(struct edges *edges);

/* For the sources of edges alone: one edge, into its row and to who listens.
 * Nothing happens when an end is NULL or both are the same. */
void edges_add(struct edges *edges, const struct edge *edge);

#endif
