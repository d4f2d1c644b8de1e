/* SPDX-License-Identifier: MIT */
/* Which __cxa_throw or _Unwind_RaiseException a caller means. */
#ifndef TPPROBE_THROW_H
#define TPPROBE_THROW_H

#pragma GCC visibility push(hidden)

enum throw_function { THROW_cxa, THROW_raise, THROW_FUNCTIONS };

/* The function that the code at `site` would have reached without us; NULL none.
 * Only when there is none behind us in the search order from the start. May take the
 * loader's lock, once per module. */
void *throw_find(enum throw_function which, void *site);

/* After a library was unmapped: forgets what was found. */
void throw_forget(void);

#pragma GCC visibility pop

#endif
