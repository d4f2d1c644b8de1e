/* SPDX-License-Identifier: MIT */
/*
 * Segment files: DIR/segments/NNNN.tps, append-only, rolled at 64 MiB (less with a cap).
 *
 *	[skippable frame: file header][zstd frame: block]…[skippable frame: index]
 *
 * Everything is little-endian. The whole file is a valid sequence of zstd
 * frames, so `zstd -t` tests it (each data frame has a content checksum).
 *
 * File header (zstd skippable frame, magic 0x184D2A50, size, then):
 *	char     magic[8]        "TPPSEGM\n"
 *	u32      version         SEGMENT_VERSION; a reader refuses a higher one
 *	u32      features        bits a reader must know; 0 in version 1
 *	u64      session_id[2]
 *	u64      number          of this file, from 1
 *	u32      clock           enum arena_clock
 *	u32      reserved
 *	u64      base_ticks, base_raw_ns, base_real_ns
 *	char     boot_id[40], host[64]   NUL-padded
 *
 * Block (content of one zstd frame, at most SEGMENT_BLOCK_BYTES): events of one
 * thread, in the order in which it committed them:
 *	u32      block version 1
 *	u32      flags           SEGMENT_COLLECTOR: the collector's own records
 *	u64      thread          id (0 for the collector's own)
 *	u64      process         id of the process image
 *	u64      cycle           number of the drain cycle, from 1
 *	u64      watermark       stamp: every event committed before it, on every
 *	                         thread, is in this cycle or an earlier one
 *	u64      first_stamp
 *	u32      events
 *	u32      columns
 *	columns × { u8 type, u8 word, u8 encoding, u8 0, u32 bytes }
 *	then the bytes of the columns, one after the other.
 *	Column type 0 word 0 holds the event types, one byte each; type 0 word 1
 *	the stamps; type 0 word 2 the bytes of the TEXT events; type 0 word 3 the
 *	words behind word 0 of the other events of variable length. The others
 *	hold one FIELD of events.def each (`word` is then its running number
 *	within the event). Columns that the reader does not know are stepped
 *	over, since they carry their lengths; fields without a column are 0; an
 *	event of an unknown type is delivered without words.
 * The encoding of a column: column.h.
 *
 * Cycles: numbers never decrease from block to block of a trace, and one cycle
 * lies in one file. A cycle ends after about SEGMENT_CYCLE_EVENTS events or a
 * second, whichever is first; only then are all threads' events of it in the
 * file. So a reader that has seen the first block of a later cycle (or the end)
 * may hand on all events before the largest watermark seen, and the memory that
 * it needs for ordering does not grow with the trace. A thread may be preempted
 * between taking a stamp and committing the record, so a few events come with a
 * stamp before a watermark already passed.
 *
 * Index (skippable frame, magic 0x184D2A51): for each block
 *	u64 offset, u64 thread, u64 first_stamp, u64 last_stamp, u32 events, u32 0
 * then u64 count, char magic[8] "TPPINDX\n". A file without one was cut off or
 * is being written: it is read up to its last whole frame.
 *
 * With a size cap (flight.h) the oldest files are replaced by one that has the number
 * of the first of them and the records of class task and text alone; its blocks bear the
 * cycle of the last block that they were made from, so what is said above still holds.
 *
 * The writer and the reader belong to the collector; analyze/ uses the reader.
 */
#ifndef TPPROBE_SEGMENT_H
#define TPPROBE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../preload/event.h"

#define SEGMENT_VERSION 1
#define SEGMENT_MAGIC "TPPSEGM\n"
#define SEGMENT_INDEX_MAGIC "TPPINDX\n"
#define SEGMENT_ROLL_BYTES (64u << 20)
#define SEGMENT_BLOCK_BYTES (8u << 20)	  /* uncompressed */
#define SEGMENT_BLOCK_EVENTS (256u << 10) /* limits for readers; writers stay far below */
#define SEGMENT_BLOCK_WORDS (2u << 20)
#define SEGMENT_CYCLE_EVENTS (512u << 10)
#define SEGMENT_COLLECTOR 1u

#define COLLECTED_FIRST 40 /* types from here on never lay in a ring */

