/* SPDX-License-Identifier: MIT */
/*
 * Tables that few programs need: mapped when something comes that wants them, so that
 * address space, locked memory and fork of all others are spared.
 */
#ifndef TPPROBE_ROOM_H
#define TPPROBE_ROOM_H

#include <stdatomic.h>
#include <sys/mman.h>

#include "probe.h"
#include "sys.h"

/* What stands in *where, mapped and zeroed the first time. NULL: there is no memory. */
static inline void *room_get(void *_Atomic *where, size_t bytes)
{
	void *room = atomic_load_explicit(where, memory_order_acquire), *nobody = NULL;
	long got;

	if (likely(room) || probe.no_syscalls)
		return room;
	got = sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (got < 0 && got > -4096)
		return NULL;
	if (atomic_compare_exchange_strong(where, &nobody, (void *)got))
		return (void *)got;
	sys2(SYS_munmap, got, bytes);
	return nobody;
}

#endif
