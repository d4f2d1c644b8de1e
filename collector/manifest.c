/* SPDX-License-Identifier: MIT */
/* DIR/manifest.json, as trace_dir.h says; replaced by rename, so always whole. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "json_text.h"
#include "memory_limit.h"
#include "options.h"
#include "proc.h"
#include "session.h"
#include "trace_dir.h"

static void set_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_number(number));
}

static void set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_text(text));
}

static void read_line(const char *path, char *line, size_t room)
{
	FILE *f = fopen(path, "re");

	*line = 0;
	if (f && fgets(line, (int)room, f))
		line[strcspn(line, "\n")] = 0;
	if (f)
		fclose(f);
}

static uint64_t memory_kb(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

static void tell_machine(json_t *m)
{
	struct passwd *user = getpwuid(getuid());
	struct utsname machine;
	char boot_id[64], number[16];

	uname(&machine);
	read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));
	snprintf(number, sizeof(number), "%u", getuid());
	set_text(m, "host", machine.nodename);
	set_text(m, "kernel", machine.release);
	set_text(m, "machine", machine.machine);
	set_text(m, "boot_id", boot_id);
	set_number(m, "cpus", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	set_number(m, "counters", COUNTER_COUNT);
	set_number(m, "memory_kb", memory_kb());
	set_number(m, "page_bytes", (uint64_t)sysconf(_SC_PAGESIZE));
	set_text(m, "user", user ? user->pw_name : number);
}

/* Of the first process that lives; while none does, what was found last. */
static void tell_memory(struct session *s, json_t *m)
{
	uint32_t pid = s->memory_limit_known ? 0 : (uint32_t)getpid();
	uint64_t bytes;

	for (uint32_t i = 0; i < s->account.count; i++)
		if (s->account.all[i]->state == PROCESS_live) {
			pid = s->account.all[i]->pid;
			break;
		}
	bytes = pid ? memory_limit_get(pid) : 0;
	if (pid && proc_start_time(pid)) /* a zombie is in no cgroup any more */
		s->memory_limit_bytes = bytes;
	s->memory_limit_known = true;
	set_number(m, "memory_total_bytes", memory_kb() * 1024);
	if (s->memory_limit_bytes)
		set_number(m, "memory_limit_bytes", s->memory_limit_bytes);
}

static json_t *command_of(const struct session *s)
{
	json_t *command = json_array();
	const struct observe *o = &s->observe;

	if (s->launcher && s->launcher->command) {
		for (char **arg = s->launcher->command; *arg; arg++)
			json_array_append_new(command, json_text(*arg));
		return command;
	}
	for (uint32_t at = 0; at < o->command_bytes;) {
		const char *arg = o->command + at;

		json_array_append_new(command, json_text(arg));
		at += (uint32_t)strnlen(arg, o->command_bytes - at) + 1;
	}
	return command;
}

static void tell_program(const struct session *s, json_t *m)
{
	const char *cwd = s->launcher && s->launcher->cwd ? s->launcher->cwd : s->observe.cwd;

	json_object_set_new(m, "command", command_of(s));
	set_text(m, "cwd", cwd);
	set_text(m, "program", s->observe.program);
}

static json_t *triple_of(const struct clock_triple *t)
{
	json_t *triple = json_array();

	json_array_append_new(triple, json_number(t->ticks));
	json_array_append_new(triple, json_number(t->raw_ns));
	json_array_append_new(triple, json_number(t->real_ns));
	return triple;
}

static void tell_clock(const struct session *s, json_t *m)
{
	const struct arena_header *h = &s->arena.facts;
	json_t *clock = json_object(), *triples = json_array();

	json_object_set_new(clock, "source", json_string(h->clock == CLOCK_tsc ? "tsc" : "raw"));
	set_number(clock, "base_ticks", h->base_ticks);
	set_number(clock, "base_raw_ns", h->base_raw_ns);
	set_number(clock, "base_real_ns", h->base_real_ns);
	for (unsigned i = 0; i < s->triple_count; i++)
		json_array_append_new(triples, triple_of(&s->triples[i]));
	json_object_set_new(clock, "triples", triples);
	json_object_set_new(m, "clock", clock);
}

const char *const manifest_class_name[CLASS_COUNT] = {
	[CLASS_mem] = "mem",   [CLASS_io] = "io",     [CLASS_sync] = "sync",
	[CLASS_task] = "task", [CLASS_text] = "text",
};

static void tell_losses(const struct session *s, json_t *m)
{
	static const enum counter_id counters[CLASS_COUNT] = {
		[CLASS_mem] = COUNTER_lost_mem,	  [CLASS_io] = COUNTER_lost_io,
		[CLASS_sync] = COUNTER_lost_sync, [CLASS_task] = COUNTER_lost_task,
		[CLASS_text] = COUNTER_lost_text,
	};
	json_t *lost = json_object(), *recorded = json_object();

	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		uint64_t sum = s->spool.dropped[c]; /* a full disk */

		/* Never reset: what all owners of a slot have lost together. */
		for (uint32_t i = 0; i < s->drain.high; i++)
			if (s->drain.slots[i])
				sum += s->drain.slots[i]->slot->counters[counters[c]];
		set_number(lost, manifest_class_name[c], sum);
		set_number(recorded, manifest_class_name[c],
			   s->recorded_before[c] + s->spool.recorded[c]);
	}
	json_object_set_new(m, "lost", lost);
	json_object_set_new(m, "recorded", recorded);
	set_number(m, "threads_without_ring", atomic_load(&s->arena.header->threads_without_ring));
}

