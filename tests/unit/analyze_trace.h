/* SPDX-License-Identifier: MIT */
/*
 * Synthetic traces for the tests of analyze/: events are put per thread, a cycle
 * writes one block for each, the end writes the manifest. The clock is raw: one
 * tick is one nanosecond, the base is 0.
 */
#ifndef TPPROBE_ANALYZE_TRACE_H
#define TPPROBE_ANALYZE_TRACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyze/metrics.h"
#include "analyze/profile/profile.h"
#include "collector/segment.h"
#include "collector/trace_dir.h"

#define TRACE_THREADS 64
#define MS UINT64_C(1000000)

struct trace {
	char dir[128];
	struct segment_writer *writer;
	uint64_t cycle;
	struct trace_thread {
		uint64_t thread, process;
		struct event *events;
		uint64_t *words;
		uint32_t *text_at;
		char *text;
		uint32_t count, word_count, text_bytes, room;
	} thread[TRACE_THREADS];
	unsigned threads;
	uint64_t total;
	const char *manifest; /* members that its manifest has as well: ", \"key\": value" */
};

static inline void trace_begin(struct trace *t, const char *session)
{
	struct segment_header header = {
		.version = SEGMENT_VERSION, .clock = 2, .number = 1, .base_real_ns = 1000000000
	};
	char path[192];

	memset(t, 0, sizeof(*t));
	memcpy(header.session_id, session, strnlen(session, 16));
	snprintf(t->dir, sizeof(t->dir), "/tmp/tptest-analyze-%d-%s", getpid(), session);
	mkdir(t->dir, 0700);
	snprintf(path, sizeof(path), "%s/%s", t->dir, TRACE_SEGMENTS);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/0001.tps", t->dir, TRACE_SEGMENTS);
	unlink(path);
	assert_int_equal(segment_writer_open(path, &header, &t->writer), 0);
}

static inline struct trace_thread *trace_thread(struct trace *t, uint64_t thread, uint64_t process)
{
	for (unsigned i = 0; i < t->threads; i++)
		if (t->thread[i].thread == thread && t->thread[i].process == process)
			return &t->thread[i];
	assert_true(t->threads < TRACE_THREADS);
	t->thread[t->threads].thread = thread;
	t->thread[t->threads].process = process;
	return &t->thread[t->threads++];
}

static inline void trace_words(struct trace *t, uint64_t thread, uint64_t process, uint64_t stamp,
			       unsigned type, unsigned count, const uint64_t *v, const char *text,
			       uint32_t bytes)
{
	struct trace_thread *th = trace_thread(t, thread, process);

	if (th->count == th->room) {
		th->room = th->room * 2 + 256;
		th->events = realloc(th->events, th->room * sizeof(*th->events));
		th->words = realloc(th->words, th->room * 24 * sizeof(*th->words));
		th->text_at = realloc(th->text_at, th->room * sizeof(*th->text_at));
		th->text = realloc(th->text, th->room * 64);
	}
	th->events[th->count] = (struct event){ .stamp = stamp,
						.first = th->word_count,
						.words = (uint16_t)count,
						.type = (uint8_t)type };
	memcpy(th->words + th->word_count, v, count * sizeof(*v));
	th->word_count += count;
	th->text_at[th->count] = th->text_bytes;
	if (bytes)
		memcpy(th->text + th->text_bytes, text, bytes);
	th->text_bytes += bytes;
	th->count++;
	t->total++;
}

/* put(t, thread, process, stamp, ALLOC, addr | size << 48) */
#define put(t, thread, process, stamp, name, ...)                                                  \
	do {                                                                                       \
		const uint64_t put_v[] = { __VA_ARGS__ };                                          \
		trace_words(t, thread, process, stamp, EVENT_##name,                               \
			    sizeof(put_v) / sizeof(put_v[0]), put_v, NULL, 0);                     \
	} while (0)

static inline void put_text(struct trace *t, uint64_t thread, uint64_t process, uint64_t stamp,
			    unsigned kind, uint32_t id, const char *text, uint32_t bytes)
{
	const uint64_t v[] = { id | (uint64_t)kind << 32 | (uint64_t)bytes << 48 };

	trace_words(t, thread, process, stamp, EVENT_TEXT, 1, v, text, bytes);
}

