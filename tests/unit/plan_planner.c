/* SPDX-License-Identifier: MIT */
/* Requests in an arena, as processes make them, against the plans that come of them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/options.h"
#include "collector/plan/object.h"
#include "collector/plan/planner.h"

#define SECOND_NS UINT64_C(1000000000)

static char top[64];
static struct arena_view view;
static struct planner planner;

static const char *below(const char *name)
{
	static char path[4][200];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", top, name);
	return path[next];
}

static const char program[] =
	"#include <stdio.h>\n"
	"volatile int sink;\n"
	"__attribute__((noinline)) int parse_one(int a, int b) { sink += a; sink *= b; return "
	"sink; }\n"
	"__attribute__((noinline)) static int parse_two(int a) { sink += a; sink ^= 7; return "
	"sink; }\n"
	"extern int parse_alias(int, int) __attribute__((alias(\"parse_one\")));\n"
	"__attribute__((noinline)) double work(double x, long n) { sink += n; return x * sink; }\n"
	"static inline int tiny(int a) { return a * 3; }\n"
	"int main(int argc, char **argv) { sink = tiny(sink); (void)argv; return parse_one(argc, "
	"2) + parse_two(argc) "
	"+ (int)work(1, 2); }\n";

/* Compiles with these flags to NAME. */
static void compile(const char *name, const char *flags)
{
	char command[1000];
	FILE *f = fopen(below("program.c"), "w");

	assert_non_null(f);
	fputs(program, f);
	fclose(f);
	snprintf(command, sizeof(command), "gcc -O2 -Wl,--build-id %s -o %s %s", flags, below(name),
		 below("program.c"));
	assert_int_equal(system(command), 0);
}

static int open_session(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "%s/planner.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	return mkdtemp(top) ? 0 : -1;
}

