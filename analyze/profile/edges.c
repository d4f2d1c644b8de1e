/* SPDX-License-Identifier: MIT */
/*
 * Wake edges: the records that are their ends, and the rows that sum them up.
 */
#include "edges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "edge_objects.h"

const char *const edge_kind_name[EDGE_KINDS] = {
#define EDGE_KIND(name, meaning) [EDGE_##name] = #name,
	EDGE_KIND_ROWS(EDGE_KIND)
#undef EDGE_KIND
};

static struct edge_row *row_get(struct edges *e, const struct edge *edge)
{
	uint64_t key = idmap_hash(edge->from->id ^ idmap_hash(edge->to->id + edge->kind)) | 1;
	struct edge_row *first = idmap_get(&e->by_key, key), *row = first;
	struct edge_row **rows;

	while (row && (row->from != edge->from || row->to != edge->to || row->kind != edge->kind))
		row = row->same_hash;
	if (row)
		return row;
	if (e->count >= EDGE_ROWS_MAX) {
		e->is_full = true;
		return NULL;
	}
	rows = array_grown(e->rows, e->count, &e->room, sizeof(*rows));
	if (!rows)
		return NULL;
	e->rows = rows;
	row = calloc(1, sizeof(*row));
	if (!row || idmap_put(&e->by_key, key, row)) {
		free(row);
		return NULL;
	}
	*row = (struct edge_row){
		.from = edge->from, .to = edge->to, .kind = edge->kind, .same_hash = first
	};
	return e->rows[e->count++] = row;
}

void edges_add(struct edges *e, const struct edge *edge)
{
	struct edge_row *row;

	if (!edge->from || !edge->to || edge->from == edge->to)
		return;
	row = row_get(e, edge);
	if (row) {
		row->count++;
		row->ticks += edge->waited;
	}
	if (e->each)
		e->each(e->each_to, edge);
}

static uint64_t handle_key(const struct process *p, uint32_t handle)
{
	return idmap_hash(p->task->id << 32 ^ handle) | 1;
}

/* The handle is what is enough of a pthread_t to tell live threads apart. */
static void on_create(struct edges *e, const struct process *p, const uint64_t *v)
{
	if (!event_THREAD_CREATE_result(v) && event_THREAD_CREATE_handle(v))
		idmap_put(&e->joinable, handle_key(p, (uint32_t)event_THREAD_CREATE_handle(v)),
			  (void *)(uintptr_t)event_THREAD_CREATE_thread(v));
}

struct task *edges_joinable(const struct edges *e, const struct tasks *tasks,
			    const struct process *process, uint32_t handle)
{
	uint64_t id = (uintptr_t)idmap_get(&e->joinable, handle_key(process, handle));

	return id ? tasks_find(tasks, id) : NULL;
}

static void on_wait(struct edges *e, const struct tasks *tasks, struct thread *thread,
		    const struct record *r)
{
	const char *function = call_name((unsigned)event_WAIT_call(r->v));
	struct process *p = thread->own->process;
	struct edge edge = { .stamp = r->stamp,
			     .waited = event_WAIT_duration_ticks(r->v),
			     .to = thread->current,
			     .kind = EDGE_wake };
	uint64_t object = event_WAIT_object(r->v);

	thread->waited = (struct thread_wait){ object, edge.waited };
	if (event_WAIT_reason(r->v) != WAIT_sync || !object || !function)
		return;
	if (strstr(function, "barrier")) {
		edge_barrier(e, p, object, &edge);
	} else if ((int64_t)event_WAIT_result(r->v) != 0) {
		return; /* it gave up, or it is a pid: CHILD_EXIT follows */
	} else if (strstr(function, "join")) {
		edge.from = edges_joinable(e, tasks, p, (uint32_t)(object >> 6));
		edge.kind = EDGE_join;
		edges_add(e, &edge);
	} else {
		edge_wait_ends(e, p, object, &edge);
	}
}

static void on_child_exit(struct edges *e, const struct tasks *tasks, const struct thread *thread,
			  const struct record *r)
{
	const struct process *child = idmap_get(&tasks->by_pid, event_CHILD_EXIT_pid(r->v));
	bool is_waited = thread->waited.object == event_CHILD_EXIT_pid(r->v);
	const struct edge edge = { .stamp = r->stamp,
				   .waited = is_waited ? thread->waited.ticks : 0,
				   .from = child ? child->task : NULL,
				   .to = thread->current,
				   .kind = EDGE_exit };

	if (child && child->reaped_stamp == r->stamp)
		edges_add(e, &edge);
}

