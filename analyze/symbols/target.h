/* SPDX-License-Identifier: MIT */
/*
 * The program that `tpprobe symbols` is asked about: which file it is, and whether
 * functions of it can be tasks at all.
 */
#ifndef TPPROBE_TARGET_H
#define TPPROBE_TARGET_H

#include <limits.h>
#include <stdbool.h>

#include "../fault.h"

struct target {
	char path[PATH_MAX];
	bool is_library;
	bool is_static; /* a program that the dynamic loader does not start: the probe never enters */
};

/* A file, or a command as a shell finds it; a file in the working directory comes first.
 * 0; or -errno with a sentence: no such thing, a script, not ELF, another machine … */
int target_find(const char *operand, struct target *out, struct fault *fault);

#endif
