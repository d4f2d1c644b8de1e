/* SPDX-License-Identifier: MIT */
/*
 * A seccomp filter may forbid any system call and kill for it, so from the
 * moment that one is installed the hooks make none: no waiting for a full ring,
 * no looking at unknown descriptors, no new rings.
 */
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "hook_io.h"

/* Strict mode and PR_SET_TSC make the time stamp counter a fault, also inside the
 * vdso's clock_gettime: the clock stops here. */
static void stop_clock(void)
{
	if (!atomic_load(&probe.stopped_ticks))
		atomic_store(&probe.stopped_ticks, probe_ticks());
	probe.clock_slow = 1;
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
		probe.no_syscalls = 1;
	result = real_prctl(option, a, b, c, d);
	if (result < 0)
		probe.no_syscalls = before;
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
	if (number == SYS_seccomp && a == SECCOMP_SET_MODE_STRICT)
		stop_clock();
	before = probe.no_syscalls;
	if (number == SYS_seccomp && (a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER))
		probe.no_syscalls = 1;
	result = real_syscall(number, a, b, c, d, e, f);
	if (number == SYS_seccomp && result < 0)
		probe.no_syscalls = before;
	return result;
}
