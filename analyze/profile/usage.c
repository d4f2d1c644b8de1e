/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of threads and processes.
 */
#include "usage.h"

#include "tasks.h"

#define KB_MAX (INT64_C(1) << 42)

/* Kilobytes of a record, which may be damaged: sums of them stay in range. */
static int64_t sane_kb(uint64_t kb)
{
	int64_t x = (int64_t)kb;

	return x > KB_MAX ? KB_MAX : x < -KB_MAX ? -KB_MAX : x;
}

void usage_on_thread(struct task *task, const struct record *r)
{
	struct task_more *more = task_more(task);
	struct thread_usage *u = more ? &more->usage : NULL;
	const uint64_t *v = r->v;

	if (!u)
		return;

	switch (r->type) {
	case EVENT_THREAD_END:
		*u = (struct thread_usage){
			.cpu_ns = event_THREAD_END_cpu_ns(v),
			.utime_us = event_THREAD_END_utime_us(v),
			.stime_us = event_THREAD_END_stime_us(v),
			.voluntary = event_THREAD_END_voluntary(v),
			.involuntary = event_THREAD_END_involuntary(v),
			.major_faults = event_THREAD_END_major_faults(v),
			.has_cpu = true,
			.has_split = true,
			.has_switches = true,
			.has_faults = true,
			.cpu_is_exact = true,
		};
		break;
	case EVENT_THREAD_USAGE:
		u->cpu_ns = event_THREAD_USAGE_cpu_ns(v);
		u->has_cpu = u->cpu_is_exact = true;
		break;
	case EVENT_THREAD_CPU:
		if (u->cpu_is_exact || event_THREAD_CPU_cpu_ns(v) < u->cpu_ns)
			break;
		u->cpu_ns = event_THREAD_CPU_cpu_ns(v);
		u->has_cpu = true;
		break;
	}
}

static void on_exit(struct process *p, const uint64_t *v)
{
	struct process_usage *u = &p->usage;
	int64_t arena_rss = sane_kb(event_PROCESS_EXIT_arena_rss_kb(v));

	u->total = (struct thread_usage){
		.cpu_ns = event_PROCESS_EXIT_cpu_ns(v),
		.utime_us = event_PROCESS_EXIT_utime_us(v),
		.stime_us = event_PROCESS_EXIT_stime_us(v),
		.voluntary = event_PROCESS_EXIT_voluntary(v),
		.involuntary = event_PROCESS_EXIT_involuntary(v),
		.major_faults = event_PROCESS_EXIT_major_faults(v),
		.has_cpu = true,
		.has_split = true,
		.has_switches = true,
		.has_faults = true,
		.cpu_is_exact = true,
	};
	u->io = (struct process_io){ event_PROCESS_EXIT_rchar(v), event_PROCESS_EXIT_wchar(v),
				     event_PROCESS_EXIT_disk_read_bytes(v),
				     event_PROCESS_EXIT_disk_write_bytes(v) };
	u->has_io = true;
	u->peak_rss_kb = sane_kb(event_PROCESS_EXIT_peak_rss_kb(v)) - arena_rss;
	u->end_rss_kb = sane_kb(event_PROCESS_EXIT_rss_kb(v)) - arena_rss;
	u->peak_vm_kb = sane_kb(event_PROCESS_EXIT_peak_vm_kb(v)) -
			sane_kb(event_PROCESS_EXIT_arena_vm_kb(v));
}

static void add_rss(struct task *task, int64_t kb)
{
	struct task_more *more = task_more(task);

	if (more && kb > more->rss_peak_kb)
		more->rss_peak_kb = kb;
}

