/* SPDX-License-Identifier: MIT */
/* Events to columns. The rows of events.def drive it: no event has code of its own here. */
#include "block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"

#define COLUMNS_MAX 1024

/* What is being written: entries and columns grow apart and are joined at the end. */
struct writer {
	struct block_codec *codec;
	const struct block *block;
	struct block_entry entries[COLUMNS_MAX];
	uint32_t columns;
	uint32_t of_type[EVENT_TYPES];	 /* events of this type */
	uint32_t start[EVENT_TYPES + 1]; /* in codec->at */
	uint8_t *out;
};

void block_codec_fini(struct block_codec *c)
{
	free(c->values);
	free(c->at);
	free(c->text_at);
	free(c->events);
	free(c->words);
	free(c->bytes);
	memset(c, 0, sizeof(*c));
}

int block_room(void *array, uint32_t *room, uint64_t n, size_t size)
{
	void **p = array, *made;

	if (n <= *room)
		return 0;
	if (n < 1024)
		n = 1024;
	made = malloc(n * size);
	if (!made)
		return -ENOMEM;
	free(*p);
	*p = made;
	*room = (uint32_t)n;
	return 0;
}

static void add_entry(struct writer *w, unsigned type, unsigned word, uint8_t encoding,
		      size_t bytes)
{
	w->entries[w->columns++] = (struct block_entry){
		.type = (uint8_t)type,
		.word = (uint8_t)word,
		.encoding = encoding,
		.bytes = (uint32_t)bytes,
	};
	w->out += bytes;
}

static void add_values(struct writer *w, unsigned type, unsigned word, uint32_t count,
		       enum column_values kind)
{
	uint8_t encoding;
	size_t bytes = column_encode(w->out, w->codec->values, count, kind, &encoding);

	add_entry(w, type, word, encoding, bytes);
}

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

/* Are these events of the shape that the tables promise? Counts what there is. */
static int check(struct writer *w, uint64_t *text_bytes, uint64_t *extra_words)
{
	const struct block *b = w->block;
	uint64_t words = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];
		unsigned type = e->type % EVENT_TYPES, follow;

		w->of_type[type]++;
		words += e->words;
		if (e->words == words_of[type])
			continue;
		if (words_of[type] != VARIABLE)
			return -EINVAL;
		follow = b->words[e->first] >> 48;
		if (e->words != (type == EVENT_TEXT ? 1 : 1 + follow))
			return -EINVAL;
		if (type == EVENT_TEXT)
			*text_bytes += follow;
		else
			*extra_words += follow;
	}
	if (w->of_type[0])
		return -EINVAL;
	return words > SEGMENT_BLOCK_WORDS || *text_bytes > SEGMENT_BLOCK_BYTES ? -E2BIG : 0;
}

/* Types, stamps, and for each type the list of its events' words. */
static void add_common(struct writer *w)
{
	const struct block *b = w->block;
	struct block_codec *c = w->codec;
	uint32_t next[EVENT_TYPES];

	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		w->start[t + 1] = w->start[t] + w->of_type[t];
		next[t] = w->start[t];
	}
	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		w->out[i] = e->type;
		c->at[next[e->type]++] = e->first;
		c->values[i] = e->stamp;
	}
	add_entry(w, 0, BLOCK_TYPES, COLUMN_BYTES, b->count);
	add_values(w, 0, BLOCK_STAMPS, b->count, COLUMN_DIFFERENCE);
}

/* One field of all events of a type, ready to be stored. In one pass, and inlined
 * for each kind, so that nothing is asked for each value. */
static inline __attribute__((always_inline)) struct column_bits gather_as(
	enum column_values kind, const struct field_info *field, const uint64_t *words,
	const uint32_t *at, uint32_t count, uint64_t *values)
{
	struct column_bits bits = { 0, UINT64_MAX };
	unsigned up = 64u - field->bits - field->shift, down = 64u - field->bits;
	uint64_t before = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t v = words[at[i]] << up;

		v = kind == COLUMN_ZIGZAG ? (uint64_t)((int64_t)v >> down) : v >> down;
		values[i] = column_stored(kind, v, before);
		before = v;
		bits.any |= values[i];
		bits.all &= values[i];
	}
	return bits;
}

