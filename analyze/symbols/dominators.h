/* SPDX-License-Identifier: MIT */
/* How much of a program is done on behalf of one function alone. */
#ifndef TPPROBE_DOMINATORS_H
#define TPPROBE_DOMINATORS_H

#include "calls.h"

/* For each function: how many others are called through it alone, directly or further down. To
 * be freed; NULL: out of memory. */
uint32_t *dominators_count(const struct call_graph *g);

#endif
