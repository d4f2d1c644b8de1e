/* SPDX-License-Identifier: MIT */
/*
 * Which run the user means.
 */
#include "select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session.h"
#include "store/import.h"
#include "store/runs.h"

/* What can only be a directory: it has a slash. Other words are looked up in the
 * store first. */
static bool is_path(const char *run)
{
	return strchr(run, '/') || !strcmp(run, ".") || !strcmp(run, "..");
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int select_store(const char *store_option, struct store *store, struct fault *fault)
{
	char *path = store_path(store_option);
	int err = path ? store_open(store, path, STORE_READ, fault)
		       : fault_set(fault, -ENOMEM, "out of memory");

	free(path);
	return err;
}

static int select_dir(const char *dir, const char *store_option, struct store *store, int64_t *id,
		      struct fault *fault)
{
	enum import_result result;
	bool is_current;
	int err;

	session_settle(dir);
	/* Imported already, and nothing came since: the stored rows do. */
	if (!select_store(store_option, store, fault)) {
		if (!import_find(store, dir, id, &is_current, fault) && *id && is_current)
			return 0;
		store_close(store);
	} else if (store_option) {
		return -EINVAL;
	}
	err = store_open(store, NULL, STORE_MEMORY, fault);
	if (err)
		return err;
	err = import_trace(store, dir, id, &result, fault);
	if (err)
		store_close(store);
	return err;
}

int select_run(const char *run, const char *store_option, struct store *store, int64_t *id,
	       struct fault *fault)
{
	int err;

	if (run && is_path(run))
		return select_dir(run, store_option, store, id, fault);
	err = select_store(store_option, store, fault);
	if (err)
		return err;
	err = runs_refresh(store, fault);
	if (!err)
		err = runs_find(store, run ? run : "latest", id, fault);
	if (!err)
		return 0;
	store_close(store);
	if (err == -ENOENT && run && is_directory(run))
		return select_dir(run, store_option, store, id, fault);
	if (err == -ENOENT && !run)
		fault_set(fault, err,
			  "there is no run in the store yet; `tpprobe run CMD` makes one");
	return err;
}

int select_trace(const char *run, const char *store_option, char **dir, struct fault *fault)
{
	struct store store;
	int64_t id;
	int err;

	*dir = NULL;
	if (!is_path(run)) {
		err = select_store(store_option, &store, fault);
		if (err)
			return err;
		err = runs_find(&store, run, &id, fault);
		if (!err)
			*dir = runs_trace_dir(&store, id);
		store_close(&store);
		if (*dir)
			return 0;
		if (!is_directory(run))
			return err ? err : -ENOENT;
	}
	session_settle(run);
	*dir = strdup(run);
	return *dir ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}
