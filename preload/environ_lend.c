/* SPDX-License-Identifier: MIT */
/*
 * system and popen hand glibc's own `environ` to the shell, from the inside, so
 * for the length of the call it points to a copy. Other threads may read it, and
 * change it, as they might at any time:
 *
 *	before[]  A B C                what the program had
 *	copy[]    ours ours A B C      environ, while anybody is in such a call
 *
 * getenv in another thread may be walking the copy when the call ends, so a copy
 * is never unmapped; it is used again for as long as the program's environment
 * is the same. setenv and unsetenv of what is there work in place, on the copy:
 * carried back. setenv of something new makes libc allocate an array from the
 * copy: there our entries are taken out again.
 */
#include "environ_lend.h"

#include <sched.h>
#include <unistd.h>

#include "child.h"
#include "environment.h"
#include "sys.h"

static _Atomic int lock
	PROBE_TOGETHER; /* held for a few loops over environ, no call of libc inside */
static int users PROBE_TOGETHER;
static struct environment *copy PROBE_TOGETHER;
static char **before PROBE_TOGETHER;

static void take_lock(void)
{
	int open = 0;

	while (!atomic_compare_exchange_weak(&lock, &open, 1)) {
		open = 0;
		sys0(SYS_sched_yield);
	}
}

static bool is_mapped_in(const struct environment *e, const char *text)
{
	return (uintptr_t)text - (uintptr_t)e < e->bytes;
}

/* Does the copy hold what this environment holds, beside our own strings? */
static bool is_copy_of(const struct environment *e, char **envp)
{
	char *const *at = e->envp;

	for (; *at; at++) {
		if (is_mapped_in(e, *at))
			continue;
		while (*envp && environment_is_preload(*envp))
			envp++;
		if (*envp++ != *at)
			return false;
	}
	while (*envp && environment_is_preload(*envp))
		envp++;
	return !*envp;
}

/* The copy was changed in place: the same entries, in the array that was there.
 * There are never more of them than it had. */
static void carry_back(const struct environment *e, char **to)
{
	char *preload = NULL;
	char **end = to;

	for (; *end; end++)
		if (environment_is_preload(*end))
			preload = *end;
	for (char *const *at = e->envp; *at && to < end; at++)
		if (!is_mapped_in(e, *at))
			*to++ = *at;
	if (preload && to < end)
		*to++ = preload;
	*to = NULL;
}

void environ_lend(void)
{
	take_lock();
	if (users++ == 0 && environ) {
		before = environ;
		if (!copy || !is_copy_of(copy, environ))
			copy = child_environment(environ, program_why_not(AT_FDCWD, "/bin/sh"));
		else if (copy->parent)
			environment_set_parent(copy, child_parent_task());
		if (copy)
			environ = copy->envp;
	}
	atomic_store(&lock, 0);
}

void environ_forked(void)
{
	if (users && copy && environ == copy->envp)
		environ = before;
	users = 0;
	atomic_store(&lock, 0);
}

void environ_take_back(void)
{
	take_lock();
	if (--users == 0 && copy) {
		if (environ == copy->envp) {
			if (!is_copy_of(copy, before)) {
				carry_back(copy, before);
				copy = NULL; /* changed: not to be used again, nor unmapped */
			}
			environ = before;
		} else {
			environment_hide(environ, 1);
			copy = NULL;
		}
	}
	atomic_store(&lock, 0);
}
