/* SPDX-License-Identifier: MIT */
/* Functions that only the debug information knows: they were inlined everywhere. */
#ifndef TPPROBE_INLINED_FUNCTIONS_H
#define TPPROBE_INLINED_FUNCTIONS_H

#include <stddef.h>

#include "catalog.h"

/* The name of the first one that the pattern means; false: there is none, or no debug
 * information. Reads all of it: seconds for a large program. */
bool inlined_function(const struct catalog *c, const char *pattern, char *out, size_t room);

#endif
