/* SPDX-License-Identifier: MIT */
/*
 * One pass: who has ended, then what lies in the rings, then the ends. In this
 * order what a dead process committed is read to the last record before its
 * slots are given to others.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "options.h"
#include "trace_dir.h"

#define SECOND_NS UINT64_C(1000000000)
#define RESERVE_BYTES (256 << 10)

static int make_dir(const char *trace_dir, const char *name)
{
	char path[1200];

	snprintf(path, sizeof(path), "%s/%s", trace_dir, name);
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int make_trace_dir(const char *trace_dir)
{
	int err = make_dir(trace_dir, "");

	if (!err)
		err = make_dir(trace_dir, TRACE_SEGMENTS);
	return err ? err : make_dir(trace_dir, TRACE_MODULES);
}

/* Room that the last manifest needs when the disk is full by then. */
static void make_reserve(const char *trace_dir)
{
	char path[1200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", trace_dir, TRACE_RESERVE);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, RESERVE_BYTES))
		unlink(path);
	close(fd);
}

static struct segment_header header_of(const struct arena_header *h)
{
	struct segment_header header = {
		.clock = h->clock,
		.session_id = { h->session_id[0], h->session_id[1] },
		.base_ticks = h->base_ticks,
		.base_raw_ns = h->base_raw_ns,
		.base_real_ns = h->base_real_ns,
	};
	struct utsname machine;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f && !fgets(header.boot_id, sizeof(header.boot_id), f))
		header.boot_id[0] = 0;
	if (f)
		fclose(f);
	header.boot_id[strcspn(header.boot_id, "\n")] = 0;
	if (!uname(&machine))
		snprintf(header.host, sizeof(header.host), "%.63s", machine.nodename);
	return header;
}

/* Everything that needs the trace directory. */
static int open_trace(struct session *s, char *why)
{
	const char *trace_dir = s->arena.facts.trace_dir;
	struct segment_header header = header_of(&s->arena.facts);
	int err = make_trace_dir(trace_dir);

	if (err) {
		snprintf(why, 256, "%.150s: %s", trace_dir, strerror(-err));
		return err;
	}
	session_log_open(&s->log, trace_dir);
	make_reserve(trace_dir);
	spool_init(&s->spool, trace_dir, &header,
		   s->finish_only ? 0 : options_bytes(&s->arena.facts, "TPPROBE_MAX_SIZE"));
	/* A session that is finished later goes on behind the files and cycles that it had. */
	s->spool.header.number = s->number_before;
	gather_init(&s->gather, &s->spool, s->finish_only ? UINT64_C(1) << 40 : 1);
	drain_init(&s->drain, &s->arena, &s->gather);
	s->drain.trust_charged = s->finish_only;
	s->drain.observe = observe_record;
	s->drain.context = &s->observe;
	err = account_init(&s->account, &s->drain, &s->log);
	if (err)
		snprintf(why, 256, "epoll: %s", strerror(-err));
	return err;
}

/* No process may wait for a collector that will never come. */
static void give_up(struct session *s, const char *why)
{
	char path[ARENA_PATH_SIZE + 64];

	session_log_line(&s->log, "%s: nothing is captured", why);
	atomic_store(&s->arena.header->collector_gone, 1);
	if (s->finish_only)
		return;
	atomic_store(&s->arena.header->state, ARENA_CLOSED);
	snprintf(path, sizeof(path), "%s/%s", s->arena.dir, ARENA_FILE);
	unlink(path);
	rmdir(s->arena.dir);
	snprintf(path, sizeof(path), "%s/%s", s->arena.facts.trace_dir, TRACE_SESSION_LINK);
	unlink(path);
}

int session_open(struct session *s, const char *session_dir, struct session_launcher *launcher,
		 bool finish_only, char *why)
{
	int err = arena_view_open(&s->arena, session_dir);

	s->launcher = launcher;
	s->finish_only = finish_only;
	s->log.fd = -1;
	s->account.epoll = s->account.first_pidfd = -1;
	if (err) {
		snprintf(why, 256, "%.150s/%s: %s", session_dir, ARENA_FILE,
			 err == -EBADMSG ? "not a session of this version" : strerror(-err));
		return err;
	}
	err = arena_view_claim(&s->arena, finish_only);
	if (err) {
		snprintf(why, 256, "%.150s: another collector has this session", session_dir);
		return err;
	}
	err = open_trace(s, why);
	if (err) {
		give_up(s, why);
		return err;
	}
	modules_init(&s->modules, s->arena.facts.trace_dir);
	s->observe.account = &s->account;
	s->observe.modules = &s->modules;
	curves_init(&s->curves, &s->account,
		    finish_only
			    ? 0
			    : (uint32_t)options_number(&s->arena.facts, "TPPROBE_SAMPLE_MS", 100));
	/* --finish knows no more than what the collector that died wrote down. */
	if (!finish_only && planner_init(&s->planner, &s->arena))
		session_log_note(&s->log, "functions are no tasks: out of memory");
	s->begun_ns = clock_ns(CLOCK_MONOTONIC);
	session_log_line(&s->log, "tpprobe-collector " TPPROBE_VERSION ", session %s", session_dir);
	options_check(&s->arena.facts, &s->log);
	return 0;
}

void session_close(struct session *s)
{
	planner_stop(&s->planner);
	planner_fini(&s->planner);
	account_fini(&s->account);
	drain_fini(&s->drain);
	gather_fini(&s->gather);
	modules_fini(&s->modules);
	session_log_close(&s->log);
	arena_view_close(&s->arena);
}

void session_flush(struct session *s)
{
	for (uint32_t i = 0; i < s->drain.high; i++)
		if (s->drain.slots[i])
			gather_write(&s->gather, &s->drain.slots[i]->batch);
	gather_end_cycle(&s->gather);
	if (s->spool.error && s->spool.error != s->spool_error)
		session_log_note(&s->log,
				 "%s cannot be written (%s): events are dropped until it can, "
				 "totals are kept",
				 s->spool.dir, strerror(-s->spool.error));
	s->spool_error = s->spool.error;
}

uint32_t session_owners(const struct session *s)
{
	uint32_t owners = 0;

	for (uint32_t i = 0; i < s->drain.high; i++)
		owners += s->drain.slots[i] && s->drain.slots[i]->owner;
	return owners;
}

uint32_t session_pass(struct session *s, uint64_t now_ns)
{
	struct drain *d = &s->drain;
	uint64_t watermark;
	uint32_t events = 0;

	atomic_fetch_add(&s->arena.header->heartbeat, 1);
	if (s->launcher && s->launcher->ended) {
		s->account.command_ended = true;
		s->account.command_status = s->launcher->status;
	}
	account_poll(&s->account, now_ns);
	watermark = arena_view_now(&s->arena);
	/* No ring is read before the stamp is taken. */
	atomic_thread_fence(memory_order_seq_cst);
	drain_look(d);
	for (uint32_t i = 0; i < d->high; i++) {
		struct drain_slot *slot = d->slots[i];
		uint32_t got;
		bool dead;

		if (!slot)
			continue;
		dead = account_slot_is_dead(&s->account, slot);
		got = drain_ring(d, slot, dead, now_ns);
		slot->release = dead;
		events += got;
		s->gather.cycle_events += got;
		if (s->gather.cycle_events >= s->spool.flight.cycle_events)
			session_flush(s);
	}
	s->gather.watermark = watermark;
	account_settle(&s->account, now_ns);
	planner_settle(&s->planner, &s->gather, &s->log);
	curves_tick(&s->curves, now_ns);
	return events;
}
