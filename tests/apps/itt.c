/* SPDX-License-Identifier: MIT */
/*
 * Marks tasks through Intel ITT. There is no Debian package with its static part, so this
 * is a client written from the published interface: it does what ittnotify_static.c of
 * intel/ittapi does, with a list of the functions that it uses.
 *
 *	itt           marks
 *	itt environ   shows what the program sees of the environment
 */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "ledger.h"

struct id {
	unsigned long long d1, d2, d3;
};

struct domain {
	volatile int flags;
	const char *name_a;
	void *name_w;
	int extra1;
	void *extra2;
	struct domain *next;
};

struct handle {
	const char *str_a;
	void *str_w;
	int extra1;
	void *extra2;
	struct handle *next;
};

/* What the program's own part makes of counters. */
struct counter {
	const char *name_a;
	void *name_w;
	const char *domain_a;
	void *domain_w;
	int type;
	long index;
	int extra1;
	void *extra2;
	struct counter *next;
};

enum { TYPE_u64 = 1, TYPE_s64, TYPE_u32, TYPE_s32, TYPE_u16, TYPE_s16, TYPE_float, TYPE_double };
enum {
	GROUP_thread = 1 << 2,
	GROUP_mark = 1 << 3,
	GROUP_counter = 1 << 8,
	GROUP_structure = 1 << 12
};

/* FUNCTION(group, return type, name, parameters) */
#define FUNCTIONS                                                                                  \
	FUNCTION(structure, void, task_begin,                                                      \
		 (const struct domain *, struct id, struct id, struct handle *))                   \
	FUNCTION(structure, void, task_begin_fn,                                                   \
		 (const struct domain *, struct id, struct id, void *))                            \
	FUNCTION(structure, void, task_end, (const struct domain *))                               \
	FUNCTION(structure, void, task_begin_overlapped,                                           \
		 (const struct domain *, struct id, struct id, struct handle *))                   \
	FUNCTION(structure, void, task_end_overlapped, (const struct domain *, struct id))         \
	FUNCTION(structure, void, region_begin,                                                    \
		 (const struct domain *, struct id, struct id, struct handle *))                   \
	FUNCTION(structure, void, region_end, (const struct domain *, struct id))                  \
	FUNCTION(structure, void, frame_begin_v3, (const struct domain *, struct id *))            \
	FUNCTION(structure, void, frame_end_v3, (const struct domain *, struct id *))              \
	FUNCTION(structure, void, marker,                                                          \
		 (const struct domain *, struct id, struct handle *, int))                         \
	FUNCTION(structure, void, metadata_add,                                                    \
		 (const struct domain *, struct id, struct handle *, int, size_t, void *))         \
	FUNCTION(structure, void, metadata_str_add,                                                \
		 (const struct domain *, struct id, struct handle *, const char *, size_t))        \
	FUNCTION(structure, void, counter_inc_delta_v3,                                            \
		 (const struct domain *, struct handle *, unsigned long long))                     \
	FUNCTION(structure, void, task_begin_ex, (void))                                           \
	FUNCTION(structure, void *, domain_create, (const char *))                                 \
	FUNCTION(counter, void *, counter_create, (const char *, const char *))                    \
	FUNCTION(counter, void *, counter_create_typed, (const char *, const char *, int))         \
	FUNCTION(counter, void, counter_inc, (void *))                                             \
	FUNCTION(counter, void, counter_inc_delta, (void *, unsigned long long))                   \
	FUNCTION(counter, void, counter_dec, (void *))                                             \
	FUNCTION(counter, void, counter_set_value, (void *, void *))                               \
	FUNCTION(mark, int, event_create, (const char *, int))                                     \
	FUNCTION(mark, int, event_start, (int))                                                    \
	FUNCTION(mark, int, event_end, (int))                                                      \
	FUNCTION(thread, void, thread_set_name, (const char *))

#define FUNCTION(group, type, name, parameters) static type(*name) parameters;
FUNCTIONS
#undef FUNCTION

static void *own_domain_create(const char *name)
{
	static struct domain domains[2];
	static int n;

	domains[n] = (struct domain){ .flags = 1, .name_a = name };
	return &domains[n++];
}

struct function {
	const char *name;
	void **pointer;
	void *init_function, *null_function;
	int group;
};

