/* SPDX-License-Identifier: MIT */
/*
 * Rows of the store as the reports read them.
 */
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../store/metrics_bytes.h"

const char *row_text(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text ? text : "";
}

int64_t row_int(sqlite3_stmt *s, int column)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? -1 : sqlite3_column_int64(s, column);
}

double row_real(sqlite3_stmt *s, int column)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN
							     : sqlite3_column_double(s, column);
}

int rows_each(const struct store *store, int64_t run_id, const char *sql,
	      int (*row)(void *to, sqlite3_stmt *s), void *to, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, sql, fault), code = SQLITE_DONE;

	if (err)
		return err;
	sqlite3_bind_int64(w.statement, 1, run_id);
	while (!err && (code = sqlite3_step(w.statement)) == SQLITE_ROW)
		err = row(to, w.statement);
	if (!err && code != SQLITE_DONE)
		err = store_fault(store, fault);
	row_close(&w);
	return err;
}

/* Reads one row of task_metrics: ?1 run, ?2 task, ?3 scope. */
static int columns_open(struct row_writer *w, const struct store *store, struct fault *fault)
{
	char *sql = NULL;
	size_t bytes;
	FILE *out = open_memstream(&sql, &bytes);
	int err;

	*w = (struct row_writer){ 0 };
	if (!out)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (int i = 0; i < METRICS; i++)
		fprintf(out, "%s%s", i ? ", " : "SELECT ", metric_info[i].name);
	fputs(" FROM task_metrics WHERE run_id = ? AND task_id = ? AND scope = ?", out);
	fclose(out);
	err = row_open(w, store, sql, fault);
	free(sql);
	return err;
}

/* All null when there is no such row. */
static void columns_get(struct row_writer *w, int64_t run_id, int64_t task, const char *scope,
			struct metrics *m)
{
	metrics_clear(m);
	sqlite3_bind_int64(w->statement, 1, run_id);
	sqlite3_bind_int64(w->statement, 2, task);
	sqlite3_bind_text(w->statement, 3, scope, -1, SQLITE_STATIC);
	if (sqlite3_step(w->statement) == SQLITE_ROW)
		for (int i = 0; i < METRICS; i++)
			m->value[i] = row_real(w->statement, i);
	sqlite3_reset(w->statement);
}

int rows_totals(const struct store *store, int64_t run_id, struct metrics *totals,
		struct fault *fault)
{
	struct row_writer w;
	int err = columns_open(&w, store, fault);

	metrics_clear(totals);
	if (err)
		return err;
	columns_get(&w, run_id, 0, "inclusive", totals);
	row_close(&w);
	return 0;
}

static bool takes_all(const struct task_filter *f)
{
	return f->longest == ROWS_ALL && !f->glob && !f->no_inside;
}

/* The tasks that are wanted, in the temporary table `keep`. */
static int choose(const struct store *store, int64_t run_id, const struct task_filter *f,
		  struct fault *fault)
{
	struct row_writer w;
	int err = store_exec(store,
			     "CREATE TEMP TABLE IF NOT EXISTS keep (id INTEGER PRIMARY KEY);"
			     "DELETE FROM keep",
			     fault);

	if (!err)
		err = row_open(&w, store,
			       f->by_self ? "INSERT INTO keep SELECT id FROM tasks "
					    "WHERE run_id = ?1 AND (?2 IS NULL OR name GLOB ?2) "
					    "AND (NOT ?4 OR kind IN ('process', 'thread')) "
					    "ORDER BY self_seconds DESC, id LIMIT ?3"
					  : "INSERT INTO keep WITH RECURSIVE "
					    "longest(id) AS (SELECT id FROM tasks "
					    "WHERE run_id = ?1 AND (?2 IS NULL OR name GLOB ?2) "
					    "AND (NOT ?4 OR kind IN ('process', 'thread')) "
					    "ORDER BY runtime_seconds DESC, id LIMIT ?3), "
					    "up(id) AS (SELECT id FROM longest UNION "
					    "SELECT t.parent FROM up JOIN tasks t ON t.id = up.id "
					    "WHERE t.run_id = ?1 AND t.parent IS NOT NULL) "
					    "SELECT id FROM up",
			       fault);
	if (err)
		return err;
	sqlite3_bind_int64(w.statement, 1, run_id);
	sqlite3_bind_text(w.statement, 2, f->glob, -1, SQLITE_STATIC);
	sqlite3_bind_int64(w.statement, 3, f->longest);
	sqlite3_bind_int(w.statement, 4, f->no_inside);
	err = row_put(&w, fault, "");
	row_close(&w);
	return err;
}

