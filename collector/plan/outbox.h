/* SPDX-License-Identifier: MIT */
/*
 * What the planner's thread has to say, for the collector's loop to write: names as TEXT
 * records, lines of the log. The loop alone writes to the trace.
 */
#ifndef TPPROBE_PLAN_OUTBOX_H
#define TPPROBE_PLAN_OUTBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum letter_kind {
	LETTER_text, /* a TEXT record */
	LETTER_line, /* of the log */
	LETTER_note, /* of the log and the manifest */
};

struct letter {
	struct letter *next;
	enum letter_kind kind;
	uint32_t text_kind, id; /* LETTER_text */
	uint64_t stamp;
	uint32_t bytes;
	char text[]; /* and a NUL */
};

struct outbox {
	pthread_mutex_t lock;
	struct letter *first, **last;
};

void outbox_init(struct outbox *o);
void outbox_fini(struct outbox *o);

/* 0 or -ENOMEM. */
int outbox_text(struct outbox *o, uint32_t text_kind, uint32_t id, uint64_t stamp, const void *text,
		size_t bytes);
__attribute__((format(printf, 3, 4))) void outbox_say(struct outbox *o, enum letter_kind kind,
						      const char *format, ...);
/* All that is in it, in order; the caller frees each. NULL: nothing. */
struct letter *outbox_take(struct outbox *o);

#endif
