/* SPDX-License-Identifier: MIT */
/*
 * Marks tasks of its own with tpprobe.h and writes down what it did, one line for each:
 *
 *	begin ID NAME ASYNC PARENT
 *	end ID completed|failed
 *	metric ID NAME TYPE VALUE
 *
 *	api tell      every function once or more
 *	api misuse    what must do no harm: nothing is written down for it
 *	api threads N hands tasks from thread to thread
 *	api names N   as many names, out of one buffer
 *	api open N    as many open tasks at the same time
 *	api order     ends in another order than begins, and by other threads
 *	api switch    a thread that works for one task and another
 *	api signals   a handler that marks tasks of its own
 *	api processes fork, vfork, exec
 *	api leave     ends inside its tasks
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "ledger.h"
#include "preload/tpprobe.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned long id_of(uint64_t task)
{
	return task & ((UINT64_C(1) << 40) - 1);
}

static uint64_t told(uint64_t task, const char *name, int async, uint64_t parent)
{
	pthread_mutex_lock(&lock);
	if (task)
		printf("begin %lu %s %d %lu\n", id_of(task), name, async, id_of(parent));
	pthread_mutex_unlock(&lock);
	return task;
}

static uint64_t begin(const char *name)
{
	return told(tpprobe_task_begin(name), name, 0, 0);
}

static uint64_t begin_async(const char *name, uint64_t parent)
{
	return told(tpprobe_task_begin_async(name, parent), name, 1, parent);
}

static void end(uint64_t task)
{
	tpprobe_task_end(task);
	pthread_mutex_lock(&lock);
	if (task)
		printf("end %lu completed\n", id_of(task));
	pthread_mutex_unlock(&lock);
}

static void fail(uint64_t task)
{
	tpprobe_task_fail(task);
	if (task)
		printf("end %lu failed\n", id_of(task));
}

static void tell(void)
{
	uint64_t outer = begin("outer"), inner = begin("inner task"), async, in;

	CHECK(!outer == !tpprobe_active());
	CHECK(tpprobe_task_current() == inner);
	tpprobe_metric_int(inner, "signed", -7);
	tpprobe_metric_uint(outer, "unsigned", UINT64_MAX);
	tpprobe_metric_double(0, "double", 0.1);
	tpprobe_metric_string(inner, "text", "some text");
	tpprobe_metric_string(inner, "text", "another");
	if (inner) {
		printf("metric %lu signed int -7\n", id_of(inner));
		printf("metric %lu unsigned uint %lu\n", id_of(outer), UINT64_MAX);
		printf("metric 0 double double 4591870180066957722\n"); /* its bits */
		printf("metric %lu text text some text\n", id_of(inner));
		printf("metric %lu text text another\n", id_of(inner));
	}
	tpprobe_event(3);
	tpprobe_event(4);
	async = begin_async("async", 0);
	CHECK(tpprobe_task_current() == inner);
	fail(inner);
	CHECK(tpprobe_task_current() == outer);
	in = told(tpprobe_task_begin_in("in", async), "in", 0, async);
	CHECK(tpprobe_task_current() == in);
	end(in);
	end(outer);
	fail(async);
	for (int i = 0; i < 1000; i++)
		end(begin("again"));
}