static inline void put_process(struct trace *t, uint64_t id, uint64_t stamp, uint32_t pid,
			       uint32_t ppid, uint64_t start_time, uint64_t parent, unsigned how)
{
	put(t, id, id, stamp, THREAD_START, pid | (uint64_t)THREAD_main << 32, id, 0, 0, id);
	put(t, id, id, stamp, PROCESS_START, pid | (uint64_t)ppid << 32, start_time, id, parent,
	    how | 2u << 8, 0, 1000);
}

static inline void put_argv(struct trace *t, uint64_t id, uint64_t stamp, const char *name)
{
	put_text(t, id, id, stamp, TEXT_ARGV, 0, name, (uint32_t)strlen(name) + 1);
}

static inline void put_thread(struct trace *t, uint64_t id, uint64_t process, uint64_t stamp,
			      uint32_t tid, uint64_t parent)
{
	put(t, id, process, stamp, THREAD_START, tid | (uint64_t)THREAD_created << 32, id, parent,
	    0, process);
}

static inline void put_exit(struct trace *t, uint64_t id, uint64_t stamp, unsigned status,
			    unsigned how, uint64_t cpu_ns)
{
	put(t, id, id, stamp, PROCESS_EXIT, status | (uint64_t)how << 32, cpu_ns, 600, 400, 5000, 0,
	    3, 20, 10, 4096, 2048, 0, 0, 4000, 9000, 1000, 2000, 1);
}

static inline void put_gone(struct trace *t, uint64_t id, uint64_t stamp, uint32_t pid,
			    unsigned source, uint32_t status)
{
	put(t, 0, 0, stamp, PROCESS_GONE, pid | (uint64_t)source << 32, id, status);
}

/* Writes what was put since the last cycle. */
static inline void trace_cycle(struct trace *t, uint64_t watermark)
{
	t->cycle++;
	for (unsigned i = 0; i < t->threads; i++) {
		struct trace_thread *th = &t->thread[i];
		struct block b = { .thread = th->thread,
				   .process = th->process,
				   .cycle = t->cycle,
				   .watermark = watermark,
				   .flags = th->thread ? 0 : SEGMENT_COLLECTOR,
				   .count = th->count,
				   .events = th->events,
				   .words = th->words,
				   .text = th->text,
				   .text_at = th->text_at };

		if (th->count)
			assert_int_equal(segment_writer_block(t->writer, &b), 0);
		th->count = th->word_count = th->text_bytes = 0;
	}
}

static inline void trace_manifest(struct trace *t, const char *session, const char *state)
{
	char path[192];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", t->dir, TRACE_MANIFEST);
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out,
		"{ \"schema\": \"tpprobe.trace/1\", \"state\": \"%s\", \"session_id\": \"%s\","
		"\"command\": [\"prog\", \"arg\"], \"program\": \"prog\", \"cwd\": \"/there\","
		"\"host\": \"h\", \"cpus\": 2, \"name\": \"n\", \"env\": \"e\", \"stage\": \"s\","
		"\"labels\": { \"k\": \"v\" }, \"trace_bytes\": %llu,"
		"\"counters\": %d, \"memory_limit_bytes\": 1073741824,"
		"\"clock\": { \"source\": \"raw\", \"base_ticks\": 0, \"base_raw_ns\": 0,"
		"\"base_real_ns\": \"1000000000\", \"triples\": [[0, 0, 1000000000]] }%s }\n",
		state, session, (unsigned long long)t->total, COUNTER_COUNT,
		t->manifest ? t->manifest : "");
	fclose(out);
}

static inline void trace_end(struct trace *t, const char *session)
{
	trace_cycle(t, UINT64_MAX >> 8);
	assert_int_equal(segment_writer_close(t->writer), 0);
	for (unsigned i = 0; i < t->threads; i++) {
		free(t->thread[i].events);
		free(t->thread[i].words);
		free(t->thread[i].text_at);
		free(t->thread[i].text);
	}
	trace_manifest(t, session, "complete");
}

static inline struct profile *trace_profile(struct trace *t)
{
	struct profile *p = NULL;
	struct fault fault = { "" };

	if (profile_load(t->dir, &p, &fault))
		fail_msg("%s", fault.text);
	return p;
}

static inline void trace_remove(struct trace *t)
{
	trace_dir_remove(t->dir);
}

static inline const struct task *task_of(const struct profile *p, uint64_t id)
{
	const struct task *task = tasks_find(&p->tasks, id);

	assert_non_null(task);
	return task;
}

#endif
