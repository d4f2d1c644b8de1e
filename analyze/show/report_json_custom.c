/* SPDX-License-Identifier: MIT */
/*
 * Custom metrics in the JSON report: metric.NAME and its parts behind the others.
 */
#include <stdio.h>

#include "report_json.h"

static int found(void *to, sqlite3_stmt *s)
{
	(void)s;
	*(bool *)to = true;
	return 0;
}

int json_custom_open(struct json_report *r)
{
	bool has_any = false;
	int err = rows_each(r->store, r->run_id,
			    "SELECT 1 FROM custom_metrics WHERE run_id = ? LIMIT 1", found,
			    &has_any, r->fault);

	if (err || !has_any)
		return err;
	return row_open(&r->custom, r->store,
			"SELECT name, text, sum, last, min, max, self_sum, self_last, self_min, "
			"self_max FROM custom_metrics WHERE run_id = ? AND task_id = ?",
			r->fault);
}

static void begin(struct json_report *r, int64_t task)
{
	sqlite3_reset(r->custom.statement);
	sqlite3_bind_int64(r->custom.statement, 1, r->run_id);
	sqlite3_bind_int64(r->custom.statement, 2, task);
}

/* A sum of integers is written as one, with all its digits. */
static void put_number(struct json_out *j, const char *key, double number)
{
	if (fabs(number) < 0x1p53 && number == floor(number))
		jout_int(j, key, (int64_t)number);
	else
		jout_real(j, key, number);
}

void json_custom(struct json_report *r, int64_t task, bool is_self)
{
	static const char *const suffix[] = { "", ".last", ".min", ".max" };
	sqlite3_stmt *s = r->custom.statement;
	int first = is_self ? 6 : 2;
	char key[300];

	if (!s)
		return;
	for (begin(r, task); sqlite3_step(s) == SQLITE_ROW;) {
		if (sqlite3_column_type(s, first) == SQLITE_NULL)
			continue; /* only texts, or only its tree has it */
		for (int i = 0; i < 4; i++) {
			snprintf(key, sizeof(key), "metric.%.280s%s", row_text(s, 0), suffix[i]);
			put_number(&r->json, key, row_real(s, first + i));
		}
	}
	sqlite3_reset(s);
}

void json_custom_texts(struct json_report *r, int64_t task)
{
	sqlite3_stmt *s = r->custom.statement;
	bool is_open = false;

	if (!s)
		return;
	for (begin(r, task); sqlite3_step(s) == SQLITE_ROW;) {
		if (sqlite3_column_type(s, 1) == SQLITE_NULL)
			continue;
		if (!is_open)
			jout_open(&r->json, "texts", '{');
		is_open = true;
		jout_text(&r->json, row_text(s, 0), row_text(s, 1));
	}
	if (is_open)
		jout_close(&r->json, '}');
	sqlite3_reset(s);
}

void json_custom_close(struct json_report *r)
{
	if (r->custom.statement)
		row_close(&r->custom);
}
