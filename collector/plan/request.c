/* SPDX-License-Identifier: MIT */
/*
 * From a path in somebody's memory to the right file. The process may have another root
 * directory; the path may lead to a newer file by now, or to none. A pid of another
 * namespace names no process or a wrong one; as the file is compared, that does no harm.
 */
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"

int request_copy(const struct plan_request *shared, struct plan_request *out)
{
	memcpy(out, (const void *)shared, sizeof(*out));
	out->path[sizeof(out->path) - 1] = '\0';
	if (!out->path[0] || out->build_id_bytes > sizeof(out->build_id) || out->is_main > 1 ||
	    out->key != plan_key(out))
		return -EBADMSG;
	return 0;
}

static bool fits(const struct plan_request *r, int fd, const struct object *o)
{
	struct object_bytes id = object_build_id(o);
	struct stat st;

	if (r->build_id_bytes)
		return id.at && id.bytes >= r->build_id_bytes &&
		       !memcmp(id.at, r->build_id, r->build_id_bytes);
	if (!r->inode)
		return true;
	return !fstat(fd, &st) && st.st_dev == r->device && st.st_ino == r->inode &&
	       (uint64_t)st.st_size == r->size &&
	       (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec ==
		       r->mtime_ns;
}

/* Takes a descriptor, or closes it. 0; -ESTALE: another file; -errno: it cannot be read. */
static int take(const struct plan_request *r, int fd, struct object **out, int *kept)
{
	int err;

	if (fd < 0)
		return fd;
	err = object_open(fd, out);
	if (!err && !fits(r, fd, *out)) {
		object_close(*out);
		*out = NULL;
		err = -ESTALE;
	}
	if (err)
		close(fd);
	else
		*kept = fd;
	return err;
}

static int open_proc(uint32_t pid, const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The file that lies at its load address, whatever its name has become; for root. */
static int open_mapped(const struct plan_request *r)
{
	int fd = open_proc(r->pid, "maps", O_RDONLY), found = -ENOENT;
	uint64_t begin, end;
	char line[512], name[64];
	FILE *f;

	if (fd < 0)
		return fd;
	f = fdopen(fd, "re");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while (found == -ENOENT && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &begin, &end) != 2 || begin != r->base)
			continue;
		snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, begin, end);
		found = open_proc(r->pid, name, O_RDONLY);
	}
	fclose(f);
	return found;
}

/* After a first failure: success, or the more telling of two. */
static int worse(int a, int b)
{
	if (!b)
		return 0;
	return a == -ESTALE || b == -ENOENT || b == -ESRCH ? a : b;
}

static void explain(const struct plan_request *r, int err, char *why)
{
	if (err == -ESTALE)
		snprintf(why, 256, "%.150s was replaced on disk since it was started", r->path);
	else if (err == -ENOEXEC || err == -EBADMSG)
		snprintf(why, 256, "%.150s is no x86-64 program or library that can be read",
			 r->path);
	else if (err == -EFBIG)
		snprintf(why, 256, "%.150s is too large to be looked at", r->path);
	else
		snprintf(why, 256, "%.150s cannot be read: %s", r->path, strerror(-err));
}

int request_open(const struct plan_request *r, struct object **out, int *fd, int *root_fd,
		 char *why)
{
	int err = -ENOENT;

	*root_fd = open_proc(r->pid, "root", O_PATH | O_DIRECTORY);
	if (r->is_main)
		err = take(r, open_proc(r->pid, "exe", O_RDONLY), out, fd);
	if (err && *root_fd >= 0)
		err = worse(err, take(r, debug_file_open_path(*root_fd, r->path), out, fd));
	if (err)
		err = worse(err, take(r, debug_file_open_path(-1, r->path), out, fd));
	if (err && r->base)
		err = worse(err, take(r, open_mapped(r), out, fd));
	if (!err)
		return 0;
	if (*root_fd >= 0)
		close(*root_fd);
	*root_fd = -1;
	explain(r, err, why);
	return err;
}
