/* SPDX-License-Identifier: MIT */
/*
 * Functions that end by jumping to each other (tail calls) can go round in a circle for
 * ever and need no stack. With the thunk between them each round would take a frame, and
 * the program would end for lack of stack. Circles through pointers or through another
 * object are not seen.
 */
#ifndef TPPROBE_PLAN_CIRCLE_H
#define TPPROBE_PLAN_CIRCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "body.h"
#include "object.h"

/* Whether something that `b` jumps to leads back to an address in [low, high]. */
bool jumps_in_circle(struct object *o, const struct body *b, uint64_t low, uint64_t high);

#endif
