/* SPDX-License-Identifier: MIT */
/*
 * A request for a plan (preload/plan.h), and the file that it means. Any process of the
 * session may have scribbled on it: it is copied first, then checked.
 */
#ifndef TPPROBE_PLAN_REQUEST_H
#define TPPROBE_PLAN_REQUEST_H

#include "../../preload/plan.h"
#include "object.h"

/* Copies a request that is asked for. 0 or -EBADMSG: it makes no sense. */
int request_copy(const struct plan_request *shared, struct plan_request *out);

/* Opens the object that the process has mapped: its executable, the file at the path as the
 * process or as we see it, or what is mapped there. What is not the same file (build-id,
 * else device, inode, size and time) is not taken. *root_fd: its root directory, -1 ours.
 * *fd: the file itself. 0, or -errno with a sentence in why[256]. */
int request_open(const struct plan_request *r, struct object **out, int *fd, int *root_fd,
		 char *why);

#endif
