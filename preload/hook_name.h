/* SPDX-License-Identifier: MIT */
#ifndef TPPROBE_HOOK_NAME_H
#define TPPROBE_HOOK_NAME_H

#include "probe.h"

/* The calling thread has a new name. */
__attribute__((visibility("hidden"))) void name_tell_own(struct probe_thread *t, const char *name);

#endif
