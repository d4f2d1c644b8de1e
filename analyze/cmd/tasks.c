/* SPDX-License-Identifier: MIT */
/*
 * tpprobe tasks: profiles of tasks by name, of one run (--run) or of all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../json_out.h"
#include "../metrics.h"
#include "../select.h"
#include "../show/format.h"
#include "../show/rows.h"
#include "../show/table.h"

#define NAME_ROOM 200

struct tasks_call {
	const char *name, *run, *format, *store_option;
	struct store store;
	int64_t run_id; /* 0: all runs */
	struct table table;
	struct json_out json;
	unsigned rows;
};

static int list_row(void *to, sqlite3_stmt *s)
{
	struct tasks_call *call = to;
	char run[24], name[NAME_ROOM], count[FORMAT_SIZE], failed[FORMAT_SIZE],
		value[4][FORMAT_SIZE];
	const char *text[] = { run,	 name,	   row_text(s, 1), count,   failed,
			       value[0], value[1], value[2],	   value[3] };

	call->rows++;
	if (call->json.file) {
		jout_open(&call->json, NULL, '{');
		jout_int(&call->json, "run", row_int(s, 8));
		jout_text(&call->json, "name", row_text(s, 0));
		jout_text(&call->json, "kind", row_text(s, 1));
		jout_int(&call->json, "count", row_int(s, 2));
		jout_int(&call->json, "failed", row_int(s, 3));
		jout_real(&call->json, "runtime_seconds", row_real(s, 4));
		jout_real(&call->json, "runtime_seconds_median", row_real(s, 5));
		jout_real(&call->json, "runtime_seconds_max", row_real(s, 6));
		jout_close(&call->json, '}');
		return 0;
	}
	snprintf(run, sizeof(run), "%lld", (long long)row_int(s, 8));
	format_safe(name, sizeof(name), row_text(s, 0));
	format_count(count, row_real(s, 2));
	format_count(failed, row_real(s, 3));
	for (int i = 0; i < 4; i++)
		format_seconds(value[i], row_real(s, 4 + i));
	return table_line(&call->table, NULL, text) ? 0 : -ENOMEM;
}

/* The statement with the name or glob in place of each %Q. */
static char *with_name(const char *sql, const char *name)
{
	return sqlite3_mprintf(sql, name ? name : "*", name ? name : "*");
}

static int tasks_list(struct tasks_call *call)
{
	char *sql = with_name("SELECT p.name, p.kind, p.count, p.failed, m.sum, m.median, m.p95, "
			      "m.max, p.run_id FROM profiles p LEFT JOIN profile_metrics m "
			      "ON m.run_id = p.run_id AND m.name = p.name AND m.kind = p.kind "
			      "AND m.metric = 'runtime_seconds' "
			      "WHERE (?1 = 0 OR p.run_id = ?1) AND p.name GLOB %Q "
			      "ORDER BY p.run_id DESC, m.sum DESC, p.name",
			      call->name);
	struct fault fault = { "" };
	int err;

	if (!call->json.file && table_init(&call->table, stdout,
					   "RUN ~TASK <KIND COUNT FAILED TIME MEDIAN P95 LONGEST"))
		return command_fail_with(EXIT_USAGE, "out of memory");
	if (call->json.file)
		jout_open(&call->json, NULL, '[');
	err = rows_each(&call->store, call->run_id, sql, list_row, call, &fault);
	sqlite3_free(sql);
	if (call->json.file)
		jout_close(&call->json, ']');
	else if (call->rows)
		table_print(&call->table);
	return err ? command_fail(EXIT_USAGE, &fault) : command_close_output();
}

static int show_row(void *to, sqlite3_stmt *s)
{
	struct tasks_call *call = to;
	char cell[8][FORMAT_SIZE];
	const char *text[] = {
		row_text(s, 0), cell[0], cell[1], cell[2], cell[3], cell[4], cell[5]
	};

	call->rows++;
	for (int i = 0; i < 6; i++)
		snprintf(cell[i], FORMAT_SIZE, isnan(row_real(s, 1 + i)) ? "-" : "%.6g",
			 row_real(s, 1 + i));
	return table_line(&call->table, NULL, text) ? 0 : -ENOMEM;
}

