/* SPDX-License-Identifier: MIT */
/*
 * One column of a block: `count` 64-bit values, as bytes.
 *
 *	COLUMN_CONSTANT  8 bytes: the value of all
 *	COLUMN_BYTES     one byte each
 *	COLUMN_LENGTHS   u8 shift, then a nibble each (low one first) with the
 *	                 number of bytes 0..8, then these bytes, little-endian;
 *	                 the value is what they say, shifted left by `shift`
 *
 * A nibble beside the bytes, not a bit in every byte as in LEB128: writing and
 * reading then need no branch that depends on the data (about 1 ns a value
 * against 4), and zstd finds the two streams easier apart.
 *
 * What the values are, in the high half of the encoding byte:
 *	COLUMN_PLAIN     themselves
 *	COLUMN_DIFFERENCE  zigzag of the difference to the one before (0 before the first)
 *	COLUMN_ZIGZAG    zigzag of themselves
 */
#ifndef TPPROBE_COLUMN_H
#define TPPROBE_COLUMN_H

#include <stddef.h>
#include <stdint.h>

enum column_layout { COLUMN_CONSTANT = 1, COLUMN_BYTES, COLUMN_LENGTHS };
enum column_values { COLUMN_PLAIN = 0x00, COLUMN_DIFFERENCE = 0x10, COLUMN_ZIGZAG = 0x20 };

/* Room that a column of `count` values may need; the encoder stores 8 bytes at a time. */
static inline size_t column_bound(uint32_t count)
{
	return 1 + (count + 1) / 2 + (size_t)count * 8 + 8;
}

static inline uint64_t column_zigzag(uint64_t v)
{
	return v << 1 ^ (uint64_t)((int64_t)v >> 63);
}

/* What is stored of a value; `before` is the value before it. */
static inline uint64_t column_stored(enum column_values kind, uint64_t v, uint64_t before)
{
	return kind == COLUMN_DIFFERENCE ? column_zigzag(v - before)
	       : kind == COLUMN_ZIGZAG	 ? column_zigzag(v)
					 : v;
}

/* The bits that any of the stored values has, and those that all have. */
struct column_bits {
	uint64_t any, all;
};

/* Encodes what column_stored() gave; the rest as below. */
size_t column_put(uint8_t *out, const uint64_t *values, uint32_t count, struct column_bits bits,
		  enum column_values kind, uint8_t *encoding);

/* Encodes into out[column_bound(count)] and says how in *encoding. values[] is
 * used up. Returns the bytes. */
size_t column_encode(uint8_t *out, uint64_t *values, uint32_t count, enum column_values kind,
		     uint8_t *encoding);

/* The way back. 0, or -EBADMSG when the bytes are no such column. */
int column_decode(const uint8_t *in, size_t bytes, uint8_t encoding, uint64_t *values,
		  uint32_t count);

#endif