static struct function functions[] = {
#define FUNCTION(group, type, name, parameters)                                                    \
	{ "__itt_" #name, (void **)&name, NULL, NULL, GROUP_##group },
	FUNCTIONS
#undef FUNCTION
	{ NULL, NULL, NULL, NULL, 0 },
};

static struct {
	unsigned char magic[8];
	unsigned long version_major, version_minor, version_build;
	volatile long initialized, mutex_initialized, atomic_counter;
	pthread_mutex_t mutex;
	void *library, *error_handler;
	const char **path;
	struct function *functions;
	void *next, *threads, *domains, *strings;
	int state;
	void *counters;
	unsigned ipt_collect_events;
	void *histograms;
} global = {
	.magic = { 0xED, 0xAB, 0xAB, 0xEC, 0x0D, 0xEE, 0xDA, 0x30 },
	.version_major = 3,
	.version_build = 20180723,
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.functions = functions,
};

/* True: there is a collector. */
static int initialize(int groups)
{
	const char *library = getenv("INTEL_LIBITTNOTIFY64");
	void (*api_init)(void *, int);

	for (struct function *f = functions; f->name; f++)
		if (!strcmp(f->name, "__itt_domain_create"))
			f->null_function = (void *)own_domain_create;
	for (struct function *f = functions; f->name; f++)
		*f->pointer = f->null_function;
	if (!library)
		return 0;
	global.library = dlopen(library, RTLD_LAZY);
	CHECK(global.library);
	*(void **)&api_init = dlsym(global.library, "__itt_api_init");
	CHECK(api_init);
	api_init(&global, groups);
	global.initialized = 1;
	return 1;
}

static struct domain *domain;
static const struct id none;
static struct id overlapped = { 0x1234, 7, 0 };

static void *worker(void *arg)
{
	thread_set_name("itt worker");
	task_end_overlapped(domain, overlapped);
	task_end_overlapped(domain, overlapped); /* not open any more */
	task_end(domain);			 /* nothing is open in this thread */
	return arg;
}

int visible_function(void);
int visible_function(void)
{
	return 1;
}

static void mark(void)
{
	struct handle outer = { .str_a = "outer" }, inner = { .str_a = "inner" };
	struct handle lapped = { .str_a = "overlapped" }, rows = { .str_a = "rows" };
	struct handle note = { .str_a = "note" }, region = { .str_a = "region" };
	struct id id = { (uintptr_t)&outer, 1, 0 }, frame = { 5, 6, 7 };
	struct counter own = { .name_a = "level", .type = TYPE_double };
	int32_t values[2] = { -5, 6 };
	float ratio = 0.5f;
	double level = 2.5;
	pthread_t thread;
	void *hits;
	int event;

	domain = domain_create("my.domain");
	task_begin(domain, id, none, &outer);
	task_begin(domain, none, id, &inner);
	metadata_add(domain, id, &rows, TYPE_s32, 2, values);
	metadata_add(domain, none, &rows, TYPE_float, 1, &ratio);
	metadata_add(domain, none, &rows, 99, 1, &ratio);
	metadata_str_add(domain, id, &note, "some text", 4);
	hits = counter_create("hits", "my.domain");
	counter_inc(hits);
	counter_inc_delta(hits, 41);
	counter_dec(hits);
	counter_set_value(&own, &level);
	counter_inc_delta_v3(domain, &rows, 9);
	task_end(domain);
	task_begin_fn(domain, none, none, (void *)visible_function);
	task_end(domain);
	task_begin_overlapped(domain, overlapped, id, &lapped);
	task_end(domain);
	task_end(domain); /* one too many */
	CHECK(pthread_create(&thread, NULL, worker, NULL) == 0);
	pthread_join(thread, NULL);
	frame_begin_v3(domain, NULL);
	frame_begin_v3(domain, &frame);
	frame_end_v3(domain, NULL);
	frame_end_v3(domain, &frame);
	region_begin(domain, overlapped, none, &region);
	region_end(domain, overlapped);
	marker(domain, none, &note, 1);
	marker(domain, none, &note, 1);
	event = event_create("event", 5);
	event_start(event);
	event_start(event);
	event_end(event);
	CHECK(!task_begin_ex); /* not ours: stays what it was */
	CHECK(domain_create == own_domain_create);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "environ")) {
		for (char **line = environ; *line; line++)
			puts(*line);
		execlp("env", "env", NULL);
	}
	if (!initialize(argc > 1 ? (int)strtol(argv[1], NULL, 0) : -1)) {
		puts("no collector");
		return 0;
	}
	if (argc > 1) {
		printf("%d %d\n", task_begin != NULL, counter_inc != NULL);
		return 0;
	}
	mark();
	puts("marked");
	return 0;
}