static void misuse(void)
{
	static char text[10 << 20];
	const char *invalid = "\xff\xfe\xc3";
	uint64_t task, mine;

	errno = 4711;
	memset(text, 'x', sizeof(text) - 1);
	CHECK(tpprobe_task_begin(NULL) == 0);
	CHECK(tpprobe_task_begin_async(NULL, 5) == 0);
	tpprobe_task_end(0);
	tpprobe_task_end(1);
	tpprobe_task_end(123456789);
	tpprobe_task_end(UINT64_MAX);
	tpprobe_task_fail(UINT64_C(1) << 63);
	for (unsigned bit = 0; bit < 64; bit++) {
		tpprobe_task_end(UINT64_C(1) << bit);
		tpprobe_task_end(~(UINT64_C(1) << bit));
	}
	task = tpprobe_task_begin(invalid);
	mine = tpprobe_task_current();
	CHECK(mine == task);
	tpprobe_task_switch(UINT64_C(77) << 40 | 99);
	tpprobe_task_switch(UINT64_MAX);
	tpprobe_task_switch((UINT64_C(1) << 40) - 1);
	CHECK(tpprobe_task_current() == mine);
	tpprobe_metric_int(0, NULL, 1);
	tpprobe_metric_string(0, NULL, "x");
	tpprobe_metric_string(0, "x", NULL);
	tpprobe_metric_(0, "type", 17, 1);
	tpprobe_metric_int(UINT64_MAX, text, 1);
	tpprobe_metric_string(task, "huge", text);
	tpprobe_task_end(task);
	tpprobe_task_end(task);
	tpprobe_task_fail(task);
	tpprobe_task_switch(task);
	CHECK(tpprobe_task_current() != task);
	/* Names that are the same as far as they count, the second one in odd characters. */
	tpprobe_task_end(tpprobe_task_begin(text));
	for (unsigned i = 0; i < 2000; i += 3)
		memcpy(text + i + 1, "\xe2\x82\xac", 3);
	tpprobe_task_end(tpprobe_task_begin_in(text, UINT64_MAX));
	tpprobe_event(0);
	CHECK(errno == 4711);
}

#define HANDED 64
static uint64_t handed[HANDED];
static int filled;

/* What others have begun is ended, in whatever order it comes. */
static void *hand_over(void *arg)
{
	long n = (long)arg;

	for (long i = 0; i < n; i++) {
		uint64_t sync = begin("sync"), async = begin_async("async", sync),
			 mine = begin("mine");
		uint64_t got = 0;

		pthread_mutex_lock(&lock);
		if (filled < HANDED)
			handed[filled++] = i & 1 ? sync : async;
		else
			got = i & 1 ? sync : async;
		pthread_mutex_unlock(&lock);
		end(mine);
		end(i & 1 ? async : sync);
		if (got)
			end(got);
		got = 0;
		pthread_mutex_lock(&lock);
		if (filled > HANDED / 2)
			got = handed[--filled];
		pthread_mutex_unlock(&lock);
		if (got)
			end(got);
	}
	return NULL;
}

static void threads(long n)
{
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		CHECK(pthread_create(&thread[i], NULL, hand_over, (void *)n) == 0);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	while (filled)
		end(handed[--filled]);
}

static void names(long n)
{
	char name[64];

	for (int round = 0; round < 2; round++)
		for (long i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "name_%ld", i);
			end(begin(name));
		}
}

static void open_many(long n)
{
	uint64_t *task = mmap(NULL, (size_t)n * 8, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (long i = 0; i < n; i++)
		task[i] = tpprobe_task_begin_async("one of many", 0);
	for (long i = 0; i < n; i++)
		tpprobe_task_end(task[i]);
	for (long i = 0; i < 60000 && i < n; i++)
		tpprobe_task_end(task[i]);
}

static void *end_it(void *arg)
{
	end(*(uint64_t *)arg);
	return NULL;
}

static void end_by_other(uint64_t task)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, end_it, &task) == 0);
	pthread_join(thread, NULL);
}

static void order(void)
{
	uint64_t own = tpprobe_task_current();
	uint64_t a = begin("a"), b = begin("b"), c = begin("c");

	end(b); /* in the middle */
	CHECK(tpprobe_task_current() == c);
	end(c);
	CHECK(tpprobe_task_current() == a);
	end(a);
	CHECK(tpprobe_task_current() == own);

	a = begin("a"), b = begin("b"), c = begin("c");
	end_by_other(b);
	CHECK(tpprobe_task_current() == c);
	end_by_other(c);
	CHECK(tpprobe_task_current() == a);
	end_by_other(a);
	CHECK(tpprobe_task_current() == own);

	a = begin("a"), b = begin("b"), c = begin("c");
	end(a), end(b);
	CHECK(tpprobe_task_current() == c);
	end(c);
	CHECK(tpprobe_task_current() == own);
}

