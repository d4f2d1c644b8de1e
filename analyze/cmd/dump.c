/* SPDX-License-Identifier: MIT */
/*
 * tpprobe dump: raw events, one a line:
 *
 *	seconds pid/tid EVENT field=value … text="…" called="…"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../idmap.h"
#include "../names.h"
#include "../read/manifest.h"
#include "../read/stream.h"
#include "../read/timeline.h"
#include "../select.h"
#include "../show/format.h"

struct dump {
	struct timeline clock;
	struct idmap pids, tids; /* by id of the image and of the thread */
	struct idmap called;	 /* of functions, tasks, metrics and objects: by id of the TEXT */
	struct names names;
};

/* pid and tid are told once, by the records that start them. */
static void learn(struct dump *d, const struct record *r)
{
	if (r->type == EVENT_PROCESS_START) {
		idmap_put(&d->pids, event_PROCESS_START_process(r->v),
			  (void *)(uintptr_t)event_PROCESS_START_pid(r->v));
	} else if (r->type == EVENT_THREAD_START) {
		idmap_put(&d->tids, event_THREAD_START_thread(r->v),
			  (void *)(uintptr_t)event_THREAD_START_tid(r->v));
	} else if (r->type == EVENT_TEXT) {
		uint64_t kind = event_TEXT_kind(r->v);

		if (kind == TEXT_FUNCTION || kind == TEXT_TASK || kind == TEXT_METRIC ||
		    kind == TEXT_PLAN)
			idmap_put(&d->called, event_TEXT_id(r->v) + 1,
				  (void *)names_get(&d->names, r->text, r->text_bytes));
	}
}

/* Fields that are addresses, whatever record they are in. An object that somebody
 * waits for may be a pid as well, an address of a mapping an error. */
static bool is_address(const char *name, uint64_t x)
{
	static const char *const address[] = { "addr", "lock",	"site",	  "routine",
					       "base", "frame", "target", "from" };

	for (unsigned i = 0; i < sizeof(address) / sizeof(address[0]); i++)
		if (!strcmp(name, address[i]))
			return true;
	return (!strcmp(name, "object") || !strcmp(name, "address")) && x > UINT32_MAX &&
	       x < (uint64_t)-4096;
}

static void put_field(const struct field_info *f, const uint64_t *v)
{
	uint64_t x = v[f->word] >> f->shift & EVENT_MASK(f->bits);
	const char *call;

	if (!strcmp(f->name, "call") && (call = call_name((unsigned)x)))
		printf(" call=%s", call);
	else if (f->encoding == FIELD_SIGNED)
		printf(" %s=%" PRId64, f->name, (int64_t)EVENT_EXTEND_SIGNED(x, f->bits));
	else if (is_address(f->name, x))
		printf(" %s=0x%" PRIx64, f->name, x);
	else
		printf(" %s=%" PRIu64, f->name, x);
}

/* A TASK record: the counters that it charges. */
static void put_counters(const struct record *r)
{
	static const char *const name[] = {
#define COUNTER(id, name, unit, meaning) [id] = #name,
#include "preload/counters.def"
#undef COUNTER
	};
	uint64_t bits = r->words > 1 ? r->v[1] : 0;

	for (unsigned word = 2; bits && word < r->words; word++) {
		unsigned id = (unsigned)__builtin_ctzll(bits);

		bits &= bits - 1;
		if (id < COUNTER_COUNT)
			printf(" %s=%" PRIu64, name[id], r->v[word]);
	}
}

static void put_text(const char *text, uint32_t bytes)
{
	char piece[2048], safe[8192];

	/* Arguments are closed by NUL: show the borders. */
	snprintf(piece, sizeof(piece), "%.*s", (int)bytes, text);
	for (uint32_t at = (uint32_t)strlen(piece); at + 1 < bytes && at + 1 < sizeof(piece);
	     at += (uint32_t)strlen(piece + at)) {
		piece[at] = ' ';
		snprintf(piece + at + 1, sizeof(piece) - at - 1, "%.*s", (int)(bytes - at - 1),
			 text + at + 1);
	}
	printf(" text=\"%s\"", format_safe(safe, sizeof(safe), piece));
}