/* An arena as a session has it; its directory is where plans are written. */
static void begin(char **options, int count)
{
	memset(&view, 0, sizeof(view));
	snprintf(view.dir, sizeof(view.dir), "%s", below("session"));
	assert_int_equal(mkdir(view.dir, 0700), 0);
	view.base = mmap(NULL, arena_total_bytes(), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(view.base != MAP_FAILED);
	arena_format(view.base);
	view.header = (struct arena_header *)view.base;
	view.header->clock = CLOCK_raw;
	for (int i = 0; i < count; i++)
		assert_int_equal(options_add(view.header, options[i]), 0);
	view.facts = *view.header;
	assert_int_equal(planner_init(&planner, &view), 0);
}

static void end(void)
{
	planner_stop(&planner);
	planner_fini(&planner);
	planner_remove_plans(view.dir);
	assert_int_equal(rmdir(view.dir), 0); /* nothing else was left in it */
	munmap(view.base, arena_total_bytes());
}

static int close_session(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

/* A request as the probe fills it. */
static struct plan_request *ask(unsigned index, const char *path, bool is_main)
{
	struct plan_request *r = &view.header->plan_requests[index];
	struct object_bytes id;
	struct object *o;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(object_open(fd, &o), 0);
	close(fd);
	memset(r, 0, sizeof(*r));
	r->pid = (uint32_t)getpid();
	r->is_main = is_main;
	id = object_build_id(o);
	assert_non_null(id.at);
	r->build_id_bytes = (uint8_t)id.bytes;
	memcpy(r->build_id, id.at, id.bytes);
	object_close(o);
	snprintf(r->path, sizeof(r->path), "%s", path);
	r->key = plan_key(r);
	atomic_store(&r->state, PLAN_REQUEST_asked);
	return r;
}

/* The header of the plan of a key; false: there is none. */
static bool plan_of(uint64_t key, struct plan_header *out)
{
	char path[ARENA_PATH_SIZE + 64];
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/" PLAN_FILE_PREFIX "%016llx", view.dir,
		 (unsigned long long)key);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	n = read(fd, out, sizeof(*out));
	close(fd);
	assert_int_equal(n, sizeof(*out));
	return true;
}

/* All that the planner said, sorted into texts and lines. */
static struct {
	char functions[20][200]; /* "name symbol others…" */
	unsigned function_count, metrics, plans;
	uint32_t metric_id;
	char lines[4096];
} said;

static void listen(void)
{
	memset(&said, 0, sizeof(said));
	for (struct letter *l = outbox_take(&planner.outbox), *next; l; l = next) {
		next = l->next;
		if (l->kind != LETTER_text) {
			strncat(said.lines, l->text, sizeof(said.lines) - strlen(said.lines) - 2);
			strcat(said.lines, "\n");
		} else if (l->text_kind == TEXT_FUNCTION && said.function_count < 20) {
			char *into = said.functions[said.function_count++];
			const char *at = l->text;

			assert_in_range(l->id, 1, (1 << 24) - 1);
			assert_int_equal(l->text[l->bytes - 1], 0);
			for (unsigned i = 0; at < l->text + l->bytes; at += strlen(at) + 1)
				if (i++ != 2)
					sprintf(into + strlen(into), "%s%s", *into ? " " : "", at);
		} else if (l->text_kind == TEXT_METRIC) {
			said.metrics++;
			said.metric_id = l->id;
			assert_string_equal(l->text, "n");
		} else if (l->text_kind == TEXT_PLAN) {
			said.plans++;
		}
		free(l);
	}
}

static bool said_function(const char *wanted)
{
	for (unsigned i = 0; i < said.function_count; i++)
		if (!strcmp(said.functions[i], wanted))
			return true;
	return false;
}

static json_t *task_of(unsigned index, json_t **all)
{
	*all = planner_tell(&planner);
	return json_array_get(*all, index);
}

static int64_t number_in(json_t *task, const char *key)
{
	return json_integer_value(json_object_get(task, key));
}

static void test_tasks(void **state)
{
	char *options[] = { "TPPROBE_TASKS=parse_*;nothing_*;bad:args=x",
			    "TPPROBE_METRICS=n=arg2(parse_one);n=arg1(parse_two)" };
	struct plan_header plan;
	struct plan_request *r;
	json_t *all, *task;
	uint64_t key;

	(void)state;
	compile("main", "");
	begin(options, 2);
	r = ask(3, below("main"), true);
	key = r->key;
	planner_answer(&planner, SECOND_NS);
	assert_int_equal(atomic_load(&r->state), PLAN_REQUEST_answered);
	assert_true(plan_of(key, &plan));
	assert_memory_equal(plan.magic, PLAN_MAGIC, 8);
	assert_int_equal(plan.key, key);
	assert_int_equal(plan.functions, 2);
	assert_int_equal(plan.metrics, 2);
	listen();
	assert_int_equal(said.plans, 1);
	assert_int_equal(said.metrics, 1); /* one name, one metric */
	assert_int_equal(said.function_count, 2);
	assert_true(said_function("parse_one parse_one parse_alias"));
	assert_true(said_function("parse_two parse_two"));
	/* Asked again by another process: the file is there already. */
	r = ask(0, below("main"), true);
	planner_answer(&planner, SECOND_NS);
	assert_int_equal(atomic_load(&r->state), PLAN_REQUEST_answered);
	listen();
	assert_int_equal(said.plans, 0);

	planner_stop(&planner);
	task = task_of(0, &all);
	assert_int_equal(number_in(task, "matched"), 2);
	assert_int_equal(number_in(task, "patched"), 2);
	assert_null(json_object_get(task, "problem"));
	assert_non_null(
		strstr(json_string_value(json_object_get(json_array_get(all, 1), "problem")),
		       "no function matched"));
	assert_non_null(strstr(
		json_string_value(json_object_get(json_array_get(all, 2), "problem")), "0 to 64"));
	json_decref(all);
	end();
}

static void test_stripped(void **state)
{
	char *options[] = { "TPPROBE_TASKS=parse_two" };
	json_t *all, *task;

	(void)state;
	compile("stripped", "-s");
	begin(options, 1);
	ask(0, below("stripped"), true);
	planner_answer(&planner, SECOND_NS);
	planner_stop(&planner);
	task = task_of(0, &all);
	assert_int_equal(number_in(task, "matched"), 0);
	assert_non_null(strstr(json_string_value(json_object_get(task, "problem")), "stripped"));
	json_decref(all);
	end();
}

static void test_scope(void **state)
{
	char *options[] = { "TPPROBE_TASKS=read;libc.so!abs" };
	struct plan_header plan;
	struct plan_request *r;
	json_t *all;

	(void)state;
	compile("main", "");
	begin(options, 1);
	r = ask(0, "/lib/x86_64-linux-gnu/libc.so.6", false);
	planner_answer(&planner, SECOND_NS);
	assert_true(plan_of(r->key, &plan));
	assert_int_equal(number_in(task_of(0, &all), "matched"), 0); /* libc is the system's */
	assert_int_equal(number_in(json_array_get(all, 1), "matched"), 1);
	json_decref(all);
	end();
}

static void test_replaced(void **state)
{
	char *options[] = { "TPPROBE_TASKS=parse_*" };
	struct plan_header plan;
	struct plan_request *r;
	uint64_t key;

	(void)state;
	compile("lib.so", "-shared -fPIC");
	begin(options, 1);
	r = ask(0, below("lib.so"), false);
	key = r->key;
	compile("lib.so", "-shared -fPIC -g -O0");
	planner_answer(&planner, SECOND_NS);
	assert_int_equal(atomic_load(&r->state), PLAN_REQUEST_answered);
	assert_true(plan_of(key, &plan));
	assert_int_equal(plan.functions, 0);
	listen();
	assert_non_null(strstr(said.lines, "lib.so was replaced on disk since it was started"));
	assert_int_equal(unlink(below("lib.so")), 0);
	end();
}

/* A process with another root directory: the path means a file below it. */
static void test_other_root(void **state)
{
	char *options[] = { "TPPROBE_TASKS=parse_*" }, path[200], ready;
	struct plan_header plan;
	struct plan_request *r;
	int up[2], down[2];
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(mkdir(below("root"), 0700), 0);
	compile("root/other.so", "-shared -fPIC");
	assert_int_equal(pipe(up) | pipe(down), 0);
	pid = fork();
	if (!pid) {
		close(down[1]);
		if (chroot(below("root")) || write(up[1], "x", 1) != 1 || read(down[0], &ready, 1))
			_exit(1);
		_exit(0);
	}
	close(down[0]);
	assert_int_equal(read(up[0], &ready, 1), 1);
	begin(options, 1);
	r = ask(0, below("root/other.so"), false);
	snprintf(r->path, sizeof(r->path), "/other.so");
	r->pid = (uint32_t)pid;
	r->key = plan_key(r);
	planner_answer(&planner, SECOND_NS);
	assert_true(plan_of(r->key, &plan));
	assert_int_equal(plan.functions, 2);
	end();
	close(down[1]);
	close(up[0]);
	close(up[1]);
	waitpid(pid, NULL, 0);
	snprintf(path, sizeof(path), "rm -r %s", below("root"));
	assert_int_equal(system(path), 0);
}

static void test_rubbish(void **state)
{
	char *options[] = { "TPPROBE_TASKS=*" };
	struct plan_header plan;
	struct plan_request *r;

	(void)state;
	begin(options, 1);
	for (unsigned i = 0; i < PLAN_REQUESTS; i++) {
		r = &view.header->plan_requests[i];
		memset(r, (int)i * 7 + 1, sizeof(*r));
		if (i % 2) { /* the right key of a wrong thing */
			memset(r->path, 'x', sizeof(r->path));
			r->path[sizeof(r->path) - 1] = '\0';
			r->build_id_bytes = i % 4 == 1 ? 0 : 20;
			r->is_main = i % 8 == 1;
			r->key = plan_key(r);
		}
		atomic_store(&r->state, PLAN_REQUEST_asked);
	}
	/* No file, a directory, a pipe that nobody writes to. */
	r = &view.header->plan_requests[1];
	memset(r, 0, sizeof(*r));
	snprintf(r->path, sizeof(r->path), "%s", top);
	r->key = plan_key(r);
	atomic_store(&r->state, PLAN_REQUEST_asked);
	r = &view.header->plan_requests[3];
	memset(r, 0, sizeof(*r));
	assert_int_equal(mkfifo(below("pipe"), 0600), 0);
	snprintf(r->path, sizeof(r->path), "%s", below("pipe"));
	r->key = plan_key(r);
	atomic_store(&r->state, PLAN_REQUEST_asked);
	planner_answer(&planner, SECOND_NS);
	for (unsigned i = 0; i < PLAN_REQUESTS; i++)
		assert_int_equal(atomic_load(&view.header->plan_requests[i].state),
				 PLAN_REQUEST_answered);
	assert_true(plan_of(r->key, &plan));
	assert_int_equal(plan.functions, 0);
	end();
}

static void test_abandoned(void **state)
{
	char *options[] = { "TPPROBE_TASKS=*" };
	struct plan_request *r;

	(void)state;
	begin(options, 1);
	r = view.header->plan_requests;
	atomic_store(&r[0].state, PLAN_REQUEST_answered);
	atomic_store(&r[1].state, PLAN_REQUEST_filling);
	r[1].pid = (uint32_t)getpid(); /* lives */
	atomic_store(&r[2].state, PLAN_REQUEST_filling);
	r[2].pid = 0x7ffffff0; /* does not */
	planner_answer(&planner, 5 * SECOND_NS);
	planner_answer(&planner, 14 * SECOND_NS);
	assert_int_equal(atomic_load(&r[0].state), PLAN_REQUEST_answered);
	planner_answer(&planner, 16 * SECOND_NS);
	assert_int_equal(atomic_load(&r[0].state), PLAN_REQUEST_free);
	assert_int_equal(atomic_load(&r[1].state), PLAN_REQUEST_filling);
	assert_int_equal(atomic_load(&r[2].state), PLAN_REQUEST_free);
	end();
}

static void test_thread(void **state)
{
	char *options[] = { "TPPROBE_EVENT=parse_one" };
	struct plan_header plan;
	struct plan_request *r;

	(void)state;
	compile("main", "");
	begin(options, 1);
	planner_start(&planner, NULL);
	for (unsigned i = 0; i < 20; i++) {
		r = ask(i, below("main"), true);
		atomic_fetch_add(&view.header->plans_asked, 1);
		arena_view_wake(&view.header->plans_asked);
	}
	for (unsigned i = 0; i < 10000 && atomic_load(&r->state) != PLAN_REQUEST_answered; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&r->state), PLAN_REQUEST_answered);
	assert_true(plan_of(r->key, &plan));
	assert_int_equal(plan.functions, 1);
	end();
}

