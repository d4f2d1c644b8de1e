/* SPDX-License-Identifier: MIT */
/* The list of processes, and what the streams tell of them. liveness.c sees them end. */
#include "account.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "curves.h"
#include "liveness.h"

#define MS UINT64_C(1000000)
#define EXPECT_NS (200 * MS) /* from FORK to the first word of the child */
#define GONE_KEPT 10000	     /* entries of the manifest */

int account_init(struct account *a, struct drain *drain, struct session_log *log)
{
	memset(a, 0, sizeof(*a));
	a->drain = drain;
	a->log = log;
	return liveness_init(a);
}

static void process_close(struct process *p)
{
	curves_forget(p);
	if (p->pidfd >= 0)
		close(p->pidfd);
	p->pidfd = -1;
}

void account_fini(struct account *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		process_close(a->all[i]);
		free(a->all[i]);
	}
	free(a->all);
	liveness_fini(a);
}

struct process *account_find(const struct account *a, uint32_t pid)
{
	/* The latest first: a pid may have come around. */
	for (uint32_t i = a->count; i-- > 0;)
		if (a->all[i]->pid == pid && a->all[i]->state != PROCESS_gone)
			return a->all[i];
	return NULL;
}

struct process *account_of_image(const struct account *a, uint64_t image)
{
	for (uint32_t i = a->count; i-- > 0;)
		if (a->all[i]->image == image)
			return a->all[i];
	return NULL;
}

static void forget(struct account *a, uint32_t index)
{
	process_close(a->all[index]);
	free(a->all[index]);
	memmove(a->all + index, a->all + index + 1, (--a->count - index) * sizeof(*a->all));
}

static void make_room(struct account *a)
{
	uint32_t room = a->room ? a->room * 2 : 64;
	struct process **all;

	if (a->count >= GONE_KEPT) {
		for (uint32_t i = 1; i < a->count; i++) { /* the first is the program itself */
			if (a->all[i]->state != PROCESS_gone)
				continue;
			forget(a, i);
			a->forgotten++;
			return;
		}
	}
	if (a->count < a->room)
		return;
	all = realloc(a->all, room * sizeof(*all));
	if (!all)
		return;
	a->all = all;
	a->room = room;
}

static struct process *process_new(struct account *a, uint32_t pid, uint64_t start_time,
				   enum process_state state, uint64_t now_ns)
{
	struct process *p;

	make_room(a);
	p = a->count < a->room ? calloc(1, sizeof(*p)) : NULL;
	if (!p)
		return NULL;
	p->pid = pid;
	p->start_time = start_time;
	p->state = state;
	p->pidfd = p->stat_fd = p->io_fd = p->status_fd = -1;
	a->all[a->count++] = p;
	liveness_watch(a, p, now_ns);
	return p;
}

static void set_live(struct account *a, struct process *p)
{
	if (p->state == PROCESS_expected)
		a->expected--;
	p->state = PROCESS_live;
	a->live++;
	a->seen++;
	a->changes++;
}

/* The process that owns a slot; made when it is new. */
static void process_of_slot(struct account *a, const struct drain_slot *s, uint32_t pid,
			    uint64_t image, uint64_t now_ns)
{
	uint64_t start_time = *(volatile uint64_t *)&s->slot->start_time;
	struct process *p = account_find(a, pid);

	/* The pid came around? Then the end of the old one is an event still to come. */
	if (p && p->start_time && start_time && p->start_time != start_time && image > p->image)
		p = NULL;
	if (!p) {
		p = process_new(a, pid, start_time, PROCESS_expected, now_ns);
		if (!p)
			return;
		a->expected++;
	}
	if (!p->start_time)
		p->start_time = start_time;
	if (p->state == PROCESS_expected)
		set_live(a, p);
	if (image > p->image) {
		p->image = image;
		p->sampled = false;
		a->changes++;
	}
}

/* Slots that a thread left behind which is certainly no more: the process has
 * become another program, or the same kernel thread speaks from another slot. */
