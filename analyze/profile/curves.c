/* SPDX-License-Identifier: MIT */
/*
 * Resource curves of the whole run.
 */
#include "curves.h"

static struct curve_point merged(const struct curve_point *a, const struct curve_point *b)
{
	struct curve_point p = *a;

	p.running_workers =
		b->running_workers > p.running_workers ? b->running_workers : p.running_workers;
	if (!b->is_sampled)
		return p;
	if (!a->is_sampled) {
		uint32_t running = p.running_workers;

		p = *b;
		p.running_workers = running;
		return p;
	}
	p.rss_kb = a->rss_kb > b->rss_kb ? a->rss_kb : b->rss_kb;
	p.threads = a->threads > b->threads ? a->threads : b->threads;
	p.processes = a->processes > b->processes ? a->processes : b->processes;
	p.cpu_ms = a->cpu_ms + b->cpu_ms;
	return p;
}

static void halve(struct curves *c)
{
	for (uint32_t i = 0; i < CURVE_POINTS / 2; i++)
		c->point[i] = merged(&c->point[2 * i], &c->point[2 * i + 1]);
	for (uint32_t i = CURVE_POINTS / 2; i < CURVE_POINTS; i++)
		c->point[i] = (struct curve_point){ 0 };
	c->count = (c->count + 1) / 2;
	c->width *= 2;
}

static struct curve_point *point_at(struct curves *c, uint64_t stamp)
{
	uint64_t at;

	if (!c->width) {
		c->width = CURVE_FIRST_TICKS;
		c->origin = stamp;
	}
	if (stamp < c->origin)
		stamp = c->origin;
	while ((at = (stamp - c->origin) / c->width) >= CURVE_POINTS)
		halve(c);
	if (at >= c->count)
		c->count = (uint32_t)at + 1;
	return &c->point[at];
}

static void put(struct curves *c, uint64_t stamp, uint64_t cpu_ms)
{
	struct curve_point now = { .is_sampled = true,
				   .rss_kb = c->rss_kb,
				   .threads = c->threads,
				   .processes = c->processes,
				   .cpu_ms = cpu_ms };
	struct curve_point *p = point_at(c, stamp);

	*p = merged(p, &now);
	if (c->rss_kb > c->peak_rss_kb)
		c->peak_rss_kb = c->rss_kb;
}

void curves_on_sample(struct curves *c, uint64_t stamp, const struct curve_before *before,
		      const struct curve_before *now)
{
	c->moved = 0;
	c->rss_kb += now->rss_kb - before->rss_kb;
	c->threads += now->threads - before->threads;
	c->processes += (now->threads > 0) - (before->threads > 0);
	put(c, stamp, now->cpu_ms > before->cpu_ms ? now->cpu_ms - before->cpu_ms : 0);
}

void curves_on_thread_cpu(struct curves *c, uint64_t stamp)
{
	struct curve_point *p = point_at(c, stamp);

	c->moved++;
	if (c->moved > p->running_workers)
		p->running_workers = c->moved;
}

void curves_on_gone(struct curves *c, uint64_t stamp, const struct curve_before *before)
{
	if (!before->threads && !before->rss_kb)
		return;
	c->rss_kb -= before->rss_kb;
	c->threads -= before->threads;
	c->processes -= before->threads > 0;
	put(c, stamp, 0);
}
