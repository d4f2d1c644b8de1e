/* SPDX-License-Identifier: MIT */
/*
 * Tasks: intervals with a name, a status and a parent; and the processes,
 * program images and threads that they come from.
 *
 *	image (id)  ──▶ process (pid + start time) ──▶ task, kind process
 *	                     ▲                              ▲
 *	thread (id) ─────────┘  own task: the process's for a main thread,
 *	                        else a task of kind thread; current task: who is charged
 *
 * An exec makes a new image of the same process: same task, newest command. The
 * id of every image leads to the process's task, so children of any of them hang
 * on it. Memory is bounded by the number of tasks; what only live things need
 * (heap tables, text pieces) goes when they end.
 */
#ifndef TPPROBE_TASKS_H
#define TPPROBE_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "../idtable.h"
#include "../names.h"
#include "../pool.h"
#include "../read/stream.h"
#include "counters.h"
#include "custom.h"
#include "function_tasks.h"
#include "heap.h"
#include "modules.h"
#include "usage.h"

enum task_kind { TASK_process, TASK_thread, TASK_function, TASK_python, TASK_api, TASK_KINDS };
enum task_status { STATUS_running, STATUS_completed, STATUS_failed, STATUS_killed };
extern const char *const task_kind_name[TASK_KINDS];
extern const char *const task_status_name[];

#define STAMP_NEVER UINT64_MAX /* the end of what still runs */

/* While all tasks are walked from the leaves to the roots (task_walk.h). */
struct task_tally {
	uint32_t children; /* that are still to come */
	uint32_t sum;	   /* place of the sum over those that came; 0 none */
};

/* There may be millions of them: what few have is held behind pointers, from tasks.pool. */
struct task {
	uint64_t id;
	struct process *process;
	struct task *creator, *parent; /* parent: the first ancestor that outlives it */
	union {
		struct task_open *open;	 /* of a task inside a process that has not ended */
		struct task_tally tally; /* once all is read */
	};
	union {
		uint64_t name_id; /* of a task inside a process: of its TEXT */
		uint64_t
			scratch_at; /* once all is read: where its metrics are (import_profiles.c) */
	};
	struct task
		*on_thread;  /* of a task inside a process: own task of the thread that began it */
	const char *name;    /* of a thread: what the program called it, else made at the end */
	uint64_t start, end; /* stamps; STAMP_NEVER while running */
	uint64_t thread_ticks;	     /* time of threads with this as their current task */
	struct counters *counters;   /* NULL: all 0 */
	union task_heap heap;	     /* heap_of() */
	struct task_more *more;	     /* NULL: nothing of it is known */
	struct custom_value *custom; /* NULL: it has none */
	uint32_t tid;
	uint8_t kind, status;
	bool has_ended_itself;			       /* a thread whose THREAD_END was seen */
	uint8_t heap_is_quiet : 1, heap_has_ended : 1; /* heap.h */
	uint8_t waits_for_children : 1;		       /* task_walk.h */
	uint8_t is_long : 1; /* one of the longest, or above one (import_tasks.c) */
};
_Static_assert(sizeof(struct task) <= 128, "a million of them");

/* What threads and processes have, and tasks that a sample fell into. */
struct task_more {
	uint64_t routine; /* of a thread: address of its start function */
	struct thread_usage usage;
	int64_t rss_peak_kb; /* highest sample inside; -1 none */
};

struct image {
	uint64_t id;
	struct process *process; /* NULL until its PROCESS_START */
	struct image *origin;	 /* of a fork: has what is NULL here; else NULL */
	char *argv, *cwd, *exe;	 /* argv: arguments, each closed by NUL */
	uint32_t argv_bytes;
	struct module *module; /* in the order in which they were told */
	uint32_t modules;
};

struct process {
	struct tasks *tasks; /* all of them */
	struct task *task;
	struct image *image; /* newest */
	struct thread *main;
	struct thread *threads; /* that run */
	struct task_open *open; /* tasks of threads that have ended */
	uint64_t start_time;
	uint32_t pid, ppid, cpus;
	char *exec_path;     /* an EXEC that no image of ours has followed */
	uint64_t exit_stamp; /* of PROCESS_EXIT; STAMP_NEVER: none */
	uint64_t gone_stamp; /* first of CHILD_EXIT and PROCESS_GONE */
	int exit_status;     /* of PROCESS_EXIT */
	uint8_t exit_how;    /* enum end_how, 0 none */
	bool has_wait_status, has_kernel_status, is_gone;
	int wait_status;
	int exit_code, signal;	/* what became of it; -1 null */
	struct process *reaper; /* whose wait call took it */
	uint64_t reaped_stamp;
	struct process_usage usage;
	struct heap_table heap;
	bool has_heap_events;
	bool heap_is_unseen; /* it allocated, but no event told of a block */
};

