/* SPDX-License-Identifier: MIT */
/* Requests: taken, answered, and taken back from processes that are gone. */
#include "planner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../preload/clock.h"
#include "../options.h"
#include "request.h"

#define SECOND_NS UINT64_C(1000000000)
#define ABANDONED_NS (10 * SECOND_NS)
#define STACK_BYTES (8u << 20) /* demanglers and readers of debug information recurse */

int planner_init(struct planner *p, const struct arena_view *arena)
{
	static const struct {
		enum spec_kind kind;
		const char *variable;
	} lists[] = { { SPEC_task, "TPPROBE_TASKS" },
		      { SPEC_event, "TPPROBE_EVENT" },
		      { SPEC_metric, "TPPROBE_METRICS" } };
	int err = 0;

	*p = (struct planner){ .arena = arena };
	for (unsigned i = 0; !err && i < sizeof(lists) / sizeof(lists[0]); i++)
		err = specs_add(&p->specs, lists[i].kind,
				options_get(&arena->facts, lists[i].variable));
	if (err || !p->specs.count)
		goto out;
	err = results_init(&p->results, &p->specs);
	if (err)
		goto out;
	outbox_init(&p->outbox);
	p->maker = (struct maker){
		.arena = arena,
		.specs = &p->specs,
		.results = &p->results,
		.outbox = &p->outbox,
		.stops = &p->stops,
	};
	p->maker.dir = open(arena->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	p->has_specs = true;
	err = maker_init(&p->maker);
out:
	if (err)
		planner_fini(p);
	return err;
}

void planner_fini(struct planner *p)
{
	if (p->has_specs) {
		maker_fini(&p->maker);
		if (p->maker.dir >= 0)
			close(p->maker.dir);
		outbox_fini(&p->outbox);
		results_fini(&p->results);
	}
	specs_fini(&p->specs);
	p->has_specs = false;
}

static bool has_plan(const struct planner *p, uint64_t key)
{
	char name[64];

	snprintf(name, sizeof(name), PLAN_FILE_PREFIX "%016llx", (unsigned long long)key);
	return !faccessat(p->maker.dir, name, F_OK, 0);
}

static void answer_one(struct planner *p, struct plan_request *shared)
{
	struct plan_request r;
	int err = request_copy(shared, &r);

	if (err)
		outbox_say(&p->outbox, LETTER_line, "a request for a plan makes no sense");
	else if (!has_plan(p, r.key))
		err = maker_make(&p->maker, &r);
	if (err && err != -EBADMSG)
		outbox_say(&p->outbox, LETTER_note, "%.500s: no plan could be made: %s", r.path,
			   strerror(-err));
	atomic_store(&shared->state, PLAN_REQUEST_answered);
	arena_view_wake(&shared->state);
}

static bool is_gone(uint32_t pid)
{
	return kill((pid_t)pid, 0) && errno == ESRCH;
}

/* Whoever has not come back for its answer, or was killed while it asked, leaves room for
 * others. One that is stopped in the middle of filling keeps its place. */
static void reclaim(struct planner *p, uint32_t i, uint32_t state, uint64_t now_ns)
{
	struct plan_request *shared = &p->arena->header->plan_requests[i];

	if (!p->since_ns[i])
		p->since_ns[i] = now_ns;
	if (now_ns - p->since_ns[i] < ABANDONED_NS ||
	    (state == PLAN_REQUEST_filling && !is_gone(*(volatile uint32_t *)&shared->pid)))
		return;
	atomic_compare_exchange_strong(&shared->state, &state, PLAN_REQUEST_free);
	p->since_ns[i] = 0;
}

void planner_answer(struct planner *p, uint64_t now_ns)
{
	struct plan_request *requests = p->arena->header->plan_requests;

	if (arena_view_touch(requests, sizeof(p->arena->header->plan_requests)))
		return;
	for (uint32_t i = 0; i < PLAN_REQUESTS && !p->stops; i++) {
		uint32_t state = atomic_load(&requests[i].state);

		if (state == PLAN_REQUEST_asked) {
			answer_one(p, &requests[i]);
			p->since_ns[i] = 0;
		} else if (state == PLAN_REQUEST_filling || state == PLAN_REQUEST_answered) {
			reclaim(p, i, state, now_ns);
		} else {
			p->since_ns[i] = 0;
		}
	}
}

static bool has_open_requests(const struct planner *p)
{
	for (uint32_t i = 0; i < PLAN_REQUESTS; i++)
		if (atomic_load(&p->arena->header->plan_requests[i].state))
			return true;
	return false;
}

static void *run(void *context)
{
	struct planner *p = context;
	_Atomic uint32_t *asked = &p->arena->header->plans_asked;
	const struct timespec second = { 1, 0 }, moment = { 0, 100000000 };

	prctl(PR_SET_NAME, "planner");
	while (!p->stops) {
		uint32_t bell = atomic_load(asked);

		planner_answer(p, clock_ns(CLOCK_MONOTONIC));
		if (p->stops)
			break;
		/* A process asks for one object after the other: what can wait, waits. A
		 * request that is left over must be looked at again without being asked. */
		if (syscall(SYS_futex, asked, FUTEX_WAIT, bell,
			    p->maker.inlined.count ? &moment
			    : has_open_requests(p) ? &second
						   : NULL,
			    NULL, 0) &&
		    errno == ETIMEDOUT)
			inlined_look(&p->maker.inlined, &p->results);
	}
	while (inlined_look(&p->maker.inlined, &p->results))
		;
	return NULL;
}

void planner_start(struct planner *p, struct session_log *log)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	int err;

	if (!p->has_specs)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	err = pthread_create(&p->thread, &attributes, run, p);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->runs = !err;
	if (err)
		session_log_note(log, "functions are no tasks: no thread could be started (%s)",
				 strerror(err));
}

static void note_problem(void *context, const char *sentence)
{
	outbox_say(context, LETTER_line, "%s", sentence);
}

void planner_stop(struct planner *p)
{
	if (p->runs) {
		p->stops = true;
		atomic_fetch_add(&p->arena->header->plans_asked, 1);
		arena_view_wake(&p->arena->header->plans_asked);
		pthread_join(p->thread, NULL);
		p->runs = false;
	}
	if (p->has_specs && !p->has_ended)
		results_end(&p->results, note_problem, &p->outbox);
	p->has_ended = true;
}

void planner_settle(struct planner *p, struct gather *g, struct session_log *log)
{
	if (!p->has_specs)
		return;
	for (struct letter *l = outbox_take(&p->outbox), *next; l; l = next) {
		next = l->next;
		switch (l->kind) {
		case LETTER_text:
			gather_add_text(g, &g->own, l->stamp, l->text_kind, l->id, l->text,
					l->bytes);
			break;
		case LETTER_line:
			session_log_line(log, "%s", l->text);
			break;
		case LETTER_note:
			session_log_note(log, "%s", l->text);
			break;
		}
		free(l);
	}
}

json_t *planner_tell(struct planner *p)
{
	return p->has_specs ? results_tell(&p->results) : NULL;
}

void planner_remove_plans(const char *session_dir)
{
	DIR *dir = opendir(session_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, PLAN_FILE_PREFIX, strlen(PLAN_FILE_PREFIX)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
