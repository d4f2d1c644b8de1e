/* SPDX-License-Identifier: MIT */
/*
 * The JSON report's lists: files, peers, locks, exceptions, wakes, curves, workers,
 * and what is not built yet.
 */
#include <stdio.h>

#include "report_json.h"

int json_each(struct json_report *r, const char *sql, int (*row)(void *to, sqlite3_stmt *s))
{
	return rows_each(r->store, r->run_id, sql, row, r, r->fault);
}

int json_list(struct json_report *r, const char *key, const char *sql,
	      int (*row)(void *to, sqlite3_stmt *s))
{
	int err;

	jout_open(&r->json, key, '[');
	err = json_each(r, sql, row);
	jout_close(&r->json, ']');
	return err;
}

/* A row whose keys are the names of its columns, in the list that is open; `key`
 * is NULL or says what it is. */
static int put_row(struct json_report *r, const char *key, sqlite3_stmt *s)
{
	jout_open(&r->json, key, '{');
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *column = sqlite3_column_name(s, i);

		switch (sqlite3_column_type(s, i)) {
		case SQLITE_INTEGER:
			jout_int(&r->json, column, sqlite3_column_int64(s, i));
			break;
		case SQLITE_FLOAT:
			jout_real(&r->json, column, sqlite3_column_double(s, i));
			break;
		case SQLITE_TEXT:
			jout_text(&r->json, column, row_text(s, i));
			break;
		default:
			jout_null(&r->json, column);
		}
	}
	jout_close(&r->json, '}');
	return 0;
}

static int plain_row(void *to, sqlite3_stmt *s)
{
	return put_row(to, NULL, s);
}

static int summary_row(void *to, sqlite3_stmt *s)
{
	return put_row(to, "workers_summary", s);
}

static int number_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;

	if (sqlite3_column_type(s, 0) == SQLITE_INTEGER)
		jout_int(&r->json, NULL, sqlite3_column_int64(s, 0));
	else
		jout_real(&r->json, NULL, row_real(s, 0));
	return 0;
}

static int put_curves(struct json_report *r)
{
	static const char *const series[] = { "seconds",      "rss",
					      "threads",      "cpu",
					      "processes",    "memory_limit",
					      "live_workers", "running_workers" };
	char sql[128];
	int err = 0;

	jout_open(&r->json, "curves", '{');
	for (unsigned i = 0; !err && i < sizeof(series) / sizeof(series[0]); i++) {
		snprintf(sql, sizeof(sql), "SELECT %s FROM curves WHERE run_id = ? ORDER BY number",
			 series[i]);
		err = json_list(r, series[i], sql, number_row);
	}
	jout_close(&r->json, '}');
	return err;
}

/* Lists whose keys are the columns. */
static const struct {
	const char *key, *sql;
} plain_list[] = {
	{ "files", "SELECT path, kind, opens, read_count, read_bytes, write_count, write_bytes, "
		   "seconds, metadata_count, sequential_share FROM files WHERE run_id = ? "
		   "ORDER BY number" },
	{ "peers", "SELECT address, family, sent_bytes, received_bytes, seconds FROM peers "
		   "WHERE run_id = ? ORDER BY number" },
	{ "locks", "SELECT name, acquisitions, contended, wait_seconds, max_wait_seconds, "
		   "contended_hold_seconds, site, place, holder FROM locks WHERE run_id = ? "
		   "ORDER BY number" },
	{ "exceptions", "SELECT type, task_id AS task, count FROM exceptions WHERE run_id = ? "
			"ORDER BY count DESC, type, task_id" },
	{ "wakes", "SELECT from_task AS \"from\", to_task AS \"to\", kind, count, seconds "
		   "FROM wakes WHERE run_id = ? ORDER BY number" },
};

int json_tail(struct json_report *r)
{
	struct json_out *j = &r->json;
	int err = 0;

	for (unsigned i = 0; !err && i < sizeof(plain_list) / sizeof(plain_list[0]); i++)
		err = json_list(r, plain_list[i].key, plain_list[i].sql, plain_row);
	if (!err)
		err = put_curves(r);
	if (!err)
		err = json_list(r, "workers",
				"SELECT pid, tid, name, start_seconds, last_seen_seconds, "
				"cpu_seconds, occupancy, peak_rss_mb FROM workers WHERE run_id = ? "
				"ORDER BY number",
				plain_row);
	if (!err)
		err = json_each(r,
				"SELECT workers_average AS average, workers_peak AS peak, "
				"cpu_cores AS cores, memory_limit_mb FROM runs WHERE id = ?",
				summary_row);
	jout_open(j, "functions", '[');
	jout_close(j, ']');
	jout_open(j, "graph", '{');
	jout_close(j, '}');
	jout_open(j, "bottlenecks", '[');
	jout_close(j, ']');
	return err;
}
