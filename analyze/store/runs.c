/* SPDX-License-Identifier: MIT */
/*
 * Runs in the store.
 */
#include "runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/trace_dir.h"
#include "import.h"

static int one_number(const struct store *store, const char *sql, const char *text, int64_t number,
		      int64_t *found, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, sql, fault), code;

	if (err)
		return err;
	if (text)
		sqlite3_bind_text(w.statement, 1, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_int64(w.statement, 1, number);
	code = sqlite3_step(w.statement);
	if (code == SQLITE_ROW)
		*found = sqlite3_column_int64(w.statement, 0);
	else
		err = code == SQLITE_DONE ? -ENOENT : store_fault(store, fault);
	row_close(&w);
	return err;
}

int runs_find(const struct store *store, const char *run, int64_t *id, struct fault *fault)
{
	char *end;
	int64_t number = strtoll(run, &end, 10);
	int err;

	if (*run && !*end) {
		err = one_number(store, "SELECT id FROM runs WHERE id = ?", NULL, number, id,
				 fault);
	} else if (!strcmp(run, "latest") || !strncmp(run, "latest~", 7)) {
		number = run[6] ? strtoll(run + 7, &end, 10) : 0;
		if (run[6] && (*end || !run[7] || number < 0))
			return fault_set(fault, -EINVAL, "%s: latest~N needs a number", run);
		err = one_number(store, "SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ?",
				 NULL, number, id, fault);
	} else {
		err = one_number(store,
				 "SELECT id FROM runs WHERE name = ? ORDER BY id DESC LIMIT 1", run,
				 0, id, fault);
	}
	if (err == -ENOENT)
		fault_set(fault, err,
			  "%s: no such run in %s and no trace directory; `tpprobe runs list` shows "
			  "what there is",
			  run, store->path);
	return err;
}

static bool labels_match(const struct store *store, const struct run_filter *f, int64_t id)
{
	bool match = true;

	for (unsigned i = 0; match && i < f->label_count; i++) {
		const char *equals = strchr(f->labels[i], '=');
		sqlite3_stmt *s;

		if (!equals ||
		    sqlite3_prepare_v2(store->db,
				       "SELECT 1 FROM labels WHERE run_id = ? AND key = ? "
				       "AND value = ?",
				       -1, &s, NULL) != SQLITE_OK)
			return false;
		sqlite3_bind_int64(s, 1, id);
		sqlite3_bind_text(s, 2, f->labels[i], (int)(equals - f->labels[i]), SQLITE_STATIC);
		sqlite3_bind_text(s, 3, equals + 1, -1, SQLITE_STATIC);
		match = sqlite3_step(s) == SQLITE_ROW;
		sqlite3_finalize(s);
	}
	return match;
}

static const char *text_of(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text ? text : "";
}

static int64_t number_or(sqlite3_stmt *s, int column, int64_t null)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? null
							     : sqlite3_column_int64(s, column);
}

int runs_each(const struct store *store, const struct run_filter *filter,
	      int (*each)(void *to, const struct run_row *run), void *to, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store,
			   "SELECT id, started_real_ns, exit_code, signal, name, command, env, "
			   "stage, status, host, trace_dir, session_id, runtime_seconds, "
			   "tasks_total, is_complete FROM runs "
			   "WHERE (?1 IS NULL OR env = ?1) AND (?2 IS NULL OR stage = ?2) "
			   "AND (?3 IS NULL OR name = ?3) AND started_real_ns >= ?4 ORDER BY id",
			   fault);
	int code = SQLITE_DONE;

	if (err)
		return err;
	if (filter) {
		sqlite3_bind_text(w.statement, 1, filter->env, -1, SQLITE_STATIC);
		sqlite3_bind_text(w.statement, 2, filter->stage, -1, SQLITE_STATIC);
		sqlite3_bind_text(w.statement, 3, filter->name, -1, SQLITE_STATIC);
	}
	sqlite3_bind_int64(w.statement, 4, filter ? filter->since_ns : 0);
	while (!err && (code = sqlite3_step(w.statement)) == SQLITE_ROW) {
		sqlite3_stmt *s = w.statement;
		struct run_row run = {
			.id = sqlite3_column_int64(s, 0),
			.started_real_ns = sqlite3_column_int64(s, 1),
			.exit_code = number_or(s, 2, -1),
			.signal = number_or(s, 3, -1),
			.name = text_of(s, 4),
			.command = text_of(s, 5),
			.env = text_of(s, 6),
			.stage = text_of(s, 7),
			.status = text_of(s, 8),
			.host = text_of(s, 9),
			.trace_dir = text_of(s, 10),
			.session_id = text_of(s, 11),
			.runtime_seconds = sqlite3_column_double(s, 12),
			.tasks_total = sqlite3_column_int64(s, 13),
			.is_complete = sqlite3_column_int(s, 14),
		};

		if (!filter || labels_match(store, filter, run.id))
			err = each(to, &run);
	}
	if (!err && code != SQLITE_DONE)
		err = store_fault(store, fault);
	row_close(&w);
	return err;
}

int runs_label(const struct store *store, int64_t id, const char *key, const char *value,
	       struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "INSERT OR REPLACE INTO labels VALUES (?,?,?)", fault);

	if (!err)
		err = row_put(&w, fault, "itt", id, key, value);
	row_close(&w);
	return err;
}

int runs_remove(const struct store *store, int64_t id, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "DELETE FROM runs WHERE id = ?", fault);

	if (!err)
		err = row_put(&w, fault, "i", id);
	row_close(&w);
	return err;
}

char *runs_trace_dir(const struct store *store, int64_t id)
{
	sqlite3_stmt *s;
	char *dir = NULL;

	if (sqlite3_prepare_v2(store->db, "SELECT trace_dir FROM runs WHERE id = ?", -1, &s,
			       NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(s, 1, id);
	if (sqlite3_step(s) == SQLITE_ROW)
		dir = strdup(text_of(s, 0));
	sqlite3_finalize(s);
	return dir;
}

struct open_runs {
	char **dir;
	unsigned count;
};

static int remember_open(void *to, const struct run_row *run)
{
	struct open_runs *open = to;
	enum trace_state state;
	char **more;

	if (run->is_complete || trace_dir_state(run->trace_dir, &state) ||
	    (state != TRACE_finished && state != TRACE_live && state != TRACE_orphaned))
		return 0;
	more = realloc(open->dir, (open->count + 1) * sizeof(char *));
	if (!more)
		return -ENOMEM;
	open->dir = more;
	open->dir[open->count] = strdup(run->trace_dir);
	return open->dir[open->count++] ? 0 : -ENOMEM;
}

int runs_refresh(struct store *store, struct fault *fault)
{
	struct open_runs open = { 0 };
	int err = runs_each(store, NULL, remember_open, &open, fault);

	for (unsigned i = 0; i < open.count; i++) {
		enum import_result result;
		struct fault ignored = { "" };
		int64_t id;

		if (!err && open.dir[i])
			import_trace(store, open.dir[i], &id, &result, &ignored);
		free(open.dir[i]);
	}
	free(open.dir);
	return err;
}

int64_t runs_parse_age(const char *text)
{
	static const struct {
		char letter;
		int64_t seconds;
	} unit[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	char *end;
	int64_t number = strtoll(text, &end, 10);

	if (end == text || number < 0 || number > 100000 || !*end || end[1])
		return -1;
	for (unsigned i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (unit[i].letter == *end)
			return number * unit[i].seconds;
	return -1;
}
