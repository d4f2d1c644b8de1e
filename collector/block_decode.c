/* SPDX-License-Identifier: MIT */
/*
 * Columns to events. Nothing in a file is believed: every count and length is
 * checked against the bytes that are there and against the limits of segment.h
 * before memory is taken for it.
 */
#include "block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"

/* The words that an event of this type has; VARIABLE, or 0 for an unknown one. */
#define VARIABLE 255
static const uint8_t words_of[EVENT_TYPES] = {
#define EVENT(id, name, class, words, meaning) [id] = (words) ? (words) : VARIABLE,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "../preload/events.def"
#include "collected.def"
#undef EVENT
#undef FIELD
};

struct reader {
	struct block_codec *codec;
	struct block_head head;
	const uint8_t *entries;
	const uint8_t *columns;
	const uint8_t *types;
	const uint8_t *text;
	uint32_t text_bytes;
	uint32_t of_type[EVENT_TYPES];
	uint32_t start[EVENT_TYPES + 1];    /* in codec->at */
	uint64_t *first_words[EVENT_TYPES]; /* variable types: their word 0 */
	uint64_t *extra;
	uint32_t extra_count;
};

/* The list of columns is checked once; walking it again needs no check. */
static struct block_entry entry_get(const struct reader *r, uint32_t i)
{
	struct block_entry entry;

	memcpy(&entry, r->entries + i * sizeof(entry), sizeof(entry));
	return entry;
}

static int open_block(struct reader *r, const uint8_t *in, size_t bytes)
{
	size_t left = bytes;

	if (left < sizeof(r->head))
		return -EBADMSG;
	memcpy(&r->head, in, sizeof(r->head));
	left -= sizeof(r->head);
	if (r->head.version != BLOCK_VERSION || r->head.events > SEGMENT_BLOCK_EVENTS ||
	    r->head.columns > left / sizeof(struct block_entry))
		return -EBADMSG;
	r->entries = in + sizeof(r->head);
	r->columns = r->entries + r->head.columns * sizeof(struct block_entry);
	left -= r->head.columns * sizeof(struct block_entry);

	const uint8_t *p = r->columns;

	for (uint32_t i = 0; i < r->head.columns; i++) {
		struct block_entry entry = entry_get(r, i);

		if (entry.bytes > left)
			return -EBADMSG;
		if (entry.type == 0 && entry.word == BLOCK_TYPES) {
			if (entry.encoding != COLUMN_BYTES || entry.bytes != r->head.events)
				return -EBADMSG;
			r->types = p;
		} else if (entry.type == 0 && entry.word == BLOCK_TEXT) {
			r->text = p;
			r->text_bytes = entry.bytes;
		}
		p += entry.bytes;
		left -= entry.bytes;
	}
	return r->types || !r->head.events ? 0 : -EBADMSG;
}

static int count_types(struct reader *r)
{
	for (uint32_t i = 0; i < r->head.events; i++) {
		if (r->types[i] == 0 || r->types[i] >= EVENT_TYPES)
			return -EBADMSG;
		r->of_type[r->types[i]]++;
	}
	for (unsigned t = 0; t < EVENT_TYPES; t++)
		r->start[t + 1] = r->start[t] + r->of_type[t];
	return 0;
}

static bool is_variable(unsigned type)
{
	return words_of[type % EVENT_TYPES] == VARIABLE;
}

/* Adds the field of one column to the words of the events of its type. */
static int scatter(struct reader *r, const struct block_entry *entry, const uint8_t *bytes,
		   uint64_t *words, const uint32_t *at)
{
	const struct field_info *field = &event_info_get(entry->type)->field[entry->word];
	uint64_t *values = r->codec->values, mask = EVENT_MASK(field->bits);
	uint32_t count = r->of_type[entry->type];
	int err = column_decode(bytes, entry->bytes, entry->encoding, values, count);

	if (err)
		return err;
	words += field->word;
	for (uint32_t i = 0; i < count; i++)
		words[at ? at[i] : i] |= (values[i] & mask) << field->shift;
	return 0;
}

/* A column of a field that this build knows, and whose events are there. */
static bool is_known(const struct reader *r, const struct block_entry *entry)
{
	const struct event_info *info = event_info_get(entry->type);

	return info && entry->word < info->fields && r->of_type[entry->type];
}

static int decode_extra(struct reader *r, const struct block_entry *entry, const uint8_t *bytes,
			uint64_t count)
{
	/* No layout stores more than two values in a byte, but for the constant one. */
	if (count > SEGMENT_BLOCK_WORDS)
		return -EBADMSG;
	free(r->extra);
	r->extra = malloc(count * 8 + 8);
	if (!r->extra)
		return -ENOMEM;
	r->extra_count = (uint32_t)count;
	return column_decode(bytes, entry->bytes, entry->encoding, r->extra, (uint32_t)count);
}