/* Began: a thread under its creator, or a process in its first image. */
static void on_start(struct edges *e, const struct tasks *tasks, const struct thread *thread,
		     const struct record *r)
{
	struct edge edge = { .stamp = r->stamp, .to = thread->own, .kind = EDGE_start };

	if (!thread->own)
		return;
	if (r->type == EVENT_PROCESS_START) {
		if (thread->own->id != event_PROCESS_START_process(r->v))
			return;
		edge.from = thread->own->creator;
		edge.kind = EDGE_fork;
	} else if (event_THREAD_START_how(r->v) == THREAD_created) {
		edge.from = tasks_find(tasks, event_THREAD_START_parent(r->v));
	}
	edges_add(e, &edge);
}

static void on_lock(struct edges *e, const struct thread *thread, const struct record *r)
{
	const struct edge edge = { .stamp = r->stamp,
				   .waited = event_LOCK_WAIT_wait_ticks(r->v),
				   .to = thread->current,
				   .kind = EDGE_lock };
	int result = (int)(int64_t)event_LOCK_WAIT_result(r->v);

	if (result == 0 || result == EOWNERDEAD)
		edge_lock_taken(e, thread, event_LOCK_WAIT_lock(r->v),
				(uint32_t)event_LOCK_WAIT_owner_tid(r->v), &edge);
}

static void on_io(struct edges *e, const struct files *files, const struct thread *thread,
		  const struct record *r)
{
	unsigned kind = (unsigned)event_IO_kind(r->v);
	const struct open_file *file;
	struct edge edge = { .stamp = r->stamp,
			     .waited = event_IO_duration_ticks(r->v),
			     .to = thread->current,
			     .kind = kind == FD_KIND_pipe ? EDGE_pipe : EDGE_socket };

	if ((kind != FD_KIND_pipe && !fd_kind_is_socket(kind)) ||
	    (int64_t)event_IO_result(r->v) <= 0 || !(file = files_open(files, event_IO_file(r->v))))
		return;
	if (call_does((unsigned)event_IO_call(r->v)) == DOES_WRITE)
		edge_written(e, file->outlet, &edge);
	else
		edge_read(e, file->inlet, &edge);
}

void edges_on_event(struct edges *e, const struct tasks *tasks, const struct files *files,
		    struct thread *thread, const struct record *r)
{
	switch (r->type) {
	case EVENT_THREAD_START:
	case EVENT_PROCESS_START:
		on_start(e, tasks, thread, r);
		return;
	}
	if (!thread->own)
		return;
	switch (r->type) {
	case EVENT_IO:
		on_io(e, files, thread, r);
		break;
	case EVENT_LOCK_WAIT:
		on_lock(e, thread, r);
		break;
	case EVENT_UNLOCK_WAKE:
		edge_woken(e, thread, event_UNLOCK_WAKE_lock(r->v), UINT32_MAX, r->stamp);
		break;
	case EVENT_WAKE:
		edge_woken(e, thread, event_WAKE_object(r->v), (uint32_t)event_WAKE_count(r->v),
			   r->stamp);
		break;
	case EVENT_WAIT:
		on_wait(e, tasks, thread, r);
		break;
	case EVENT_THREAD_CREATE:
		on_create(e, thread->own->process, r->v);
		break;
	case EVENT_CHILD_EXIT:
		on_child_exit(e, tasks, thread, r);
		break;
	}
}

static int by_wait(const void *a, const void *b)
{
	const struct edge_row *x = *(struct edge_row *const *)a;
	const struct edge_row *y = *(struct edge_row *const *)b;

	if (x->ticks != y->ticks)
		return x->ticks < y->ticks ? 1 : -1;
	if (x->from != y->from)
		return x->from->id > y->from->id ? 1 : -1;
	if (x->to != y->to)
		return x->to->id > y->to->id ? 1 : -1;
	return (int)x->kind - (int)y->kind;
}

void edges_finish(struct edges *e)
{
	edge_objects_forget(e);
	idmap_fini(&e->joinable);
	if (e->count)
		qsort(e->rows, e->count, sizeof(struct edge_row *), by_wait);
}

void edges_fini(struct edges *e)
{
	e->each = NULL;
	edge_objects_forget(e);
	for (uint32_t i = 0; i < e->count; i++)
		free(e->rows[i]);
	free(e->rows);
	idmap_fini(&e->by_key);
	idmap_fini(&e->objects);
	idmap_fini(&e->joinable);
	*e = (struct edges){ 0 };
}
