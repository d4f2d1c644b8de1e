/* SPDX-License-Identifier: MIT */
/* Functions in the debug information (DWARF) of an object, by address. */
#ifndef TPPROBE_PLAN_DEBUG_INFO_H
#define TPPROBE_PLAN_DEBUG_INFO_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

#include "object.h"

struct debug_info;

/* Of the object that was opened from `fd`, else of its debug file. Both are read, never
 * mapped: a file may be cut off meanwhile. 0; -ENOENT: there is none; -ENOMEM, -EBADMSG. */
int debug_info_open(int fd, struct object *o, const char *path, int root_fd,
		    struct debug_info **out);
void debug_info_close(struct debug_info *d); /* NULL is fine */

/* The entry of the function that begins at this address. */
bool debug_info_function(struct debug_info *d, uint64_t address, Dwarf_Die *out);

/* Every subprogram, with code or without: 0, or what `each` returned when it was not 0. */
int debug_info_each(struct debug_info *d, int (*each)(void *context, Dwarf_Die *function),
		    void *context);

#endif
