/* SPDX-License-Identifier: MIT */
/*
 * The store: opening, refusing, making.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../metrics.h"
#include "../paths.h"
#include "migrate.h"
#include "schema.sql.h"

#define SQLITE_FILE_MAGIC "SQLite format 3"

char *store_path(const char *given)
{
	const char *variable = getenv("TPPROBE_STORE");
	char path[PATH_MAX];

	if (given)
		return strdup(given);
	if (variable && *variable)
		return strdup(variable);
	if (path_data_home(path, sizeof(path), "store.db"))
		return NULL;
	return strdup(path);
}

int store_fault(const struct store *store, struct fault *fault)
{
	int code = sqlite3_errcode(store->db);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fault_set(fault, -EBUSY,
				 "%s: locked by another program (waited %d s); try again when it "
				 "has finished",
				 store->path, STORE_BUSY_MS / 1000);
	case SQLITE_FULL:
		return fault_set(fault, -ENOSPC, "%s: no space left on the disk", store->path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return fault_set(fault, -EBADMSG,
				 "%s: the store is damaged (%s); move it away and import the "
				 "traces again",
				 store->path, sqlite3_errmsg(store->db));
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return fault_set(fault, -EACCES, "%s: cannot be written (%s)", store->path,
				 sqlite3_errmsg(store->db));
	case SQLITE_NOMEM:
		return fault_set(fault, -ENOMEM, "out of memory");
	default:
		return fault_set(fault, -EIO, "%s: %s", store->path, sqlite3_errmsg(store->db));
	}
}

int store_exec(const struct store *store, const char *sql, struct fault *fault)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return store_fault(store, fault);
}

static int64_t pragma_number(const struct store *store, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t number = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

int64_t store_version(const struct store *store)
{
	return pragma_number(store, "PRAGMA user_version");
}

/* Looks at the file before SQLite does: 0 may be opened, 1 is not there or empty. */
static int look(const char *path, struct fault *fault)
{
	unsigned char head[100] = { 0 };
	char wal[PATH_MAX];
	struct stat st;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint64_t page, pages;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0)
		return fault_set(fault, -errno, "%s: cannot be opened as the store: %s", path,
				 strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return fault_set(fault, -EINVAL, "%s: not a store: not a file", path);
	}
	got = read(fd, head, sizeof(head));
	close(fd);
	if (got == 0)
		return 1;
	if (got < 16 || memcmp(head, SQLITE_FILE_MAGIC, 16))
		return fault_set(fault, -EBADMSG,
				 "%s: not a store of tpprobe (not an SQLite file); name another "
				 "one with --store",
				 path);
	page = (uint64_t)head[16] << 8 | head[17];
	page = page == 1 ? 65536 : page;
	pages = (uint64_t)head[28] << 24 | (uint64_t)head[29] << 16 | (uint64_t)head[30] << 8 |
		head[31];
	snprintf(wal, sizeof(wal), "%s-wal", path);
	if ((uint64_t)st.st_size < page * pages && access(wal, F_OK))
		return fault_set(fault, -EBADMSG,
				 "%s: the store is damaged (cut off); move it away and import the "
				 "traces again",
				 path);
	return 0;
}

/* 0: ours. 1: nothing in it yet, as a creation leaves that was killed half-way. */
static int check_ours(const struct store *store, struct fault *fault)
{
	int64_t application = pragma_number(store, "PRAGMA application_id");
	int64_t version;

	if (application < 0)
		return store_fault(store, fault);
	if (application == 0 && pragma_number(store, "SELECT count(*) FROM sqlite_schema") == 0)
		return 1;
	if (application != STORE_APPLICATION_ID)
		return fault_set(fault, -EBADMSG,
				 "%s: not a store of tpprobe (an SQLite file of another program); "
				 "name another one with --store",
				 store->path);
	version = store_version(store);
	if (version > STORE_VERSION)
		return fault_set(fault, -EPROTONOSUPPORT,
				 "%s: version %lld, written by a newer tpprobe; this one knows "
				 "versions up to %d",
				 store->path, (long long)version, STORE_VERSION);
	return 0;
}

/* schema.sql with the columns of metrics.def in it. Caller frees. */
static char *schema_text(void)
{
	static const char marker[] = "\t@METRICS"; /* not the one in the comment */
	const char *at = strstr(schema_sql, marker);
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	fwrite(schema_sql, 1, (size_t)(at - schema_sql), out);
	for (int i = 0; i < METRICS; i++)
		fprintf(out, "%s\t%s %s,", i ? "\n" : "", metric_info[i].name,
			metric_info[i].type == TYPE_INT ? "INTEGER" : "REAL");
	fputs(at + strlen(marker), out);
	fclose(out);
	return text;
}

