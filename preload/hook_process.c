/* SPDX-License-Identifier: MIT */
/* New processes: fork and its kin, posix_spawn, system, popen. */
#include <sched.h>
#include <stdarg.h>
#include <string.h>

#include "child.h"
#include "environ_lend.h"
#include "process.h"
#include "sys.h"
#include "thread.h"
#include "waiting.h"

/* The slot is shared with the child, which has to know what its parent did just now. */
static bool fork_begin(struct io_call *c)
{
	if (!io_begin(c))
		return false;
	c->thread->forks_as = atomic_load_explicit(&c->thread->slot->task, memory_order_relaxed);
	return true;
}

/* In the child the wiped generation page makes the first hook find out; asking
 * here gives the child its ring before the program goes on. */
static pid_t forked(struct io_call *c, enum call call, pid_t pid)
{
	int saved = errno;

	if (pid == 0) {
		/* Written first, a wiped page costs one fault instead of two. */
		__asm__ volatile("lock orl $0, %0" : "+m"(probe_generation[0])::"cc");
		probe_enter();
	} else if (io_still(c))
		child_tell(c, call, pid < 0 ? -saved : pid, 0);
	c->thread->forks_as = 0;
	errno = saved;
	return pid;
}

pid_t fork(void)
{
	struct io_call c;

	if (!fork_begin(&c))
		return real_fork();
	return forked(&c, CALL_fork, real_fork());
}

pid_t _Fork(void)
{
	struct io_call c;

	if (!fork_begin(&c))
		return real__Fork();
	return forked(&c, CALL__Fork, real__Fork());
}

/* Called by the assembly of vfork in the parent, when the child is on its way. */
void vfork_parent(int pid)
{
	struct io_call c = { .thread = probe_enter() };

	environment_free(probe_thread.lent);
	probe_thread.lent = NULL;
	if (!c.thread)
		return;
	c.begun = probe_now();
	child_tell(&c, CALL_vfork, pid, 0);
}

int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	struct probe_thread *t;
	struct io_call c;
	va_list list;
	void *parent_tid, *tls, *child_tid;
	int pid, saved;

	va_start(list, arg);
	parent_tid = va_arg(list, void *);
	tls = va_arg(list, void *);
	child_tid = va_arg(list, void *);
	va_end(list);
	if (!io_begin(&c))
		return real_clone(fn, stack, flags, arg, parent_tid, tls, child_tid);
	t = c.thread;
	/* A child on our memory and our thread-local: nothing is recorded in it. When
	 * the parent does not wait for it (no CLONE_VFORK) the two would share one
	 * ring: the thread is quiet from here on. */
	if ((flags & (CLONE_VM | CLONE_SETTLS)) == CLONE_VM) {
		thread_lend(t);
		pid = real_clone(fn, stack, flags, arg, parent_tid, tls, child_tid);
		saved = errno;
		if (!(flags & CLONE_VFORK) && pid > 0)
			return pid;
		thread_take_back(t);
	} else {
		pid = real_clone(fn, stack, flags, arg, parent_tid, tls, child_tid);
		saved = errno;
	}
	if (io_still(&c) && !(flags & CLONE_THREAD))
		child_tell(&c, CALL_clone, pid < 0 ? -saved : pid, 0);
	errno = saved;
	return pid;
}

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const[], char *const[]);

static int spawn(spawn_function *real, enum call call, unsigned why_not, pid_t *pid,
		 const char *path, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	struct environment *e;
	struct io_call c;
	pid_t child = 0;
	int err;

	io_begin(&c);
	e = child_environment(envp, why_not);
	if (c.thread)
		thread_lend(c.thread); /* glibc's child runs on this thread's memory */
	err = real(&child, path, actions, attr, argv, e ? e->envp : envp);
	if (c.thread)
		thread_take_back(c.thread);
	environment_free(e);
	if (pid && !err)
		*pid = child;
	if (!c.thread)
		return err;
	if (!err)
		child_tell_uninstrumented(c.thread, (uint32_t)child, why_not, path);
	child_tell(&c, call, err ? -err : child, 0);
	return err;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	if (probe.state != PROBE_on || call_is_bad(path, envp))
		return real_posix_spawn(pid, path, actions, attr, argv, envp);
	return spawn(real_posix_spawn, CALL_posix_spawn, program_why_not(AT_FDCWD, path), pid, path,
		     actions, attr, argv, envp);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	if (probe.state != PROBE_on || call_is_bad(file, envp))
		return real_posix_spawnp(pid, file, actions, attr, argv, envp);
	return spawn(real_posix_spawnp, CALL_posix_spawnp, program_why_not_by_name(file, environ),
		     pid, file, actions, attr, argv, envp);
}

#define SHELL "/bin/sh" /* what glibc runs */

struct shell_call {
	struct io_call io;
	unsigned why_not;
};

static void shell_begin(struct shell_call *c)
{
	c->why_not = !program_is_followed(SHELL) ? WHY_not_followed
		     : session_is_out_of_reach() ? WHY_other_user
						 : 0;
	if (!c->why_not)
		environ_lend();
	thread_lend(c->io.thread);
}

/* Also when the thread is cancelled inside the call. */
static void shell_end(void *data)
{
	struct shell_call *c = data;

	thread_take_back(c->io.thread);
	if (!c->why_not)
		environ_take_back();
}

/* Its pid and what it used stay within glibc. */
static void shell_tell(struct shell_call *c, enum call call, int pid, int status)
{
	if (pid >= 0)
		child_tell_uninstrumented(c->io.thread, 0, c->why_not, SHELL);
	child_tell(&c->io, call, pid, status);
}

int system(const char *command)
{
	struct shell_call c;
	int status, saved;

	if (!command || !wait_begin(&c.io, WAIT_sync))
		return real_system(command);
	shell_begin(&c);
	pthread_cleanup_push(shell_end, &c);
	status = real_system(command);
	saved = errno;
	pthread_cleanup_pop(1);
	if (io_still(&c.io)) {
		wait_tell(&c.io, CALL_system, WAIT_sync, 0, status);
		shell_tell(&c, CALL_system, status == -1 ? -saved : 0, status);
	}
	errno = saved;
	return status;
}

FILE *popen(const char *command, const char *mode)
{
	struct shell_call c;
	FILE *stream;
	int saved;

	if (!io_begin(&c.io))
		return real_popen(command, mode);
	shell_begin(&c);
	stream = real_popen(command, mode);
	saved = errno;
	shell_end(&c);
	if (io_still(&c.io))
		shell_tell(&c, CALL_popen, stream ? 0 : -saved, 0);
	errno = saved;
	return stream;
}
