/* SPDX-License-Identifier: MIT */
/*
 * many_tasks DIR TASKS NAMES [THREADS [PROCESSES [DEPTH]]]: writes a trace with so many
 * tasks inside processes, as the probe and the collector would, and tells on standard
 * output what they did: one line per name, in no order,
 *
 *	NAME count failed runtime_ns allocations allocated_bytes read_bytes
 *
 * sums over the tasks of that name, what their children did included. Names of even
 * number are functions, the others are the program's own tasks.
 */
#include "tests/unit/analyze_trace.h"

#define CYCLE_NS (4 * MS)
#define NAME_FIRST 1000 /* of the ids of texts */
#define FAILED_OF 1000	/* one task of so many */

struct sums {
	uint64_t runtime, allocs, bytes, read;
};

struct ledger {
	uint64_t count, failed;
	struct sums sums;
};

struct running {
	uint64_t id, start, name;
	struct sums tree;
};

struct worker {
	uint64_t thread, process, now, random, next_block;
	unsigned depth;
	struct running stack[64]; /* [0]: its own task */
	uint64_t uncharged[COUNTER_COUNT];
};

static struct trace trace;
static struct ledger *ledger;
static uint64_t tasks_left, names, next_id;
static unsigned depth_max;

static uint64_t draw(struct worker *w, uint64_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random % below;
}

static void name_text(uint64_t name, char *text, size_t room)
{
	snprintf(text, room, "work::stage_%llu::transform_records", (unsigned long long)name);
}

/* As the probe does before the current task changes. */
static void charge(struct worker *w)
{
	uint64_t v[2 + COUNTER_COUNT] = { 0 };
	unsigned words = 2;

	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		if (!w->uncharged[i])
			continue;
		v[1] |= UINT64_C(1) << i;
		v[words++] = w->uncharged[i];
		w->uncharged[i] = 0;
	}
	if (words == 2)
		return;
	v[0] = w->stack[w->depth].id | (uint64_t)(words - 1) << 48;
	trace_words(&trace, w->thread, w->process, w->now, EVENT_TASK, words, v, NULL, 0);
}

static void begin(struct worker *w)
{
	uint64_t name = draw(w, names);
	struct running *task;

	charge(w);
	if (w->next_block % 256 == 0) {
		w->next_block = next_id;
		next_id += 256;
	}
	task = &w->stack[++w->depth];
	*task = (struct running){ .id = w->next_block++, .start = w->now, .name = name };
	put(&trace, w->thread, w->process, w->now, TASK_BEGIN, task->id | (NAME_FIRST + name) << 40,
	    (0x7ffd00000000 - w->depth * 64) | (uint64_t)(name % 2 ? SOURCE_api : SOURCE_function)
						       << 48,
	    0);
	tasks_left--;
}

static void end(struct worker *w)
{
	struct running *task = &w->stack[w->depth], *parent = task - 1;
	struct ledger *l = &ledger[task->name];
	bool has_failed = draw(w, FAILED_OF) == 0;

	charge(w);
	put(&trace, w->thread, w->process, w->now, TASK_END,
	    task->id | (uint64_t)(has_failed ? TASK_END_failed : TASK_END_return) << 40);
	w->depth--;
	l->count++;
	l->failed += has_failed;
	l->sums.runtime += w->now - task->start;
	l->sums.allocs += task->tree.allocs;
	l->sums.bytes += task->tree.bytes;
	l->sums.read += task->tree.read;
	parent->tree.allocs += task->tree.allocs;
	parent->tree.bytes += task->tree.bytes;
	parent->tree.read += task->tree.read;
}

/* A block or two, all given back at once, and sometimes a read. */
static void work(struct worker *w)
{
	uint64_t address = (w->thread << 32) + 4096, blocks = 1 + draw(w, 2);
	struct sums *tree = &w->stack[w->depth].tree;

	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t bytes = 16 + 8 * draw(w, 500);

		put(&trace, w->thread, w->process, w->now, ALLOC, address | bytes << 48);
		w->now += 20;
		put(&trace, w->thread, w->process, w->now, FREE, address);
		w->uncharged[COUNTER_mem_alloc_bytes] += bytes;
		tree->bytes += bytes;
	}
	w->uncharged[COUNTER_mem_allocs] += blocks;
	w->uncharged[COUNTER_mem_frees] += blocks;
	tree->allocs += blocks;
	if (draw(w, 4) == 0) {
		uint64_t bytes = draw(w, 65536), ns = 100 + draw(w, 1000);

		w->now += ns;
		w->uncharged[COUNTER_file_reads]++;
		w->uncharged[COUNTER_file_read_bytes] += bytes;
		w->uncharged[COUNTER_file_read_ticks] += ns;
		tree->read += bytes;
	}
}