static void add_fields(struct writer *w, unsigned type)
{
	const struct event_info *info = event_info_get(type);
	const uint32_t *at = w->codec->at + w->start[type];
	uint64_t *values = w->codec->values;
	uint32_t count = w->of_type[type];

	for (unsigned f = 0; info && f < info->fields; f++) {
		const struct field_info *field = &info->field[f];
		const uint64_t *words = w->block->words + field->word;
		enum column_values kind = field->encoding == FIELD_DELTA    ? COLUMN_DIFFERENCE
					  : field->encoding == FIELD_SIGNED ? COLUMN_ZIGZAG
									    : COLUMN_PLAIN;
		struct column_bits bits;
		uint8_t encoding;
		size_t bytes;

		if (kind == COLUMN_DIFFERENCE)
			bits = gather_as(COLUMN_DIFFERENCE, field, words, at, count, values);
		else if (kind == COLUMN_ZIGZAG)
			bits = gather_as(COLUMN_ZIGZAG, field, words, at, count, values);
		else
			bits = gather_as(COLUMN_PLAIN, field, words, at, count, values);
		bytes = column_put(w->out, values, count, bits, kind, &encoding);
		add_entry(w, type, f, encoding, bytes);
	}
}

/* What follows word 0 of the events of variable length, in the order of the events. */
static void add_variable(struct writer *w, uint64_t text_bytes, uint64_t extra_words)
{
	const struct block *b = w->block;
	uint64_t n = 0;

	if (text_bytes) {
		for (uint32_t i = 0; i < b->count; i++) {
			if (b->events[i].type != EVENT_TEXT)
				continue;
			unsigned bytes = b->words[b->events[i].first] >> 48;

			memcpy(w->out + n, b->text + b->text_at[i], bytes);
			n += bytes;
		}
		add_entry(w, 0, BLOCK_TEXT, COLUMN_BYTES, n);
	}
	if (extra_words) {
		n = 0;
		for (uint32_t i = 0; i < b->count; i++) {
			const struct event *e = &b->events[i];
			bool follow = words_of[e->type] == VARIABLE;

			for (unsigned k = 1; follow && k < e->words; k++)
				w->codec->values[n++] = b->words[e->first + k];
		}
		add_values(w, 0, BLOCK_EXTRA, (uint32_t)n, COLUMN_PLAIN);
	}
}

/* An upper bound, so that the columns can be written without looking. */
static uint64_t bound(const struct writer *w, uint64_t text_bytes, uint64_t extra_words)
{
	uint64_t bytes = w->block->count + column_bound(w->block->count) + text_bytes +
			 column_bound((uint32_t)extra_words);

	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		const struct event_info *info = event_info_get(t);

		if (info && w->of_type[t])
			bytes += info->fields * column_bound(w->of_type[t]);
	}
	return bytes + COLUMNS_MAX * sizeof(struct block_entry) + sizeof(struct block_head);
}

static int reserve(struct writer *w, uint64_t text_bytes, uint64_t extra_words)
{
	struct block_codec *c = w->codec;
	uint64_t values = w->block->count > extra_words ? w->block->count : extra_words;
	uint64_t bytes = bound(w, text_bytes, extra_words);
	int err = block_room(&c->values, &c->values_room, values, sizeof(*c->values));

	if (!err)
		err = block_room(&c->at, &c->at_room, w->block->count, sizeof(*c->at));
	if (!err && bytes > c->bytes_room) {
		free(c->bytes);
		c->bytes = malloc(bytes);
		c->bytes_room = c->bytes ? bytes : 0;
		err = c->bytes ? 0 : -ENOMEM;
	}
	return err;
}

int64_t block_encode(struct block_codec *c, const struct block *b)
{
	struct writer w = { .codec = c, .block = b };
	uint64_t text_bytes = 0, extra_words = 0;
	size_t entries, columns, gap = sizeof(struct block_head) + sizeof(w.entries);
	struct block_head head;
	int err;

	if (b->count > SEGMENT_BLOCK_EVENTS)
		return -E2BIG;
	err = check(&w, &text_bytes, &extra_words);
	if (err)
		return err;
	err = reserve(&w, text_bytes, extra_words);
	if (err)
		return err;

	w.out = c->bytes + gap;
	add_common(&w);
	for (unsigned t = 1; t < EVENT_TYPES; t++)
		if (w.of_type[t])
			add_fields(&w, t);
	add_variable(&w, text_bytes, extra_words);

	head = (struct block_head){
		.version = BLOCK_VERSION,
		.flags = b->flags,
		.thread = b->thread,
		.process = b->process,
		.cycle = b->cycle,
		.watermark = b->watermark,
		.first_stamp = b->count ? b->events[0].stamp : 0,
		.events = b->count,
		.columns = w.columns,
	};
	entries = w.columns * sizeof(struct block_entry);
	columns = (size_t)(w.out - (c->bytes + gap));
	memcpy(c->bytes, &head, sizeof(head));
	memcpy(c->bytes + sizeof(head), w.entries, entries);
	memmove(c->bytes + sizeof(head) + entries, c->bytes + gap, columns);
	if (sizeof(head) + entries + columns > SEGMENT_BLOCK_BYTES)
		return -E2BIG;
	return (int64_t)(sizeof(head) + entries + columns);
}
