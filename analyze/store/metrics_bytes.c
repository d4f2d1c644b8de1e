/* SPDX-License-Identifier: MIT */
/*
 * The metrics of one task as bytes: see metrics_bytes.h.
 */
#include "metrics_bytes.h"

#include <errno.h>
#include <string.h>

_Static_assert(METRICS < 256, "n is a byte");

static unsigned char *put_value(unsigned char *at, int metric, double value)
{
	uint64_t number;

	if (metric_info[metric].type == TYPE_REAL) {
		memcpy(at, &value, sizeof(value));
		return at + sizeof(value);
	}
	number = (uint64_t)metric_int(value);
	number = number << 1 ^ (uint64_t)((int64_t)number >> 63);
	for (; number >= 0x80; number >>= 7)
		*at++ = (unsigned char)(number | 0x80);
	*at++ = (unsigned char)number;
	return at;
}

static bool is_same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static unsigned char *put_scope(unsigned char *at, const struct metrics *m,
				const struct metrics *before)
{
	unsigned char *bits = at;

	memset(bits, 0, (METRICS + 3) / 4);
	at += (METRICS + 3) / 4;
	for (int i = 0; i < METRICS; i++) {
		double value = m->value[i];
		unsigned what = METRICS_value;

		if (isnan(value))
			continue; /* METRICS_null */
		if (is_same(value, 0.0))
			what = METRICS_zero;
		else if (before && is_same(value, before->value[i]))
			what = METRICS_same;
		else if (metric_info[i].combine == COMBINE_DERIVED)
			what = METRICS_null;
		else
			at = put_value(at, i, value);
		bits[i / 4] |= (unsigned char)(what << i % 4 * 2);
	}
	return at;
}

size_t metrics_encode(const struct metrics *self, const struct metrics *inclusive,
		      unsigned char data[METRICS_BYTES_MAX])
{
	unsigned char *at = data;

	*at++ = METRICS_BYTES_VERSION;
	*at++ = METRICS;
	at = put_scope(at, self, NULL);
	at = put_scope(at, inclusive, self);
	return (size_t)(at - data);
}

static int get_value(const unsigned char **at, const unsigned char *end, bool is_real,
		     double *value)
{
	uint64_t number = 0;

	if (is_real) {
		if (end - *at < (ptrdiff_t)sizeof(*value))
			return -EBADMSG;
		memcpy(value, *at, sizeof(*value));
		*at += sizeof(*value);
		return 0;
	}
	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned char byte;

		if (*at == end)
			return -EBADMSG;
		byte = *(*at)++;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*value = (double)(int64_t)(number >> 1 ^ -(number & 1));
		return 0;
	}
	return -EBADMSG;
}

static int get_scope(const unsigned char **at, const unsigned char *end, int n, struct metrics *m,
		     const struct metrics *before)
{
	const unsigned char *bits = *at;
	int err = 0;

	if (end - bits < (n + 3) / 4)
		return -EBADMSG;
	*at += (n + 3) / 4;
	metrics_clear(m);
	for (int i = 0; !err && i < n; i++) {
		if (!bits[i / 4]) {
			i |= 3; /* four that are null */
			continue;
		}
		switch (bits[i / 4] >> i % 4 * 2 & 3) {
		case METRICS_zero:
			m->value[i] = 0;
			break;
		case METRICS_value:
			err = get_value(at, end, metric_info[i].type == TYPE_REAL, &m->value[i]);
			break;
		case METRICS_same:
			m->value[i] = before ? before->value[i] : NAN;
			break;
		}
	}
	return err;
}

int metrics_decode(const void *data, size_t bytes, struct metrics *self, struct metrics *inclusive)
{
	const unsigned char *at = data, *end = at + bytes;
	int err;

	metrics_clear(self);
	metrics_clear(inclusive);
	if (bytes < 2)
		return -EBADMSG;
	/* Of a later version or with more metrics than we know, nothing can be skipped. */
	if (at[0] != METRICS_BYTES_VERSION || at[1] > METRICS)
		return -EPROTONOSUPPORT;
	at += 2;
	err = get_scope(&at, end, ((const unsigned char *)data)[1], self, NULL);
	if (!err)
		err = get_scope(&at, end, ((const unsigned char *)data)[1], inclusive, self);
	metrics_derive(self);
	metrics_derive(inclusive);
	return err;
}
