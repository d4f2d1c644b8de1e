/* SPDX-License-Identifier: MIT */
/*
 * Rows of the store as the reports read them.
 */
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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

void metrics_read(sqlite3_stmt *s, int column, struct metrics *m)
{
	for (int i = 0; i < METRICS; i++)
		m->value[i] = row_real(s, column + i);
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

/* "i.runtime_seconds, i.cpu_cores, …" */
static void put_columns(FILE *out, const char *alias)
{
	for (int i = 0; i < METRICS; i++)
		fprintf(out, "%s%s.%s", i ? ", " : "", alias, metric_info[i].name);
}

int rows_totals(const struct store *store, int64_t run_id, struct metrics *totals,
		struct fault *fault)
{
	struct row_writer w;
	char *sql = NULL;
	size_t bytes;
	FILE *out = open_memstream(&sql, &bytes);
	int err;

	metrics_clear(totals);
	if (!out)
		return fault_set(fault, -ENOMEM, "out of memory");
	fputs("SELECT ", out);
	put_columns(out, "i");
	fputs(" FROM task_metrics i WHERE run_id = ? AND task_id = 0 AND scope = 'inclusive'", out);
	fclose(out);
	err = row_open(&w, store, sql, fault);
	free(sql);
	if (err)
		return err;
	sqlite3_bind_int64(w.statement, 1, run_id);
	if (sqlite3_step(w.statement) == SQLITE_ROW)
		metrics_read(w.statement, 0, totals);
	row_close(&w);
	return 0;
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
			       f->by_self
				       ? "INSERT INTO keep SELECT m.task_id FROM task_metrics m "
					 "JOIN tasks t ON t.run_id = m.run_id AND t.id = m.task_id "
					 "WHERE m.run_id = ?1 AND m.scope = 'self' "
					 "AND (?2 IS NULL OR t.name GLOB ?2) "
					 "ORDER BY m.thread_seconds DESC, m.task_id LIMIT ?3"
				       : "INSERT INTO keep WITH RECURSIVE "
					 "longest(id) AS (SELECT m.task_id FROM task_metrics m "
					 "JOIN tasks t ON t.run_id = m.run_id AND t.id = m.task_id "
					 "WHERE m.run_id = ?1 AND m.scope = 'inclusive' "
					 "AND (?2 IS NULL OR t.name GLOB ?2) "
					 "ORDER BY m.runtime_seconds DESC, m.task_id LIMIT ?3), "
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
	err = row_put(&w, fault, "");
	row_close(&w);
	return err;
}

static char *tasks_sql(bool by_self)
{
	char *sql = NULL;
	size_t bytes;
	FILE *out = open_memstream(&sql, &bytes);

	if (!out)
		return NULL;
	fputs("SELECT t.run_id, t.id, t.parent, t.created_by, t.name, t.kind, t.status, t.command,"
	      " t.cwd, t.pid, t.tid, t.exit_code, t.signal, t.start_seconds, ",
	      out);
	put_columns(out, "i");
	fputs(", ", out);
	put_columns(out, "s");
	fprintf(out,
		" FROM keep JOIN tasks t ON t.id = keep.id AND t.run_id = ?1"
		" JOIN task_metrics i ON i.run_id = ?1 AND i.task_id = t.id AND"
		" i.scope = 'inclusive'"
		" JOIN task_metrics s ON s.run_id = ?1 AND s.task_id = t.id AND s.scope = 'self'"
		" ORDER BY %s, t.id",
		by_self ? "s.thread_seconds DESC" : "t.start_seconds");
	fclose(out);
	return sql;
}

struct task_reader {
	int (*row)(void *to, const struct task_row *task);
	void *to;
};

static int read_task(void *to, sqlite3_stmt *s)
{
	const struct task_reader *reader = to;
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

	metrics_read(s, 14, &t.inclusive);
	metrics_read(s, 14 + METRICS, &t.self);
	return reader->row(reader->to, &t);
}

int rows_tasks(const struct store *store, int64_t run_id, const struct task_filter *filter,
	       int (*row)(void *to, const struct task_row *task), void *to, struct fault *fault)
{
	struct task_reader reader = { row, to };
	int err = choose(store, run_id, filter, fault);
	char *sql;

	if (err)
		return err;
	sql = tasks_sql(filter->by_self);
	if (!sql)
		return fault_set(fault, -ENOMEM, "out of memory");
	err = rows_each(store, run_id, sql, read_task, &reader, fault);
	free(sql);
	return err;
}
