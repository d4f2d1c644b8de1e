/* SPDX-License-Identifier: MIT */
/*
 * From a trace directory to a run: the row of the run itself, and what decides
 * whether there is anything to do.
 */
#include "import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "../json_out.h"
#include "../paths.h"

#define NS 1000000000

int import_find(const struct store *store, const char *dir, int64_t *run_id, bool *is_current,
		struct fault *fault)
{
	struct row_writer w;
	struct manifest m;
	int err = manifest_load(dir, &m, fault);

	*run_id = 0;
	*is_current = false;
	if (err)
		return err;
	err = row_open(&w, store,
		       "SELECT id, is_complete, trace_bytes FROM runs WHERE session_id = ?", fault);
	if (!err) {
		sqlite3_bind_text(w.statement, 1, manifest_text(&m, "session_id"), -1,
				  SQLITE_STATIC);
		if (sqlite3_step(w.statement) == SQLITE_ROW) {
			uint64_t bytes = (uint64_t)sqlite3_column_int64(w.statement, 2);

			*run_id = sqlite3_column_int64(w.statement, 0);
			*is_current = sqlite3_column_int(w.statement, 1) &&
				      bytes == manifest_number(&m, "trace_bytes", 0);
		}
	}
	row_close(&w);
	manifest_fini(&m);
	return err;
}

struct verdict {
	enum task_status status;
	int exit_code, signal; /* -1: NULL */
};

/* How the run ended: what its launcher saw; else the roots together: the run has
 * failed when one of them has, and runs as long as one of them does. */
static struct verdict judge(const struct profile *p)
{
	const struct process *worst = NULL;
	struct verdict v = { STATUS_completed, -1, -1 };
	int status;

	if (manifest_exit(&p->manifest, &status)) {
		if (WIFSIGNALED(status))
			return (struct verdict){ STATUS_killed, -1, WTERMSIG(status) };
		v.exit_code = WEXITSTATUS(status);
		v.status = v.exit_code ? STATUS_failed : STATUS_completed;
		return v;
	}
	for (size_t i = 0; i < p->tasks.count; i++) {
		const struct task *task = p->tasks.all[i];

		if (task->creator || task->kind != TASK_process)
			continue;
		if (task->status == STATUS_running)
			return (struct verdict){ STATUS_running, -1, -1 };
		if (!worst || (v.status == STATUS_completed && task->status != STATUS_completed)) {
			worst = task->process;
			v.status = task->status;
		}
	}
	if (!worst && !manifest_is_complete(&p->manifest))
		v.status = STATUS_running;
	if (worst) {
		v.exit_code = worst->exit_code;
		v.signal = worst->signal;
	}
	return v;
}

