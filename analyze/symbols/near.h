/* SPDX-License-Identifier: MIT */
/* The name that was perhaps meant by a pattern which no function matches. */
#ifndef TPPROBE_NEAR_H
#define TPPROBE_NEAR_H

#include <stddef.h>

#include "catalog.h"

/* A pattern or a name for "did you mean"; false: nothing is near. */
bool near_name(const struct catalog *c, const char *pattern, char *out, size_t room);

#endif
