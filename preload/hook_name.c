/* SPDX-License-Identifier: MIT */
/* Names that threads are given. */
#include "hook_name.h"

#include <string.h>

#include "hook_io.h"
#include "start.h"

#define COMM_MAX 15 /* the kernel cuts the rest off */

void name_tell_own(struct probe_thread *t, const char *name)
{
	record_text(t, 0, TEXT_COMM, name, strnlen(name, COMM_MAX), "", NULL, 0);
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	struct probe_thread *t;
	uint32_t handle;
	int result = real_pthread_setname_np(thread, name);

	if (result || !(t = probe_enter()))
		return result;
	if (pthread_equal(thread, pthread_self())) {
		name_tell_own(t, name);
		return 0;
	}
	handle = start_handle(thread);
	record_text(t, 0, TEXT_COMM_OF, (const char *)&handle, sizeof(handle), "", name,
		    strnlen(name, COMM_MAX));
	return 0;
}
