/* SPDX-License-Identifier: MIT */
/*
 * The store: what it refuses and leaves alone, what it makes, importing twice,
 * traces that grow.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "analyze/store/import.h"
#include "analyze/store/runs.h"
#include "analyze/store/store.h"
#include "tests/unit/analyze_trace.h"

static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/tptest-store-%d.db", getpid());
	return 0;
}

static int cleanup(void **state)
{
	char other[80];

	(void)state;
	unlink(path);
	snprintf(other, sizeof(other), "%s-wal", path);
	unlink(other);
	snprintf(other, sizeof(other), "%s-shm", path);
	unlink(other);
	return 0;
}

static void refused(const char *why)
{
	struct store store;
	struct fault fault = { "" };

	assert_true(store_open(&store, path, STORE_WRITE, &fault) < 0);
	assert_non_null(strstr(fault.text, path));
	if (!strstr(fault.text, why))
		fail_msg("\"%s\" in: %s", why, fault.text);
	assert_null(store.db);
}

static void sql(const char *file, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void opened(struct store *store, enum store_open how)
{
	struct fault fault = { "" };

	if (store_open(store, path, how, &fault))
		fail_msg("%s", fault.text);
}

static void foreign_files_are_refused(void **state)
{
	FILE *file = fopen(path, "w");

	(void)state;
	fputs("this is somebody's letter, not a database at all", file);
	fclose(file);
	refused("not an SQLite file");
	unlink(path);
	sql(path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
	refused("another program");
}

static void newer_and_damaged_stores_are_refused(void **state)
{
	struct store store;

	(void)state;
	opened(&store, STORE_WRITE);
	store_close(&store);
	sql(path, "PRAGMA user_version = 99");
	refused("newer");
	sql(path, "PRAGMA user_version = 1");
	assert_int_equal(truncate(path, 8192), 0);
	refused("damaged");
}

static void a_store_is_made_once_and_for_its_owner(void **state)
{
	struct store store;
	struct stat st;

	(void)state;
	opened(&store, STORE_READ); /* makes nothing */
	store_close(&store);
	assert_int_equal(access(path, F_OK), -1);
	opened(&store, STORE_WRITE);
	store_close(&store);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	opened(&store, STORE_WRITE);
	store_close(&store);
}

static void a_half_made_store_is_finished(void **state)
{
	struct store store;

	(void)state;
	sql(path, "PRAGMA journal_mode = WAL"); /* killed before the schema was there */
	opened(&store, STORE_READ);
	store_close(&store);
	opened(&store, STORE_WRITE);
	store_close(&store);
}

static void make_trace(struct trace *t, const char *name, unsigned children)
{
	trace_begin(t, name);
	put_process(t, 1, 1 * MS, 100, 1, 7, 0, PROCESS_image);
	put_argv(t, 1, 1 * MS, "prog");
	for (uint32_t i = 0; i < children; i++) {
		put_process(t, 2 + i, 2 * MS, 101 + i, 100, 8 + i, 1, PROCESS_image);
		put_argv(t, 2 + i, 2 * MS, "child");
		put_exit(t, 2 + i, (3 + i) * MS, 0, END_return, 1000);
	}
	put_exit(t, 1, 20 * MS, 0, END_return, 1000);
	trace_end(t, name);
}