/* First what says how long the variable events are, then what follows in them. */
static int decode_variable(struct reader *r)
{
	const uint8_t *p = r->columns;
	uint64_t follow = 0;
	int err = 0;

	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		if (!is_variable(t) || !r->of_type[t])
			continue;
		r->first_words[t] = calloc(r->of_type[t], 8);
		if (!r->first_words[t])
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < r->head.columns && !err; i++) {
		struct block_entry entry = entry_get(r, i);

		if (is_known(r, &entry) && r->first_words[entry.type])
			err = scatter(r, &entry, p, r->first_words[entry.type], NULL);
		p += entry.bytes;
	}
	for (unsigned t = 0; t < EVENT_TYPES; t++)
		for (uint32_t i = 0; r->first_words[t] && t != EVENT_TEXT && i < r->of_type[t]; i++)
			follow += r->first_words[t][i] >> 48;
	p = r->columns;
	for (uint32_t i = 0; i < r->head.columns && !err; i++) {
		struct block_entry entry = entry_get(r, i);

		if (entry.type == 0 && entry.word == BLOCK_EXTRA)
			err = decode_extra(r, &entry, p, follow);
		p += entry.bytes;
	}
	return err ? err : follow == r->extra_count ? 0 : -EBADMSG;
}

/* How many words all events have together. */
static uint64_t count_words(const struct reader *r)
{
	uint64_t words = r->extra_count;

	for (unsigned t = 0; t < EVENT_TYPES; t++)
		words += (uint64_t)r->of_type[t] * (is_variable(t) ? 1 : words_of[t]);
	return words;
}

/* How far text and extra words are used up. */
struct used {
	uint32_t text, extra;
};

/* Gives the i-th event its words when its length lies in the first of them. */
static int lay_out_variable(struct reader *r, uint32_t i, uint64_t word0, struct used *used)
{
	struct block_codec *c = r->codec;
	struct event *e = &c->events[i];
	uint32_t follow = word0 >> 48;

	c->words[e->first] = word0;
	e->words = 1;
	if (e->type != EVENT_TEXT) {
		if (follow)
			memcpy(&c->words[e->first + 1], &r->extra[used->extra], follow * 8);
		e->words = (uint16_t)(1 + follow);
		used->extra += follow;
		return 0;
	}
	if (follow > r->text_bytes - used->text)
		return -EBADMSG;
	c->text_at[i] = used->text;
	used->text += follow;
	return 0;
}

/* Gives each event its place in words[], and fills the variable ones. */
static int lay_out(struct reader *r)
{
	struct block_codec *c = r->codec;
	uint32_t next[EVENT_TYPES], place = 0;
	struct used used = { 0 };

	memcpy(next, r->start, sizeof(next));
	for (uint32_t i = 0; i < r->head.events; i++) {
		unsigned type = r->types[i];
		struct event *e = &c->events[i];

		*e = (struct event){ .first = place,
				     .type = (uint8_t)type,
				     .words = words_of[type] };
		if (words_of[type] == VARIABLE &&
		    lay_out_variable(r, i, r->first_words[type][next[type] - r->start[type]],
				     &used))
			return -EBADMSG;
		c->at[next[type]++] = place;
		place += e->words;
	}
	return used.text == r->text_bytes ? 0 : -EBADMSG;
}

static int decode_columns(struct reader *r)
{
	struct block_codec *c = r->codec;
	const uint8_t *p = r->columns;
	int err = 0;

	for (uint32_t i = 0; i < r->head.columns && !err; i++) {
		struct block_entry entry = entry_get(r, i);

		if (entry.type == 0 && entry.word == BLOCK_STAMPS) {
			err = column_decode(p, entry.bytes, entry.encoding, c->values,
					    r->head.events);
			for (uint32_t k = 0; k < r->head.events && !err; k++)
				c->events[k].stamp = c->values[k];
		} else if (is_known(r, &entry) && !is_variable(entry.type)) {
			err = scatter(r, &entry, p, c->words, c->at + r->start[entry.type]);
		}
		p += entry.bytes;
	}
	return err;
}

static int reserve(struct reader *r, uint64_t words)
{
	struct block_codec *c = r->codec;
	uint32_t events = r->head.events;
	int err = block_room(&c->at, &c->at_room, events, sizeof(*c->at));

	if (!err)
		err = block_room(&c->events, &c->events_room, events, sizeof(*c->events));
	if (!err)
		err = block_room(&c->text_at, &c->text_at_room, events, sizeof(*c->text_at));
	if (!err)
		err = block_room(&c->words, &c->words_room, words, sizeof(*c->words));
	return err;
}

static int decode(struct reader *r, const uint8_t *in, size_t bytes)
{
	struct block_codec *c = r->codec;
	uint64_t words;
	int err = open_block(r, in, bytes);

	if (!err)
		err = count_types(r);
	if (!err)
		err = block_room(&c->values, &c->values_room, r->head.events, sizeof(*c->values));
	if (!err)
		err = decode_variable(r);
	if (err)
		return err;
	words = count_words(r);
	if (words > SEGMENT_BLOCK_WORDS)
		return -EBADMSG;
	err = reserve(r, words);
	if (err)
		return err;
	if (words)
		memset(c->words, 0, words * 8);
	err = lay_out(r);
	return err ? err : decode_columns(r);
}

int block_decode(struct block_codec *c, const uint8_t *in, size_t bytes, struct block *block)
{
	struct reader r = { .codec = c };
	int err = decode(&r, in, bytes);

	if (!err)
		*block = (struct block){
			.thread = r.head.thread,
			.process = r.head.process,
			.cycle = r.head.cycle,
			.watermark = r.head.watermark,
			.flags = r.head.flags,
			.count = r.head.events,
			.events = c->events,
			.words = c->words,
			.text = (const char *)r.text,
			.text_at = c->text_at,
		};
	for (unsigned t = 0; t < EVENT_TYPES; t++)
		free(r.first_words[t]);
	free(r.extra);
	return err;
}
