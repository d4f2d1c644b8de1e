/* SPDX-License-Identifier: MIT */
/*
 * System calls without libc: they leave errno alone, are no cancellation
 * points, reach no hook and no entry patch. A result in -4095..-1 is -errno.
 */
#ifndef TPPROBE_SYS_H
#define TPPROBE_SYS_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#ifndef __x86_64__
#error "the probe is written for x86-64; aarch64 needs this file, clock.h and vfork_*.S"
#endif

static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define SYS_ARG(x) ((long)(x))
#define sys0(n) sys6(n, 0, 0, 0, 0, 0, 0)
#define sys1(n, a) sys6(n, SYS_ARG(a), 0, 0, 0, 0, 0)
#define sys2(n, a, b) sys6(n, SYS_ARG(a), SYS_ARG(b), 0, 0, 0, 0)
#define sys3(n, a, b, c) sys6(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), 0, 0, 0)
#define sys4(n, a, b, c, d) sys6(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), 0, 0)

static inline int sys_open(const char *path, int flags, int mode)
{
	return (int)sys4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static inline void sys_close(int fd)
{
	sys1(SYS_close, fd);
}

/* Reads a small file whole, at most room - 1 bytes, and closes it with NUL.
 * Bytes read, or -errno. */
static inline long sys_slurp(const char *path, char *into, size_t room)
{
	int fd = sys_open(path, O_RDONLY, 0);
	long got, all = 0;

	if (fd < 0)
		return fd;
	while ((size_t)all < room - 1 && (got = sys3(SYS_read, fd, into + all, room - 1 - all)) > 0)
		all += got;
	sys_close(fd);
	into[all] = '\0';
	return all;
}

/* The same for a file that comes whole in one read (/proc/PID/stat, io, status). */
static inline long sys_slurp_once(const char *path, char *into, size_t room)
{
	int fd = sys_open(path, O_RDONLY, 0);
	long got;

	if (fd < 0)
		return fd;
	got = sys3(SYS_read, fd, into, room - 1);
	sys_close(fd);
	into[got > 0 ? got : 0] = '\0';
	return got;
}

#endif
