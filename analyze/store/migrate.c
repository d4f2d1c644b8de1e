/* SPDX-License-Identifier: MIT */
/*
 * Stores of older versions. A step makes what schema.sql has more than the
 * version before; columns come last in their tables, in the same order as there.
 */
#include "migrate.h"

#include <stddef.h>

static const struct step {
	int version; /* that the store has afterwards */
	const char *sql;
} steps[] = {
	{ 2, "ALTER TABLE runs ADD COLUMN workers_average REAL;"
	     "ALTER TABLE runs ADD COLUMN workers_peak INTEGER;"
	     "ALTER TABLE runs ADD COLUMN memory_limit_mb REAL;"
	     "ALTER TABLE profile_metrics ADD COLUMN histogram BLOB;"
	     "ALTER TABLE locks ADD COLUMN place TEXT;"
	     "ALTER TABLE locks ADD COLUMN holder INTEGER;"
	     "ALTER TABLE curves ADD COLUMN memory_limit REAL;"
	     "ALTER TABLE curves ADD COLUMN live_workers INTEGER;"
	     "ALTER TABLE curves ADD COLUMN running_workers INTEGER;"
	     "CREATE TABLE wakes ("
	     "	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
	     "	number    INTEGER NOT NULL,"
	     "	from_task INTEGER NOT NULL,"
	     "	to_task   INTEGER NOT NULL,"
	     "	kind      TEXT NOT NULL,"
	     "	count     INTEGER NOT NULL,"
	     "	seconds   REAL NOT NULL,"
	     "	PRIMARY KEY (run_id, number)"
	     ") STRICT, WITHOUT ROWID;"
	     "PRAGMA user_version = 2" },
	{ 3, "ALTER TABLE tasks ADD COLUMN runtime_seconds REAL;"
	     "ALTER TABLE tasks ADD COLUMN self_seconds REAL;"
	     "ALTER TABLE tasks ADD COLUMN metrics BLOB;"
	     "UPDATE tasks SET runtime_seconds = (SELECT m.runtime_seconds FROM task_metrics m "
	     "	WHERE m.run_id = tasks.run_id AND m.task_id = tasks.id AND m.scope = 'inclusive'),"
	     " self_seconds = (SELECT m.thread_seconds FROM task_metrics m "
	     "	WHERE m.run_id = tasks.run_id AND m.task_id = tasks.id AND m.scope = 'self');"
	     "ALTER TABLE profiles ADD COLUMN self_seconds REAL;"
	     "CREATE TABLE custom_metrics ("
	     "	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
	     "	task_id   INTEGER NOT NULL,"
	     "	name      TEXT NOT NULL,"
	     "	sum       REAL,"
	     "	last      REAL,"
	     "	min       REAL,"
	     "	max       REAL,"
	     "	self_sum  REAL,"
	     "	self_last REAL,"
	     "	self_min  REAL,"
	     "	self_max  REAL,"
	     "	text      TEXT,"
	     "	PRIMARY KEY (run_id, task_id, name)"
	     ") STRICT, WITHOUT ROWID;"
	     "DROP INDEX IF EXISTS tasks_by_name;"
	     "DROP INDEX IF EXISTS tasks_by_parent;"
	     "DROP INDEX IF EXISTS task_metrics_by_runtime;"
	     "PRAGMA user_version = 3" },
};

int store_migrate(const struct store *store, struct fault *fault)
{
	int err = store_exec(store, "BEGIN IMMEDIATE", fault);
	int64_t version;

	if (err)
		return err;
	version = store_version(store); /* now that nobody else writes */
	for (unsigned i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (version < steps[i].version)
			err = store_exec(store, steps[i].sql, fault);
	if (!err)
		err = store_exec(store, "COMMIT", fault);
	if (err)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}
