/* SPDX-License-Identifier: MIT */
/*
 * Log-linear histograms that can be merged.
 */
#include "histogram.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_SHIFT 45 /* of the 52 bits of the mantissa, 7 stay */

int32_t histogram_index(double value)
{
	double size = fabs(value);
	uint64_t bits;

	memcpy(&bits, &size, sizeof(bits));
	bits >>= INDEX_SHIFT;
	return value < 0 ? -(int32_t)bits : (int32_t)bits;
}

/* The end of a bucket that is nearer to zero (of index 0: zero). */
static double inner_end(int32_t index)
{
	uint64_t bits = (uint64_t)(index < 0 ? -(int64_t)index : index) << INDEX_SHIFT;
	double size;

	memcpy(&size, &bits, sizeof(size));
	return index < 0 ? -size : size;
}

static double outer_end(int32_t index)
{
	return index < 0 ? inner_end(index - 1) : index ? inner_end(index + 1) : 0;
}

static int bucket_add(struct histogram *h, int32_t index, uint64_t count)
{
	uint32_t low = 0, high = h->buckets;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (h->bucket[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == h->buckets || h->bucket[low].index != index) {
		if (h->buckets == h->room) {
			uint32_t room = h->room + h->room / 2 + 16;
			struct histogram_bucket *more = realloc(h->bucket, room * sizeof(*more));

			if (!more)
				return -ENOMEM;
			h->bucket = more;
			h->room = room;
		}
		memmove(h->bucket + low + 1, h->bucket + low,
			(h->buckets - low) * sizeof(*h->bucket));
		h->bucket[low] = (struct histogram_bucket){ .index = index };
		h->buckets++;
	}
	h->bucket[low].count += count;
	return 0;
}

/* From single values to buckets. */
static int give_up_raw(struct histogram *h)
{
	double *raw = h->raw;
	int err = 0;

	h->raw = NULL;
	h->room = 0;
	for (uint64_t i = 0; raw && !err && i < h->count; i++)
		err = bucket_add(h, histogram_index(raw[i]), 1);
	free(raw);
	return err;
}

/* The first value that is not equal to those before. */
static int give_up_equal(struct histogram *h)
{
	uint32_t room = 4;

	if (h->count > HISTOGRAM_RAW)
		return bucket_add(h, histogram_index(h->min), h->count);
	while (room <= h->count && room < HISTOGRAM_RAW)
		room *= 2;
	h->raw = malloc(room * sizeof(*h->raw));
	if (!h->raw)
		return -ENOMEM;
	h->room = room;
	for (uint64_t i = 0; i < h->count; i++)
		h->raw[i] = h->min;
	return 0;
}

/* There is nothing in it but this value. */
static bool is_equal(const struct histogram *h, double value)
{
	return !h->bucket && !h->raw && (!h->count || memcmp(&value, &h->min, sizeof(value)) == 0);
}

static int keep(struct histogram *h, double value)
{
	if (is_equal(h, value))
		return 0;
	if (!h->bucket && !h->raw) {
		int err = give_up_equal(h);

		if (err)
			return err;
	}
	if (h->bucket)
		return bucket_add(h, histogram_index(value), 1);
	if (h->count == HISTOGRAM_RAW) {
		int err = give_up_raw(h);

		return err ? err : bucket_add(h, histogram_index(value), 1);
	}
	if (h->count == h->room) {
		uint32_t room = h->room * 2;
		double *more = realloc(h->raw, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		h->raw = more;
		h->room = room;
	}
	h->raw[h->count] = value;
	return 0;
}

int histogram_add(struct histogram *h, double value)
{
	double apart;
	int err;

	if (!isfinite(value))
		return 0;
	err = keep(h, value);
	if (err)
		return err;
	if (!h->count || value < h->min)
		h->min = value;
	if (!h->count || value > h->max)
		h->max = value;
	h->count++;
	h->sum += value;
	apart = value - h->mean; /* Welford's way: exact where sums of squares are not */
	if (apart == 0)
		return 0;
	h->mean += apart / (double)h->count;
	h->squares += apart * (value - h->mean);
	return 0;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
	double a = (double)into->count, b = (double)from->count, apart;
	int err = 0;

	if (!from->bucket && from->count <= HISTOGRAM_RAW) {
		for (uint64_t i = 0; !err && i < from->count; i++)
			err = histogram_add(into, from->raw ? from->raw[i] : from->min);
		return err;
	}
	if (from->bucket || !is_equal(into, from->min)) {
		if (is_equal(into, into->min) && into->count)
			err = give_up_equal(into);
		if (!err && !into->bucket)
			err = give_up_raw(into);
		if (!err && !from->bucket)
			err = bucket_add(into, histogram_index(from->min), from->count);
	}
	for (uint32_t i = 0; !err && i < from->buckets; i++)
		err = bucket_add(into, from->bucket[i].index, from->bucket[i].count);
	if (err)
		return err;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (!into->count || from->max > into->max)
		into->max = from->max;
	apart = from->mean - into->mean;
	into->squares += from->squares + apart * apart * a * b / (a + b);
	into->mean += apart * b / (a + b);
	into->sum += from->sum;
	into->count += from->count;
	return 0;
}

void histogram_fini(struct histogram *h)
{
	free(h->raw);
	free(h->bucket);
	*h = (struct histogram){ 0 };
}

static int number_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The rank-th smallest, from 1. Inside a bucket the values are taken to lie at
 * equal distances. */
static double at_rank(const struct histogram *h, uint64_t rank)
{
	double sorted[HISTOGRAM_RAW], value = h->max;
	uint64_t before = 0;

	if (h->min == h->max)
		return h->min;
	if (h->raw) {
		memcpy(sorted, h->raw, h->count * sizeof(*sorted));
		qsort(sorted, h->count, sizeof(*sorted), number_compare);
		return sorted[rank - 1];
	}
	if (rank == 1)
		return h->min;
	if (rank == h->count)
		return h->max;
	for (uint32_t i = 0; i < h->buckets; i++) {
		const struct histogram_bucket *b = &h->bucket[i];

		if (before + b->count >= rank) {
			double part = ((double)(rank - before) - 0.5) / (double)b->count;
			double inner = inner_end(b->index), outer = outer_end(b->index);

			value = b->index < 0 ? outer + (inner - outer) * part
					     : inner + (outer - inner) * part;
			break;
		}
		before += b->count;
	}
	return value < h->min ? h->min : value > h->max ? h->max : value;
}

double histogram_percentile(const struct histogram *h, double share)
{
	uint64_t rank = (uint64_t)ceil(share * (double)h->count);

	if (!h->count)
		return NAN;
	return at_rank(h, rank < 1 ? 1 : rank > h->count ? h->count : rank);
}

double histogram_median(const struct histogram *h)
{
	if (!h->count)
		return NAN;
	return (at_rank(h, (h->count + 1) / 2) + at_rank(h, h->count / 2 + 1)) / 2;
}

double histogram_stdev(const struct histogram *h)
{
	return h->count > 1 ? sqrt(h->squares / (double)(h->count - 1)) : NAN;
}