/* What the flight recorder has let go. */
static void tell_window(const struct session *s, json_t *m)
{
	const struct flight *f = &s->spool.flight;
	json_t *window, *dropped;

	if (!f->dropped_segments)
		return;
	window = json_object();
	dropped = json_object();
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		set_number(dropped, manifest_class_name[c], f->dropped[c]);
	set_number(window, "max_bytes", f->cap_bytes);
	set_number(window, "dropped_segments", f->dropped_segments);
	set_number(window, "dropped_bytes", f->dropped_bytes);
	json_object_set_new(window, "dropped", dropped);
	if (f->first_stamp <= f->last_stamp) {
		set_number(window, "dropped_from_stamp", f->first_stamp);
		set_number(window, "dropped_to_stamp", f->last_stamp);
	}
	json_object_set_new(window, "squeezed", json_boolean(f->squeezed));
	json_object_set_new(m, "window", window);
}

static void tell_volume(const struct session *s, json_t *m)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	set_number(m, "events", s->events_before + s->spool.events);
	set_number(m, "events_not_written", s->spool.dropped_events);
	set_number(m, "raw_bytes", s->raw_before + spool_raw_bytes(&s->spool));
	set_number(m, "trace_bytes", s->bytes_before + spool_bytes(&s->spool));
	set_number(m, "torn_cells", s->torn_before + s->drain.torn_cells);
	set_number(m, "segments", s->segments_before + spool_segments(&s->spool));
	json_object_set_new(
		m, "collector_cpu_seconds",
		json_real((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
			  1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)));
	set_number(m, "collector_peak_rss_kb", (uint64_t)usage.ru_maxrss);
}

static void tell_processes(const struct session *s, json_t *m)
{
	json_t *processes = json_array(), *notes = json_array();

	for (uint32_t i = 0; i < s->account.count; i++) {
		const struct process *p = s->account.all[i];
		json_t *object;

		if (!p->image)
			continue;
		object = json_object();
		set_number(object, "pid", p->pid);
		set_number(object, "id", p->image);
		set_text(object, "program", p->program);
		json_object_set_new(object, "live", json_boolean(p->state == PROCESS_live));
		json_array_append_new(processes, object);
	}
	json_object_set_new(m, "processes", processes);
	for (uint32_t i = 0; i < s->log.notes; i++)
		json_array_append_new(notes, json_text(s->log.note[i]));
	json_object_set_new(m, "notes", notes);
}

/* What came of --task, --event and --metric. */
static void tell_tasks(struct session *s, json_t *m)
{
	json_t *tasks = planner_tell(&s->planner);

	if (tasks)
		json_object_set_new(m, "tasks", tasks);
}

static const char *const usage_name[] = { "utime_us", "stime_us", "peak_rss_kb" };

static json_t *manifest_of(struct session *s, bool complete)
{
	const struct arena_header *h = &s->arena.facts;
	json_t *m = json_object(), *exit = NULL;
	char id[40];

	snprintf(id, sizeof(id), "%016llx%016llx", (unsigned long long)h->session_id[0],
		 (unsigned long long)h->session_id[1]);
	set_text(m, "schema", TRACE_SCHEMA);
	set_text(m, "tpprobe", TPPROBE_VERSION);
	set_text(m, "state", complete ? "complete" : "live");
	set_text(m, "session_id", id);
	tell_program(s, m);
	tell_machine(m);
	tell_memory(s, m);
	set_number(m, "started_real_ns", h->base_real_ns);
	if (complete)
		set_number(m, "ended_real_ns", clock_ns(CLOCK_REALTIME));
	tell_clock(s, m);
	options_tell(h, m);
	tell_volume(s, m);
	tell_losses(s, m);
	tell_window(s, m);
	if (s->launcher && s->launcher->ended) {
		exit = json_object();
		set_number(exit, "status", s->launcher->status);
		for (unsigned i = 0; s->launcher->has_usage && i < 3; i++)
			set_number(exit, usage_name[i], s->launcher->usage[i]);
	}
	json_object_set_new(m, "exit", exit ? exit : json_null());
	tell_processes(s, m);
	tell_tasks(s, m);
	return m;
}

/* Keys that --finish cannot know better than the collector that died. */
static void keep_from_before(json_t *m, const json_t *before)
{
	static const char *const keys[] = { "command", "cwd", "program", "window", "tasks" };
	json_t *old;

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		old = json_object_get(before, keys[i]);
		if (old)
			json_object_set(m, keys[i], old);
	}
	old = json_object_get(before, "notes");
	if (json_is_array(old))
		json_array_extend(json_object_get(m, "notes"), old);
}

int manifest_write(struct session *s, bool complete)
{
	char path[1200], fresh[1210];
	json_t *m = manifest_of(s, complete);
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", s->arena.facts.trace_dir, TRACE_MANIFEST);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (s->manifest_before)
		keep_from_before(m, s->manifest_before);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	err = json_write(m, fd, JSON_INDENT(1));
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
out:
	s->manifest_changes = s->account.changes;
	s->manifest_plans = planner_changes(&s->planner);
	s->manifest_dropped = s->spool.flight.dropped_segments;
	json_decref(m);
	return err;
}
