/* SPDX-License-Identifier: MIT */
/*
 * Rows of files, peers, locks, uninstrumented programs and notes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "import.h"

/* Metrics that are estimated while time_source is "clocks"; the others where stdio
 * was told from its buffers. */
static const enum metric estimated[] = {
	METRIC_cpu_user_seconds,       METRIC_cpu_system_seconds,   METRIC_cpu_user_utilization,
	METRIC_cpu_system_utilization, METRIC_io_wait_time_seconds, METRIC_network_wait_seconds,
	METRIC_lock_wait_seconds,      METRIC_sync_wait_seconds,    METRIC_sleep_seconds,
	METRIC_other_seconds,
};
static const enum metric estimated_by_stdio[] = {
	METRIC_file_read_bytes,
	METRIC_file_write_bytes,
	METRIC_io_read_count,
	METRIC_io_write_count,
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
	int err =
		row_open(&file, store, "INSERT INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", fault);

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
			err = row_put(&file, fault, "iittiiiiirir", run, (int64_t)i + 1, row->name,
				      file_kind_name(row->kind), (int64_t)s->opens,
				      (int64_t)s->reads, (int64_t)s->read_bytes, (int64_t)s->writes,
				      (int64_t)s->write_bytes, seconds, (int64_t)s->metadata,
				      file_sequential_share(row));
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
	int err = row_open(&w, store, "INSERT INTO locks VALUES (?,?,?,NULL,?,?,?,?,?,?,?)", fault);

	if (p->locks.count)
		qsort(p->locks.rows, p->locks.count, sizeof(struct lock_row *), by_wait);
	for (uint32_t i = 0; !err && i < p->locks.count; i++) {
		const struct lock_row *row = p->locks.rows[i];
		char name[64], site[32], place[256];
		bool is_known = modules_place(row->site_image, row->site, row->site_stamp, place,
					      sizeof(place));

		snprintf(name, sizeof(name), "%s 0x%llx in pid %u", row->kind,
			 (unsigned long long)row->addr, row->process->process->pid);
		snprintf(site, sizeof(site), "0x%llx", (unsigned long long)row->site);
		sqlite3_clear_bindings(w.statement);
		if (row->owner)
			sqlite3_bind_int64(w.statement, 10, (int64_t)row->owner->id);
		err = row_put(&w, fault, "iitirrrtt", run, (int64_t)i + 1, name,
			      (int64_t)row->contended, profile_length(p, row->wait_ticks),
			      profile_length(p, row->max_wait_ticks),
			      row->has_hold ? profile_length(p, row->hold_ticks) : NAN, site,
			      is_known ? place : NULL);
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

static void put_estimated(struct note_writer *n, const enum metric *metric, unsigned count)
{
	for (unsigned i = 0; !n->err && i < count; i++)
		n->err = row_put(&n->w, n->fault, "itit", n->run, "estimated", ++n->number,
				 metric_info[metric[i]].name);
}

static int put_notes(struct store *store, int64_t run, const struct profile *p, struct fault *fault)
{
	struct note_writer n = { .run = run, .fault = fault };

	n.err = row_open(&n.w, store, "INSERT INTO notes VALUES (?,?,?,?)", fault);
	profile_notes(p, put_note, &n);
	n.number = 0;
	put_estimated(&n, estimated, sizeof(estimated) / sizeof(estimated[0]));
	if (profile_counter(p, COUNTER_stdio_transfers))
		put_estimated(&n, estimated_by_stdio,
			      sizeof(estimated_by_stdio) / sizeof(estimated_by_stdio[0]));
	row_close(&n.w);
	return n.err;
}

int import_parts(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault)
{
	int err = put_files(store, run_id, p, fault);

	if (!err)
		err = put_locks(store, run_id, p, fault);
	if (!err)
		err = put_children(store, run_id, p, fault);
	if (!err)
		err = put_notes(store, run_id, p, fault);
	return err;
}
