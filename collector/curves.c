/* SPDX-License-Identifier: MIT */
/*
 * The files stay open from sample to sample: reading stat again costs 2.6 us,
 * io 1.3, schedstat 0.7, opening one anew 5; status, which alone has the peak,
 * costs 6 and is read when the resident size has grown, or now and then.
 */
#include "curves.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_EVERY 10

void curves_init(struct curves *c, struct account *account, uint32_t every_ms)
{
	*c = (struct curves){ .account = account, .every_ms = every_ms };
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void curves_forget(struct process *p)
{
	close_fd(&p->stat_fd);
	close_fd(&p->io_fd);
	close_fd(&p->status_fd);
}

/* Reads an open file of /proc/PID, opening it first. Room for 2 KiB. */
static int read_again(int *fd, uint32_t pid, const char *name, char *text)
{
	if (*fd < 0)
		*fd = proc_open(pid, name);
	return *fd < 0 ? *fd : proc_read(*fd, text, 2048);
}

static void emit(struct drain *d, const struct process *p, const struct proc_stat *stat,
		 const struct proc_io *io, uint64_t rss_kb, uint64_t vm_kb, uint64_t peak_kb,
		 bool last)
{
	uint64_t v[13] = {
		p->pid | stat->threads << 32,
		p->image,
		rss_kb,
		vm_kb,
		stat->utime_ms,
		stat->stime_ms,
		io->rchar,
		io->wchar,
		io->disk_read_bytes,
		io->disk_write_bytes,
		peak_kb,
		stat->major_faults,
		last,
	};

	for (unsigned i = 2; i < 13; i += 2)
		v[i] &= RING_WORD2_MASK;
	gather_add(d->gather, &d->gather->own, EVENT_SAMPLE, arena_view_now(d->arena), v, 13);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* VmHWM less our share, cheaply. 0: unknown. */
static uint64_t peak_of(struct process *p, uint64_t rss_kb)
{
	char text[2048];

	if (rss_kb <= p->peak_seen_kb && p->samples++ % STATUS_EVERY)
		return p->peak_kb;
	if (rss_kb > p->peak_seen_kb)
		p->peak_seen_kb = rss_kb;
	if (read_again(&p->status_fd, p->pid, "status", text))
		return p->peak_kb;
	p->peak_kb = less(proc_line_number(text, "VmHWM"), p->arena_kb);
	return p->peak_kb;
}

static void sample(struct drain *d, struct process *p)
{
	uint64_t arena_vm_kb = arena_total_bytes() / 1024, rss_kb, vm_kb;
	struct proc_stat stat;
	struct proc_io io = { 0 };
	char text[2048];

	if (read_again(&p->stat_fd, p->pid, "stat", text) || proc_stat_parse(text, &stat) ||
	    stat.state == 'Z')
		return;
	if (!read_again(&p->io_fd, p->pid, "io", text))
		proc_io_parse(text, &io);
	rss_kb = less(stat.rss_pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024, p->arena_kb);
	vm_kb = stat.vm_bytes / 1024;
	vm_kb = vm_kb > arena_vm_kb ? vm_kb - arena_vm_kb : vm_kb;
	p->sampled = true;
	emit(d, p, &stat, &io, rss_kb, vm_kb, peak_of(p, rss_kb), false);
}

void curves_last(struct drain *d, const struct process *p)
{
	if (p->exit.zombie)
		emit(d, p, &p->exit.stat, &p->exit.io, 0, 0, 0, true);
}

/* Pages of the arena that a process has touched: the counterpart of what the
 * probe itself reckons (preload/process.c). Pages once touched stay. */
static void reckon_arena(struct account *a)
{
	uint64_t base_kb = sizeof(struct arena_header) / 1024 + 4;

	for (uint32_t k = 0; k < a->count; k++) {
		struct process *p = a->all[k];
		uint64_t kb = base_kb;

		for (uint32_t i = 0; p->state == PROCESS_live && i < a->drain->high; i++) {
			const struct drain_slot *s = a->drain->slots[i];
			uint64_t ring, have;

			if (!s || ARENA_OWNER_PID(s->owner) != p->pid)
				continue;
			ring = (uint64_t)s->cells * 16;
			have = s->tail * 16 < ring ? atomic_load(&s->slot->populated) : ring;
			kb += (have < ring ? have : ring) / 1024 + 4;
		}
		if (kb > p->arena_kb)
			p->arena_kb = kb;
	}
}

static void sample_thread(struct drain *d, struct drain_slot *s)
{
	uint64_t v[3];
	char text[256], name[64];

	if (s->schedstat_fd < 0) {
		char *end = stpcpy(name, "task/");
		uint32_t tid = ARENA_OWNER_TID(s->owner), n = 1000000000;

		for (; n > 1 && tid < n; n /= 10)
			;
		for (; n; n /= 10)
			*end++ = (char)('0' + tid / n % 10);
		strcpy(end, "/schedstat");
		s->schedstat_fd = proc_open(ARENA_OWNER_PID(s->owner), name);
		s->cpu_ns = 0;
	}
	if (s->schedstat_fd < 0 || proc_read(s->schedstat_fd, text, sizeof(text)))
		return;
	v[2] = strtoull(text, NULL, 10) & RING_WORD2_MASK;
	if (v[2] == s->cpu_ns)
		return;
	s->cpu_ns = v[2];
	v[0] = ARENA_OWNER_TID(s->owner);
	v[1] = s->thread;
	gather_add(d->gather, &d->gather->own, EVENT_THREAD_CPU, arena_view_now(d->arena), v, 3);
}

static void sample_threads(struct account *a)
{
	for (uint32_t i = 0; i < a->drain->high; i++) {
		struct drain_slot *s = a->drain->slots[i];
		const struct process *p;

		if (!s)
			continue;
		if (s->cpu_of != s->owner && s->schedstat_fd >= 0) {
			close(s->schedstat_fd);
			s->schedstat_fd = -1;
		}
		s->cpu_of = s->owner;
		p = s->owner ? account_find(a, ARENA_OWNER_PID(s->owner)) : NULL;
		if (p && p->state == PROCESS_live && !p->vanished)
			sample_thread(a->drain, s);
	}
}

void curves_tick(struct curves *c, uint64_t now_ns)
{
	struct account *a = c->account;
	bool due = now_ns >= c->next_ns;

	if (!c->every_ms || (!due && a->seen == c->new_seen))
		return;
	c->new_seen = a->seen;
	if (due) {
		c->next_ns = now_ns + c->every_ms * UINT64_C(1000000);
		reckon_arena(a);
	}
	for (uint32_t k = 0; k < a->count; k++) {
		struct process *p = a->all[k];

		if (p->state == PROCESS_live && !p->vanished && (due || !p->sampled))
			sample(a->drain, p);
	}
	if (due)
		sample_threads(a);
}
