/* SPDX-License-Identifier: MIT */
/* Batches to blocks, cycle by cycle. */
#include "gather.h"

#include <string.h>

#define CYCLE_NS UINT64_C(1000000000)

void gather_init(struct gather *g, struct spool *spool, uint64_t first_cycle)
{
	memset(g, 0, sizeof(*g));
	g->spool = spool;
	g->cycle = first_cycle;
}

void gather_fini(struct gather *g)
{
	batch_fini(&g->own);
}

void gather_write(struct gather *g, struct batch *b)
{
	if (!b->count)
		return;
	spool_block(g->spool, b, g->cycle, g->watermark, b == &g->own ? SEGMENT_COLLECTOR : 0);
	batch_clear(b);
}

bool gather_make_room(struct gather *g, struct batch *b)
{
	if (!batch_reserve(b))
		return true;
	gather_write(g, b);
	return !batch_reserve(b);
}

void gather_add(struct gather *g, struct batch *b, unsigned type, uint64_t stamp, const uint64_t *v,
		unsigned words)
{
	if (!gather_reserve(g, b))
		return;
	memcpy(b->words + b->words_used, v, words * 8);
	batch_add(b, type, stamp, words);
}

void gather_add_text(struct gather *g, struct batch *b, uint64_t stamp, uint32_t kind, uint32_t id,
		     const char *text, size_t bytes)
{
	size_t piece;

	do {
		piece = bytes < RING_TEXT_BYTES_MAX ? bytes : RING_TEXT_BYTES_MAX;
		if (!gather_reserve(g, b))
			return;
		bytes -= piece;
		b->words[b->words_used] = id | (uint64_t)kind << 32 |
					  (bytes ? (uint64_t)TEXT_MORE << 40 : 0) |
					  (uint64_t)piece << 48;
		memcpy(b->text + b->text_used, text, piece);
		b->text_at[b->count] = b->text_used;
		b->text_used += (uint32_t)piece;
		batch_add(b, EVENT_TEXT, stamp, 1);
		text += piece;
	} while (bytes);
}

void gather_cut(struct gather *g, struct batch *b, uint64_t thread, uint64_t process)
{
	if (b->thread != thread || b->process != process)
		gather_write(g, b);
	b->thread = thread;
	b->process = process;
}

bool gather_is_due(const struct gather *g, uint64_t now_ns)
{
	return g->cycle_events >= g->spool->flight.cycle_events ||
	       (g->cycle_begun_ns && now_ns - g->cycle_begun_ns >= CYCLE_NS);
}

void gather_end_cycle(struct gather *g)
{
	gather_write(g, &g->own);
	spool_roll(g->spool);
	g->cycle++;
	g->cycle_events = 0;
	g->cycle_begun_ns = 0;
}
