/* SPDX-License-Identifier: MIT */
/* Who lives: pidfds in an epoll, so that a pass over a thousand processes costs one call. */
#include "account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "curves.h"

#define MS UINT64_C(1000000)
#define EXPECT_NS (200 * MS)   /* from FORK to the first word of the child */
#define VANISHED_NS (100 * MS) /* silence after which a process without /proc/PID is dead */
#define BACKLOG_NS (50 * MS)   /* in which we may still find what it wrote before */
#define THREAD_CHECK_NS (1000 * MS)
#define EAGER_CHECK_NS (50 * MS) /* for threads that run after their end */
#define INHERITED_PIDFD 3
#define GONE_KEPT 10000 /* entries of the manifest */

/* The pid that a pidfd is for: 0 it is none, -1 it was waited for already. */
static long pidfd_pid(int fd)
{
	char path[64], text[1024];
	const char *line;
	long pid = 0;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return 0;
	if (!proc_read(info, text, sizeof(text)) && (line = strstr(text, "\nPid:")))
		pid = strtol(line + 5, NULL, 10);
	close(info);
	return pid;
}

int account_init(struct account *a, struct drain *drain, struct session_log *log)
{
	memset(a, 0, sizeof(*a));
	a->drain = drain;
	a->log = log;
	a->first_pidfd = pidfd_pid(INHERITED_PIDFD) ? INHERITED_PIDFD : -1;
	if (a->first_pidfd >= 0)
		fcntl(a->first_pidfd, F_SETFD, FD_CLOEXEC);
	a->epoll = epoll_create1(EPOLL_CLOEXEC);
	return a->epoll < 0 ? -errno : 0;
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
	if (a->first_pidfd >= 0)
		close(a->first_pidfd);
	if (a->epoll >= 0)
		close(a->epoll);
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

static void vanish(struct process *p, uint64_t now_ns)
{
	p->vanished = true;
	p->vanished_ns = now_ns;
	p->deadline_ns = now_ns + (p->exit_seen ? 0 : VANISHED_NS);
}

/* A pidfd, so that its end is an event. Without one (too many open files) it is
 * looked up in /proc now and then. */
static void watch(struct account *a, struct process *p, uint64_t now_ns)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };
	uint64_t start_time;
	long first = a->first_pidfd >= 0 ? pidfd_pid(a->first_pidfd) : 0;

	if (first == (long)p->pid || (first == -1 && a->seen == 0)) {
		p->pidfd = a->first_pidfd;
		a->first_pidfd = -1;
		epoll_ctl(a->epoll, EPOLL_CTL_ADD, p->pidfd, &event);
		return;
	}
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0 && errno == ESRCH) {
		vanish(p, now_ns);
		return;
	}
	start_time = proc_start_time(p->pid);
	if (p->start_time && start_time && start_time != p->start_time) {
		/* The pid belongs to somebody else by now. */
		if (p->pidfd >= 0)
			close(p->pidfd);
		p->pidfd = -1;
		vanish(p, now_ns);
		return;
	}
	if (!p->start_time)
		p->start_time = start_time;
	if (p->pidfd >= 0)
		epoll_ctl(a->epoll, EPOLL_CTL_ADD, p->pidfd, &event);
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
	watch(a, p, now_ns);
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

static void set_dead(struct account *a, struct process *p)
{
	if (p->state == PROCESS_expected)
		a->expected--;
	else
		exit_status_get(p->pid, p->start_time, p->pidfd, &p->exit);
	p->state = p->state == PROCESS_expected ? PROCESS_gone : PROCESS_dead;
	if (p->pidfd >= 0)
		epoll_ctl(a->epoll, EPOLL_CTL_DEL, p->pidfd, NULL);
}

/* A process without /proc/PID that keeps writing lives in another namespace. */
static bool still_writes(struct account *a, struct process *p, uint64_t now_ns)
{
	for (uint32_t i = 0; i < a->drain->high; i++) {
		const struct drain_slot *s = a->drain->slots[i];

		if (!s || ARENA_OWNER_PID(s->owner) != p->pid ||
		    s->moved_ns < p->vanished_ns + BACKLOG_NS || p->exit_seen)
			continue;
		vanish(p, now_ns);
		if (!p->other_namespace)
			session_log_line(a->log,
					 "process %u is not in /proc and yet it writes: it may "
					 "live in another namespace, its end is guessed",
					 p->pid);
		p->other_namespace = true;
		return true;
	}
	return false;
}

static void check_deadlines(struct account *a, uint64_t now_ns)
{
	for (uint32_t i = 0; i < a->count; i++) {
		struct process *p = a->all[i];

		if (p->state == PROCESS_expected && now_ns >= p->deadline_ns)
			set_dead(a, p); /* it never spoke: not one of ours */
		if (p->state != PROCESS_live)
			continue;
		if (p->vanished && (p->exit_seen || now_ns >= p->deadline_ns) &&
		    !still_writes(a, p, now_ns))
			set_dead(a, p);
		else if (p->pidfd < 0 && !p->vanished && now_ns >= p->deadline_ns) {
			struct proc_stat stat;

			p->deadline_ns = now_ns + 100 * MS;
			if (proc_stat_get(p->pid, &stat) || stat.state == 'Z' ||
			    stat.start_time != p->start_time)
				set_dead(a, p);
		}
	}
}

/* A thread that ended without a word: by a system call of its own, or after its
 * destructors have run. */
static void check_threads(struct account *a, uint64_t now_ns)
{
	bool all = now_ns >= a->next_thread_check_ns;

	if (!all && now_ns < a->next_eager_check_ns)
		return;
	a->next_eager_check_ns = now_ns + EAGER_CHECK_NS;
	if (all)
		a->next_thread_check_ns = now_ns + THREAD_CHECK_NS;
	for (uint32_t i = 0; i < a->drain->high; i++) {
		struct drain_slot *s = a->drain->slots[i];
		const struct process *p;

		if (!s || !s->owner || !(all || s->resumed))
			continue;
		p = account_find(a, ARENA_OWNER_PID(s->owner));
		if (p && p->state == PROCESS_live && !p->vanished && s->process == p->image &&
		    syscall(SYS_tgkill, p->pid, ARENA_OWNER_TID(s->owner), 0) && errno == ESRCH &&
		    atomic_load(arena_view_owner(a->drain->arena, i)) == s->owner)
			s->superseded = true;
	}
}

void account_poll(struct account *a, uint64_t now_ns)
{
	struct epoll_event events[64];
	int n;

	do {
		n = epoll_wait(a->epoll, events, 64, 0);
		for (int i = 0; i < n; i++) {
			struct process *p = events[i].data.ptr;

			if (p->state == PROCESS_expected || p->state == PROCESS_live)
				set_dead(a, p);
		}
	} while (n == 64);
	check_deadlines(a, now_ns);
	check_threads(a, now_ns);
}

bool account_is_unsure(const struct account *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const struct process *p = a->all[i];

		if (p->state == PROCESS_dead ||
		    (p->state == PROCESS_live && p->vanished && !p->other_namespace))
			return true;
	}
	return false;
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
