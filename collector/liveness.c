/* SPDX-License-Identifier: MIT */
/*
 * Who lives: pidfds in an epoll, so that a pass over a thousand processes costs one
 * call; deadlines for those that cannot be watched.
 */
#include "liveness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"

#define MS UINT64_C(1000000)
#define VANISHED_NS (100 * MS) /* silence after which a process without /proc/PID is dead */
#define BACKLOG_NS (50 * MS)   /* in which we may still find what it wrote before */
#define THREAD_CHECK_NS (1000 * MS)
#define EAGER_CHECK_NS (50 * MS) /* for threads that run after their end */
#define INHERITED_PIDFD 3

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

int liveness_init(struct account *a)
{
	a->first_pidfd = pidfd_pid(INHERITED_PIDFD) ? INHERITED_PIDFD : -1;
	if (a->first_pidfd >= 0)
		fcntl(a->first_pidfd, F_SETFD, FD_CLOEXEC);
	a->epoll = epoll_create1(EPOLL_CLOEXEC);
	return a->epoll < 0 ? -errno : 0;
}

void liveness_fini(struct account *a)
{
	if (a->first_pidfd >= 0)
		close(a->first_pidfd);
	if (a->epoll >= 0)
		close(a->epoll);
}

static void vanish(struct process *p, uint64_t now_ns)
{
	p->vanished = true;
	p->vanished_ns = now_ns;
	p->deadline_ns = now_ns + (p->exit_seen ? 0 : VANISHED_NS);
}

/* A pidfd, so that its end is an event. Without one (too many open files) it is
 * looked up in /proc now and then. */
void liveness_watch(struct account *a, struct process *p, uint64_t now_ns)
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
