/* SPDX-License-Identifier: MIT */
/* A session before there is any process in it. */
#ifndef TPPROBE_NEW_SESSION_H
#define TPPROBE_NEW_SESSION_H

#include "../preload/arena.h"

struct new_session {
	const char *trace_dir;	 /* absolute; exists */
	const char *runtime_dir; /* $XDG_RUNTIME_DIR or NULL */
	char **options;		 /* `count` texts NAME=value */
	int count;
	char dir[ARENA_PATH_SIZE];   /* made: the session directory */
	char probe[ARENA_PATH_SIZE]; /* found: libtpprobe.so */
};

/* Directory, arena and link. 0, or -errno with a sentence in why[256]. */
int new_session_make(struct new_session *n, char *why);

#endif
