/* SPDX-License-Identifier: MIT */
/*
 * A ledger: what a test program did, told behind the profiler's back.
 *
 *	ledger_add("allocs", n);      one line `allocs=n`
 *	ledger_close();               appends all lines to the file $LEDGER
 *
 * It is written by system calls of its own (no libc function that may be
 * hooked) with one O_APPEND write, so that many processes can share the file.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static char ledger_text[8192];
static size_t ledger_bytes;

static inline long ledger_syscall(long number, long a, long b, long c)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
#else
	return syscall(number, a, b, c);
#endif
}

static inline void ledger_add(const char *name, uint64_t value)
{
	ledger_bytes += snprintf(ledger_text + ledger_bytes, sizeof(ledger_text) - ledger_bytes,
				 "%s=%llu\n", name, (unsigned long long)value);
}

static inline void ledger_close(void)
{
	const char *path = getenv("LEDGER");
	long fd;

	if (!path)
		return;
	fd = ledger_syscall(SYS_open, (long)path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0)
		return;
	ledger_syscall(SYS_write, fd, (long)ledger_text, (long)ledger_bytes);
	ledger_syscall(SYS_close, fd, 0, 0);
	ledger_bytes = 0;
}

/* Numbered argument, or a default. */
static inline long argument(int argc, char **argv, int index, long otherwise)
{
	return index < argc ? strtol(argv[index], NULL, 0) : otherwise;
}

/* A small generator of its own per thread: the same every time. */
static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: %s failed: %m\n", __FILE__, __LINE__, #condition);      \
			_exit(99);                                                                 \
		}                                                                                  \
	} while (0)

#endif