static int tasks_show(struct tasks_call *call)
{
	/* Without --run: the newest run that has such a task. */
	char *sql = with_name("SELECT metric, sum, mean, median, stdev, p95, max "
			      "FROM profile_metrics WHERE run_id = CASE ?1 WHEN 0 THEN "
			      "(SELECT max(run_id) FROM profiles WHERE name = %Q) ELSE ?1 END "
			      "AND name = %Q",
			      call->name);
	struct fault fault = { "" };
	int err;

	if (table_init(&call->table, stdout, "~METRIC SUM MEAN MEDIAN STDEV P95 MAX"))
		return command_fail_with(EXIT_USAGE, "out of memory");
	err = rows_each(&call->store, call->run_id, sql, show_row, call, &fault);
	sqlite3_free(sql);
	if (call->rows)
		table_print(&call->table);
	if (err)
		return command_fail(EXIT_USAGE, &fault);
	if (!call->rows)
		return command_fail_with(EXIT_NO, "%s: no task of this name there", call->name);
	return command_close_output();
}

static int count_row(void *to, sqlite3_stmt *s)
{
	(void)s;
	((struct tasks_call *)to)->rows++;
	return 0;
}

static int tasks_exists(struct tasks_call *call)
{
	char *sql = with_name("SELECT 1 FROM profiles WHERE (?1 = 0 OR run_id = ?1) AND "
			      "name GLOB %Q LIMIT 1",
			      call->name);
	struct fault fault = { "" };
	int err = rows_each(&call->store, call->run_id, sql, count_row, call, &fault);

	sqlite3_free(sql);
	if (err)
		return command_fail(EXIT_USAGE, &fault);
	return call->rows ? EXIT_OK : EXIT_NO;
}

static const struct {
	const char *name;
	int (*run)(struct tasks_call *call); /* NULL: later */
	bool needs_name;
} parts[] = {
	{ "list", tasks_list, false },
	{ "show", tasks_show, true },
	{ "exists", tasks_exists, true },
	{ "rm", NULL, false },
};

int cmd_tasks(int argc, char **argv)
{
	struct tasks_call call = { 0 };
	const struct option_row rows[] = {
		{ "--name", 0, "NAME|GLOB", OPTION_text, &call.name, "tasks of this name" },
		{ "--run", 0, "RUN", OPTION_text, &call.run, "of this run (default: all)" },
		{ "--format", 0, "FORMAT", OPTION_text, &call.format, "text or json" },
		{ "--store", 0, "FILE", OPTION_text, &call.store_option, "the store" },
		OPTIONS_END,
	};
	int status = 0, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);
	struct fault fault = { "" };

	if (operands < 0)
		return status;
	if (call.format && strcmp(call.format, "text") && strcmp(call.format, "json"))
		return command_fail_with(EXIT_USAGE, "--format %s: text and json are", call.format);
	if (operands > 1 && !call.name)
		call.name = argv[1];
	for (unsigned i = 0; operands && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(argv[0], parts[i].name))
			continue;
		if (!parts[i].run)
			return command_fail_with(
				EXIT_USAGE, "tasks %s is not built yet in this version", argv[0]);
		if (parts[i].needs_name && !call.name)
			return command_fail_with(EXIT_USAGE, "tasks %s needs a name", argv[0]);
		if (call.format && !strcmp(call.format, "json"))
			call.json = (struct json_out){ .file = stdout, .flat_from = 2 };
		if (call.run ? select_run(call.run, call.store_option, &call.store, &call.run_id,
					  &fault)
			     : select_store(call.store_option, &call.store, &fault))
			return command_fail(EXIT_USAGE, &fault);
		status = parts[i].run(&call);
		store_close(&call.store);
		return status;
	}
	return command_fail_with(EXIT_USAGE, "tasks: %s; there are list, show, exists",
				 operands ? "no such part" : "what is wanted");
}
