/* SPDX-License-Identifier: MIT */
/*
 * A seccomp filter may forbid any system call and kill for it, so from the
 * moment that one is installed the hooks make none: no waiting for a full ring,
 * no looking at unknown descriptors, no new rings.
 */
#include <stdarg.h>
#include <sys/syscall.h>

#include "hook_io.h"

#define OPTION_SECCOMP 22 /* PR_SET_SECCOMP */

int prctl(int option, ...)
{
	unsigned long a, b, c, d;
	va_list list;

	va_start(list, option);
	a = va_arg(list, unsigned long);
	b = va_arg(list, unsigned long);
	c = va_arg(list, unsigned long);
	d = va_arg(list, unsigned long);
	va_end(list);
	if (option == OPTION_SECCOMP)
		probe.no_syscalls = 1;
	return real_prctl(option, a, b, c, d);
}

long syscall(long number, ...)
{
	long a, b, c, d, e, f;
	va_list list;

	va_start(list, number);
	a = va_arg(list, long);
	b = va_arg(list, long);
	c = va_arg(list, long);
	d = va_arg(list, long);
	e = va_arg(list, long);
	f = va_arg(list, long);
	va_end(list);
	if (number == SYS_seccomp)
		probe.no_syscalls = 1;
	return real_syscall(number, a, b, c, d, e, f);
}
