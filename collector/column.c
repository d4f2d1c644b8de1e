/* SPDX-License-Identifier: MIT */
/* Values to bytes and back, column by column: column.h says how they lie. */
#include "column.h"

#include <errno.h>
#include <string.h>

static inline uint64_t unzigzag(uint64_t v)
{
	return v >> 1 ^ -(v & 1);
}

/* Makes of values[] what is stored. One loop for each kind: it is a constant there. */
static inline __attribute__((always_inline)) struct column_bits transform_as(
	enum column_values kind, uint64_t *values, uint32_t count)
{
	struct column_bits bits = { 0, UINT64_MAX };
	uint64_t before = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t v = values[i];

		values[i] = column_stored(kind, v, before);
		before = v;
		bits.any |= values[i];
		bits.all &= values[i];
	}
	return bits;
}

static struct column_bits transform(uint64_t *values, uint32_t count, enum column_values kind)
{
	switch (kind) {
	case COLUMN_DIFFERENCE:
		return transform_as(COLUMN_DIFFERENCE, values, count);
	case COLUMN_ZIGZAG:
		return transform_as(COLUMN_ZIGZAG, values, count);
	default:
		return transform_as(COLUMN_PLAIN, values, count);
	}
}

static inline unsigned length_of(uint64_t v)
{
	return v ? (unsigned)(71 - __builtin_clzll(v)) / 8 : 0;
}

static size_t put_lengths(uint8_t *out, const uint64_t *values, uint32_t count, unsigned shift)
{
	uint8_t *nibbles = out + 1, *p = nibbles + (count + 1) / 2;
	uint32_t i;

	out[0] = (uint8_t)shift;
	for (i = 0; i + 1 < count; i += 2) {
		uint64_t a = values[i] >> shift, b = values[i + 1] >> shift;
		unsigned a_bytes = length_of(a), b_bytes = length_of(b);

		nibbles[i / 2] = (uint8_t)(a_bytes | b_bytes << 4);
		memcpy(p, &a, 8);
		p += a_bytes;
		memcpy(p, &b, 8);
		p += b_bytes;
	}
	if (i < count) {
		uint64_t a = values[i] >> shift;

		nibbles[i / 2] = (uint8_t)length_of(a);
		memcpy(p, &a, 8);
		p += length_of(a);
	}
	return (size_t)(p - out);
}

size_t column_put(uint8_t *out, const uint64_t *values, uint32_t count, struct column_bits bits,
		  enum column_values kind, uint8_t *encoding)
{
	if (count == 0 || bits.any == bits.all) {
		memcpy(out, count ? values : &bits.any, 8);
		*encoding = COLUMN_CONSTANT | kind;
		return 8;
	}
	if (bits.any < 256) {
		for (uint32_t i = 0; i < count; i++)
			out[i] = (uint8_t)values[i];
		*encoding = COLUMN_BYTES | kind;
		return count;
	}
	*encoding = COLUMN_LENGTHS | kind;
	return put_lengths(out, values, count, (unsigned)__builtin_ctzll(bits.any));
}

size_t column_encode(uint8_t *out, uint64_t *values, uint32_t count, enum column_values kind,
		     uint8_t *encoding)
{
	return column_put(out, values, count, transform(values, count, kind), kind, encoding);
}

/* By nibble; those above 8 are damage, which is found out afterwards. */
static const uint64_t length_masks[16] = {
	0,
	0xff,
	0xffff,
	0xffffff,
	0xffffffff,
	0xffffffffff,
	0xffffffffffff,
	0xffffffffffffff,
	0xffffffffffffffff,
};

static int get_lengths(const uint8_t *in, size_t bytes, uint64_t *values, uint32_t count)
{
	size_t head = 1 + ((size_t)count + 1) / 2;
	const uint8_t *end = in + bytes, *nibbles = in + 1, *p = in + head;
	unsigned shift, wrong = 0;
	uint32_t i = 0;

	if (bytes < head || in[0] > 63)
		return -EBADMSG;
	shift = in[0];
	/* Two values take 30 bytes at most, whatever the nibbles say. */
	for (; i + 1 < count && end - p >= 32; i += 2) {
		unsigned a_bytes = nibbles[i / 2] & 15, b_bytes = nibbles[i / 2] >> 4;
		uint64_t a, b;

		memcpy(&a, p, 8);
		memcpy(&b, p + a_bytes, 8);
		p += a_bytes + b_bytes;
		wrong |= (a_bytes + 7) | (b_bytes + 7);
		values[i] = (a & length_masks[a_bytes]) << shift;
		values[i + 1] = (b & length_masks[b_bytes]) << shift;
	}
	if (wrong & 16)
		return -EBADMSG;
	for (; i < count; i++) {
		unsigned length = nibbles[i / 2] >> (i & 1) * 4 & 15;
		uint64_t v = 0;

		if (length > 8 || length > (size_t)(end - p))
			return -EBADMSG;
		memcpy(&v, p, length);
		values[i] = v << shift;
		p += length;
	}
	return p == end ? 0 : -EBADMSG;
}

/* The stored values, before the differences are summed up. */
static int get_stored(const uint8_t *in, size_t bytes, unsigned layout, uint64_t *values,
		      uint32_t count)
{
	uint64_t constant;

	switch (layout) {
	case COLUMN_CONSTANT:
		if (bytes != 8)
			return -EBADMSG;
		memcpy(&constant, in, 8);
		for (uint32_t i = 0; i < count; i++)
			values[i] = constant;
		return 0;
	case COLUMN_BYTES:
		if (bytes != count)
			return -EBADMSG;
		for (uint32_t i = 0; i < count; i++)
			values[i] = in[i];
		return 0;
	case COLUMN_LENGTHS:
		return get_lengths(in, bytes, values, count);
	default:
		return -EBADMSG;
	}
}

int column_decode(const uint8_t *in, size_t bytes, uint8_t encoding, uint64_t *values,
		  uint32_t count)
{
	uint64_t sum = 0;
	int err = get_stored(in, bytes, encoding & 15, values, count);

	if (err)
		return err;
	switch (encoding & 0xf0) {
	case COLUMN_PLAIN:
		return 0;
	case COLUMN_DIFFERENCE:
		for (uint32_t i = 0; i < count; i++)
			values[i] = sum += unzigzag(values[i]);
		return 0;
	case COLUMN_ZIGZAG:
		for (uint32_t i = 0; i < count; i++)
			values[i] = unzigzag(values[i]);
		return 0;
	default:
		return -EBADMSG;
	}
}
