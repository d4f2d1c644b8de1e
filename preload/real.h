/* SPDX-License-Identifier: MIT */
/*
 * The functions behind ours: real_read and so on, one pointer per row of
 * hooks.def, resolved once in the constructor. The heap's point to a small
 * arena of our own until then (bootstrap.c); the others may not be called
 * before, and nothing calls them: ours is the first constructor.
 */
#ifndef TPPROBE_REAL_H
#define TPPROBE_REAL_H

/* <stdio.h> as declarations alone: no inline getc, and not one name for scanf and
 * __isoc99_scanf. */
#include <features.h>
#undef __USE_EXTERN_INLINES
#undef __GLIBC_USE_DEPRECATED_SCANF
#define __GLIBC_USE_DEPRECATED_SCANF 1

#include <aio.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <mqueue.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <utmp.h>

/* Names that <stdio.h> may make macros. */
#undef fread_unlocked
#undef fwrite_unlocked
#undef getc
#undef putc

/* The hooks themselves are what the program binds to. */
#define HOOK(id, group, does, version, ret, name, params, args)                                    \
	extern ret name params __attribute__((visibility("default")));
#include "hooks.def"
#undef HOOK

#pragma GCC visibility push(hidden) /* no detour through the GOT */

#define HOOK(id, group, does, version, ret, name, params, args) extern ret(*real_##name) params;
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
