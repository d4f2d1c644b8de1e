/* SPDX-License-Identifier: MIT */
/* The loop: passes, sleep, the clock, and when it is over. */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "../preload/session.h"
#include "session.h"
#include "trace_dir.h"

#define MS UINT64_C(1000000)
#define SECOND_NS (1000 * MS)
#define NOBODY_CAME_NS (5 * SECOND_NS)
#define FINISH_NS SECOND_NS /* --finish: until the dead are known to be dead */
#define SLEEP_MIN_NS (1 * MS)
#define SLEEP_MAX_NS (20 * MS)
#define BUSY_EVENTS 4096 /* in one pass: do not sleep at all */
#define SOME_EVENTS 256	 /* sleep shortly */

/* Keeps the first and the last triple and a few between, evenly. */
static void remember_triple(struct session *s, const struct clock_triple *t)
{
	if (s->triple_count && s->triple_skipped++ < s->triple_skip) {
		s->triples[s->triple_count - 1] = *t;
		return;
	}
	s->triple_skipped = 0;
	if (s->triple_count == SESSION_TRIPLES_MAX) {
		for (unsigned i = 1; i < SESSION_TRIPLES_MAX / 2; i++)
			s->triples[i] = s->triples[2 * i];
		s->triple_count = SESSION_TRIPLES_MAX / 2;
		s->triple_skip = s->triple_skip * 2 + 1;
	}
	s->triples[s->triple_count++] = *t;
}

static void tell_clock(struct session *s)
{
	struct clock_triple t = clock_triple_get(s->arena.facts.clock);
	uint64_t v[4] = { t.ticks, t.raw_ns, 0, t.real_ns };

	gather_add(&s->gather, &s->gather.own, EVENT_CLOCK, arena_view_now(&s->arena), v, 4);
	remember_triple(s, &t);
}

/* That there is a window must be known if we are killed: the first time at once. */
static bool manifest_is_due(const struct session *s, uint64_t now_ns)
{
	uint64_t dropped = s->spool.flight.dropped_segments;

	if (now_ns < s->next_manifest_ns)
		return dropped && !s->manifest_dropped;
	return s->manifest_changes != s->account.changes || s->manifest_dropped != dropped ||
	       s->manifest_plans != planner_changes(&s->planner);
}

static void do_timed(struct session *s, uint64_t now_ns)
{
	if (now_ns >= s->next_clock_ns) {
		tell_clock(s);
		s->next_clock_ns = now_ns + SECOND_NS;
	}
	if (!s->gather.cycle_begun_ns && (s->gather.cycle_events || s->gather.own.count))
		s->gather.cycle_begun_ns = now_ns;
	if (gather_is_due(&s->gather, now_ns))
		session_flush(s);
	if (manifest_is_due(s, now_ns)) {
		manifest_write(s, false);
		s->next_manifest_ns = now_ns + SECOND_NS;
	}
}

/* Until the doorbell rings. A bell that rang since `bell` was read is not missed. */
static void doze(struct session *s, uint32_t bell, uint64_t ns)
{
	struct arena_header *h = s->arena.header;
	struct timespec timeout = { 0, (long)ns };

	atomic_store(&h->collector_sleeps, 1);
	if (atomic_load(&h->doorbell) == bell)
		syscall(SYS_futex, &h->doorbell, FUTEX_WAIT, bell, &timeout, NULL, 0);
	atomic_store(&h->collector_sleeps, 0);
}

static bool is_idle(const struct session *s, uint32_t events)
{
	return !events && !s->account.live && !s->account.expected && !session_owners(s);
}

/* No owner may come in between: arena.h tells how both sides see each other. Who
 * has not raised the high mark yet has not read the state yet either. */
static bool close_arena(struct session *s)
{
	struct arena_header *h = s->arena.header;
	uint32_t high;

	atomic_store(&h->state, ARENA_CLOSING);
	high = arena_view_high(&s->arena);
	for (uint32_t i = 0; i < high; i++) {
		if (!atomic_load(arena_view_owner(&s->arena, i)))
			continue;
		atomic_store(&h->state, ARENA_OPEN);
		return false;
	}
	atomic_store(&h->state, ARENA_CLOSED);
	return true;
}

