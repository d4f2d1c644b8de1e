/* SPDX-License-Identifier: MIT */
/*
 * The report as JSON, schema tpprobe.report/1: every key is always there; what
 * is not built yet is an empty array or object.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../json_out.h"
#include "report.h"
#include "report_json.h"
#include "rows.h"

static void int_or_null(struct json_out *j, const char *key, sqlite3_stmt *s, int column)
{
	if (sqlite3_column_type(s, column) == SQLITE_NULL)
		jout_null(j, key);
	else
		jout_int(j, key, sqlite3_column_int64(s, column));
}

static void put_metric(struct json_out *j, int i, double value)
{
	if (metric_info[i].type == TYPE_INT && isfinite(value))
		jout_int(j, metric_info[i].name, metric_int(value));
	else
		jout_real(j, metric_info[i].name, value);
}

static void put_metrics(struct json_report *r, const char *key, const struct metrics *m,
			int64_t task, bool is_self)
{
	jout_open(&r->json, key, '{');
	for (int i = 0; i < METRICS; i++)
		put_metric(&r->json, i, m->value[i]);
	json_custom(r, task, is_self);
	jout_close(&r->json, '}');
}

static int label_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;

	jout_text(&r->json, row_text(s, 0), row_text(s, 1));
	return 0;
}

static int text_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;

	jout_text(&r->json, NULL, row_text(s, 0));
	return 0;
}

static int child_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;

	jout_open(&r->json, NULL, '{');
	int_or_null(&r->json, "pid", s, 0);
	jout_text(&r->json, "program", row_text(s, 1));
	jout_text(&r->json, "why", row_text(s, 2));
	int_or_null(&r->json, "wait_status", s, 3);
	jout_real(&r->json, "cpu_seconds", row_real(s, 4));
	jout_real(&r->json, "peak_rss_mb", row_real(s, 5));
	jout_close(&r->json, '}');
	return 0;
}

static int run_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;
	struct json_out *j = &r->json;
	int64_t started = sqlite3_column_int64(s, 6);
	time_t seconds = started / 1000000000;
	char text[64], whole[96];
	struct tm tm;
	int err;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(whole, sizeof(whole), "%s.%06lldZ", text,
		 (long long)(started % 1000000000 / 1000));
	jout_open(j, "run", '{');
	jout_int(j, "id", sqlite3_column_int64(s, 0));
	jout_text(j, "name", row_text(s, 1));
	jout_raw(j, "command", row_text(s, 2));
	jout_text(j, "env", row_text(s, 3));
	jout_text(j, "stage", row_text(s, 4));
	jout_open(j, "labels", '{');
	err = json_each(r, "SELECT key, value FROM labels WHERE run_id = ? ORDER BY key",
			label_row);
	jout_close(j, '}');
	jout_text(j, "host", row_text(s, 5));
	jout_text(j, "started", whole);
	jout_real(j, "runtime_seconds", row_real(s, 7));
	jout_text(j, "status", row_text(s, 8));
	int_or_null(j, "exit_code", s, 9);
	int_or_null(j, "signal", s, 10);
	int_or_null(j, "cpu_cores", s, 11);
	jout_text(j, "cwd", row_text(s, 12));
	jout_close(j, '}');
	return err;
}

static int capture_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;
	struct json_out *j = &r->json;
	int err;

	jout_open(j, "capture", '{');
	jout_int(j, "events", sqlite3_column_int64(s, 0));
	jout_int(j, "lost", sqlite3_column_int64(s, 1));
	jout_int(j, "trace_bytes", sqlite3_column_int64(s, 2));
	jout_int(j, "raw_bytes", sqlite3_column_int64(s, 3));
	jout_int(j, "processes", sqlite3_column_int64(s, 4));
	jout_int(j, "threads", sqlite3_column_int64(s, 5));
	jout_real(j, "probe_seconds", row_real(s, 6));
	jout_text(j, "level", row_text(s, 7));
	jout_text(j, "time_source", row_text(s, 8));
	err = json_list(r, "estimated",
			"SELECT text FROM notes WHERE run_id = ? AND kind = 'estimated' "
			"ORDER BY number",
			text_row);
	if (!err)
		err = json_list(r, "uninstrumented",
				"SELECT pid, program, why, wait_status, cpu_seconds, peak_rss_mb "
				"FROM uninstrumented WHERE run_id = ? "
				"ORDER BY number",
				child_row);
	jout_open(j, "unattributed", '{');
	int_or_null(j, "read_bytes", s, 9);
	int_or_null(j, "write_bytes", s, 10);
	jout_close(j, '}');
	if (!err)
		err = json_list(r, "notes",
				"SELECT text FROM notes WHERE run_id = ? AND kind = 'note' "
				"ORDER BY number",
				text_row);
	jout_close(j, '}');
	return err;
}

static int total_row(void *to, sqlite3_stmt *s)
{
	struct json_report *r = to;

	jout_int(&r->json, "tasks_total", sqlite3_column_int64(s, 0));
	return 0;
}

static void id_or_null(struct json_out *j, const char *key, int64_t id)
{
	if (id > 0)
		jout_int(j, key, id);
	else
		jout_null(j, key);
}

static int task_row(void *to, const struct task_row *t)
{
	struct json_report *r = to;
	struct json_out *j = &r->json;

	jout_open(j, NULL, '{');
	jout_int(j, "id", t->id);
	id_or_null(j, "parent", t->parent);
	id_or_null(j, "created_by", t->created_by);
	jout_text(j, "name", t->name);
	jout_text(j, "kind", t->kind);
	jout_int(j, "pid", t->pid);
	jout_int(j, "tid", t->tid);
	jout_real(j, "start_seconds", t->start_seconds);
	jout_text(j, "status", t->status);
	put_metrics(r, "metrics", &t->inclusive, t->id, false);
	put_metrics(r, "self", &t->self, t->id, true);
	json_custom_texts(r, t->id);
	if (!strcmp(t->kind, "process")) {
		if (t->command)
			jout_raw(j, "command", t->command);
		else
			jout_null(j, "command");
		jout_text(j, "cwd", t->cwd);
		if (t->exit_code >= 0)
			jout_int(j, "exit_code", t->exit_code);
		else
			jout_null(j, "exit_code");
		id_or_null(j, "signal", t->signal);
	}
	jout_close(j, '}');
	return 0;
}

static int distribution_row(void *to, sqlite3_stmt *s)
{
	static const char *const key[] = { "sum", "mean", "median", "stdev",
					   "min", "max",  "p95",    "p99" };
	struct json_report *r = to;
	struct json_out *j = &r->json;
	char *name;

	if (asprintf(&name, "%s %s", row_text(s, 1), row_text(s, 0)) < 0)
		return fault_set(r->fault, -ENOMEM, "out of memory");
	if (r->profile && !strcmp(name, r->profile)) {
		free(name);
	} else {
		if (r->profile) {
			jout_close(j, '}');
			jout_close(j, '}');
		}
		free(r->profile);
		r->profile = name;
		jout_open(j, NULL, '{');
		jout_text(j, "name", row_text(s, 0));
		jout_text(j, "kind", row_text(s, 1));
		jout_int(j, "count", sqlite3_column_int64(s, 2));
		jout_int(j, "failed", sqlite3_column_int64(s, 3));
		jout_open(j, "metrics", '{');
	}
	if (sqlite3_column_type(s, 4) == SQLITE_NULL)
		return 0;
	jout_open(j, row_text(s, 4), '{');
	for (int i = 0; i < 8; i++)
		jout_real(j, key[i], row_real(s, 5 + i));
	jout_close(j, '}');
	return 0;
}

static int put_profiles(struct json_report *r)
{
	int err;

	jout_open(&r->json, "profiles", '[');
	err = json_each(
		r,
		"SELECT p.name, p.kind, p.count, p.failed, m.metric, m.sum, m.mean, m.median, "
		"m.stdev, m.min, m.max, m.p95, m.p99 FROM profiles p LEFT JOIN profile_metrics "
		"m ON m.run_id = p.run_id AND m.name = p.name AND m.kind = p.kind "
		"WHERE p.run_id = ? ORDER BY p.kind, p.name",
		distribution_row);
	if (r->profile) {
		jout_close(&r->json, '}');
		jout_close(&r->json, '}');
	}
	free(r->profile);
	r->profile = NULL;
	jout_close(&r->json, ']');
	return err;
}

int report_json(const struct store *store, int64_t run_id, const struct report_options *options,
		FILE *out, struct fault *fault)
{
	struct json_report r = { .store = store,
				 .run_id = run_id,
				 .fault = fault,
				 .json = { .file = out, .flat_from = 3 } };
	struct task_filter filter = { .glob = options->task,
				      .longest = options->all ? ROWS_ALL : REPORT_JSON_TASKS };
	struct metrics totals;
	int err;

	jout_open(&r.json, NULL, '{');
	jout_text(&r.json, "schema", REPORT_SCHEMA);
	err = json_each(
		&r,
		"SELECT id, name, command, env, stage, host, started_real_ns, runtime_seconds, "
		"status, exit_code, signal, cpu_cores, cwd FROM runs WHERE id = ?",
		run_row);
	if (!err)
		err = json_each(&r,
				"SELECT events, lost, trace_bytes, raw_bytes, processes, threads, "
				"probe_seconds, level, time_source, unattributed_read_bytes, "
				"unattributed_write_bytes FROM runs WHERE id = ?",
				capture_row);
	if (!err)
		err = rows_totals(store, run_id, &totals, fault);
	if (!err)
		err = json_custom_open(&r);
	if (err)
		return err;
	put_metrics(&r, "totals", &totals, 0, false);
	err = json_each(&r, "SELECT tasks_total FROM runs WHERE id = ?", total_row);
	jout_open(&r.json, "tasks", '[');
	if (!err)
		err = rows_tasks(store, run_id, &filter, task_row, &r, fault);
	jout_close(&r.json, ']');
	if (!err)
		err = put_profiles(&r);
	if (!err)
		err = json_tail(&r);
	json_custom_close(&r);
	jout_close(&r.json, '}');
	return err;
}
