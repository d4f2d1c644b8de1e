/* SPDX-License-Identifier: MIT */
#ifndef TPPROBE_HOOK_EXCEPTION_H
#define TPPROBE_HOOK_EXCEPTION_H

/* A library was unmapped: what lies at its addresses from now on is something else. */
__attribute__((visibility("hidden"))) void exception_forget(void);

#endif