/* The launcher waits for an answer: all that the command committed is on disk. */
static void answer_launcher(struct session *s)
{
	session_flush(s);
	manifest_write(s, false);
	s->launcher->answer(s->account.live);
	s->answered = true;
}

/* Is this the end? Once the command has ended some passes are made without a
 * pause: the first sees that it is dead, the next ones settle that. */
static bool is_over(struct session *s, uint32_t events, uint64_t now_ns)
{
	bool idle = is_idle(s, events);

	if (!idle)
		s->idle_since_ns = 0;
	else if (!s->idle_since_ns)
		s->idle_since_ns = now_ns;
	if (s->finish_only)
		return idle || now_ns - s->begun_ns >= FINISH_NS;
	if (!s->launcher) {
		uint64_t linger = s->account.seen ? SESSION_LINGER_MS * MS : NOBODY_CAME_NS;

		return idle && now_ns - s->idle_since_ns >= linger && close_arena(s);
	}
	if (!s->launcher->ended && !s->launcher->closed)
		return false;
	if (++s->passes_after_end < 3)
		return false;
	if (idle)
		return close_arena(s);
	if (s->launcher->ended && !s->answered && !account_is_unsure(&s->account) &&
	    (s->account.live || session_owners(s)))
		answer_launcher(s);
	return false;
}

static uint64_t pause_of(const struct session *s, uint32_t events, uint64_t last_ns)
{
	bool ending = s->launcher && (s->launcher->ended || s->launcher->closed) &&
		      s->passes_after_end < 4;

	if (events >= BUSY_EVENTS || ending)
		return 0;
	if (events >= SOME_EVENTS || !last_ns)
		return SLEEP_MIN_NS;
	return last_ns * 2 < SLEEP_MAX_NS ? last_ns * 2 : SLEEP_MAX_NS;
}

static void remove_in(const char *dir, const char *name)
{
	char path[ARENA_PATH_SIZE + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int finish(struct session *s)
{
	const char *dir = s->arena.facts.trace_dir;
	int err;

	atomic_store(&s->arena.header->state, ARENA_CLOSED);
	planner_stop(&s->planner);
	planner_settle(&s->planner, &s->gather, &s->log);
	tell_clock(s);
	remove_in(dir, TRACE_RESERVE);
	session_flush(s);
	if (s->drain.torn_cells)
		session_log_line(&s->log, "%llu cells were reserved and never committed",
				 (unsigned long long)s->drain.torn_cells);
	spool_fini(&s->spool);
	if (s->spool.flight.append_error)
		session_log_note(&s->log,
				 "--max-size: some tasks of dropped segments are lost (%s)",
				 strerror(s->spool.flight.append_error));
	if (s->spool.dropped_events)
		session_log_note(&s->log, "%llu events could not be written",
				 (unsigned long long)s->spool.dropped_events);
	planner_remove_plans(s->arena.dir);
	remove_in(s->arena.dir, ARENA_FILE);
	rmdir(s->arena.dir);
	remove_in(dir, TRACE_SESSION_LINK);
	/* The manifest last: whoever finds the trace complete may remove it, and a
	 * new one may lie in its place a moment later. */
	err = manifest_write(s, true);
	if (err)
		session_log_line(&s->log, "%s/%s: %s", dir, TRACE_MANIFEST, strerror(-err));
	if (s->launcher && s->launcher->ended && !s->answered)
		s->launcher->answer(0);
	return err;
}

int session_run(struct session *s)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), pause_ns = SLEEP_MIN_NS;

	s->next_manifest_ns = now_ns;
	manifest_write(s, false);
	planner_start(&s->planner, &s->log);
	for (;;) {
		uint32_t bell = atomic_load(&s->arena.header->doorbell), events;

		now_ns = clock_ns(CLOCK_MONOTONIC);
		events = session_pass(s, now_ns);
		do_timed(s, now_ns);
		if (is_over(s, events, now_ns))
			return finish(s);
		pause_ns = pause_of(s, events, pause_ns);
		if (pause_ns)
			doze(s, bell, pause_ns);
	}
}
