/* SPDX-License-Identifier: MIT */
/*
 * What the rows of events.def, collected.def and hooks.def say, as tables: for
 * the column encoder, for `tpprobe dump`, and for whoever asks what a record
 * means.
 */
#include "segment.h"

/* An EVENT row closes the table of fields before it and opens its own. */
#define EVENT(id, name, class, words, meaning)                                                     \
	}                                                                                          \
	;                                                                                          \
	static const struct field_info fields_of_##name[] = {
#define FIELD(event, field, word, shift, bits, encoding, meaning)                                  \
	{ #field, meaning, word, shift, bits, FIELD_##encoding },
static const struct field_info fields_of_nothing[] __attribute__((unused)) = {
#include "../preload/events.def"
#include "collected.def"
};
#undef EVENT
#undef FIELD

#define EVENT(id, name, class, words, meaning)                                                     \
	[id] = { #name, meaning, words, sizeof(fields_of_##name) / sizeof(struct field_info),      \
		 fields_of_##name },
#define FIELD(event, field, word, shift, bits, encoding, meaning)
static const struct event_info events[EVENT_TYPES] = {
#include "../preload/events.def"
#include "collected.def"
};
#undef EVENT
#undef FIELD

static const char *const calls[CALL_LIMIT] = {
#define HOOK(id, group, does, version, ret, name, params, args) [id] = #name,
#include "../preload/hooks.def"
#undef HOOK
};

const struct event_info *event_info_get(unsigned type)
{
	return type < EVENT_TYPES && events[type].name ? &events[type] : NULL;
}

const char *call_name(unsigned call)
{
	return call < CALL_LIMIT ? calls[call] : NULL;
}
