/* SPDX-License-Identifier: MIT */
/*
 * A seccomp filter may forbid any system call and kill for it, so from the
 * moment that one is installed the hooks make none: no waiting for a full ring,
 * no looking at unknown descriptors, no new rings.
 */
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "hook_futex.h"
#include "hook_io.h"
#include "hook_name.h"
#include "hook_syscall.h"

/* Strict mode and PR_SET_TSC make the time stamp counter a fault, also inside the
 * vdso's clock_gettime: the clock stops here. */
static void stop_clock(void)
{
	if (!atomic_load(&probe.stopped_ticks))
		atomic_store(&probe.stopped_ticks, probe_ticks());
	probe.clock_slow = 1;
}

static void told_name(const char *name)
{
	struct probe_thread *t = probe_enter();

	if (t)
		name_tell_own(t, name);
}

/* What the ring still lacks could not be had later: then all would be lost that goes
 * beyond its first pages. */
static void no_more_syscalls(void)
{
	struct probe_thread *t = probe.no_syscalls ? NULL : probe_enter();

	if (t)
		record_populate(t);
	probe.no_syscalls = 1;
}

int prctl(int option, ...)
{
	unsigned long a, b, c, d;
	uint32_t before;
	va_list list;
	int result;

	va_start(list, option);
	a = va_arg(list, unsigned long);
	b = va_arg(list, unsigned long);
	c = va_arg(list, unsigned long);
	d = va_arg(list, unsigned long);
	va_end(list);
	if ((option == PR_SET_SECCOMP && a == SECCOMP_MODE_STRICT) ||
	    (option == PR_SET_TSC && a == PR_TSC_SIGSEGV))
		stop_clock();
	before = probe.no_syscalls;
	if (option == PR_SET_SECCOMP)
		no_more_syscalls();
	result = real_prctl(option, a, b, c, d);
	if (result < 0)
		probe.no_syscalls = before;
	else if (option == PR_SET_NAME)
		told_name((const char *)a);
	return result;
}

long syscall(long number, ...)
{
	long a, b, c, d, e, f, result;
	uint32_t before;
	va_list list;

	va_start(list, number);
	a = va_arg(list, long);
	b = va_arg(list, long);
	c = va_arg(list, long);
	d = va_arg(list, long);
	e = va_arg(list, long);
	f = va_arg(list, long);
	va_end(list);
	if (number == SYS_futex) {
		const long args[6] = { a, b, c, d, e, f };

		if (syscall_futex(&result, args, __builtin_return_address(0)))
			return result;
	}
	if (syscall_io(number, &result, a, b, c, d, e, f))
		return result;
	if (number == SYS_seccomp && a == SECCOMP_SET_MODE_STRICT)
		stop_clock();
	before = probe.no_syscalls;
	if (number == SYS_seccomp && (a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER))
		no_more_syscalls();
	result = real_syscall(number, a, b, c, d, e, f);
	if (number == SYS_seccomp && result < 0)
		probe.no_syscalls = before;
	return result;
}