static void supersede(struct account *a, const struct drain_slot *by, uint32_t pid, uint32_t tid)
{
	for (uint32_t i = 0; i < a->drain->high; i++) {
		struct drain_slot *s = a->drain->slots[i];

		/* One whose THREAD_START is still unread may be anybody's. */
		if (!s || s == by || !s->thread_open || ARENA_OWNER_PID(s->owner) != pid)
			continue;
		if (s->slot->start_time != by->slot->start_time)
			continue; /* another process of that number */
		/* The tid is the stream's: the owner word may be that of the thread which
		 * had the slot before. */
		if (s->process < by->process ||
		    (s->process == by->process && s->tid == tid && s->thread != by->thread))
			s->superseded = true;
	}
}

void account_thread_started(struct account *a, struct drain_slot *s, uint32_t tid, bool is_main)
{
	uint64_t owner = atomic_load(arena_view_owner(a->drain->arena, s->index));
	uint32_t pid = is_main ? tid : ARENA_OWNER_PID(owner);

	if (!pid)
		return; /* gone again already; its process has spoken before */
	process_of_slot(a, s, pid, s->process, clock_ns(CLOCK_MONOTONIC));
	supersede(a, s, pid, tid);
}

void account_forked(struct account *a, uint32_t pid, uint64_t now_ns)
{
	struct process *p = account_find(a, pid);

	if (p)
		return;
	p = process_new(a, pid, 0, PROCESS_expected, now_ns);
	if (!p)
		return;
	a->expected++;
	/* When it has ended already, all that it had to say lies in the rings. */
	p->deadline_ns = p->vanished ? now_ns : now_ns + EXPECT_NS;
}

bool account_slot_is_dead(const struct account *a, const struct drain_slot *s)
{
	const struct process *p;
	uint64_t start_time = *(volatile uint64_t *)&s->slot->start_time;

	if (s->superseded)
		return true;
	if (!s->owner)
		return false;
	for (uint32_t i = a->count; i-- > 0;) {
		p = a->all[i];
		if (p->pid == ARENA_OWNER_PID(s->owner) && p->state == PROCESS_dead &&
		    (!p->start_time || !start_time || p->start_time == start_time))
			return true;
	}
	return false;
}

/* Owners that no record has named yet: killed between claim and first record, or
 * their first records lie in a ring that is read later. */
static void meet_owners(struct account *a, uint64_t now_ns)
{
	for (uint32_t i = 0; i < a->drain->high; i++) {
		struct drain_slot *s = a->drain->slots[i];

		if (s && s->owner && !account_find(a, ARENA_OWNER_PID(s->owner)))
			process_of_slot(a, s, ARENA_OWNER_PID(s->owner),
					atomic_load(&s->slot->process), now_ns);
	}
}

static void tell_gone(struct account *a, struct process *p)
{
	struct drain *d = a->drain;
	enum gone_source source = p->exit.known ? GONE_kernel : GONE_unknown;
	uint32_t status = p->exit.known ? p->exit.status : 0;
	uint64_t v[3];

	/* The command itself is the first of all, and its parent has waited for it. */
	if (source == GONE_unknown && a->command_ended && p == a->all[0]) {
		source = GONE_launcher;
		status = a->command_status;
	}
	v[0] = p->pid | (uint64_t)source << 32;
	v[1] = p->image;
	v[2] = status;

	curves_last(d, p);
	gather_add(d->gather, &d->gather->own, EVENT_PROCESS_GONE, arena_view_now(d->arena), v, 3);
	process_close(p);
	p->state = PROCESS_gone;
	a->live--;
	a->changes++;
}

void account_settle(struct account *a, uint64_t now_ns)
{
	meet_owners(a, now_ns);
	for (uint32_t i = 0; i < a->drain->high; i++) {
		struct drain_slot *s = a->drain->slots[i];

		if (s && s->release) {
			s->release = false;
			drain_release(a->drain, s);
		} else if (s && s->settle && !s->owner) {
			drain_settle(a->drain, s);
		}
	}
	for (uint32_t i = 0; i < a->count; i++)
		if (a->all[i]->state == PROCESS_dead && a->all[i]->passes++)
			tell_gone(a, a->all[i]);
	for (uint32_t i = a->count; i-- > 0;)
		if (a->all[i]->state == PROCESS_gone && !a->all[i]->image)
			forget(a, i); /* never spoke */
}