static int create(struct store *store, struct fault *fault)
{
	char *schema;
	int err = store_exec(store, "BEGIN IMMEDIATE", fault);

	if (err)
		return err;
	/* Somebody else may have been quicker. */
	if (pragma_number(store, "PRAGMA application_id") == STORE_APPLICATION_ID)
		return store_exec(store, "ROLLBACK", fault);
	schema = schema_text();
	err = schema ? store_exec(store, schema, fault)
		     : fault_set(fault, -ENOMEM, "out of memory");
	free(schema);
	if (!err)
		err = store_exec(store, "COMMIT", fault);
	if (err)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

/* The file is for its owner alone, from its first moment on. Directories are
 * made for the store in the data directory only: a path that the user names
 * wrongly is told, not made. */
static int make_file(const char *path, struct fault *fault)
{
	char standard[PATH_MAX];
	int err = 0, fd;

	if (!path_data_home(standard, sizeof(standard), "store.db") && !strcmp(path, standard))
		err = path_make_parents(path);
	if (err)
		return fault_set(fault, err, "%s: the store's directory cannot be made: %s", path,
				 strerror(-err));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fault_set(fault, -errno, "%s: the store cannot be made: %s", path,
				 strerror(errno));
	close(fd);
	return 0;
}

static int connect_to(struct store *store, bool in_memory, struct fault *fault)
{
	sqlite3_close(store->db);
	store->db = NULL;
	if (sqlite3_open_v2(in_memory ? ":memory:" : store->path, &store->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return store_fault(store, fault);
	sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	return 0;
}

/*
 * Writers open a store one after the other: SQLite does not wait when two connections
 * turn a new file to WAL at once. The lock is on the directory, since to close another
 * descriptor of the store itself would give up SQLite's locks. -1: none can be had.
 */
static int lock_directory(const char *path)
{
	const struct timespec pause = { 0, 2000000 };
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	free(copy);
	for (int ms = 0; fd >= 0 && ms < STORE_BUSY_MS && flock(fd, LOCK_EX | LOCK_NB); ms += 2)
		nanosleep(&pause, NULL);
	return fd;
}

int store_open(struct store *store, const char *path, enum store_open how, struct fault *fault)
{
	int err = 0, missing = 1, lock = -1;

	*store = (struct store){ .path = strdup(path ? path : ":memory:") };
	if (!store->path) {
		err = fault_set(fault, -ENOMEM, "out of memory");
		goto fail;
	}
	if (how != STORE_MEMORY) {
		missing = look(path, fault);
		if (missing < 0)
			err = missing;
		else if (missing && how == STORE_WRITE)
			err = make_file(path, fault);
	}
	if (err)
		goto fail;
	if (how == STORE_WRITE)
		lock = lock_directory(path);
	err = connect_to(store, how == STORE_MEMORY || (missing && how == STORE_READ), fault);
	if (err)
		goto fail;
	if (!missing) {
		missing = check_ours(store, fault);
		if (missing < 0)
			err = missing;
		else if (missing && how == STORE_READ)
			err = connect_to(store, true, fault);
	}
	if (!err && !missing && store_version(store) < STORE_VERSION)
		err = store_migrate(store, fault);
	if (!err && missing && how == STORE_WRITE)
		err = store_exec(store, "PRAGMA journal_mode = WAL", fault);
	if (!err && missing)
		err = create(store, fault);
	if (!err)
		err = store_exec(store,
				 "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;"
				 "PRAGMA trusted_schema = OFF",
				 fault);
fail:
	if (lock >= 0)
		close(lock);
	if (err)
		store_close(store);
	return err;
}

void store_close(struct store *store)
{
	sqlite3_close(store->db);
	free(store->path);
	*store = (struct store){ 0 };
}

int row_open(struct row_writer *w, const struct store *store, const char *sql, struct fault *fault)
{
	*w = (struct row_writer){ .store = store };
	if (sqlite3_prepare_v2(store->db, sql, -1, &w->statement, NULL) == SQLITE_OK)
		return 0;
	return store_fault(store, fault);
}

int row_put(struct row_writer *w, struct fault *fault, const char *types, ...)
{
	sqlite3_stmt *s = w->statement;
	va_list ap;

	va_start(ap, types);
	for (int i = 0; types[i]; i++) {
		switch (types[i]) {
		case 'i':
			sqlite3_bind_int64(s, i + 1, va_arg(ap, int64_t));
			break;
		case 'r': {
			double number = va_arg(ap, double);

			if (isfinite(number))
				sqlite3_bind_double(s, i + 1, number);
			else
				sqlite3_bind_null(s, i + 1);
			break;
		}
		case 't':
			sqlite3_bind_text(s, i + 1, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		}
	}
	va_end(ap);
	int code = sqlite3_step(s);

	sqlite3_reset(s);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : store_fault(w->store, fault);
}

void row_close(struct row_writer *w)
{
	sqlite3_finalize(w->statement);
	w->statement = NULL;
}
