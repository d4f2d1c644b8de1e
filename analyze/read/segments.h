/* SPDX-License-Identifier: MIT */
/*
 * The segment files of a trace, one after the other, as one row of blocks.
 */
#ifndef TPPROBE_SEGMENTS_H
#define TPPROBE_SEGMENTS_H

#include "stream.h"

struct segments {
	char *dir;
	unsigned *number; /* of the files, ascending */
	unsigned count, at;
	struct segment_reader *reader;
};

int segments_open(struct segments *s, const char *dir, struct stream_facts *facts,
		  struct fault *fault);
/* 1: *block is filled, until the next call. 0: the end. Damaged frames are
 * counted and stepped over. */
int segments_next(struct segments *s, struct block *block, struct stream_facts *facts,
		  struct fault *fault);
void segments_fini(struct segments *s);

#endif
