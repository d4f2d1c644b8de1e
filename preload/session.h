/* SPDX-License-Identifier: MIT */
/*
 * How the processes of a session find each other.
 *
 * The variable TPPROBE_SESSION, put into the environment of every program that
 * is started inside a session and taken out again before its main():
 *
 *	TPPROBE_SESSION=1;FLAGS;PARENT;DIR
 *
 *	1        version of this line
 *	FLAGS    p: LD_PRELOAD was added or changed by us as well: take our entry out
 *	         -: nothing to add
 *	PARENT   hexadecimal id of the task that started the program (the probe writes
 *	         16 digits), 0 unknown
 *	DIR      the session directory (absolute), with the file `arena` (arena.h)
 *
 * Where LD_PRELOAD stays, TPPROBE_PAD= goes along and is taken out too, so that
 * an even number of entries goes and the auxiliary vector behind them stays whole.
 *
 * Without the variable (raw LD_PRELOAD) the constructor looks at the trace
 * directory (TPPROBE_OUT, else ./tpprobe-<program>-<pid>): a live session there
 * is joined by its link `session`; a finished one is left alone and DIR.2, DIR.3
 * … is taken; else a session is made and its collector started:
 *
 *	tpprobe-collector --session SESSION_DIR
 *
 * with an empty environment, /dev/null on 0, 1, 2, a pidfd of the first program on
 * 3 (how it ended is known there even when it was quicker) and cwd /. The arena's header
 * has everything that it needs. The collector makes the rest of the trace
 * directory, removes the link and the session directory when it finishes.
 *
 * The collector is looked for beside libtpprobe.so, then in
 * ../libexec/tpprobe/ from there. TPPROBE_COLLECTOR overrides both.
 */
#ifndef TPPROBE_SESSION_H
#define TPPROBE_SESSION_H

#define SESSION_VARIABLE "TPPROBE_SESSION"
#define SESSION_VERSION "1"
#define SESSION_PREFIX "tpprobe-" /* of directories in /dev/shm, mkdtemp style */
#define SESSION_COLLECTOR "tpprobe-collector"

/* How long the collector of a raw LD_PRELOAD session stays after its last
 * process, so that `a | b` whose first part is quick is still one trace. */
#define SESSION_LINGER_MS 300

#endif
