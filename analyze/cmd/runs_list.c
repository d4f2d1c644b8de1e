/* SPDX-License-Identifier: MIT */
/*
 * tpprobe runs list: what is stored, and traces nearby that are not.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../command.h"
#include "../json_out.h"
#include "../show/format.h"
#include "../show/table.h"
#include "../store/import.h"
#include "collector/trace_dir.h"
#include "runs.h"

#define NAME_ROOM 200

struct list {
	struct table table;
	struct json_out json;
	const struct store *store;
	unsigned rows;
};

static int text_row(void *to, const struct run_row *r)
{
	struct list *list = to;
	char id[24], name[NAME_ROOM], when[40], time[FORMAT_SIZE], status[64], tasks[24];
	char env[NAME_ROOM], stage[NAME_ROOM];
	const char *text[] = { id, name, when, time, tasks, status, env, stage };
	time_t started = r->started_real_ns / 1000000000;
	struct tm tm;

	snprintf(id, sizeof(id), "%lld", (long long)r->id);
	format_safe(name, sizeof(name), r->name);
	localtime_r(&started, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	format_seconds(time, r->runtime_seconds);
	snprintf(tasks, sizeof(tasks), "%lld", (long long)r->tasks_total);
	if (r->exit_code > 0)
		snprintf(status, sizeof(status), "%.20s (%lld)", r->status,
			 (long long)r->exit_code);
	else
		snprintf(status, sizeof(status), "%.20s", r->status);
	format_safe(env, sizeof(env), r->env);
	format_safe(stage, sizeof(stage), r->stage);
	list->rows++;
	return table_line(&list->table, NULL, text) ? 0 : -ENOMEM;
}

static int json_row(void *to, const struct run_row *r)
{
	struct list *list = to;
	struct json_out *j = &list->json;
	time_t started = r->started_real_ns / 1000000000;
	struct row_writer w;
	struct fault ignored = { "" };
	char when[40];
	struct tm tm;

	gmtime_r(&started, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	jout_open(j, NULL, '{');
	jout_int(j, "id", r->id);
	jout_text(j, "name", r->name);
	jout_raw(j, "command", r->command);
	jout_text(j, "env", r->env);
	jout_text(j, "stage", r->stage);
	jout_open(j, "labels", '{');
	if (!row_open(&w, list->store,
		      "SELECT key, value FROM labels WHERE run_id = ? ORDER BY key", &ignored)) {
		sqlite3_bind_int64(w.statement, 1, r->id);
		while (sqlite3_step(w.statement) == SQLITE_ROW)
			jout_text(j, (const char *)sqlite3_column_text(w.statement, 0),
				  (const char *)sqlite3_column_text(w.statement, 1));
	}
	row_close(&w);
	jout_close(j, '}');
	jout_text(j, "host", r->host);
	jout_text(j, "started", when);
	jout_real(j, "runtime_seconds", r->runtime_seconds);
	jout_text(j, "status", r->status);
	if (r->exit_code >= 0)
		jout_int(j, "exit_code", r->exit_code);
	else
		jout_null(j, "exit_code");
	if (r->signal >= 0)
		jout_int(j, "signal", r->signal);
	else
		jout_null(j, "signal");
	jout_int(j, "tasks_total", r->tasks_total);
	jout_text(j, "trace_dir", r->trace_dir);
	jout_close(j, '}');
	return 0;
}

/* Trace directories in the working directory that were never imported. */
static void name_nearby(const struct store *store)
{
	struct dirent *entry;
	DIR *dir = opendir(".");
	unsigned n = 0;

	while (dir && (entry = readdir(dir))) {
		enum trace_state state;
		struct fault ignored = { "" };
		bool is_current;
		int64_t id;
		char safe[NAME_ROOM];

		if (entry->d_name[0] == '.' || trace_dir_state(entry->d_name, &state) ||
		    (state != TRACE_finished && state != TRACE_live && state != TRACE_orphaned) ||
		    import_find(store, entry->d_name, &id, &is_current, &ignored) || id)
			continue;
		if (!n++)
			printf("\nnot in the store yet (tpprobe runs import DIR):\n");
		printf("  %s\n", format_safe(safe, sizeof(safe), entry->d_name));
	}
	if (dir)
		closedir(dir);
}

int runs_list(struct runs_call *call, char **operand, int count)
{
	bool is_json = call->format && !strcmp(call->format, "json");
	struct list list = { .json = { .file = stdout, .flat_from = 2 }, .store = &call->store };
	int64_t age;
	int err;

	(void)operand;
	if (count)
		return command_fail_with(EXIT_USAGE, "runs list takes options only");
	call->filter.labels = call->labels.text;
	call->filter.label_count = call->labels.count;
	if (call->since) {
		age = runs_parse_age(call->since);
		if (age < 0)
			return command_fail_with(EXIT_USAGE, "--since %s: wanted is 7d, 12h or 30m",
						 call->since);
		call->filter.since_ns = ((int64_t)time(NULL) - age) * 1000000000;
	}
	err = runs_refresh(&call->store, &call->fault);
	if (err)
		return command_fail(EXIT_USAGE, &call->fault);
	if (is_json) {
		jout_open(&list.json, NULL, '[');
		err = runs_each(&call->store, &call->filter, json_row, &list, &call->fault);
		jout_close(&list.json, ']');
	} else {
		if (table_init(&list.table, stdout,
			       "ID ~NAME <STARTED TIME TASKS <STATUS ~ENV ~STAGE"))
			return command_fail_with(EXIT_USAGE, "out of memory");
		err = runs_each(&call->store, &call->filter, text_row, &list, &call->fault);
		if (list.rows)
			table_print(&list.table);
		else
			printf("no runs in %s\n", call->store.path);
		name_nearby(&call->store);
	}
	return err ? command_fail(EXIT_USAGE, &call->fault) : command_close_output();
}
