/* SPDX-License-Identifier: MIT */
/*
 * What a process tells of itself: at its start (who it is, what it runs, which
 * objects are mapped) and on its way out (what it used).
 */
#ifndef TPPROBE_PROCESS_H
#define TPPROBE_PROCESS_H

#include "probe.h"

/* argv of the image; borrowed for the life of the process. */
void process_set_arguments(int argc, char **argv);

/* Fills in who this process is. */
void process_identify(enum process_how how, uint64_t parent);

/* The calling thread is the only one of a process that has just been forked by
 * this task: new identity, same arena. */
void process_forked(uint64_t parent_task);

/* PROCESS_START, names and modules into the ring of the main thread. */
void process_tell_start(struct probe_thread *t);

/* PROCESS_EXIT and the CPU time of all its threads, then the counters of this
 * one are charged. May be called more than once: the last one counts. */
void process_tell_exit(int status, enum end_how how);

/* The current directory, as of the last chdir that we saw. */
const char *process_cwd(size_t *bytes);
void process_cwd_changed(void);

/* Exact CPU time of the process. */
uint64_t process_cpu_ns(void);

#endif
