/* SPDX-License-Identifier: MIT */
/* Draining a session whose collector has died. */
#ifndef TPPROBE_FINISH_H
#define TPPROBE_FINISH_H

/* Returns the exit status: 0 it is finished now (or was already), 2 it cannot be. */
int finish_main(const char *trace_dir);

#endif
