/* SPDX-License-Identifier: MIT */
/* Starting the collector so that the program cannot notice. */
#ifndef TPPROBE_LAUNCH_H
#define TPPROBE_LAUNCH_H

/*
 * Runs `collector --session SESSION_DIR` as nobody's child: no SIGCHLD, nothing
 * for wait(), no inherited descriptor, its own session. Returns when it has been
 * executed; 0 or -errno.
 */
int launch_collector(const char *collector, const char *session_dir);

#endif
