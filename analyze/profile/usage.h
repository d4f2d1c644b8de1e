/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of threads and processes: CPU time, context switches,
 * faults, memory, /proc/PID/io. Exact where the thread or process told it on its
 * way out; else from the collector's samples. The CPU time of a thread is shared out to
 * the tasks inside it by the time in which they were busy (values.c).
 */
#ifndef TPPROBE_USAGE_H
#define TPPROBE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct process;
struct record;
struct task;
struct tasks;

struct thread_usage {
	uint64_t cpu_ns, utime_us, stime_us;
	uint64_t voluntary, involuntary, major_faults;
	bool has_cpu, has_split, has_switches, has_faults;
	bool cpu_is_exact;     /* not from a sample */
	uint64_t inside_ticks; /* that tasks inside the process, begun by this thread, were busy */
};

struct process_io {
	uint64_t rchar, wchar, disk_read, disk_write;
};

struct process_usage {
	struct thread_usage total; /* of the whole process */
	struct process_io io;	   /* reaped children included */
	bool has_io;
	struct process_io own;		/* without them; made at the end */
	struct thread_usage others;	/* sum over the threads that are not the main one */
	uint64_t seen_read, seen_write; /* bytes that the hooks saw */
	int64_t peak_rss_kb, earlier_peak_kb, sampled_peak_kb; /* -1 unknown */
	uint64_t sampled_image;				       /* of sampled_peak_kb */
	int64_t peak_vm_kb, start_rss_kb, end_rss_kb, sampled_rss_kb;
	uint64_t sampled_cpu_ms;
	uint32_t sampled_threads;
};

/* THREAD_END, THREAD_USAGE, THREAD_CPU for the thread's own task. */
void usage_on_thread(struct task *task, const struct record *r);
/* PROCESS_START, PROCESS_EXIT, EXEC, SAMPLE. */
void usage_on_process(struct process *process, const struct record *r);
/* At the end: the main thread is the process less its other threads; a process's
 * I/O is its own less its reaped children's. */
void usage_finish(struct tasks *tasks);
/* Time in which the task's threads did not wait in a call that we know. */
uint64_t usage_busy_ticks(const struct task *task);
/* What read and write calls moved that the hooks did not see. */
uint64_t usage_unattributed_read(const struct tasks *tasks);
uint64_t usage_unattributed_write(const struct tasks *tasks);

#endif