static int64_t number(const struct store *store, const char *text)
{
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void import_twice_and_grown(void **state)
{
	struct trace t;
	struct store store;
	struct fault fault = { "" };
	enum import_result result;
	int64_t id, again;

	(void)state;
	opened(&store, STORE_WRITE);
	make_trace(&t, "store1", 3);
	trace_manifest(&t, "store1", "live");
	assert_int_equal(import_trace(&store, t.dir, &id, &result, &fault), 0);
	assert_int_equal(result, IMPORT_new);
	assert_int_equal(number(&store, "SELECT count(*) FROM tasks"), 4);
	assert_int_equal(number(&store, "SELECT count(*) FROM task_metrics"), 9);
	assert_int_equal(number(&store, "SELECT count FROM profiles WHERE name = 'child'"), 3);
	assert_int_equal(runs_label(&store, id, "by", "hand", &fault), 0);
	/* it may have grown: read again, same id, labels stay */
	trace_manifest(&t, "store1", "complete");
	assert_int_equal(import_trace(&store, t.dir, &again, &result, &fault), 0);
	assert_int_equal(result, IMPORT_replaced);
	assert_int_equal(again, id);
	assert_int_equal(number(&store, "SELECT count(*) FROM labels"), 2);
	assert_int_equal(number(&store, "SELECT count(*) FROM tasks"), 4);
	assert_int_equal(import_trace(&store, t.dir, &again, &result, &fault), 0);
	assert_int_equal(result, IMPORT_unchanged);
	/* the latest, by name; removing takes all rows along */
	assert_int_equal(runs_find(&store, "latest", &again, &fault), 0);
	assert_int_equal(again, id);
	assert_int_equal(runs_find(&store, "n", &again, &fault), 0);
	assert_int_equal(runs_find(&store, "latest~1", &again, &fault), -ENOENT);
	assert_int_equal(runs_remove(&store, id, &fault), 0);
	assert_int_equal(number(&store, "SELECT count(*) FROM task_metrics"), 0);
	assert_int_equal(number(&store, "SELECT count(*) FROM notes"), 0);
	store_close(&store);
	trace_remove(&t);
}

/* An import that fails leaves nothing behind. */
static void a_failed_import_leaves_the_store_as_it_was(void **state)
{
	struct trace t;
	struct store store;
	struct fault fault = { "" };
	enum import_result result;
	char segment[192];
	int64_t id;

	(void)state;
	opened(&store, STORE_WRITE);
	make_trace(&t, "store2", 1);
	snprintf(segment, sizeof(segment), "%s/segments/0001.tps", t.dir);
	int fd = open(segment, O_WRONLY);

	assert_int_equal(pwrite(fd, "garbage!", 8, 8), 8);
	close(fd);
	assert_true(import_trace(&store, t.dir, &id, &result, &fault) < 0);
	assert_non_null(strstr(fault.text, "0001.tps"));
	assert_int_equal(number(&store, "SELECT count(*) FROM runs"), 0);
	store_close(&store);
	trace_remove(&t);
}

/* Writers of several processes wait for each other. */
static void writers_wait(void **state)
{
	struct store store;
	pid_t pid[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		char name[32];
		struct trace t;
		struct store mine;
		struct fault fault;
		enum import_result result;
		int64_t id;

		snprintf(name, sizeof(name), "writer%d", i);
		make_trace(&t, name, 2);
		int err = store_open(&mine, path, STORE_WRITE, &fault);

		if (!err)
			err = import_trace(&mine, t.dir, &id, &result, &fault);
		trace_remove(&t);
		if (err)
			print_message("# %s\n", fault.text);
		_exit(err != 0);
	}
	for (int i = 0; i < 4; i++) {
		int status;

		waitpid(pid[i], &status, 0);
		assert_int_equal(status, 0);
	}
	opened(&store, STORE_READ);
	assert_int_equal(number(&store, "SELECT count(*) FROM runs"), 4);
	store_close(&store);
}

static void ages(void **state)
{
	(void)state;
	assert_int_equal(runs_parse_age("7d"), 7 * 86400);
	assert_int_equal(runs_parse_age("30m"), 1800);
	assert_int_equal(runs_parse_age("7"), -1);
	assert_int_equal(runs_parse_age("x"), -1);
	assert_int_equal(runs_parse_age("-1d"), -1);
	assert_int_equal(runs_parse_age("1dd"), -1);
}

int main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)
	const struct CMUnitTest tests[] = {
		STORE_TEST(foreign_files_are_refused),
		STORE_TEST(newer_and_damaged_stores_are_refused),
		STORE_TEST(a_store_is_made_once_and_for_its_owner),
		STORE_TEST(a_half_made_store_is_finished),
		STORE_TEST(import_twice_and_grown),
		STORE_TEST(a_failed_import_leaves_the_store_as_it_was),
		STORE_TEST(writers_wait),
		STORE_TEST(ages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
