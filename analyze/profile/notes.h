/* SPDX-License-Identifier: MIT */
/* Parts of the notes: who says them to whom. */
#ifndef TPPROBE_NOTES_H
#define TPPROBE_NOTES_H

#include "profile.h"

struct speaker {
	void (*say)(void *to, const char *sentence);
	void *to;
};

void note_say(const struct speaker *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Tasks inside processes: what was asked for and is not there, and custom metrics. */
void task_notes(const struct profile *p, const struct speaker *s);

#endif