static char *command_json(const struct profile *p)
{
	const json_t *command = json_object_get(p->manifest.root, "command"), *part;
	struct json_out j = { .flat_from = 1 };
	char *text = NULL;
	size_t bytes, i;

	j.file = open_memstream(&text, &bytes);
	if (!j.file)
		return NULL;
	jout_open(&j, NULL, '[');
	json_array_foreach(command, i, part) jout_text(&j, NULL, json_string_value(part));
	jout_close(&j, ']');
	fclose(j.file);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static double probe_seconds(const struct profile *p)
{
	uint64_t ticks = 0;

	for (size_t i = 0; i < p->tasks.count; i++)
		ticks += counters_get(p->tasks.all[i]->counters, COUNTER_probe_wait_ticks);
	return profile_length(p, ticks);
}

/* No more of them can have run at once than there were, or cores: CPU time begins
 * before the runtime does (values.c). */
static double workers_average(const struct profile *p, const struct metrics *totals)
{
	double runtime = totals->value[METRIC_runtime_seconds];
	double cores = totals->value[METRIC_cpu_cores], most = (double)p->workers.peak;
	double average = runtime > 0 ? p->workers.cpu_ns / 1e9 / runtime : NAN;

	if (cores < most)
		most = cores;
	return average > most ? most : average;
}

static const char *name_of(const struct profile *p)
{
	const char *name = manifest_text(&p->manifest, "name");

	if (!*name && p->tasks.count)
		name = p->tasks.all[0]->process->task->name;
	return *name ? name : manifest_text(&p->manifest, "program");
}

/* One column of the run's row. */
struct cell {
	const char *column;
	char type; /* as row_put() */
	int64_t number;
	double real;
	const char *text;
};
#define CELL_INT(name, value)                                                                      \
	{                                                                                          \
		.column = name, .type = 'i', .number = (int64_t)(value)                            \
	}
#define CELL_INT_OR_NULL(name, value, known)                                                       \
	{                                                                                          \
		.column = name, .type = (known) ? 'i' : 'n', .number = (int64_t)(value)            \
	}
#define CELL_REAL(name, value)                                                                     \
	{                                                                                          \
		.column = name, .type = 'r', .real = (value)                                       \
	}
#define CELL_TEXT(name, value)                                                                     \
	{                                                                                          \
		.column = name, .type = 't', .text = (value)                                       \
	}

static int put_cells(struct store *store, const struct cell *cell, unsigned count,
		     struct fault *fault)
{
	char sql[2048];
	struct row_writer w;
	int n = snprintf(sql, sizeof(sql), "INSERT INTO runs (");
	int err;

	for (unsigned i = 0; i < count; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, "%s%s", i ? ", " : "",
			      cell[i].column);
	n += snprintf(sql + n, sizeof(sql) - (size_t)n, ") VALUES (");
	for (unsigned i = 0; i < count; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, i ? ",?" : "?");
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	err = row_open(&w, store, sql, fault);
	for (unsigned i = 0; !err && i < count; i++) {
		int at = (int)i + 1;

		if (cell[i].type == 'i')
			sqlite3_bind_int64(w.statement, at, cell[i].number);
		else if (cell[i].type == 'r')
			sqlite3_bind_double(w.statement, at, cell[i].real); /* NAN is NULL */
		else if (cell[i].type == 't')
			sqlite3_bind_text(w.statement, at, cell[i].text, -1, SQLITE_STATIC);
	}
	if (!err)
		err = row_put(&w, fault, "");
	row_close(&w);
	return err;
}

static int put_run(struct store *store, int64_t id, const char *dir, const struct profile *p,
		   struct fault *fault)
{
	const struct manifest *m = &p->manifest;
	const char *level =
		json_string_value(json_object_get(json_object_get(m->root, "options"), "level"));
	uint64_t started = timeline_real_ns(p->clock, p->first);
	bool has_io = p->tasks.count > 0;
	char *command = command_json(p), *absolute = path_absolute(dir);
	const struct verdict end = judge(p);
	struct metrics totals;
	struct timespec now;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	metrics_clear(&totals);
	profile_totals(p, &totals);

	const struct cell cells[] = {
		CELL_INT_OR_NULL("id", id, id),
		CELL_TEXT("session_id", manifest_text(m, "session_id")),
		CELL_TEXT("trace_dir", absolute),
		CELL_TEXT("name", name_of(p)),
		CELL_TEXT("command", command),
		CELL_TEXT("cwd", manifest_text(m, "cwd")),
		CELL_TEXT("env", manifest_text(m, "env")),
		CELL_TEXT("stage", manifest_text(m, "stage")),
		CELL_TEXT("host", manifest_text(m, "host")),
		CELL_TEXT("kernel", manifest_text(m, "kernel")),
		CELL_INT("started_real_ns",
			 p->tasks.count ? started : manifest_number(m, "started_real_ns", 0)),
		CELL_INT("imported_real_ns", now.tv_sec * NS + now.tv_nsec),
		CELL_REAL("runtime_seconds", totals.value[METRIC_runtime_seconds]),
		CELL_TEXT("status", task_status_name[end.status]),
		CELL_INT_OR_NULL("exit_code", end.exit_code, end.exit_code >= 0),
		CELL_INT_OR_NULL("signal", end.signal, end.signal >= 0),
		CELL_INT_OR_NULL("cpu_cores", totals.value[METRIC_cpu_cores],
				 !isnan(totals.value[METRIC_cpu_cores])),
		CELL_INT("is_complete", manifest_is_complete(m)),
		CELL_INT("events", p->events),
		CELL_INT("lost", manifest_lost(m)),
		CELL_INT("trace_bytes", manifest_number(m, "trace_bytes", 0)),
		CELL_INT("raw_bytes", manifest_number(m, "raw_bytes", 0)),
		CELL_INT("processes", p->tasks.process_count),
		CELL_INT("threads", profile_thread_count(p)),
		CELL_REAL("probe_seconds", probe_seconds(p)),
		CELL_TEXT("level", level ? level : "trace"),
		CELL_TEXT("time_source", "clocks"),
		CELL_INT_OR_NULL("unattributed_read_bytes", usage_unattributed_read(&p->tasks),
				 has_io),
		CELL_INT_OR_NULL("unattributed_write_bytes", usage_unattributed_write(&p->tasks),
				 has_io),
		CELL_INT("tasks_total", p->tasks.count),
		CELL_REAL("workers_average", workers_average(p, &totals)),
		CELL_INT("workers_peak", p->workers.peak),
		CELL_REAL("memory_limit_mb", profile_memory_limit_mb(p)),
	};
	err = command && absolute ? 0 : fault_set(fault, -ENOMEM, "out of memory");
	if (!err)
		err = put_cells(store, cells, sizeof(cells) / sizeof(cells[0]), fault);
	free(command);
	free(absolute);
	return err;
}

static int put_labels(struct store *store, int64_t id, const struct profile *p, struct fault *fault)
{
	struct row_writer w;
	const char *key;
	json_t *value;
	int err = row_open(&w, store, "INSERT OR REPLACE INTO labels VALUES (?,?,?)", fault);

	json_object_foreach(json_object_get(p->manifest.root, "labels"), key,
			    value) if (!err && json_is_string(value)) err =
		row_put(&w, fault, "itt", id, key, json_string_value(value));
	row_close(&w);
	return err;
}

/* Labels that were added by hand stay when a run is imported again. */
static int replace_rows(struct store *store, int64_t id, struct fault *fault)
{
	char sql[512];

	if (!id)
		return 0;
	snprintf(sql, sizeof(sql),
		 "CREATE TEMP TABLE IF NOT EXISTS kept_labels (key TEXT, value TEXT);"
		 "DELETE FROM kept_labels;"
		 "INSERT INTO kept_labels SELECT key, value FROM labels WHERE run_id = %lld;"
		 "DELETE FROM runs WHERE id = %lld",
		 (long long)id, (long long)id);
	return store_exec(store, sql, fault);
}

static int put_all(struct store *store, const char *dir, const struct profile *p, int64_t *id,
		   struct fault *fault)
{
	bool is_again = *id != 0;
	char sql[160];
	int err = replace_rows(store, *id, fault);

	if (!err)
		err = put_run(store, *id, dir, p, fault);
	if (err)
		return err;
	*id = sqlite3_last_insert_rowid(store->db);
	if (is_again) {
		snprintf(sql, sizeof(sql),
			 "INSERT INTO labels SELECT %lld, key, value FROM kept_labels",
			 (long long)*id);
		err = store_exec(store, sql, fault);
	}
	if (!err)
		err = put_labels(store, *id, p, fault);
	if (!err)
		err = import_tasks(store, *id, p, fault);
	if (!err)
		err = import_parts(store, *id, p, fault);
	if (!err)
		err = import_tables(store, *id, p, fault);
	return err;
}

int import_trace(struct store *store, const char *dir, int64_t *run_id, enum import_result *result,
		 struct fault *fault)
{
	struct profile *p = NULL;
	bool is_current;
	int err = import_find(store, dir, run_id, &is_current, fault);

	if (err)
		return err;
	*result = IMPORT_unchanged;
	if (is_current)
		return 0;
	err = profile_load(dir, &p, fault);
	if (err)
		return err;
	err = store_exec(store, "BEGIN IMMEDIATE", fault);
	if (err)
		goto out;
	/* Somebody else may have brought it in while we were reading. */
	err = import_find(store, dir, run_id, &is_current, fault);
	*result = *run_id ? IMPORT_replaced : IMPORT_new;
	if (!err && is_current)
		*result = IMPORT_unchanged;
	else if (!err)
		err = put_all(store, dir, p, run_id, fault);
	if (!err)
		err = store_exec(store, "COMMIT", fault);
	if (err)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
out:
	profile_free(p);
	return err;
}
