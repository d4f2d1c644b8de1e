/* SPDX-License-Identifier: MIT */
/* The objects that the loader has mapped, told once at the start. */
#ifndef TPPROBE_MODULE_H
#define TPPROBE_MODULE_H

#include "probe.h"

/* Only for the constructor: the loader's list is walked without its lock, which
 * is safe while the loader itself is calling us. */
void module_tell_all(struct probe_thread *t);

/* Absolute path of libtpprobe.so itself, by the loader's list; bytes or 0. */
size_t module_own_path(char *into, size_t room);

#endif
