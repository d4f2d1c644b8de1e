/* SPDX-License-Identifier: MIT */
/*
 * TEXT records: pieces are put together per thread, and what is whole goes to
 * the image, thread or file that it names.
 */
#ifndef TPPROBE_TEXTS_H
#define TPPROBE_TEXTS_H

#include "files.h"
#include "tasks.h"

void texts_on_event(struct tasks *tasks, struct files *files, struct thread *thread,
		    const struct record *r);
/* MODULE: its name came in a TEXT_MODULE before. */
void texts_on_module(struct thread *thread, const struct record *r);

#endif
