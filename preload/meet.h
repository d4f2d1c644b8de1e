/* SPDX-License-Identifier: MIT */
/* Finding or making the session (session.h says how they meet). */
#ifndef TPPROBE_MEET_H
#define TPPROBE_MEET_H

#include <stdbool.h>
#include <stdint.h>

/* Fills probe.arena, mapped_bytes, slots, session_dir, preload_added and tells
 * the task that started us. False: run untouched. */
bool meet_session(char **argv, char **envp, uint64_t *parent);

#endif
