/* SPDX-License-Identifier: MIT */
/* Starts, ends, children, modules and names: joined where they come in pieces. */
#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "../preload/clock.h"

/* A name that is being put together, per slot: pieces of one name follow each
 * other in its stream. */
struct names {
	uint32_t kind, id;
	uint32_t bytes;
	bool whole;
	char text[OBSERVED_COMMAND_BYTES + 1];
};

static bool is_wanted(uint64_t kind)
{
	return kind == TEXT_MODULE || kind == TEXT_ARGV || kind == TEXT_CWD || kind == TEXT_EXE;
}

static void copy_text(char *into, size_t room, const char *text, size_t bytes)
{
	if (bytes >= room)
		bytes = room - 1;
	memcpy(into, text, bytes);
	into[bytes] = 0;
}

static void on_name(struct observe *o, const struct drain_slot *s, const struct names *n)
{
	struct process *p;

	if (n->kind == TEXT_EXE && (p = account_of_image(o->account, s->process))) {
		const char *base = strrchr(n->text, '/');

		base = base ? base + 1 : n->text;
		copy_text(p->program, sizeof(p->program), base, strlen(base));
		o->account->changes++;
	}
	if (!o->first_image)
		o->first_image = s->process;
	if (s->process != o->first_image)
		return;
	if (n->kind == TEXT_EXE) {
		copy_text(o->program, sizeof(o->program), n->text, n->bytes);
	} else if (n->kind == TEXT_CWD) {
		copy_text(o->cwd, sizeof(o->cwd), n->text, n->bytes);
	} else if (n->kind == TEXT_ARGV) {
		copy_text(o->command, sizeof(o->command), n->text, n->bytes);
		o->command_bytes = n->bytes < sizeof(o->command) ? n->bytes : sizeof(o->command);
	}
	o->account->changes++;
}

static void on_text(struct observe *o, struct drain_slot *s, const uint64_t *v, const char *text)
{
	struct names *n = s->texts;
	uint32_t bytes = (uint32_t)event_TEXT_bytes(v);

	if (!is_wanted(event_TEXT_kind(v)))
		return;
	if (!n)
		n = s->texts = calloc(1, sizeof(*n));
	if (!n)
		return;
	if (n->whole || n->kind != event_TEXT_kind(v) || n->id != event_TEXT_id(v))
		n->bytes = 0;
	n->kind = (uint32_t)event_TEXT_kind(v);
	n->id = (uint32_t)event_TEXT_id(v);
	if (bytes > OBSERVED_COMMAND_BYTES - n->bytes)
		bytes = OBSERVED_COMMAND_BYTES - n->bytes;
	memcpy(n->text + n->bytes, text, bytes);
	n->bytes += bytes;
	n->text[n->bytes] = 0;
	n->whole = !(event_TEXT_flags(v) & TEXT_MORE);
	if (n->whole)
		on_name(o, s, n);
}

static void on_module(struct observe *o, const struct drain_slot *s, const uint64_t *v)
{
	const struct names *n = s->texts;

	if (n && n->whole && n->kind == TEXT_MODULE && n->id == event_MODULE_text(v))
		modules_add(o->modules, v, n->text);
}

void observe_record(void *context, struct drain_slot *s, unsigned type, const uint64_t *v,
		    const char *text)
{
	struct observe *o = context;
	struct process *p;

	switch (type) {
	case EVENT_THREAD_START:
		account_thread_started(o->account, s, (uint32_t)event_THREAD_START_tid(v),
				       event_THREAD_START_how(v) == THREAD_main);
		break;
	case EVENT_PROCESS_EXIT:
		p = account_of_image(o->account, s->process);
		if (p)
			p->exit_seen = true;
		break;
	case EVENT_FORK:
		if ((int64_t)event_FORK_pid(v) > 0)
			account_forked(o->account, (uint32_t)event_FORK_pid(v),
				       clock_ns(CLOCK_MONOTONIC));
		break;
	case EVENT_TEXT:
		on_text(o, s, v, text);
		break;
	case EVENT_MODULE:
		on_module(o, s, v);
		break;
	}
}
