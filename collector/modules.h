/* SPDX-License-Identifier: MIT */
/* DIR/modules/ID.json: one file for each distinct object that was mapped. */
#ifndef TPPROBE_MODULES_H
#define TPPROBE_MODULES_H

#include <stdint.h>

struct modules {
	char dir[1100];
	uint64_t *seen; /* hashes of id and path; a table of `room` places, 0 free */
	uint32_t count, room;
	uint64_t failed; /* files that could not be written */
};

void modules_init(struct modules *m, const char *trace_dir);
void modules_fini(struct modules *m);
/* A MODULE record (its words) and the path that goes with it. */
void modules_add(struct modules *m, const uint64_t *v, const char *path);

#endif