struct thread {
	uint64_t id;
	struct image *image;
	struct task *own, *current;
	uint64_t since;	 /* stamp from which `current` is charged, or where it ended */
	uint64_t latest; /* stamp of its last event */
	bool is_open;
	struct process *lives_in; /* while open: in its list of threads */
	struct thread *next;
	struct task_open *open; /* tasks that began or went on here, newest first */
	struct heap_thread heap;
	struct thread_wait {
		uint64_t object, ticks;
	} waited; /* the last WAIT: a CHILD_EXIT behind it tells what it was for */
	struct thread_text {
		char *bytes; /* pieces so far of a TEXT that goes on */
		uint32_t count;
		char *exec; /* the last TEXT_EXEC, whose number is exec_id */
		uint32_t exec_id;
		char *value; /* the last TEXT_VALUE */
		uint32_t value_id;
		char *module;
		uint32_t module_id;
	} text;
	int uninstrumented; /* place in the list that waits for the pid of a FORK; -1 */
};

struct tasks {
	struct idmap images, threads;
	struct idtable by_id;
	struct idmap by_pid;   /* newest process of a pid */
	struct idmap by_start; /* process by pid and start time */
	struct task **all;
	size_t count, room;
	struct task_orphan { /* its creator was not known when it began */
		struct task *task;
		uint64_t creator_id; /* as the start record says */
	} * orphans;
	uint32_t orphan_count, orphan_room;
	struct pool pool; /* of tasks and what hangs on them */
	struct names names;
	struct process **processes;
	size_t process_count, process_room;
	uint64_t thread_total;
	struct function_tasks functions;
	struct thread *last; /* thread of the last record: the next is mostly the same */
	bool out_of_memory;
};

void tasks_fini(struct tasks *tasks);

/* Made when it is not known yet; NULL: out of memory. */
struct image *tasks_image(struct tasks *tasks, uint64_t id);
struct thread *tasks_thread(struct tasks *tasks, const struct record *r);
/* The task of this id, NULL when there is none. */
struct task *tasks_find(const struct tasks *tasks, uint64_t id);
/* A new task that began at this stamp. */
struct task *tasks_add(struct tasks *tasks, enum task_kind kind, uint64_t id,
		       struct process *process, uint64_t creator_id, uint64_t stamp);
/* A new process of this image, with its task. */
struct process *tasks_add_process(struct tasks *tasks, struct image *image, uint64_t creator_id,
				  uint64_t stamp);
/* The thread's own task, and so its process; made when its start was not seen. */
struct task *tasks_own(struct tasks *tasks, struct thread *thread, uint64_t stamp);

/* PROCESS_*, THREAD_*, TASK, FORK, EXEC, CHILD_EXIT; thread: of the record. */
void tasks_on_event(struct tasks *tasks, struct thread *thread, const struct record *r);
/* SAMPLE and PROCESS_GONE, which the collector wrote on its own behalf. */
void tasks_on_collected(struct tasks *tasks, const struct record *r);
/* Time up to `stamp` goes to the current task, whoever is current from then on. */
void tasks_charge_time(struct thread *thread, uint64_t stamp);
void tasks_thread_open(struct process *p, struct thread *thread, struct task *own, uint64_t stamp);
/* The thread ends, or the part of it that is charged to its current task. */
void tasks_thread_close(struct thread *thread, uint64_t stamp);
void tasks_process_close(struct process *process, uint64_t stamp);

/* To be filled; NULL: out of memory. */
struct task_more *task_more(struct task *task);
/* All zero when there is none. */
const struct thread_usage *task_usage(const struct task *task);
/* What is called so from now on: text up to `bytes` or its NUL. */
void task_name(struct task *task, const char *text, size_t bytes);

/* Once, at the end: `last` is the last stamp of the trace. Ends, status,
 * parents, names. */
void tasks_finish(struct tasks *tasks, uint64_t last);
/* A function, or what the program marked itself: a part of a thread's work. */
static inline bool task_is_inside(const struct task *task)
{
	return task->kind == TASK_function || task->kind == TASK_api;
}
/* Of what still runs: the last stamp. */
static inline uint64_t task_end(const struct task *task, uint64_t last)
{
	return task->end == STAMP_NEVER ? last : task->end;
}

#endif
