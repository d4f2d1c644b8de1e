/* SPDX-License-Identifier: MIT */
/*
 * Histograms as bytes: see histogram.h.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"

#define MOMENTS 5 /* sum, mean, squares, min, max */
#define VARINT_MAX 10
#define INDEX_END (0x7ff << 7) /* infinity's */

static unsigned char *put_number(unsigned char *at, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (unsigned char)(number | 0x80);
	*at++ = (unsigned char)number;
	return at;
}

static int get_number(const unsigned char **at, const unsigned char *end, uint64_t *number)
{
	*number = 0;
	for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
		unsigned char byte = *(*at)++;

		*number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return 0;
	}
	return -EBADMSG;
}

void *histogram_encode(const struct histogram *h, size_t *bytes)
{
	const double moment[MOMENTS] = { h->sum, h->mean, h->squares, h->min, h->max };
	const struct histogram_bucket equal = { histogram_index(h->min), h->count };
	const struct histogram_bucket *bucket = h->bucket ? h->bucket : &equal;
	uint32_t buckets = h->bucket ? h->buckets : 1;
	bool is_raw = !h->bucket && h->count <= HISTOGRAM_RAW;
	size_t room = 2 + (is_raw ? h->count * sizeof(double)
				  : sizeof(moment) + buckets * (size_t)(2 * VARINT_MAX));
	unsigned char *data = malloc(room), *at = data;
	int64_t before = 0;

	if (!data)
		return NULL;
	*at++ = HISTOGRAM_VERSION;
	*at++ = is_raw ? HISTOGRAM_raw : HISTOGRAM_buckets;
	if (is_raw) {
		for (uint64_t i = 0; i < h->count; i++, at += sizeof(double))
			memcpy(at, h->raw ? &h->raw[i] : &h->min, sizeof(double));
		*bytes = room;
		return data;
	}
	memcpy(at, moment, sizeof(moment));
	at += sizeof(moment);
	for (uint32_t i = 0; i < buckets; i++) {
		int64_t step = bucket[i].index - before;

		at = put_number(at, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
		at = put_number(at, bucket[i].count);
		before = bucket[i].index;
	}
	*bytes = (size_t)(at - data);
	return data;
}

static int decode_buckets(struct histogram *h, const unsigned char *at, const unsigned char *end)
{
	double moment[MOMENTS];
	int64_t index = 0;

	if ((size_t)(end - at) < sizeof(moment))
		return -EBADMSG;
	memcpy(moment, at, sizeof(moment));
	at += sizeof(moment);
	for (int i = 0; i < MOMENTS; i++)
		if (!isfinite(moment[i]))
			return -EBADMSG;
	h->bucket = malloc(((size_t)(end - at) / 2 + 1) * sizeof(*h->bucket));
	if (!h->bucket)
		return -ENOMEM;
	while (at < end) {
		uint64_t step, count;

		if (get_number(&at, end, &step) || get_number(&at, end, &count) ||
		    step > UINT32_MAX || !count || h->count + count < count)
			return -EBADMSG;
		index += (int64_t)(step >> 1) ^ -(int64_t)(step & 1);
		if (index >= INDEX_END || index <= -INDEX_END ||
		    (h->buckets && index <= h->bucket[h->buckets - 1].index))
			return -EBADMSG;
		h->bucket[h->buckets++] =
			(struct histogram_bucket){ .index = (int32_t)index, .count = count };
		h->count += count;
	}
	if (!h->count)
		return -EBADMSG;
	h->room = h->buckets;
	h->sum = moment[0];
	h->mean = moment[1];
	h->squares = moment[2];
	h->min = moment[3];
	h->max = moment[4];
	if (h->buckets == 1 && h->min == h->max) { /* all are equal */
		free(h->bucket);
		h->bucket = NULL;
		h->buckets = h->room = 0;
	}
	return 0;
}

int histogram_decode(struct histogram *h, const void *data, size_t bytes)
{
	const unsigned char *at = data, *end = at + bytes;
	int err = 0;

	*h = (struct histogram){ 0 };
	if (bytes < 2)
		return -EBADMSG;
	if (at[0] != HISTOGRAM_VERSION)
		return -EPROTONOSUPPORT;
	if (at[1] == HISTOGRAM_buckets) {
		err = decode_buckets(h, at + 2, end);
	} else if (at[1] != HISTOGRAM_raw || (bytes - 2) % sizeof(double) ||
		   (bytes - 2) / sizeof(double) > HISTOGRAM_RAW) {
		err = -EBADMSG;
	} else {
		for (at += 2; !err && at < end; at += sizeof(double)) {
			double value;

			memcpy(&value, at, sizeof(value));
			err = isfinite(value) ? histogram_add(h, value) : -EBADMSG;
		}
	}
	if (err)
		histogram_fini(h);
	return err;
}
