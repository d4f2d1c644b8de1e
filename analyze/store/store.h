/* SPDX-License-Identifier: MIT */
/*
 * The store: one SQLite file, described in schema.sql.
 */
#ifndef TPPROBE_STORE_H
#define TPPROBE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "../fault.h"

#define STORE_VERSION 3
#define STORE_APPLICATION_ID 0x74707072
#define STORE_BUSY_MS 10000

struct store {
	sqlite3 *db;
	char *path; /* as the user knows it; ":memory:" */
};

enum store_open {
	STORE_READ,   /* a file that does not exist yet reads as an empty store */
	STORE_WRITE,  /* made when it is not there, with its directory */
	STORE_MEMORY, /* for one command; path is not used */
};

/* Path of the store: `given`, $TPPROBE_STORE, or in the data directory. Caller
 * frees. */
char *store_path(const char *given);
/* 0, or -errno with a sentence; nothing is changed in a file that is refused. A
 * store of an older version is brought up to this one (migrate.h). */
int store_open(struct store *store, const char *path, enum store_open how, struct fault *fault);
void store_close(struct store *store);

/* Turns the database's last error into a sentence and an errno. */
int store_fault(const struct store *store, struct fault *fault);
/* Its user_version; -1: not readable. */
int64_t store_version(const struct store *store);
int store_exec(const struct store *store, const char *sql, struct fault *fault);

/* A statement that is used again and again:
 *	row_put(&w, "itr", (int64_t)id, name, seconds)
 * i: int64_t, t: text or NULL, r: double (NAN: NULL). -: as it was bound
 * by hand, or NULL; takes no argument. */
struct row_writer {
	const struct store *store;
	sqlite3_stmt *statement;
};
int row_open(struct row_writer *w, const struct store *store, const char *sql, struct fault *fault);
int row_put(struct row_writer *w, struct fault *fault, const char *types, ...);
void row_close(struct row_writer *w);

#endif
