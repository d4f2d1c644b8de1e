/* SPDX-License-Identifier: MIT */
/* What an object is made of; for object*.c and the analysis of its code. */
#ifndef TPPROBE_PLAN_OBJECT_PARTS_H
#define TPPROBE_PLAN_OBJECT_PARTS_H

#include <elf.h>

#include "frames.h"
#include "object.h"

struct object_segment {
	uint64_t address, bytes; /* what is backed by the file */
	const uint8_t *at;
	bool is_code;
};

struct object {
	int fd; /* a copy of the one that was given */
	uint64_t file_bytes, read_bytes;
	uint64_t low, high;
	struct object_segment *segments;
	unsigned segments_n;
	struct object_section *sections;
	unsigned sections_n;
	struct object_bytes names;     /* of sections */
	struct object_bytes *contents; /* of sections that were asked for */
	struct object_bytes build_id, soname;
	struct frames frames;
	uint64_t *entries; /* object_set_entries(); rising */
	size_t entries_n;
	struct body **bodies;  /* by frame: body.h */
	uint64_t bodies_bytes; /* read beside them */
};

/* So many bytes of the file in memory of our own; NULL and *err. Free it. */
uint8_t *object_read(struct object *o, uint64_t offset, uint64_t bytes, int *err);
/* Section headers, as far as they can be read. 0 or -ENOMEM. */
int object_read_sections(struct object *o, const Elf64_Ehdr *header);
/* Build-id and soname. */
int object_read_notes(struct object *o, const Elf64_Phdr *segments, unsigned n);
/* Unwind information. */
int object_read_frames(struct object *o, const Elf64_Phdr *segments, unsigned n);

#endif
