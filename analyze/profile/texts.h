/* SPDX-License-Identifier: MIT */
/*
 * TEXT records: pieces are put together per thread, and what is whole goes to
 * the image, thread, file, function or type that it names.
 */
#ifndef TPPROBE_TEXTS_H
#define TPPROBE_TEXTS_H

#include "profile.h"

void texts_on_event(struct profile *p, struct thread *thread, const struct record *r);
/* Those that the collector wrote on its own behalf. */
void texts_on_collected(struct profile *p, const struct record *r);

#endif
