/* SPDX-License-Identifier: MIT */
/*
 * The functions behind ours: real_read and so on, one pointer per row of
 * hooks.def, resolved once in the constructor. The heap's point to a small
 * arena of our own until then (bootstrap.c); the others may not be called
 * before, and nothing calls them: ours is the first constructor.
 */
#ifndef TPPROBE_REAL_H
#define TPPROBE_REAL_H

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The hooks themselves are what the program binds to. */
#define HOOK(id, group, version, ret, name, params, args)                                          \
	extern ret name params __attribute__((visibility("default")));
#include "hooks.def"
#undef HOOK

#pragma GCC visibility push(hidden) /* no detour through the GOT */

#define HOOK(id, group, version, ret, name, params, args) extern ret(*real_##name) params;
#include "hooks.def"
#undef HOOK

/* Fills the pointers. A name that libc does not have keeps NULL: no program
 * linked against that libc can call it. */
void real_resolve(void);

/* A block of the bootstrap arena? free and realloc must know. */
extern char bootstrap_heap[];
#define BOOTSTRAP_HEAP_BYTES (256u << 10)
static inline int bootstrap_owns(const void *block)
{
	return (uintptr_t)block - (uintptr_t)bootstrap_heap < BOOTSTRAP_HEAP_BYTES;
}
void *bootstrap_realloc(void *block, size_t size);
size_t bootstrap_size(const void *block);

#pragma GCC visibility pop

#endif
