/* SPDX-License-Identifier: MIT */
/* What lies at a path, and taking a trace away again without touching anything else. */
#include "trace_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../preload/arena.h"
#include "../preload/session.h"
#include "proc.h"

#define START_SECONDS 10 /* a collector that has not come by then never will */

static const char *const top_files[] = { TRACE_MANIFEST, TRACE_MANIFEST ".new", TRACE_LOG,
					 TRACE_SESSION_LINK, TRACE_RESERVE };
static const char *const top_dirs[] = { TRACE_SEGMENTS, TRACE_MODULES, TRACE_SESSION_HERE };

/* Calls each(dir fd, name) for all but . and ..; stops at the first that is not 0. */
static int each_entry(int at, const char *path, int (*each)(int dir, const char *name))
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!result && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			result = each(dirfd(dir), entry->d_name);
	closedir(dir);
	return result;
}

static int found_one(int dir, const char *name)
{
	(void)dir;
	(void)name;
	return 1;
}

/* Does somebody still drain the session that the link leads to? */
static bool session_lives(int dir)
{
	int session = openat(dir, TRACE_SESSION_LINK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = session < 0 ? -1 : openat(session, ARENA_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct arena_header *h = MAP_FAILED;
	struct stat st;
	bool lives = false;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size >= (off_t)sizeof(*h))
		h = mmap(NULL, sizeof(*h), PROT_READ, MAP_SHARED, fd, 0);
	if (h != MAP_FAILED) {
		uint32_t pid = h->collector_pid;

		/* pid 0: the session is being made at this moment, or its collector
		 * never came. */
		lives = pid == 0 ? st.st_ctime + START_SECONDS > time(NULL)
				 : h->state != ARENA_CLOSED &&
					   proc_start_time(pid) == h->collector_start_time;
		munmap(h, sizeof(*h));
	}
	if (fd >= 0)
		close(fd);
	if (session >= 0)
		close(session);
	return lives;
}

/* The version at the end of "tpprobe.trace/1"; 0 when it is no such schema. */
static int schema_version(const json_t *manifest)
{
	const char *schema = json_string_value(json_object_get(manifest, "schema"));
	size_t prefix = strlen("tpprobe.trace/");

	if (!schema || strncmp(schema, TRACE_SCHEMA, prefix))
		return 0;
	return atoi(schema + prefix);
}

static enum trace_state state_of(int dir)
{
	int fd = openat(dir, TRACE_MANIFEST, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum trace_state state = TRACE_foreign;
	const char *said;
	json_t *manifest;
	struct stat st;
	int version;

	if (fd < 0) {
		/* The link is made first, the manifest a moment later. */
		if (fstatat(dir, TRACE_SESSION_LINK, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISLNK(st.st_mode))
			return TRACE_foreign;
		return session_lives(dir) ? TRACE_live : TRACE_orphaned;
	}
	manifest = json_loadfd(fd, 0, NULL);
	close(fd);
	version = schema_version(manifest);
	said = json_string_value(json_object_get(manifest, "state"));
	if (version > 1)
		state = TRACE_newer;
	else if (version == 1 && said && !strcmp(said, "complete"))
		state = TRACE_finished;
	else if (version == 1)
		state = session_lives(dir) ? TRACE_live : TRACE_orphaned;
	json_decref(manifest);
	return state;
}

int trace_dir_state(const char *path, enum trace_state *state)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int some;

	if (fd < 0) {
		*state = errno == ENOTDIR ? TRACE_foreign : TRACE_none;
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	}
	some = each_entry(fd, ".", found_one);
	if (some == 0)
		*state = TRACE_empty;
	else if (some == 1)
		*state = state_of(fd);
	close(fd);
	return some < 0 ? some : 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static int remove_ours(int dir, const char *name)
{
	if (!ends_with(name, ".tps") && !ends_with(name, ".json") && !ends_with(name, ".new") &&
	    strcmp(name, ARENA_FILE))
		return -EINVAL;
	return unlinkat(dir, name, 0) ? -errno : 0;
}

static int check_ours(int dir, const char *name)
{
	struct stat st;

	for (unsigned i = 0; i < sizeof(top_files) / sizeof(*top_files); i++)
		if (!strcmp(name, top_files[i]))
			return 0;
	for (unsigned i = 0; i < sizeof(top_dirs) / sizeof(*top_dirs); i++)
		if (!strcmp(name, top_dirs[i]))
			return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno
			       : S_ISDIR(st.st_mode)			    ? 0
									    : -EINVAL;
	/* A session directory that the probe made here. */
	if (!strncmp(name, SESSION_PREFIX, strlen(SESSION_PREFIX)) &&
	    !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode))
		return 0;
	return -EINVAL;
}

/* The directory in /dev/shm that an orphaned session left behind. */
static void remove_session(int dir)
{
	char target[ARENA_PATH_SIZE];
	ssize_t n = readlinkat(dir, TRACE_SESSION_LINK, target, sizeof(target) - 1);
	int session;

	if (n <= 0)
		return;
	target[n] = 0;
	session = openat(dir, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (session < 0)
		return;
	if (!unlinkat(session, ARENA_FILE, 0))
		unlinkat(dir, target, AT_REMOVEDIR);
	close(session);
}

int trace_dir_remove(const char *path)
{
	enum trace_state state;
	int fd, err = trace_dir_state(path, &state);

	if (err)
		return err;
	if (state != TRACE_finished && state != TRACE_orphaned)
		return -EINVAL;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = each_entry(fd, ".", check_ours);
	if (err)
		goto out;
	if (state == TRACE_orphaned)
		remove_session(fd);
	for (unsigned i = 0; i < sizeof(top_dirs) / sizeof(*top_dirs); i++) {
		err = each_entry(fd, top_dirs[i], remove_ours);
		if (err && err != -ENOENT)
			goto out;
		if (!err && unlinkat(fd, top_dirs[i], AT_REMOVEDIR)) {
			err = -errno;
			goto out;
		}
	}
	/* The manifest goes last: what is left of a removal that failed is still a trace. */
	for (unsigned i = sizeof(top_files) / sizeof(*top_files); i-- > 0;) {
		if (unlinkat(fd, top_files[i], 0) && errno != ENOENT) {
			err = -errno;
			goto out;
		}
	}
	err = rmdir(path) ? -errno : 0;
out:
	close(fd);
	return err;
}