static void step(struct worker *w)
{
	w->now += 50 + draw(w, 2000);
	if (tasks_left && w->depth < depth_max && (!w->depth || draw(w, 2))) {
		begin(w);
		work(w);
	} else if (w->depth) {
		end(w);
	}
}

static void put_names(void)
{
	char text[96];

	for (uint64_t i = 0; i < names; i++) {
		bool is_function = i % 2 == 0;
		uint64_t by = is_function ? 0 : 1; /* the collector tells of functions */
		uint32_t bytes;

		name_text(i, text, sizeof(text));
		bytes = (uint32_t)strlen(text);
		if (is_function) /* symbol and object follow */
			bytes += (uint32_t)snprintf(text + bytes + 1, sizeof(text) - bytes - 1,
						    "f%llu%clibwork.so", (unsigned long long)i, 0) +
				 2;
		put_text(&trace, by, by, MS, is_function ? TEXT_FUNCTION : TEXT_TASK,
			 (uint32_t)(NAME_FIRST + i), text, bytes);
	}
}

static void open_trace(const char *dir)
{
	struct segment_header header = {
		.version = SEGMENT_VERSION, .clock = 2, .number = 1, .base_real_ns = 1000000000
	};
	char path[192];

	snprintf(trace.dir, sizeof(trace.dir), "%s", dir);
	snprintf(path, sizeof(path), "%s/%s", dir, TRACE_SEGMENTS);
	if (mkdir(dir, 0700) || mkdir(path, 0700))
		exit(2);
	snprintf(path, sizeof(path), "%s/%s/0001.tps", dir, TRACE_SEGMENTS);
	if (segment_writer_open(path, &header, &trace.writer))
		exit(2);
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 4 ? (unsigned)atoi(argv[4]) : 4;
	unsigned processes = argc > 5 ? (unsigned)atoi(argv[5]) : 2, count, open;
	uint64_t until = 2 * MS;
	struct worker *worker;

	if (argc < 4 || (count = threads * processes) > TRACE_THREADS - 2)
		return 2;
	tasks_left = strtoull(argv[2], NULL, 0);
	names = strtoull(argv[3], NULL, 0);
	depth_max = argc > 6 ? (unsigned)atoi(argv[6]) : 12;
	ledger = calloc(names, sizeof(*ledger));
	worker = calloc(count, sizeof(*worker));
	if (!ledger || !worker || depth_max > 60)
		return 2;
	open_trace(argv[1]);
	next_id = 1024;
	for (unsigned i = 0; i < count; i++) {
		uint64_t process = i / threads * 64 + 1, thread = process + i % threads;

		worker[i] =
			(struct worker){ .thread = thread, .process = process, .now = 2 * MS + i };
		worker[i].random = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
		worker[i].stack[0].id = thread;
		if (thread == process)
			put_process(&trace, process, MS / 2 + i, 100 + i, i ? 100 : 1, 7, i ? 1 : 0,
				    i ? PROCESS_forked : PROCESS_image);
		else
			put_thread(&trace, thread, process, MS / 2 + i, 100 + i, process);
	}
	put_argv(&trace, 1, MS, "many");
	put_names();
	do {
		until += CYCLE_NS;
		open = 0;
		for (unsigned i = 0; i < count; i++) {
			while (worker[i].now < until && (tasks_left || worker[i].depth))
				step(&worker[i]);
			if (worker[i].now < until)
				worker[i].now = until;
			open += worker[i].depth;
		}
		trace_cycle(&trace, until);
	} while (tasks_left || open);
	for (unsigned i = count; i-- > 0;) {
		if (worker[i].thread != worker[i].process)
			put(&trace, worker[i].thread, worker[i].process, until, TASK, 0);
		else
			put_exit(&trace, worker[i].process, until + MS, 0, END_return, MS);
	}
	trace_end(&trace, "00000000000000000000000000000001");
	for (uint64_t i = 0; i < names; i++) {
		char text[96];

		name_text(i, text, sizeof(text));
		if (ledger[i].count)
			printf("%s %llu %llu %llu %llu %llu %llu\n", text,
			       (unsigned long long)ledger[i].count,
			       (unsigned long long)ledger[i].failed,
			       (unsigned long long)ledger[i].sums.runtime,
			       (unsigned long long)ledger[i].sums.allocs,
			       (unsigned long long)ledger[i].sums.bytes,
			       (unsigned long long)ledger[i].sums.read);
	}
	free(ledger);
	free(worker);
	return 0;
}
