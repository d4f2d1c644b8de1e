/* SPDX-License-Identifier: MIT */
/* Files that belong to an object, as the process that runs it sees them. */
#ifndef TPPROBE_PLAN_DEBUG_FILE_H
#define TPPROBE_PLAN_DEBUG_FILE_H

#include "object.h"

/* Opens a regular file for reading; `root_fd` is the directory that `path` and all links
 * in it start from (-1: ours). Devices and pipes are not opened. A descriptor or -errno. */
int debug_file_open_path(int root_fd, const char *path);

/* The separate debug file of an object at `path`: by its build-id, else by its
 * .gnu_debuglink with the build-id, or failing that the checksum, compared. A descriptor
 * and the object, or -ENOENT. */
int debug_file_find(struct object *o, const char *path, int root_fd, struct object **out);

/* .gnu_debugdata, unpacked. 0 or -ENOENT, -EBADMSG, -errno. */
int debug_data_open(struct object *o, struct object **out);

#endif
