/* SPDX-License-Identifier: MIT */
/*
 * Ring shared by one thread of the profiled program and the collector.
 *
 *	tail                    head
 *	 |   committed, unread   |        free
 *	 v                       v
 *	[#########################...................]
 *
 * head and tail count 16-byte cells since the ring was born and are never
 * reduced; the position in the body is (count & (cells - 1)). Compare them only
 * by subtraction.
 *
 * A record is a head cell and the continuation cells behind it:
 *
 *	head cell          word 0 (64)                    | mark
 *	continuation cell  word 1, 3, 5 … (64)            | word 2, 4, 6 … (62) + top bits
 *
 *	mark   63: lap   62: head = 1   61..56: type   55..0: stamp
 *	2nd word of a continuation   63: lap   62: head = 0   61..0: word
 *
 * lap is (count / cells) & 1 inverted, so that a ring of zeroes holds nothing:
 * a cell of the lap that is being read says so in its own top bit, and what an
 * earlier lap left behind never passes for it. The writer reserves by advancing
 * head, fills the continuations, and stores the mark last (release). The reader
 * looks at the mark (acquire): right lap and head bit: the record is whole.
 *
 * A record that was reserved but never committed (the process was killed in
 * between, with later records of a signal handler behind it) is skipped to the
 * next cell of this lap whose head bit is set. That is why the head bit exists;
 * it replaces block borders, which would cost the writer a branch and padding.
 * The reader clears the marks that it skips (to this lap, no head): left as they
 * are, of the lap before the last, they would look committed in the next one.
 *
 * Signal handlers run hooks in the middle of a hook of the same thread. head is
 * advanced by one unlocked compare-and-exchange, which is atomic against them,
 * and which, unlike an exchange-and-add, never reserves what is not free.
 *
 * Words of a record with words = n in events.def: v[0] … v[n-1] as above; cells
 * = 1 + n / 2. A TEXT record carries its bytes in the continuations, 8 in the
 * first word and 7 in the low 56 bits of the second. A TASK record carries
 * `values` words, v[1] …, at their places.
 */
#ifndef TPPROBE_RING_H
#define TPPROBE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct ring_cell {
	_Atomic uint64_t word;
	_Atomic uint64_t mark;
};
_Static_assert(sizeof(struct ring_cell) == 16, "a cell is 16 bytes");

#define RING_LAP_BIT (UINT64_C(1) << 63)
#define RING_HEAD_BIT (UINT64_C(1) << 62)
#define RING_TYPE_SHIFT 56
#define RING_TYPE_MASK UINT64_C(0x3f)
#define RING_STAMP_MASK ((UINT64_C(1) << 56) - 1)
#define RING_WORD2_MASK ((UINT64_C(1) << 62) - 1)
#define RING_TEXT_BYTES_PER_CELL 15
#define RING_TEXT_BYTES_MAX 900 /* of one TEXT record; fits the smallest ring many times */
#define RING_CELLS_MAX 64	/* of one record */

/* Words and cells of a record whose first word and type are known. 0 for a
 * type that this build does not know, or a length that cannot be. */
static inline unsigned ring_record_cells(unsigned type, uint64_t word0)
{
	switch (type) {
	case EVENT_NOP:
		return 1;
	case EVENT_TEXT: {
		unsigned bytes = word0 >> 48;
		return bytes > RING_TEXT_BYTES_MAX ? 0
						   : 1 + (bytes + RING_TEXT_BYTES_PER_CELL - 1) /
								     RING_TEXT_BYTES_PER_CELL;
	}
	case EVENT_TASK: {
		unsigned values = word0 >> 48;
		return values > 64 ? 0 : 1 + (values + 1) / 2;
	}
#define EVENT(id, name, class, words, meaning)                                                     \
	case words == 0 ? 100 + id:                                                                \
	id:                                                                                        \
		return 1 + (words) / 2;
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "events.def"
#undef EVENT
#undef FIELD
	default:
		return 0;
	}
}

/* The lap bit that a cell of this count carries. */
static inline uint64_t ring_lap(uint64_t count, uint32_t cells)
{
	return count & cells ? 0 : RING_LAP_BIT;
}

#endif