static void on_sample(struct process *p, const uint64_t *v)
{
	struct process_usage *u = &p->usage;
	bool is_last = event_SAMPLE_last(v);
	int64_t rss = sane_kb(event_SAMPLE_rss_kb(v)), peak = sane_kb(event_SAMPLE_peak_rss_kb(v));
	uint64_t cpu_ms = event_SAMPLE_utime_ms(v) + event_SAMPLE_stime_ms(v);

	u->sampled_rss_kb = is_last ? 0 : rss;
	u->sampled_threads = is_last ? 0 : (uint32_t)event_SAMPLE_threads(v);
	if (!is_last) {
		struct task *task = p->task;

		if (event_SAMPLE_process(v) != u->sampled_image && u->sampled_image &&
		    u->sampled_peak_kb > u->earlier_peak_kb)
			u->earlier_peak_kb = u->sampled_peak_kb;
		if (event_SAMPLE_process(v) != u->sampled_image)
			u->sampled_peak_kb = -1;
		u->sampled_image = event_SAMPLE_process(v);
		if (rss > u->sampled_peak_kb)
			u->sampled_peak_kb = rss;
		if (peak > u->sampled_peak_kb)
			u->sampled_peak_kb = peak;
		if (!p->exit_how && sane_kb(event_SAMPLE_vm_kb(v)) > u->peak_vm_kb)
			u->peak_vm_kb = sane_kb(event_SAMPLE_vm_kb(v));
		add_rss(task, rss);
		function_tasks_sample(p, rss);
		for (struct thread *t = p->threads; t; t = t->next)
			if (t->own != task)
				add_rss(t->own, rss);
	}
	if (p->exit_how && !is_last)
		return; /* the exit record is newer and more exact */
	if (!u->total.cpu_is_exact && cpu_ms * 1000000 >= u->total.cpu_ns) {
		u->total.cpu_ns = cpu_ms * 1000000;
		u->total.utime_us = event_SAMPLE_utime_ms(v) * 1000;
		u->total.stime_us = event_SAMPLE_stime_ms(v) * 1000;
		u->total.has_cpu = u->total.has_split = true;
	}
	if (!u->total.has_switches) {
		u->total.major_faults = event_SAMPLE_major_faults(v);
		u->total.has_faults = true;
	}
	if (event_SAMPLE_rchar(v) >= u->io.rchar && event_SAMPLE_wchar(v) >= u->io.wchar) {
		u->io = (struct process_io){ event_SAMPLE_rchar(v), event_SAMPLE_wchar(v),
					     event_SAMPLE_disk_read_bytes(v),
					     event_SAMPLE_disk_write_bytes(v) };
		u->has_io = true;
	}
}

void usage_on_process(struct process *p, const struct record *r)
{
	struct process_usage *u = &p->usage;

	switch (r->type) {
	case EVENT_PROCESS_START:
		u->start_rss_kb = sane_kb(event_PROCESS_START_rss_kb(r->v));
		break;
	case EVENT_PROCESS_EXIT:
		on_exit(p, r->v);
		break;
	case EVENT_EXEC:
		if (!u->total.cpu_is_exact && event_EXEC_cpu_ns(r->v) > u->total.cpu_ns) {
			u->total.cpu_ns = event_EXEC_cpu_ns(r->v);
			u->total.has_cpu = true;
		}
		break;
	case EVENT_SAMPLE:
		on_sample(p, r->v);
		break;
	}
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* The main thread did what the others did not. */
static void main_thread(struct process *p, const struct thread_usage *others)
{
	const struct thread_usage *total = &p->usage.total;
	struct task_more *more = task_more(p->task);
	struct thread_usage *u = more ? &more->usage : NULL, own;

	if (!u)
		return;
	own = *u; /* its THREAD_END or samples */

	if (total->has_cpu) {
		uint64_t rest = less(total->cpu_ns, others->cpu_ns);

		/* Samples of a process are older than those of its thread, or newer. */
		u->cpu_ns = !total->cpu_is_exact && own.has_cpu && own.cpu_ns > rest ? own.cpu_ns
										     : rest;
		u->has_cpu = true;
		u->cpu_is_exact = total->cpu_is_exact;
	}
	if (total->has_split) {
		u->utime_us = less(total->utime_us, others->utime_us);
		u->stime_us = less(total->stime_us, others->stime_us);
		u->has_split = true;
	}
	if (total->has_switches) {
		u->voluntary = less(total->voluntary, others->voluntary);
		u->involuntary = less(total->involuntary, others->involuntary);
		u->has_switches = true;
	}
	if (total->has_faults) {
		u->major_faults = less(total->major_faults, others->major_faults);
		u->has_faults = true;
	}
}

/* Of a kind of CPU time, moves to the other kind what goes beyond its part of `most`. */
static void give_over(uint64_t *kind, uint64_t *other, uint64_t most, uint64_t all)
{
	uint64_t moved =
		all > most ? (uint64_t)((double)*kind * (double)(all - most) / (double)all) : 0;

	moved = moved > *kind ? *kind : moved;
	*kind -= moved;
	*other += moved;
}

/* The kernel divides CPU time by ticks, those of each thread and those of the process on their
 * own: its threads may have more of one kind than all of it. Then the process is right. */
static void agree(struct thread_usage *u, const struct thread_usage *all,
		  const struct thread_usage *process)
{
	if (!process->has_split ||
	    process->utime_us + process->stime_us < all->utime_us + all->stime_us)
		return;
	give_over(&u->utime_us, &u->stime_us, process->utime_us, all->utime_us);
	if (all->utime_us <= process->utime_us)
		give_over(&u->stime_us, &u->utime_us, process->stime_us, all->stime_us);
}

/* What the hooks saw of a process and rchar and wchar count too: all transfers of
 * its threads, on sockets as well, less those that they leave out (recv, splice). */
static void seen(const struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->process_count; i++)
		tasks->processes[i]->usage.seen_read = tasks->processes[i]->usage.seen_write = 0;
	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *t = tasks->all[i];
		struct process_usage *u = &t->process->usage;
		uint64_t c[COUNTER_COUNT];

		if (!t->counters)
			continue;
		counters_all(t->counters, c);
		u->seen_read += less(c[COUNTER_file_read_bytes] + c[COUNTER_net_receive_bytes],
				     c[COUNTER_aside_read_bytes]);
		u->seen_write += less(c[COUNTER_file_write_bytes] + c[COUNTER_net_send_bytes],
				      c[COUNTER_aside_write_bytes]);
	}
}