enum collected_type {
#define EVENT(id, name, class, words, meaning) EVENT_##name = id,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "collected.def"
#undef EVENT
#undef FIELD
};

#define EVENT(id, name, class, words, meaning)
#define FIELD(event, field, word, shift, bits, encoding, meaning)                                  \
	static inline uint64_t event_##event##_##field(const uint64_t *v)                          \
	{                                                                                          \
		uint64_t x = v[word] >> (shift)&EVENT_MASK(bits);                                  \
		return EVENT_EXTEND_##encoding(x, bits);                                           \
	}
#include "collected.def"
#undef EVENT
#undef FIELD

enum gone_source {
	GONE_unknown = 0, /* it vanished; an exit record or its parent's wait may tell */
	GONE_kernel,	  /* PIDFD_GET_INFO */
	GONE_launcher,	  /* tpprobe run waited for it */
};

/* What is known of an event type or field, for dump and for the encoder. */
enum field_encoding { FIELD_PLAIN, FIELD_DELTA, FIELD_SIGNED };
struct field_info {
	const char *name;
	const char *meaning;
	uint8_t word, shift, bits, encoding;
};
struct event_info {
	const char *name;
	const char *meaning;
	uint8_t words;	/* 0: variable */
	uint8_t fields; /* entries in field[] */
	const struct field_info *field;
};
/* NULL for a type that this build does not know. */
const struct event_info *event_info_get(unsigned type);
/* "read", or NULL. */
const char *call_name(unsigned call);

/* --- reading ------------------------------------------------------------- */

struct event {
	uint64_t stamp; /* ticks since the session's base */
	uint32_t first; /* its words are block.words[first] … */
	uint16_t words; /* how many; 1 for TEXT, whose length is in word 0; 0: unknown type */
	uint8_t type;
	uint8_t reserved;
};

/* One decoded block. Arrays belong to the reader and live until its next call. */
struct block {
	uint64_t thread, process, cycle, watermark;
	uint32_t flags;
	uint32_t count;
	const struct event *events;
	const uint64_t *words;	 /* value words of all events; a TEXT event has one, word 0 */
	const char *text;	 /* bytes of the TEXT events; offset in text_at[] */
	const uint32_t *text_at; /* per event; meaningful for TEXT only */
};

struct segment_header {
	uint32_t version;
	uint32_t clock;
	uint64_t session_id[2];
	uint64_t number;
	uint64_t base_ticks, base_raw_ns, base_real_ns;
	char boot_id[40], host[64];
};

struct segment_reader;

/* Opens a segment file. 0 or -errno; -EBADMSG: not a segment; -EPROTONOSUPPORT:
 * a newer version (*version says which, when version is not NULL). */
int segment_open(const char *path, struct segment_reader **out, uint32_t *version);
const struct segment_header *segment_header_get(const struct segment_reader *r);

/* Decodes the next block. 1: *block is filled. 0: the end; segment_cut() tells
 * whether the file was cut off. -EBADMSG: a frame is damaged (checksum or
 * contents); the call after that goes on behind it when that is possible. */
int segment_next(struct segment_reader *r, struct block *block);
/* Goes on with the block at this place, which segment_writer_bytes() told before it
 * was written. */
void segment_seek(struct segment_reader *r, uint64_t offset);
/* Bytes behind the last whole frame that could not be read; 0 for a file that
 * was closed properly. */
uint64_t segment_cut(const struct segment_reader *r);
void segment_close(struct segment_reader *r); /* NULL is fine */

/* --- writing (collector, tests) ------------------------------------------ */

struct segment_writer;

/* A new file for this header; O_EXCL, 0600. */
int segment_writer_open(const char *path, const struct segment_header *header,
			struct segment_writer **out);
/* Appends one block. 0 or -errno (-ENOSPC: nothing of the block was kept). */
int segment_writer_block(struct segment_writer *w, const struct block *block);
/* Bytes so far. */
uint64_t segment_writer_bytes(const struct segment_writer *w);
/* Bytes that the events had in their rings (16 per cell). */
uint64_t segment_writer_raw_bytes(const struct segment_writer *w);
/* Writes the index, closes, frees. NULL is fine. */
int segment_writer_close(struct segment_writer *w);

#endif
