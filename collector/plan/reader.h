/* SPDX-License-Identifier: MIT */
/* Numbers out of bytes that are not trusted: reading beyond the end gives 0 and is remembered. */
#ifndef TPPROBE_PLAN_READER_H
#define TPPROBE_PLAN_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "object.h"

struct reader {
	const uint8_t *bytes;
	uint64_t at, end;
	bool failed;
};

static inline struct reader reader_of(struct object_bytes b, uint64_t at, uint64_t end)
{
	if (end > b.bytes)
		end = b.bytes;
	return (struct reader){ b.at, at, end, !b.at || at > end };
}

static inline uint64_t read_bytes(struct reader *r, unsigned n)
{
	uint64_t value = 0;

	if (r->failed || r->end - r->at < n) {
		r->failed = true;
		return 0;
	}
	memcpy(&value, r->bytes + r->at, n);
	r->at += n;
	return value;
}

static inline int64_t read_signed(struct reader *r, unsigned n)
{
	uint64_t value = read_bytes(r, n);

	return n < 8 ? (int64_t)(value << (64 - 8 * n)) >> (64 - 8 * n) : (int64_t)value;
}

static inline void read_skip(struct reader *r, uint64_t n)
{
	if (r->failed || r->end - r->at < n)
		r->failed = true;
	else
		r->at += n;
}

static inline uint64_t read_uleb(struct reader *r)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint64_t byte = read_bytes(r, 1);

		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
}

static inline int64_t read_sleb(struct reader *r)
{
	uint64_t value = 0;

	for (unsigned shift = 0;;) {
		uint64_t byte = read_bytes(r, 1);

		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80)) {
			if (shift < 64 && (byte & 0x40))
				value |= ~UINT64_C(0) << shift;
			return (int64_t)value;
		}
	}
}

#endif