/* What /proc told of a reaped child is in its parent's figures. Of one that was
 * killed only samples told, and the hooks saw more than they. */
static void leave_out(struct process_io *own, const struct process *child)
{
	const struct process_usage *u = &child->usage;
	bool is_exact = child->exit_how != 0;
	uint64_t read = u->has_io ? u->io.rchar : 0, write = u->has_io ? u->io.wchar : 0;

	own->rchar = less(own->rchar, !is_exact && u->seen_read > read ? u->seen_read : read);
	own->wchar = less(own->wchar, !is_exact && u->seen_write > write ? u->seen_write : write);
	own->disk_read = less(own->disk_read, u->has_io ? u->io.disk_read : 0);
	own->disk_write = less(own->disk_write, u->has_io ? u->io.disk_write : 0);
}

uint64_t usage_busy_ticks(const struct task *task)
{
	static const enum counter_id wait[] = {
		COUNTER_file_read_ticks, COUNTER_file_write_ticks,  COUNTER_metadata_ticks,
		COUNTER_io_wait_ticks,	 COUNTER_net_receive_ticks, COUNTER_net_send_ticks,
		COUNTER_net_setup_ticks, COUNTER_lock_wait_ticks,   COUNTER_sync_wait_ticks,
		COUNTER_sleep_ticks,
	};
	uint64_t c[COUNTER_COUNT], busy = task->thread_ticks;

	if (!task->counters)
		return busy;
	counters_all(task->counters, c);
	for (unsigned i = 0; i < sizeof(wait) / sizeof(wait[0]); i++)
		busy = less(busy, c[wait[i]]);
	return busy;
}

/* Which part of each thread's time is that of tasks inside it. */
static void share_out(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *t = tasks->all[i];
		struct task_more *more = task_is_inside(t) ? task_more(t->on_thread) : NULL;

		if (more)
			more->usage.inside_ticks += usage_busy_ticks(t);
	}
}

void usage_finish(struct tasks *tasks)
{
	struct process *p;

	seen(tasks);
	for (size_t i = 0; i < tasks->process_count; i++) {
		p = tasks->processes[i];
		p->usage.own = p->usage.io;
		p->usage.others = (struct thread_usage){ 0 };
	}
	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *t = tasks->all[i];
		const struct thread_usage *u = task_usage(t);
		struct thread_usage *sum;

		if (t->kind != TASK_thread)
			continue;
		sum = &t->process->usage.others;
		sum->cpu_ns += u->cpu_ns;
		sum->utime_us += u->utime_us;
		sum->stime_us += u->stime_us;
		sum->voluntary += u->voluntary;
		sum->involuntary += u->involuntary;
		sum->major_faults += u->major_faults;
	}
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *t = tasks->all[i];

		if (t->kind == TASK_thread && t->more)
			agree(&t->more->usage, &t->process->usage.others, &t->process->usage.total);
	}
	for (size_t i = 0; i < tasks->process_count; i++) {
		const struct thread_usage all = tasks->processes[i]->usage.others;
		struct process *by;

		p = tasks->processes[i];
		agree(&p->usage.others, &all, &p->usage.total);
		main_thread(p, &p->usage.others);
		by = p->reaper;
		if (by && !(by->exit_how && p->reaped_stamp > by->exit_stamp))
			leave_out(&by->usage.own, p);
	}
	share_out(tasks);
}

uint64_t usage_unattributed_read(const struct tasks *tasks)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < tasks->process_count; i++) {
		const struct process_usage *u = &tasks->processes[i]->usage;

		bytes += u->has_io ? less(u->own.rchar, u->seen_read) : 0;
	}
	return bytes;
}

uint64_t usage_unattributed_write(const struct tasks *tasks)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < tasks->process_count; i++) {
		const struct process_usage *u = &tasks->processes[i]->usage;

		bytes += u->has_io ? less(u->own.wchar, u->seen_write) : 0;
	}
	return bytes;
}
