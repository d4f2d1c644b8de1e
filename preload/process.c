/* SPDX-License-Identifier: MIT */
/*
 * Process start and exit records. System calls are made raw: errno, hooks and
 * cancellation stay out of it.
 */
#include "process.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>

#include "environ_lend.h"
#include "module.h"
#include "proc_text.h"
#include "record.h"
#include "stream.h"
#include "sys.h"
#include "thread.h"

#define ARGUMENTS_MAX (16u << 10)

static int argument_count;
static char **arguments;
static struct {
	char path[4096];
	size_t bytes;
} cwd[2];
static _Atomic unsigned cwd_current;

void process_set_arguments(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
}

const char *process_cwd(size_t *bytes)
{
	unsigned i = atomic_load(&cwd_current) & 1;

	*bytes = cwd[i].bytes;
	return cwd[i].path;
}

void process_cwd_changed(void)
{
	/* Two buffers: a thread that is reading the old one finds it whole. */
	unsigned next = (atomic_load(&cwd_current) + 1) & 1;
	long got = sys2(SYS_getcwd, cwd[next].path, sizeof(cwd[next].path));

	cwd[next].bytes = got > 0 ? (size_t)got - 1 : 0;
	atomic_store(&cwd_current, next);
}

/* Who we are and how large: both are in one file. */
static void read_stat(void)
{
	char stat[1024];

	if (sys_slurp_once("/proc/self/stat", stat, sizeof(stat)) <= 0)
		return;
	probe.start_time = proc_stat_field(stat, 22);
	probe.start_rss_kb = proc_stat_field(stat, 24) * 4;
}

