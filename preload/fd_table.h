/* SPDX-License-Identifier: MIT */
/*
 * What each descriptor of the process is: its kind and the id of its open file,
 * ids being unique in the session. Private memory: a forked child has a copy,
 * and its descriptors are copies too.
 *
 *	entry: 63 known | 39..32 enum fd_kind | 31..0 file id
 *
 * An entry is cleared before the real close, so that no open in another thread
 * is overwritten. A descriptor that was made behind our back (by stdio, by a
 * library) is resolved at its first use: one fstat, and its name.
 */
#ifndef TPPROBE_FD_TABLE_H
#define TPPROBE_FD_TABLE_H

#include <sys/stat.h>

#include "probe.h"

#pragma GCC visibility push(hidden) /* no detour through the GOT */

#define FD_TABLE_SIZE 65536u
#define FD_KNOWN (UINT64_C(1) << 63)

extern _Atomic uint64_t *fd_table; /* FD_TABLE_SIZE entries; NULL: no memory */

void fd_table_init(void);

static inline unsigned fd_entry_kind(uint64_t entry)
{
	return entry >> 32 & 0xff;
}

static inline uint32_t fd_entry_file(uint64_t entry)
{
	return (uint32_t)entry;
}

/* fstat, name, new id. 0 when it cannot be known. */
uint64_t fd_resolve(struct probe_thread *t, int fd);

static inline uint64_t fd_lookup(struct probe_thread *t, int fd)
{
	uint64_t entry = 0;

	if (likely((unsigned)fd < FD_TABLE_SIZE && fd_table))
		entry = atomic_load_explicit(&fd_table[fd], memory_order_relaxed);
	return likely(entry) ? entry : fd_resolve(t, fd);
}

/* The entry without looking at the descriptor itself; 0 unknown. */
static inline uint64_t fd_peek(int fd)
{
	if ((unsigned)fd >= FD_TABLE_SIZE || !fd_table)
		return 0;
	return atomic_load_explicit(&fd_table[fd], memory_order_relaxed);
}

static inline void fd_put(int fd, uint64_t entry)
{
	if ((unsigned)fd < FD_TABLE_SIZE && fd_table)
		atomic_store_explicit(&fd_table[fd], entry, memory_order_relaxed);
}

/* A new open file: takes an id, remembers it for `fd`. */
uint64_t fd_new(int fd, enum fd_kind kind);

/* Forgets a range, both ends included. */
void fd_forget(unsigned first, unsigned last);

/* Names a socket's peer (TEXT_ADDRESS), or its own end (TEXT_LOCAL_ADDRESS). */
void fd_tell_address(struct probe_thread *t, uint32_t file, enum text_kind kind,
		     const void *address, unsigned bytes);

/* Asks the kernel for a socket's own end and tells it. */
void fd_tell_local_address(struct probe_thread *t, uint32_t file, int fd);

/* Says where path, taken relative to `dir` as openat does, points to. */
void fd_tell_path(struct probe_thread *t, uint32_t file, int dir, const char *path);

/* The kind of file that fstat says; of sockets and terminals the descriptor is asked. */
enum fd_kind fd_kind_of(int fd, const struct stat *st);

#pragma GCC visibility pop

#endif
