/* SPDX-License-Identifier: MIT */
/*
 * Ways out that run no exit handlers. The records are a courtesy: what was
 * committed before is in shared memory whatever happens.
 */
#include "hook_io.h"
#include "process.h"

void _exit(int status)
{
	process_tell_exit(status, END_exit_now);
	real__exit(status);
	__builtin_unreachable();
}

void _Exit(int status)
{
	process_tell_exit(status, END_exit_now);
	real__Exit(status);
	__builtin_unreachable();
}

void quick_exit(int status)
{
	process_tell_exit(status, END_quick_exit);
	real_quick_exit(status);
	__builtin_unreachable();
}

void abort(void)
{
	process_tell_exit(SIGABRT, END_abort);
	real_abort();
	__builtin_unreachable();
}
