/* SPDX-License-Identifier: MIT */
/*
 * The exec family: the new program gets our part of the environment back. The
 * hooks also run in children of vfork, on their parent's memory: they use the
 * stack and private mappings only.
 */
#include <alloca.h>
#include <stdarg.h>
#include <string.h>

#include "child.h"
#include "process.h"
#include "sys.h"
#include "thread.h"

struct exec {
	struct environment *environment;
	char *const *envp;
	struct probe_thread *thread; /* NULL: a child of vfork, or no slot */
};

static void exec_begin(struct exec *x, enum call call, const char *path, unsigned why_not,
		       char *const *envp)
{
	struct probe_thread *t = probe_enter();
	uint32_t text;

	x->thread = t;
	x->environment = child_environment(envp, why_not);
	x->envp = x->environment ? x->environment->envp : envp;
	if (!t) {
		/* A child of vfork may write into its parent's ring: the parent's
		 * thread stands still until we exec or exit. */
		t = &probe_thread;
		if (t->quiet)
			t->lent = x->environment;
		if (probe.state == PROBE_on && t->quiet && t->slot && why_not)
			child_tell_uninstrumented(t, (uint32_t)sys0(SYS_getpid), why_not, path);
		return;
	}
	child_tell_uninstrumented(t, probe.pid, why_not, path);
	text = atomic_fetch_add(&probe_header()->next_text, 1);
	record_text(t, text, TEXT_EXEC, path, strnlen(path, 4096), "", NULL, 0);
	record_3(t, EVENT_EXEC, text | (uint64_t)call << 32,
		 probe.no_syscalls ? 0 : process_cpu_ns(), 0, probe_now());
	record_task(t, atomic_load_explicit(&t->slot->task, memory_order_relaxed));
}

/* Only reached when the exec failed. */
static int exec_failed(struct exec *x, int result)
{
	int saved = errno;

	if (x->thread && x->thread->generation == probe_generation[0])
		record_1(x->thread, EVENT_EXEC_FAILED, (uint32_t)saved, probe_now());
	probe_thread.lent = NULL;
	environment_free(x->environment);
	errno = saved;
	return result;
}

static int by_path(enum call call, const char *path, char *const argv[], char *const envp[])
{
	struct exec x;

	if (probe.state != PROBE_on || call_is_bad(path, envp))
		return real_execve(path, argv, envp);
	exec_begin(&x, call, path, program_why_not(AT_FDCWD, path), envp);
	return exec_failed(&x, real_execve(path, argv, x.envp));
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	return by_path(CALL_execve, path, argv, envp);
}

int execv(const char *path, char *const argv[])
{
	return by_path(CALL_execv, path, argv, environ);
}

static int by_name(enum call call, const char *file, char *const argv[], char *const envp[])
{
	struct exec x;

	if (probe.state != PROBE_on || call_is_bad(file, envp))
		return real_execvpe(file, argv, envp);
	/* PATH is searched by the caller's environment, as execvpe itself does */
	exec_begin(&x, call, file, program_why_not_by_name(file, environ), envp);
	return exec_failed(&x, real_execvpe(file, argv, x.envp));
}

int execvp(const char *file, char *const argv[])
{
	return by_name(CALL_execvp, file, argv, environ);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return by_name(CALL_execvpe, file, argv, envp);
}

int fexecve(int fd, char *const argv[], char *const envp[])
{
	struct exec x;

	if (probe.state != PROBE_on)
		return real_fexecve(fd, argv, envp);
	exec_begin(&x, CALL_fexecve, "", program_why_not_by_fd(fd), envp);
	return exec_failed(&x, real_fexecve(fd, argv, x.envp));
}

int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	struct exec x;

	if (probe.state != PROBE_on || !real_execveat || call_is_bad(path, envp))
		return (int)(real_execveat ? real_execveat(dir, path, argv, envp, flags)
					   : syscall(SYS_execveat, dir, path, argv, envp, flags));
	exec_begin(&x, CALL_execveat, path,
		   *path ? program_why_not(dir, path) : program_why_not_by_fd(dir), envp);
	return exec_failed(&x, real_execveat(dir, path, argv, x.envp, flags));
}

/* The variadic ones: arguments up to NULL become an array on the stack, as
 * glibc does it; after them, for execle, comes the environment. */
#define COUNT_ARGUMENTS(first, count)                                                              \
	do {                                                                                       \
		const char *one = first;                                                           \
		va_list list;                                                                      \
		__asm__("" : "+r"(one)); /* declared nonnull, but people pass NULL */              \
		va_start(list, first);                                                             \
		for (; one; one = va_arg(list, const char *))                                      \
			count++;                                                                   \
		va_end(list);                                                                      \
	} while (0)

static void take_arguments(char **argv, size_t count, const char *first, va_list list)
{
	argv[0] = (char *)first;
	for (size_t i = 1; i <= count; i++)
		argv[i] = va_arg(list, char *);
}

int execl(const char *path, const char *arg, ...)
{
	size_t count = 0;
	va_list list;
	char **argv;

	COUNT_ARGUMENTS(arg, count);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(list, arg);
	take_arguments(argv, count, arg, list);
	va_end(list);
	return by_path(CALL_execl, path, argv, environ);
}

int execlp(const char *file, const char *arg, ...)
{
	size_t count = 0;
	va_list list;
	char **argv;

	COUNT_ARGUMENTS(arg, count);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(list, arg);
	take_arguments(argv, count, arg, list);
	va_end(list);
	return by_name(CALL_execlp, file, argv, environ);
}

int execle(const char *path, const char *arg, ...)
{
	size_t count = 0;
	char *const *envp;
	va_list list;
	char **argv;

	COUNT_ARGUMENTS(arg, count);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(list, arg);
	take_arguments(argv, count, arg, list);
	envp = va_arg(list, char *const *);
	va_end(list);
	return by_path(CALL_execle, path, argv, envp);
}
