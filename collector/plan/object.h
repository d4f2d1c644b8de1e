/* SPDX-License-Identifier: MIT */
/*
 * An ELF file as the planner sees it: an x86-64 program or library, read into
 * memory of our own, so that a file that is cut off meanwhile does no harm.
 *
 * Addresses are those that the file tells (virtual addresses); in a process a byte
 * stands at l_addr + address. Every offset and size in the file may be wrong: what
 * lies outside is an error or is not there, never touched.
 *
 * Bytes and ranges are borrowed: valid until object_close(). An object is for one
 * thread at a time.
 */
#ifndef TPPROBE_PLAN_OBJECT_H
#define TPPROBE_PLAN_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object;

struct object_bytes {
	const uint8_t *at; /* NULL: there is none */
	uint64_t bytes;
};

/* `fd` is only read from, with pread(), and may be closed afterwards. A separate debug
 * file can be opened too; its code has no bytes. 0 or -errno: -ENOEXEC it is no such file,
 * -EFBIG it is larger than what is read, -ENOMEM. */
int object_open(int fd, struct object **out);
void object_close(struct object *o); /* NULL is fine */

/* Loaded bytes that are not writable, from `address` to the end of their segment; none if the
 * address is not in one, or not backed by the file. */
struct object_bytes object_bytes(const struct object *o, uint64_t address);
/* The same where it is executable. */
struct object_bytes object_code(const struct object *o, uint64_t address);

/* Lowest and highest address that is loaded, writable segments too. */
void object_range(const struct object *o, uint64_t *low, uint64_t *high);

/* Section headers, for whoever reads symbols. Sections without bytes in the file (SHT_NOBITS)
 * have none here; compressed ones come as they are. */
struct object_section {
	const char *name; /* "" if it has none that can be read */
	uint32_t type, link, info;
	uint64_t flags, address, offset, bytes, entry_bytes;
};

unsigned object_sections(const struct object *o);
const struct object_section *object_section(const struct object *o, unsigned index);
const struct object_section *object_section_named(const struct object *o, const char *name);
/* Its bytes: read when first asked for, kept until the object is closed. */
struct object_bytes object_section_bytes(struct object *o, const struct object_section *s);

/* NT_GNU_BUILD_ID; {NULL, 0} if there is none. At most 64 bytes. */
struct object_bytes object_build_id(const struct object *o);
/* DT_SONAME; "" if there is none. */
const char *object_soname(const struct object *o);

/*
 * Where functions are known to begin, from symbols: what begins inside the bytes that
 * a patch takes is refused. Copied and sorted; called again it replaces the former.
 * 0 or -ENOMEM.
 */
int object_set_entries(struct object *o, const uint64_t *addresses, size_t n);
/* Where the next function begins, from `address` on: a known entry, or a range of unwind
 * information. UINT64_MAX: none does. */
uint64_t object_next_begin(const struct object *o, uint64_t address);
/* Whether this address lies in a procedure linkage table. */
bool object_in_plt(const struct object *o, uint64_t address);

/* Whether the code at this address was made by Go's compiler. */
bool object_is_go(const struct object *o, uint64_t address);

/* A range of code that unwind information describes (an FDE). */
struct object_frame {
	uint64_t begin, end;
	uint32_t index; /* below object_frames() */
};

uint32_t object_frames(const struct object *o);
struct object_frame object_frame(const struct object *o, uint32_t index); /* by rising address */
/* The frame that covers the address; false if there is none. */
bool object_frame_at(const struct object *o, uint64_t address, struct object_frame *out);

#endif