static void *allocate(void *arg)
{
	uint64_t task = *(uint64_t *)arg, own = tpprobe_task_switch(task);

	CHECK(tpprobe_task_current() != own || !own);
	free(malloc(100000));
	CHECK(tpprobe_task_switch(own) || !own);
	free(malloc(50));
	return NULL;
}

/* How many bytes were allocated for whom: async tasks too, and on another thread. */
static void switched(void)
{
	uint64_t a = tpprobe_task_begin_async("a", 0), b = tpprobe_task_begin("b"), own;
	pthread_t thread;

	for (int i = 0; i < 10; i++) {
		tpprobe_task_switch(a);
		free(malloc(1000 + i));
		tpprobe_task_switch(b);
		free(malloc(7));
	}
	own = tpprobe_task_switch(0);
	CHECK(own == b);
	CHECK(pthread_create(&thread, NULL, allocate, &a) == 0);
	pthread_join(thread, NULL);
	tpprobe_task_end(b);
	tpprobe_task_end(a);
	if (a)
		printf("allocated %lu 110045\nallocated %lu 70\n", id_of(a), id_of(b));
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
	uint64_t outer = tpprobe_task_begin("handler"), inner;

	(void)signal;
	tpprobe_metric_int(outer, "handled", 1);
	inner = tpprobe_task_begin("in handler");
	tpprobe_task_end(inner);
	tpprobe_task_end(outer);
	handled++;
}

static void signals(void)
{
	struct itimerval every = { { 0, 300 }, { 0, 300 } }, off = { 0 };
	uint64_t own = tpprobe_task_current();
	char name[32];
	long n = 0;

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &every, NULL);
	for (; handled < 40; n++) {
		uint64_t outer, inner;

		snprintf(name, sizeof(name), "main %ld", n % 500);
		outer = tpprobe_task_begin(name);
		inner = tpprobe_task_begin("inner");
		tpprobe_metric_int(0, name, n);
		tpprobe_task_end(inner);
		tpprobe_task_end(outer);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK(tpprobe_task_current() == own);
	ledger_add("handled", (uint64_t)handled);
	ledger_add("main", (uint64_t)n);
	ledger_close();
}

static void processes(char *self)
{
	uint64_t outer = begin("around fork");
	char *const again[] = { self, "tell", NULL };
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		uint64_t mine;

		tpprobe_task_end(outer); /* the parent's: nothing happens */
		mine = begin("of child");
		CHECK(!outer || mine != outer);
		end(mine);
		tpprobe_task_end(outer);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	pid = vfork();
	if (!pid) {
		tpprobe_task_end(outer);
		if (tpprobe_task_begin("of vfork") || tpprobe_active() || tpprobe_task_current() ||
		    tpprobe_task_switch(0))
			_exit(1);
		tpprobe_metric_int(0, "of vfork", 1);
		tpprobe_event(1);
		_exit(0);
	}
	int status;

	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(tpprobe_task_current() == outer);
	end(outer);
	begin("until exec");
	fflush(stdout);
	execv("/proc/self/exe", again);
}

static void *leave(void *arg)
{
	begin("of thread");
	return arg;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "tell";
	long n = argument(argc, argv, 2, 100);
	pthread_t thread;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	if (!strcmp(what, "tell"))
		tell();
	else if (!strcmp(what, "misuse"))
		misuse();
	else if (!strcmp(what, "threads"))
		threads(n);
	else if (!strcmp(what, "names"))
		names(n);
	else if (!strcmp(what, "open"))
		open_many(n);
	else if (!strcmp(what, "order"))
		order();
	else if (!strcmp(what, "switch"))
		switched();
	else if (!strcmp(what, "signals"))
		signals();
	else if (!strcmp(what, "processes"))
		processes(argv[0]);
	else if (!strcmp(what, "leave")) {
		begin("of main");
		begin_async("open", 0);
		CHECK(pthread_create(&thread, NULL, leave, NULL) == 0);
		pthread_join(thread, NULL);
		fflush(stdout);
		_exit(0);
	}
	return 0;
}
