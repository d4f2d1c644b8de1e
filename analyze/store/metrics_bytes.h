/* SPDX-License-Identifier: MIT */
/*
 * The metrics of one task, itself and with its tree, as bytes: tasks.metrics in the
 * store. Most of them are null or 0, and those of a task without children are the same
 * twice. Little-endian:
 *
 *	u8   version 1
 *	u8   n: the first so many rows of analyze/metrics.def
 *	for self, then for inclusive:
 *	     2 bits for each of the n, from the lowest on, to whole bytes: enum below
 *	     the values of those that have one, in order: a metric of type REAL as a
 *	     double, INT as a zigzag LEB128 number
 *
 * Rows beyond n are null; those that are DERIVED are made from the others again. A reader refuses an n beyond the rows that it knows.
 */
#ifndef TPPROBE_METRICS_BYTES_H
#define TPPROBE_METRICS_BYTES_H

#include <stddef.h>

#include "../metrics.h"

enum metrics_bits {
	METRICS_null,
	METRICS_zero,
	METRICS_value,
	METRICS_same, /* inclusive only: as self */
};

#define METRICS_BYTES_VERSION 1
#define METRICS_BYTES_MAX (2 + 2 * (METRICS / 4 + 1) + 2 * METRICS * 10)

/* How many bytes it wrote. */
size_t metrics_encode(const struct metrics *self, const struct metrics *inclusive,
		      unsigned char data[METRICS_BYTES_MAX]);
/* 0, -EPROTONOSUPPORT for a newer version, -EBADMSG. */
int metrics_decode(const void *data, size_t bytes, struct metrics *self, struct metrics *inclusive);

#endif
