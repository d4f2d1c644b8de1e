/* SPDX-License-Identifier: MIT */
/* The objects that the loader has mapped, each told once. */
#ifndef TPPROBE_MODULE_H
#define TPPROBE_MODULE_H

#include "probe.h"

/* Only for the constructor: the loader's list is walked without its lock, which
 * is safe while the loader itself is calling us. */
void module_tell_all(struct probe_thread *t);

/* Those that came since; and that some of those told are gone. With the loader's
 * lock on its list, for a moment. */
void module_tell_new(struct probe_thread *t);
void module_tell_gone(struct probe_thread *t);

/* In a forked child: a walk that another thread was at goes on in the parent alone. */
void module_forked(void);

/* Its build-id, out of its mapped notes; bytes, 0: it has none. */
struct link_map;
unsigned module_build_id(const struct link_map *map, uint8_t id[20]);

/* Absolute path of libtpprobe.so itself, by the loader's list; bytes or 0. */
size_t module_own_path(char *into, size_t room);

#endif
