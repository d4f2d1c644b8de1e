/* SPDX-License-Identifier: MIT */
/* A list with a lock. */
#include "outbox.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void outbox_init(struct outbox *o)
{
	pthread_mutex_init(&o->lock, NULL);
	o->first = NULL;
	o->last = &o->first;
}

void outbox_fini(struct outbox *o)
{
	for (struct letter *l = outbox_take(o), *next; l; l = next) {
		next = l->next;
		free(l);
	}
	pthread_mutex_destroy(&o->lock);
}

static struct letter *letter_new(enum letter_kind kind, const void *text, size_t bytes)
{
	struct letter *l = malloc(sizeof(*l) + bytes + 1);

	if (!l)
		return NULL;
	*l = (struct letter){ .kind = kind, .bytes = (uint32_t)bytes };
	memcpy(l->text, text, bytes);
	l->text[bytes] = '\0';
	return l;
}

static int post(struct outbox *o, struct letter *l)
{
	if (!l)
		return -ENOMEM;
	pthread_mutex_lock(&o->lock);
	*o->last = l;
	o->last = &l->next;
	pthread_mutex_unlock(&o->lock);
	return 0;
}

int outbox_text(struct outbox *o, uint32_t text_kind, uint32_t id, uint64_t stamp, const void *text,
		size_t bytes)
{
	struct letter *l = letter_new(LETTER_text, text, bytes);

	if (l) {
		l->text_kind = text_kind;
		l->id = id;
		l->stamp = stamp;
	}
	return post(o, l);
}

void outbox_say(struct outbox *o, enum letter_kind kind, const char *format, ...)
{
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	post(o, letter_new(kind, sentence, strlen(sentence)));
}

struct letter *outbox_take(struct outbox *o)
{
	struct letter *all;

	pthread_mutex_lock(&o->lock);
	all = o->first;
	o->first = NULL;
	o->last = &o->first;
	pthread_mutex_unlock(&o->lock);
	return all;
}
