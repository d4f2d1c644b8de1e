/* SPDX-License-Identifier: MIT */
/* How account.c learns that a process has ended; account_poll() is here, too. */
#ifndef TPPROBE_LIVENESS_H
#define TPPROBE_LIVENESS_H

#include "account.h"

/* Takes over descriptor 3 when it is a pidfd. 0 or -errno. */
int liveness_init(struct account *a);
void liveness_fini(struct account *a);
/* Sees to it that the end of p is noticed. */
void liveness_watch(struct account *a, struct process *p, uint64_t now_ns);

#endif
