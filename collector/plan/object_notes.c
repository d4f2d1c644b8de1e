/* SPDX-License-Identifier: MIT */
/* What else an object tells: build-id, soname, unwind information, where functions begin. */
#include "object_parts.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

#include "frame_cie.h"
#include "reader.h"

#define BUILD_ID_MAX 64
#define SONAME_MAX 256

static int find_build_id(struct object *o, const Elf64_Phdr *p)
{
	int err;
	uint8_t *notes = object_read(o, p->p_offset, p->p_filesz, &err);
	struct reader r;

	if (!notes)
		return err == -ENOMEM ? err : 0;
	r = reader_of((struct object_bytes){ notes, p->p_filesz }, 0, p->p_filesz);
	while (!r.failed && r.at < r.end) {
		uint64_t name = read_bytes(&r, 4), bytes = read_bytes(&r, 4),
			 type = read_bytes(&r, 4), name_at = r.at, at;

		read_skip(&r, (name + 3) & ~UINT64_C(3));
		at = r.at;
		read_skip(&r, bytes);
		if (!r.failed && type == NT_GNU_BUILD_ID && name == 4 &&
		    !memcmp(notes + name_at, "GNU", 4) && bytes && bytes <= BUILD_ID_MAX) {
			memmove(notes, notes + at, bytes);
			o->build_id = (struct object_bytes){ notes, bytes };
			return 0;
		}
		read_skip(&r, -bytes & 3);
	}
	free(notes);
	return 0;
}

/* Where an address that the dynamic section tells lies in the file. */
static bool offset_of(const Elf64_Phdr *list, unsigned n, uint64_t address, uint64_t *offset)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].p_type == PT_LOAD && address >= list[i].p_vaddr &&
		    address - list[i].p_vaddr < list[i].p_filesz) {
			*offset = list[i].p_offset + (address - list[i].p_vaddr);
			return true;
		}
	return false;
}

static int find_soname(struct object *o, const Elf64_Phdr *list, unsigned n, const Elf64_Phdr *p)
{
	uint64_t names = 0, offset = 0, name = UINT64_MAX, bytes;
	int err;
	uint8_t *dynamic = object_read(o, p->p_offset, p->p_filesz, &err);
	struct reader r;

	if (!dynamic)
		return err == -ENOMEM ? err : 0;
	r = reader_of((struct object_bytes){ dynamic, p->p_filesz }, 0, p->p_filesz);
	while (!r.failed && r.at < r.end) {
		uint64_t tag = read_bytes(&r, 8), value = read_bytes(&r, 8);

		if (tag == DT_NULL)
			break;
		if (tag == DT_STRTAB)
			names = value;
		if (tag == DT_SONAME)
			name = value;
	}
	free(dynamic);
	if (name == UINT64_MAX || name > UINT64_MAX - names ||
	    !offset_of(list, n, names + name, &offset) || offset >= o->file_bytes)
		return 0;
	bytes = o->file_bytes - offset < SONAME_MAX ? o->file_bytes - offset : SONAME_MAX;
	o->soname.at = object_read(o, offset, bytes, &err);
	if (o->soname.at && !memchr(o->soname.at, 0, bytes)) {
		free((void *)o->soname.at);
		o->soname.at = NULL;
	}
	return err == -ENOMEM ? err : 0;
}

int object_read_notes(struct object *o, const Elf64_Phdr *list, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++)
		if (list[i].p_type == PT_NOTE && !o->build_id.at)
			err = find_build_id(o, &list[i]);
		else if (list[i].p_type == PT_DYNAMIC && !o->soname.at)
			err = find_soname(o, list, n, &list[i]);
	return err;
}

/* Where .eh_frame begins: a section, or what .eh_frame_hdr points to. */
static struct object_bytes find_eh_frame(struct object *o, const Elf64_Phdr *list, unsigned n,
					 uint64_t *address)
{
	const struct object_section *s = object_section_named(o, ".eh_frame");

	if (s) {
		*address = s->address;
		return object_section_bytes(o, s);
	}
	for (unsigned i = 0; i < n; i++)
		if (list[i].p_type == PT_GNU_EH_FRAME) {
			struct frame_section header = { object_bytes(o, list[i].p_vaddr),
							list[i].p_vaddr, false };
			struct reader r = reader_of(header.bytes, 1, header.bytes.bytes);
			uint8_t encoding = (uint8_t)read_bytes(&r, 1);

			read_skip(&r, 2);
			*address = frame_pointer_read(&header, &r, encoding);
			if (!r.failed)
				return object_bytes(o, *address);
		}
	return (struct object_bytes){ 0 };
}

int object_read_frames(struct object *o, const Elf64_Phdr *list, unsigned n)
{
	const struct object_section *debug = object_section_named(o, ".debug_frame");
	uint64_t address = 0;
	struct object_bytes bytes = find_eh_frame(o, list, n, &address);
	int err = frames_add(&o->frames, 0, bytes, address);

	if (!err && debug && !(debug->flags & SHF_COMPRESSED))
		err = frames_add(&o->frames, 1, object_section_bytes(o, debug), 0);
	frames_sort(&o->frames);
	return err;
}

struct object_bytes object_build_id(const struct object *o)
{
	return o->build_id;
}

const char *object_soname(const struct object *o)
{
	return o->soname.at ? (const char *)o->soname.at : "";
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int object_set_entries(struct object *o, const uint64_t *addresses, size_t n)
{
	uint64_t *copy = calloc(n ? n : 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n) {
		memcpy(copy, addresses, n * sizeof(*copy));
		qsort(copy, n, sizeof(*copy), rising);
	}
	free(o->entries);
	o->entries = copy;
	o->entries_n = n;
	return 0;
}

uint64_t object_next_begin(const struct object *o, uint64_t address)
{
	size_t from = 0, to = o->entries_n;
	int64_t frame = frames_after(&o->frames, address);
	uint64_t next = frame < 0 ? UINT64_MAX : o->frames.entries[frame].begin;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (o->entries[middle] < address)
			from = middle + 1;
		else
			to = middle;
	}
	return from < o->entries_n && o->entries[from] < next ? o->entries[from] : next;
}

/* In a program of Go's and C's code, only the latter has unwind information that is loaded. */
bool object_is_go(const struct object *o, uint64_t address)
{
	int64_t frame = frames_find(&o->frames, address);

	if (!object_section_named(o, ".gopclntab") &&
	    !object_section_named(o, ".data.rel.ro.gopclntab"))
		return false;
	return frame < 0 || o->frames.entries[frame].section != 0;
}

uint32_t object_frames(const struct object *o)
{
	return o->frames.count;
}

struct object_frame object_frame(const struct object *o, uint32_t index)
{
	const struct frame_entry *e = &o->frames.entries[index];

	return (struct object_frame){ e->begin, e->end, index };
}

bool object_frame_at(const struct object *o, uint64_t address, struct object_frame *out)
{
	int64_t found = frames_find(&o->frames, address);

	if (found < 0)
		return false;
	*out = object_frame(o, (uint32_t)found);
	return true;
}