struct task_reader {
	int (*row)(void *to, const struct task_row *task);
	void *to;
	const struct store *store;
	struct row_writer columns;
	struct fault *fault;
};

static int read_metrics(struct task_reader *reader, sqlite3_stmt *s, int column, struct task_row *t)
{
	const void *bytes = sqlite3_column_blob(s, column);
	int size = sqlite3_column_bytes(s, column);

	if (!bytes) {
		columns_get(&reader->columns, t->run_id, t->id, "inclusive", &t->inclusive);
		columns_get(&reader->columns, t->run_id, t->id, "self", &t->self);
		return 0;
	}
	switch (metrics_decode(bytes, (size_t)size, &t->self, &t->inclusive)) {
	case 0:
		return 0;
	case -EPROTONOSUPPORT:
		return fault_set(reader->fault, -EPROTONOSUPPORT,
				 "%s: task %lld was stored by a newer tpprobe", reader->store->path,
				 (long long)t->id);
	default:
		return fault_set(reader->fault, -EBADMSG,
				 "%s: the store is damaged (metrics of task %lld); import the "
				 "trace again",
				 reader->store->path, (long long)t->id);
	}
}

static int read_task(void *to, sqlite3_stmt *s)
{
	struct task_reader *reader = to;
	struct task_row t = {
		.run_id = sqlite3_column_int64(s, 0),
		.id = sqlite3_column_int64(s, 1),
		.parent = sqlite3_column_int64(s, 2),
		.created_by = sqlite3_column_int64(s, 3),
		.name = row_text(s, 4),
		.kind = row_text(s, 5),
		.status = row_text(s, 6),
		.command = (const char *)sqlite3_column_text(s, 7),
		.cwd = (const char *)sqlite3_column_text(s, 8),
		.pid = sqlite3_column_int64(s, 9),
		.tid = sqlite3_column_int64(s, 10),
		.exit_code = row_int(s, 11),
		.signal = row_int(s, 12),
		.start_seconds = sqlite3_column_double(s, 13),
	};
	int err = read_metrics(reader, s, 14, &t);

	return err ? err : reader->row(reader->to, &t);
}

int rows_tasks(const struct store *store, int64_t run_id, const struct task_filter *filter,
	       int (*row)(void *to, const struct task_row *task), void *to, struct fault *fault)
{
	struct task_reader reader = { .row = row, .to = to, .store = store, .fault = fault };
	char sql[512];
	int err = columns_open(&reader.columns, store, fault);

	if (!err && !takes_all(filter))
		err = choose(store, run_id, filter, fault);
	snprintf(sql, sizeof(sql),
		 "SELECT t.run_id, t.id, t.parent, t.created_by, t.name, t.kind, t.status, "
		 "t.command, t.cwd, t.pid, t.tid, t.exit_code, t.signal, t.start_seconds, "
		 "t.metrics FROM %s WHERE t.run_id = ? ORDER BY %s, t.id",
		 takes_all(filter) ? "tasks t" : "keep JOIN tasks t ON t.id = keep.id",
		 filter->by_self ? "t.self_seconds DESC" : "t.start_seconds");
	if (!err)
		err = rows_each(store, run_id, sql, read_task, &reader, fault);
	row_close(&reader.columns);
	return err;
}
