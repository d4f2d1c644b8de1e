/* SPDX-License-Identifier: MIT */
/*
 * The libraries that a program is linked with, found as the dynamic loader finds
 * them, without running anything: DT_NEEDED by breadth, RPATH and RUNPATH with
 * $ORIGIN, LD_LIBRARY_PATH, the loader's cache, the system's directories.
 */
#ifndef TPPROBE_LIBRARIES_H
#define TPPROBE_LIBRARIES_H

#include "../fault.h"

#define LIBRARIES_MAX 1024

struct library {
	char *name; /* as it is asked for: libfoo.so.1 */
	char *path; /* NULL: not found */
};

struct libraries {
	struct library *library;
	unsigned count;
};

/* Those of the ELF file at `path` and, in turn, theirs; each once. 0, or -errno with a
 * sentence. */
int libraries_init(struct libraries *l, const char *path, struct fault *fault);
void libraries_fini(struct libraries *l);

#endif