uint64_t process_cpu_ns(void)
{
	struct timespec time;

	/* by no vdso: it would go to the kernel all the same */
	sys2(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Kilobytes of the arena that this process has touched: the ring that it writes
 * and the pages of header, owners and slot. */
static uint64_t arena_rss_kb(void)
{
	struct arena_header *h = probe_header();
	uint64_t kb = 0;
	uint32_t high = atomic_load(&h->slot_high);

	for (uint32_t i = 0; i < high && i < probe.slots; i++) {
		struct slot *slot = arena_slot(probe.arena, i);
		uint64_t head, bytes;

		/* Those of threads that have ended as well: they were there at the peak. A slot
		 * that nobody here has prepared may have no page yet, and none to be had. */
		if (!thread_has_prepared(i) || atomic_load(&slot->process) != probe.process)
			continue;
		head = atomic_load(&slot->head) * 16;
		bytes = (uint64_t)slot->ring_cells * 16;
		kb += (head < bytes ? atomic_load(&slot->populated) : bytes) / 1024 + 4;
	}
	return kb + (sizeof(*h) - (probe.tasks ? 0 : sizeof(h->plan_requests))) / 1024 + 4;
}

static unsigned usable_cpus(void)
{
	uint64_t mask[128];
	long bytes = sys3(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	unsigned n = 0;

	for (long i = 0; i < bytes / 8; i++)
		n += (unsigned)__builtin_popcountll(mask[i]);
	return n;
}

void process_identify(enum process_how how, uint64_t parent)
{
	probe.pid = (uint32_t)sys0(SYS_getpid);
	read_stat();
	probe.process = probe_next_id();
	probe.parent = parent;
	probe.how = how;
}

void process_forked(uint64_t parent_task)
{
	static uint32_t generation PROBE_TOGETHER;

	process_identify(PROCESS_forked, parent_task);
	environ_forked();
	module_forked();
	/* The page was wiped; its next life has a number that no thread carries. */
	probe_generation[0] = ++generation + 1;
}

static void tell_arguments(struct probe_thread *t)
{
	char line[ARGUMENTS_MAX];
	size_t n = 0;

	for (int i = 0; i < argument_count && arguments[i] && n < sizeof(line); i++) {
		size_t length = strlen(arguments[i]) + 1;

		if (length > sizeof(line) - n)
			length = sizeof(line) - n;
		memcpy(line + n, arguments[i], length);
		n += length;
	}
	record_text(t, 0, TEXT_ARGV, line, n, "", NULL, 0);
}

/* Only for the constructor, on the stack that the program started with. */
static __attribute__((noinline)) void tell_image(struct probe_thread *t)
{
	const char *directory;
	char exe[4096];
	size_t bytes;
	long got;

	tell_arguments(t);
	directory = process_cwd(&bytes);
	record_text(t, 0, TEXT_CWD, directory, bytes, "", NULL, 0);
	got = sys3(SYS_readlink, "/proc/self/exe", exe, sizeof(exe));
	if (got > 0)
		record_text(t, 0, TEXT_EXE, exe, (size_t)got, "", NULL, 0);
	module_tell_all(t);
}

void process_tell_start(struct probe_thread *t)
{
	uint64_t rss = probe.start_rss_kb, ours = arena_rss_kb();
	uint64_t v[7] = {
		probe.pid | (uint64_t)(uint32_t)sys0(SYS_getppid) << 32,
		probe.start_time,
		probe.process,
		probe.parent,
		probe.how | (uint64_t)usable_cpus() << 8,
		(uint32_t)sys0(SYS_getuid),
		rss > ours ? rss - ours : 0,
	};

	record_n(t, EVENT_PROCESS_START, v, 7, probe_now());
	/* a fork shares arguments, directory and modules with its parent */
	if (probe.how == PROCESS_image)
		tell_image(t);
	/* The collector meets us while we live, however short that is: how a process
	 * ended is known only to those who watched. */
	record_doorbell(probe_header());
}

static unsigned tell_threads(struct probe_thread *t)
{
	uint32_t high = atomic_load(&probe_header()->slot_high);
	unsigned n = 0;

	for (uint32_t i = 0; i < high && i < probe.slots; i++) {
		uint64_t owner = atomic_load(arena_owner(probe.arena, i));
		struct slot *slot = arena_slot(probe.arena, i);

		/* slots of the image before an exec wait for the collector */
		if (ARENA_OWNER_PID(owner) != probe.pid ||
		    atomic_load(&slot->process) != probe.process)
			continue;
		n++;
		record_3(t, EVENT_THREAD_USAGE, ARENA_OWNER_TID(owner),
			 atomic_load_explicit(&slot->thread, memory_order_relaxed),
			 thread_cpu_ns(ARENA_OWNER_TID(owner)), probe_now());
	}
	return n;
}

void process_tell_exit(int status, enum end_how how)
{
	struct probe_thread *t = probe_enter();
	struct rusage usage = { 0 };
	char io[512] = "", proc[2048] = "";
	unsigned threads;
	uint64_t pending;

	if (!t)
		return;
	if (probe.no_syscalls) {
		if (how == END_return)
			streams_tell_pending(t, __libc_single_threaded);
		uint64_t v[18] = { (uint32_t)status | (uint64_t)how << 32 };

		record_n(t, EVENT_PROCESS_EXIT, v, 18, probe_now());
		record_task(t, atomic_load_explicit(&t->slot->task, memory_order_relaxed));
		return;
	}
	threads = tell_threads(t);
	sys_slurp_once("/proc/self/io", io, sizeof(io));
	sys_slurp_once("/proc/self/status", proc, sizeof(proc));
	/* exit() writes them out when we have nothing more to say. */
	pending = how == END_return
			  ? streams_tell_pending(t, proc_number_after(proc, "Threads:") == 1)
			  : 0;
	sys2(SYS_getrusage, RUSAGE_SELF, &usage);
	uint64_t v[18] = {
		(uint32_t)status | (uint64_t)how << 32,
		process_cpu_ns(),
		(uint64_t)usage.ru_utime.tv_sec * 1000000u + (uint64_t)usage.ru_utime.tv_usec,
		(uint64_t)usage.ru_stime.tv_sec * 1000000u + (uint64_t)usage.ru_stime.tv_usec,
		proc_number_after(proc, "VmHWM:"),
		(uint64_t)usage.ru_minflt,
		(uint64_t)usage.ru_majflt,
		(uint64_t)usage.ru_nvcsw,
		(uint64_t)usage.ru_nivcsw,
		proc_number_after(io, "rchar:"),
		proc_number_after(io, "wchar:") + pending,
		proc_number_after(io, "\nread_bytes:"),
		proc_number_after(io, "\nwrite_bytes:"),
		proc_number_after(proc, "VmRSS:"),
		proc_number_after(proc, "VmPeak:"),
		arena_rss_kb(),
		probe.mapped_bytes / 1024,
		threads,
	};

	record_n(t, EVENT_PROCESS_EXIT, v, 18, probe_now());
	record_task(t, atomic_load_explicit(&t->slot->task, memory_order_relaxed));
}
