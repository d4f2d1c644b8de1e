/* SPDX-License-Identifier: MIT */
/*
 * Rows of files, peers, locks, curves, uninstrumented programs and notes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "import.h"

/* Metrics that are estimated while time_source is "clocks". */
static const enum metric estimated[] = {
	METRIC_cpu_user_seconds,       METRIC_cpu_system_seconds,   METRIC_cpu_user_utilization,
	METRIC_cpu_system_utilization, METRIC_io_wait_time_seconds, METRIC_network_wait_seconds,
	METRIC_lock_wait_seconds,      METRIC_sync_wait_seconds,    METRIC_sleep_seconds,
	METRIC_other_seconds,
};

static int by_cost(const void *a, const void *b)
{
	const struct file_sums *x = &(*(struct file_row *const *)a)->sums;
	const struct file_sums *y = &(*(struct file_row *const *)b)->sums;
	uint64_t p = x->read_bytes + x->write_bytes, q = y->read_bytes + y->write_bytes;

	return p != q ? (p < q ? 1 : -1) : (x->ticks < y->ticks) - (x->ticks > y->ticks);
}

static int put_files(struct store *store, int64_t run, const struct profile *p, struct fault *fault)
{
	struct row_writer file, peer = { 0 };
	int err = row_open(&file, store, "INSERT INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?,NULL)",
			   fault);

	if (!err)
		err = row_open(&peer, store, "INSERT INTO peers VALUES (?,?,?,?,?,?,?)", fault);
	if (p->files.count)
		qsort(p->files.rows, p->files.count, sizeof(struct file_row *), by_cost);
	for (uint32_t i = 0; !err && i < p->files.count; i++) {
		const struct file_row *row = p->files.rows[i];
		const struct file_sums *s = &row->sums;
		double seconds = profile_length(p, s->ticks);

		if (fd_kind_is_socket(row->kind))
			err = row_put(&peer, fault, "iittiir", run, (int64_t)i + 1, row->name,
				      file_kind_name(row->kind), (int64_t)s->write_bytes,
				      (int64_t)s->read_bytes, seconds);
		else
			err = row_put(&file, fault, "iittiiiiiri", run, (int64_t)i + 1, row->name,
				      file_kind_name(row->kind), (int64_t)s->opens,
				      (int64_t)s->reads, (int64_t)s->read_bytes, (int64_t)s->writes,
				      (int64_t)s->write_bytes, seconds, (int64_t)s->metadata);
	}
	row_close(&file);
	row_close(&peer);
	return err;
}

static int by_wait(const void *a, const void *b)
{
	const struct lock_row *x = *(struct lock_row *const *)a;
	const struct lock_row *y = *(struct lock_row *const *)b;

	return (x->wait_ticks < y->wait_ticks) - (x->wait_ticks > y->wait_ticks);
}

static int put_locks(struct store *store, int64_t run, const struct profile *p, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "INSERT INTO locks VALUES (?,?,?,NULL,?,?,?,?,?)", fault);

	if (p->locks.count)
		qsort(p->locks.rows, p->locks.count, sizeof(struct lock_row *), by_wait);
	for (uint32_t i = 0; !err && i < p->locks.count; i++) {
		const struct lock_row *row = p->locks.rows[i];
		char name[64], site[32];

		snprintf(name, sizeof(name), "mutex 0x%llx in pid %u",
			 (unsigned long long)row->addr, row->process->pid);
		snprintf(site, sizeof(site), "0x%llx", (unsigned long long)row->site);
		err = row_put(&w, fault, "iitirrrt", run, (int64_t)i + 1, name,
			      (int64_t)row->contended, profile_length(p, row->wait_ticks),
			      profile_length(p, row->max_wait_ticks),
			      row->has_hold ? profile_length(p, row->hold_ticks) : NAN, site);
	}
	row_close(&w);
	return err;
}

static int put_curves(struct store *store, int64_t run, const struct profile *p,
		      struct fault *fault)
{
	const struct curves *c = &p->curves;
	struct row_writer w;
	double before = 0;
	int err = row_open(&w, store, "INSERT INTO curves VALUES (?,?,?,?,?,?,?)", fault);

	for (uint32_t i = 0; !err && i < c->count; i++) {
		const struct curve_point *point = &c->point[i];
		double at = profile_seconds(p, c->origin + i * c->width);

		if (!point->is_sampled)
			continue;
		err = row_put(&w, fault, "iirriri", run, (int64_t)i, at,
			      (double)point->rss_kb / 1024, (int64_t)point->threads,
			      at > before ? (double)point->cpu_ms / 1e3 / (at - before) : NAN,
			      (int64_t)point->processes);
		before = at;
	}
	row_close(&w);
	return err;
}

static int put_children(struct store *store, int64_t run, const struct profile *p,
			struct fault *fault)
{
	struct row_writer w;
	int err =
		row_open(&w, store, "INSERT INTO uninstrumented VALUES (?,?,?,?,?,?,?,?,?)", fault);

	for (uint32_t i = 0; !err && i < p->children.count; i++) {
		const struct child_row *row = &p->children.rows[i];

		sqlite3_clear_bindings(w.statement);
		if (row->pid)
			sqlite3_bind_int64(w.statement, 3, row->pid);
		if (row->has_status)
			sqlite3_bind_int64(w.statement, 7, row->status);
		if (row->parent)
			sqlite3_bind_int64(w.statement, 6, (int64_t)row->parent->id);
		err = row_put(&w, fault, "ii-tt--rr", run, (int64_t)i + 1,
			      row->path ? row->path : "", child_why(row->why),
			      row->has_usage ? (double)(row->utime_us + row->stime_us) / 1e6 : NAN,
			      row->has_usage ? (double)row->peak_rss_kb / 1024 : NAN);
	}
	row_close(&w);
	return err;
}

struct note_writer {
	struct row_writer w;
	int64_t run, number;
	struct fault *fault;
	int err;
};

static void put_note(void *to, const char *sentence)
{
	struct note_writer *n = to;

	if (!n->err)
		n->err = row_put(&n->w, n->fault, "itit", n->run, "note", ++n->number, sentence);
}

static int put_notes(struct store *store, int64_t run, const struct profile *p, struct fault *fault)
{
	struct note_writer n = { .run = run, .fault = fault };

	n.err = row_open(&n.w, store, "INSERT INTO notes VALUES (?,?,?,?)", fault);
	profile_notes(p, put_note, &n);
	for (unsigned i = 0; !n.err && i < sizeof(estimated) / sizeof(estimated[0]); i++)
		n.err = row_put(&n.w, fault, "itit", run, "estimated", (int64_t)i + 1,
				metric_info[estimated[i]].name);
	row_close(&n.w);
	return n.err;
}

int import_parts(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault)
{
	int err = put_files(store, run_id, p, fault);

	if (!err)
		err = put_locks(store, run_id, p, fault);
	if (!err)
		err = put_curves(store, run_id, p, fault);
	if (!err)
		err = put_children(store, run_id, p, fault);
	if (!err)
		err = put_notes(store, run_id, p, fault);
	return err;
}
