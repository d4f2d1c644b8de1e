/* SPDX-License-Identifier: MIT */
/*
 * Libraries that come and go. dlopen is not hooked: glibc looks at its caller. What
 * came by it is told when something goes, and at the exit.
 */
#include "hook_exception.h"
#include "hook_io.h"
#include "module.h"

int dlclose(void *handle)
{
	struct probe_thread *t = probe_enter();
	int result, saved;

	if (!t || probe.no_syscalls)
		return real_dlclose(handle);
	module_tell_new(t);
	result = real_dlclose(handle);
	saved = errno;
	exception_forget();
	if ((t = probe_enter()))
		module_tell_gone(t);
	errno = saved;
	return result;
}
