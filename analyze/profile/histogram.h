/* SPDX-License-Identifier: MIT */
/*
 * How values are distributed, in little memory: exact count, sum, mean, deviation,
 * smallest and largest; up to HISTOGRAM_RAW values as they are; beyond that
 * log-linear buckets, from which percentiles come with at most 1 % error.
 *
 *	value      0      2^e … 2^(e+1), 128 buckets of one width each      … negative
 *	index      0      1023 + e << 7 | upper 7 bits of the mantissa      less than 0
 *
 * The index is the upper 18 bits of the double itself, so a bucket is 1/128 of
 * its lower end wide at most, and indexes are in the order of the values.
 * Two histograms are merged by adding up: the order does not matter.
 *
 * As bytes (little-endian), in the store's profile_metrics.histogram:
 *	u8 version 1, u8 HISTOGRAM_raw:     doubles, to the end
 *	u8 version 1, u8 HISTOGRAM_buckets: doubles sum, mean, squares (sum of squared
 *		distances from the mean), min, max; then for each bucket two LEB128
 *		numbers: index less the one before (zigzag; the first: less 0), count
 * A reader refuses a version that it does not know.
 */
#ifndef TPPROBE_HISTOGRAM_H
#define TPPROBE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_RAW 64
#define HISTOGRAM_VERSION 1
enum histogram_form { HISTOGRAM_raw, HISTOGRAM_buckets };

struct histogram {
	uint64_t count;
	double sum, mean, squares, min, max;
	/* All values, while there are at most HISTOGRAM_RAW; then NULL. Neither these nor
	 * buckets: all values are equal. */
	double *raw;
	struct histogram_bucket {
		int32_t index;
		uint64_t count;
	} * bucket;		/* by index */
	uint32_t buckets, room; /* room: of raw or of bucket */
};

/* Zeroed memory is an empty histogram. 0 or -ENOMEM; NAN and infinities are left out. */
int histogram_add(struct histogram *h, double value);
int histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_fini(struct histogram *h);

/* Of the bucket that a value is in. */
int32_t histogram_index(double value);
/* The value at this share (0 to 1) of all, by nearest rank; the median is the
 * mean of the middle two. NAN when there is none. */
double histogram_percentile(const struct histogram *h, double share);
double histogram_median(const struct histogram *h);
/* Of the sample; NAN for fewer than two. */
double histogram_stdev(const struct histogram *h);

/* To bytes, which the caller frees; NULL: out of memory. */
void *histogram_encode(const struct histogram *h, size_t *bytes);
/* 0, -ENOMEM, -EPROTONOSUPPORT for a newer version, -EBADMSG. */
int histogram_decode(struct histogram *h, const void *data, size_t bytes);

#endif
