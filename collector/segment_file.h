/* SPDX-License-Identifier: MIT */
/* How header and index lie in the file: shared by segment_writer.c and segment_reader.c. */
#ifndef TPPROBE_SEGMENT_FILE_H
#define TPPROBE_SEGMENT_FILE_H

#include "segment.h"

#define SEGMENT_FRAME_HEADER 0x184D2A50u /* zstd: a skippable frame */
#define SEGMENT_FRAME_INDEX 0x184D2A51u

struct segment_file_header {
	uint32_t frame_magic;
	uint32_t frame_bytes; /* behind this word */
	char magic[8];
	uint32_t version;
	uint32_t features;
	uint64_t session_id[2];
	uint64_t number;
	uint32_t clock;
	uint32_t reserved;
	uint64_t base_ticks, base_raw_ns, base_real_ns;
	char boot_id[40], host[64];
};
_Static_assert(sizeof(struct segment_file_header) == 184, "the header of a segment file");

struct segment_index_entry {
	uint64_t offset, thread, first_stamp, last_stamp;
	uint32_t events, reserved;
};
_Static_assert(sizeof(struct segment_index_entry) == 40, "an entry of the index");

struct segment_index_end {
	uint64_t count;
	char magic[8];
};

#endif
