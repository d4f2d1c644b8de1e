/* SPDX-License-Identifier: MIT */
/* Our part of the environment for calls that use `environ` from inside libc. */
#ifndef TPPROBE_ENVIRON_LEND_H
#define TPPROBE_ENVIRON_LEND_H

/* From here to environ_take_back() `environ` is a copy with our part in it. Calls
 * in several threads share it. Pairs must match. */
void environ_lend(void);

/* In a child that was forked while another thread was in such a call. */
void environ_forked(void);

/* What the program changed meanwhile is kept. */
void environ_take_back(void);

#endif