/* Some texts begin with the four bytes of a number: whose name, in which directory. */
static void put_text_of(const struct record *r)
{
	uint64_t kind = event_TEXT_kind(r->v);
	const unsigned char *b = (const unsigned char *)r->text;

	if ((kind != TEXT_COMM_OF && kind != TEXT_PATH_AT) || r->text_bytes < 4) {
		put_text(r->text, r->text_bytes);
		return;
	}
	printf(" of=%u", b[0] | (unsigned)b[1] << 8 | (unsigned)b[2] << 16 | (unsigned)b[3] << 24);
	put_text(r->text + 4, r->text_bytes - 4);
}

/* What the record is about has a name, if that was told before. */
static void put_called(const struct dump *d, const struct record *r)
{
	uint64_t id = r->type == EVENT_TASK_BEGIN ? event_TASK_BEGIN_name(r->v)
		      : r->type == EVENT_METRIC	  ? event_METRIC_name(r->v)
						  : event_PATCHED_text(r->v);
	const char *name = idmap_get(&d->called, id + 1);
	char safe[1024];

	if (name)
		printf(" called=\"%s\"", format_safe(safe, sizeof(safe), name));
}

/* A METRIC: the number that its bits mean. */
static void put_number(const struct record *r)
{
	uint64_t bits = event_METRIC_value(r->v);
	double real;

	memcpy(&real, &bits, sizeof(real));
	if (event_METRIC_type(r->v) == VALUE_float)
		printf(" number=%.17g", real);
	else if (event_METRIC_type(r->v) == VALUE_signed)
		printf(" number=%" PRId64, (int64_t)bits);
}

static void put_record(struct dump *d, const struct record *r)
{
	const struct event_info *info = event_info_get(r->type);
	uint32_t pid, tid;

	learn(d, r);
	pid = (uint32_t)(uintptr_t)idmap_get(&d->pids, r->process);
	tid = (uint32_t)(uintptr_t)idmap_get(&d->tids, r->thread);
	printf("%.9f ", timeline_seconds(&d->clock, r->stamp));
	if (r->thread)
		printf("%u/%u ", pid, tid);
	else
		printf("collector ");
	if (!info) {
		printf("type%u\n", r->type);
		return;
	}
	fputs(info->name, stdout);
	for (unsigned i = 0; i < info->fields; i++)
		if (info->field[i].word < r->words)
			put_field(&info->field[i], r->v);
	if (r->type == EVENT_TASK || r->type == EVENT_THREAD_GONE)
		put_counters(r);
	if (r->type == EVENT_TEXT)
		put_text_of(r);
	if (r->type == EVENT_METRIC && r->words > 1)
		put_number(r);
	if (r->words &&
	    (r->type == EVENT_TASK_BEGIN || r->type == EVENT_METRIC || r->type == EVENT_PATCHED))
		put_called(d, r);
	putchar('\n');
}

static int dump(const char *dir)
{
	struct dump d = { 0 };
	struct stream *stream;
	struct manifest m;
	struct fault fault = { "" };
	struct record r;
	int err = manifest_load(dir, &m, &fault);

	if (err)
		return command_fail(EXIT_USAGE, &fault);
	err = stream_open(dir, &stream, &fault);
	if (!err && !manifest_clock(&m, &d.clock)) {
		const struct segment_header *h = &stream_facts_get(stream)->header;
		struct clock_triple base = { h->base_ticks, h->base_raw_ns, h->base_real_ns };

		timeline_init(&d.clock, h->clock == 2, &base);
	}
	while (!err && (err = stream_next(stream, &r, &fault)) > 0) {
		put_record(&d, &r);
		err = 0;
		if (ferror(stdout))
			break;
	}
	stream_close(stream);
	manifest_fini(&m);
	idmap_fini(&d.pids);
	idmap_fini(&d.tids);
	idmap_fini(&d.called);
	names_fini(&d.names);
	return err < 0 ? command_fail(EXIT_USAGE, &fault) : command_close_output();
}

int cmd_dump(int argc, char **argv)
{
	const char *store_option = NULL;
	const struct option_row rows[] = {
		{ "--store", 0, "FILE", OPTION_text, &store_option, "the store" },
		OPTIONS_END,
	};
	int status, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);
	struct fault fault = { "" };
	char *dir;

	if (operands < 0)
		return status;
	if (operands != 1)
		return command_fail_with(EXIT_USAGE, "dump needs one run: tpprobe dump RUN");
	if (select_trace(argv[0], store_option, &dir, &fault))
		return command_fail(EXIT_USAGE, &fault);
	status = dump(dir);
	free(dir);
	return status;
}
