/* SPDX-License-Identifier: MIT */
/*
 * tpprobe doctor: can functions become tasks here? Tried in children, on a function of
 * our own, as the probe does it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

#define DEBUG_DIR "/usr/lib/debug/.build-id"

/* Longer than what is written over it. */
__attribute__((noinline, aligned(16))) static int patched(void)
{
	__asm__ volatile(".skip 16, 0x90");
	return 1;
}
static int (*volatile call_patched)(void) = patched;

/* mov eax, 2; ret */
static const uint8_t returns_2[] = { 0xb8, 2, 0, 0, 0, 0xc3 };

static int write_by_mem(void *at)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return pwrite(fd, returns_2, sizeof(returns_2), (off_t)(uintptr_t)at) == sizeof(returns_2)
		       ? 0
		       : errno;
}

static int write_by_mprotect(void *at)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)at & ~(page - 1);
	size_t bytes = (uintptr_t)at + sizeof(returns_2) - from;

	if (mprotect((void *)from, bytes, PROT_READ | PROT_WRITE | PROT_EXEC))
		return errno;
	memcpy(at, returns_2, sizeof(returns_2));
	return mprotect((void *)from, bytes, PROT_READ | PROT_EXEC) ? errno : 0;
}

/* NULL: a patched function runs; else why not. */
static const char *try_patching(int (*write_code)(void *at))
{
	pid_t child = fork();
	int status, err;

	if (!child) {
		err = write_code((void *)(uintptr_t)call_patched);
		_exit(err ? err : call_patched() == 2 ? 0 : EPROTO);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return strerror(errno);
	if (WIFSIGNALED(status))
		return strsignal(WTERMSIG(status));
	return WEXITSTATUS(status) ? strerror(WEXITSTATUS(status)) : NULL;
}

enum verdict check_patching(struct finding *f)
{
	const char *mem = try_patching(write_by_mem), *mprotect = NULL;
	char why[64], filter[8] = "", line[128];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "Seccomp: %7s", filter);
	if (status)
		fclose(status);
	if (!mem)
		return doctor_find(f, VERDICT_ok,
				   "a function of ours was patched through /proc/self/mem");
	snprintf(why, sizeof(why), "%s", mem);
	mprotect = try_patching(write_by_mprotect);
	if (!mprotect)
		return doctor_find(
			f, VERDICT_ok,
			"a function of ours was patched with mprotect (/proc/self/mem: %s)", why);
	return doctor_find(f, VERDICT_warn,
			   "functions cannot be tasks here: /proc/self/mem: %s; mprotect: %s%s",
			   why, mprotect,
			   *filter && strcmp(filter, "0") ? "; a seccomp filter is active" : "");
}

enum verdict check_debug_files(struct finding *f)
{
	glob_t files;
	size_t n = 0;

	if (!glob(DEBUG_DIR "/[0-9a-f][0-9a-f]/*.debug", GLOB_NOSORT, NULL, &files))
		n = files.gl_pathc;
	globfree(&files);
	if (!n)
		return doctor_find(f, VERDICT_ok,
				   "none below " DEBUG_DIR
				   ": of stripped programs only exported functions have names");
	return doctor_find(f, VERDICT_ok,
			   "%zu below " DEBUG_DIR ": static functions of these stripped programs "
			   "have names",
			   n);
}