static void test_inlined(void **state)
{
	char *options[] = { "TPPROBE_TASKS=tiny;parse_one;nothing" };
	struct plan_request *r;
	json_t *all, *task, *refused;

	(void)state;
	compile("main", "-g");
	begin(options, 1);
	planner_start(&planner, NULL);
	r = ask(0, below("main"), true);
	atomic_fetch_add(&view.header->plans_asked, 1);
	arena_view_wake(&view.header->plans_asked);
	for (unsigned i = 0; i < 10000 && atomic_load(&r->state) != PLAN_REQUEST_answered; i++)
		usleep(1000);
	planner_stop(&planner);
	task = task_of(0, &all);
	assert_int_equal(number_in(task, "matched"), 1);
	assert_int_equal(number_in(task, "patched"), 0);
	refused = json_array_get(json_object_get(task, "refused"), 0);
	assert_non_null(strstr(json_string_value(json_object_get(refused, "why")), "inlined"));
	assert_int_equal(number_in(json_array_get(all, 1), "patched"), 1);
	assert_int_equal(number_in(json_array_get(all, 2), "matched"), 0);
	json_decref(all);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks),	   cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_scope),	   cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_other_root), cmocka_unit_test(test_rubbish),
		cmocka_unit_test(test_abandoned),  cmocka_unit_test(test_thread),
		cmocka_unit_test(test_inlined),
	};

	return cmocka_run_group_tests(tests, open_session, close_session);
}
