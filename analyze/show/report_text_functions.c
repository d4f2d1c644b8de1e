/* SPDX-License-Identifier: MIT */
/*
 * Functions and marked tasks in the text report: there may be a million of them, so
 * they are told by name; and their custom metrics.
 */
#include <errno.h>

#include "format.h"
#include "report.h"
#include "rows.h"
#include "table.h"

#define NAMES_DEFAULT 15
#define NAME_ROOM 200
#define INSIDE "p.kind NOT IN ('process', 'thread')"

struct by_name {
	FILE *out;
	const struct report_options *options;
	struct table table;
	int64_t rows, limit;
};

static int begin_row(struct by_name *t, const char *title, const char *columns)
{
	if (t->rows++)
		return 0;
	report_text_heading(t->out, t->options, title);
	return table_init(&t->table, t->out, columns);
}

static int function_row(void *to, sqlite3_stmt *s)
{
	struct by_name *t = to;
	char name[NAME_ROOM], count[FORMAT_SIZE], failed[FORMAT_SIZE], time[5][FORMAT_SIZE];
	const char *text[] = { name, count, failed, time[0], time[1], time[2], time[3], time[4] };

	if (begin_row(t,
		      "Functions and marked tasks (SELF: without those within, TOTAL: with them;\n"
		      "a call within one of the same name counts in both)",
		      "~TASK COUNT FAILED SELF TOTAL MEAN P95 LONGEST"))
		return -ENOMEM;
	if (t->rows > t->limit)
		return 0;
	format_safe(name, sizeof(name), row_text(s, 0));
	format_count(count, row_real(s, 1));
	format_count(failed, row_real(s, 2));
	for (int i = 0; i < 5; i++)
		format_seconds(time[i], row_real(s, 3 + i));
	return table_line(&t->table, NULL, text) ? 0 : -ENOMEM;
}

static int metric_row(void *to, sqlite3_stmt *s)
{
	struct by_name *t = to;
	char name[NAME_ROOM], task[NAME_ROOM], number[5][FORMAT_SIZE];
	const char *text[] = { name, task, number[0], number[1], number[2], number[3], number[4] };

	if (begin_row(t, "Custom metrics", "~METRIC ~TASK TASKS SUM MEAN LOWEST HIGHEST"))
		return -ENOMEM;
	if (t->rows > t->limit)
		return 0;
	format_safe(name, sizeof(name), row_text(s, 0));
	format_safe(task, sizeof(task), row_text(s, 1));
	for (int i = 0; i < 5; i++)
		snprintf(number[i], FORMAT_SIZE, "%.6g", row_real(s, 2 + i));
	return table_line(&t->table, NULL, text) ? 0 : -ENOMEM;
}

static int put(struct by_name *t, const struct store *store, int64_t run_id, const char *sql,
	       int (*row)(void *to, sqlite3_stmt *s), struct fault *fault)
{
	char *text = sqlite3_mprintf(sql, t->options->task ? t->options->task : "*");
	int err = text ? rows_each(store, run_id, text, row, t, fault)
		       : fault_set(fault, -ENOMEM, "out of memory");

	sqlite3_free(text);
	if (!t->rows)
		return err;
	table_print(&t->table);
	if (t->rows > t->limit)
		fprintf(t->out, "... %lld more; --top N or --all shows them\n",
			(long long)(t->rows - t->limit));
	t->rows = 0;
	return err;
}

int report_text_functions(const struct store *store, int64_t run_id,
			  const struct report_options *options, FILE *out, struct fault *fault)
{
	struct by_name t = { .out = out,
			     .options = options,
			     .limit = report_text_top(options, NAMES_DEFAULT) };
	int err = put(&t, store, run_id,
		      "SELECT p.name, p.count, p.failed, p.self_seconds, m.sum, m.mean, m.p95, "
		      "m.max FROM profiles p LEFT JOIN profile_metrics m ON m.run_id = p.run_id "
		      "AND m.name = p.name AND m.kind = p.kind AND m.metric = 'runtime_seconds' "
		      "WHERE p.run_id = ?1 AND " INSIDE " AND p.name GLOB %Q "
		      "ORDER BY p.self_seconds DESC, m.sum DESC, p.name",
		      function_row, fault);

	if (err)
		return err;
	return put(&t, store, run_id,
		   "SELECT c.name, t.name, count(*), sum(c.self_sum), "
		   "sum(c.self_sum) / count(*), min(c.self_min), max(c.self_max) "
		   "FROM custom_metrics c JOIN tasks t ON t.run_id = c.run_id AND t.id = c.task_id "
		   "WHERE c.run_id = ?1 AND c.self_sum IS NOT NULL AND t.name GLOB %Q "
		   "GROUP BY c.name, t.name, t.kind ORDER BY c.name, 4 DESC, t.name",
		   metric_row, fault);
}

static int count_row(void *to, sqlite3_stmt *s)
{
	*(int64_t *)to = sqlite3_column_int64(s, 0);
	return 0;
}

int report_text_count_inside(const struct store *store, int64_t run_id, int64_t *count,
			     struct fault *fault)
{
	*count = 0;
	return rows_each(store, run_id,
			 "SELECT ifnull(sum(p.count), 0) FROM profiles p "
			 "WHERE p.run_id = ? AND " INSIDE,
			 count_row, count, fault);
}
