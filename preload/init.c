/* SPDX-License-Identifier: MIT */
/*
 * The constructor: the first of all (-z initfirst). argc, argv and envp come as
 * its arguments; `environ` is still NULL here.
 *
 * Whatever goes wrong, the program runs on untouched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "environment.h"
#include "fd_table.h"
#include "meet.h"
#include "module.h"
#include "patch/patch.h"
#include "process.h"
#include "real.h"
#include "record.h"
#include "sanitizer.h"
#include "session.h"
#include "sys.h"
#include "thread.h"

static void at_exit(int status, void *unused)
{
	struct probe_thread *t = probe_enter();

	(void)unused;
	if (t && !probe.no_syscalls)
		module_tell_new(t);
	process_tell_exit(status, END_return);
}

static void take_options(void)
{
	struct arena_header *h = probe_header();

	probe.level = h->level;
	probe.clock_slow = h->clock == CLOCK_raw;
	probe.when_drop = h->when_drop;
	probe.base_ticks = h->base_ticks;
}

__attribute__((constructor)) static void probe_init(int argc, char **argv, char **envp)
{
	int saved = errno;
	struct probe_thread *t;
	uint64_t parent = 0;
	bool met;

	sanitizer_start();
	real_resolve();
	if (getauxval(AT_SECURE))
		return;
	process_set_arguments(argc, argv);
	process_cwd_changed();
	met = meet_session(argv, envp, &parent);
	environment_hide(envp, probe.preload_added); /* whether it can be joined or not */
	if (!met)
		goto out;
	take_options();
	if (sys3(SYS_madvise, probe_generation, sizeof(probe_generation), MADV_WIPEONFORK) != 0)
		goto out; /* a forked child would not know that it is new */
	fd_table_init();
	process_identify(PROCESS_image, parent);
	probe_generation[0] = 1;
	probe.state = PROBE_on;
	/* Runs last of all exit handlers: it is the first to be registered. */
	on_exit(at_exit, NULL);
	thread_begin(probe.process, parent, NULL);
	if ((t = probe_enter()))
		patch_start(t);
out:
	errno = saved;
}
