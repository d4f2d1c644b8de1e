/* SPDX-License-Identifier: MIT */
/* The capture options of a raw LD_PRELOAD session, from its environment. */
#ifndef TPPROBE_SETTINGS_H
#define TPPROBE_SETTINGS_H

#include "arena.h"

/* Clock, session id, the options that the hooks need, and all TPPROBE_* as
 * text: the collector reads, checks and reports them. A value that makes no
 * sense leaves the default. */
void settings_fill(struct arena_header *h, char **envp);

/* NULL or the value of TPPROBE_X in the session's options; borrowed. */
const char *settings_get(const struct arena_header *h, const char *name);

#endif
