/* SPDX-License-Identifier: MIT */
/*
 * From what was summed up per task to metrics. Waiting times come from the
 * durations of calls: a call may also have used the CPU, so together they fill
 * at most what the CPU leaves of the thread's time, and are scaled down to fit.
 */
#include "profile.h"

static double kb_to_mib(int64_t kb)
{
	return kb < 0 ? NAN : (double)kb / 1024;
}

/* Of the CPU time of a thread, the part of this task: the thread's own one, or one inside
 * it. By the time in which they were busy; no task inside has more of it than that. */
static double cpu_share(const struct profile *p, const struct task *task,
			const struct thread_usage *u)
{
	const struct task *own = task_is_inside(task) ? task->on_thread : task;
	double cpu = (double)u->cpu_ns / 1e9, scale;
	double inside = profile_length(p, u->inside_ticks);
	double all = inside + profile_length(p, usage_busy_ticks(own));

	if (!(inside > 0))
		return task == own ? cpu : 0;
	scale = cpu < all ? cpu / all : 1;
	return task == own ? cpu - inside * scale
			   : profile_length(p, usage_busy_ticks(task)) * scale;
}

static void cpu_values(const struct profile *p, const struct task *task, double *v)
{
	const struct thread_usage *u = task_usage(task_is_inside(task) ? task->on_thread : task);
	uint64_t split = u->utime_us + u->stime_us;
	double cpu = cpu_share(p, task, u);
	double system = u->has_split && split ? cpu * (double)u->stime_us / (double)split : 0;

	if (u->has_cpu) {
		v[METRIC_cpu_user_seconds] = cpu > system ? cpu - system : 0;
		v[METRIC_cpu_system_seconds] = system;
	}
	if (task_is_inside(task))
		return; /* the rest is told by thread alone */
	if (u->has_switches) {
		v[METRIC_context_switches] = (double)(u->voluntary + u->involuntary);
		v[METRIC_context_switches_involuntary] = (double)u->involuntary;
	}
	if (u->has_faults)
		v[METRIC_page_faults_major] = (double)u->major_faults;
}

/* The parts of the time, so that cpu + io + … + other = thread_seconds. */
static void wait_values(const struct profile *p, const struct task *task, const uint64_t *c,
			double *v)
{
	static const enum metric part[] = { METRIC_io_wait_time_seconds,
					    METRIC_network_wait_seconds, METRIC_lock_wait_seconds,
					    METRIC_sync_wait_seconds, METRIC_sleep_seconds };
	uint64_t ticks[] = {
		c[COUNTER_file_read_ticks] + c[COUNTER_file_write_ticks] +
			c[COUNTER_metadata_ticks] + c[COUNTER_io_wait_ticks],
		c[COUNTER_net_receive_ticks] + c[COUNTER_net_send_ticks] +
			c[COUNTER_net_setup_ticks],
		c[COUNTER_lock_wait_ticks],
		c[COUNTER_sync_wait_ticks],
		c[COUNTER_sleep_ticks],
	};
	enum { PARTS = sizeof(part) / sizeof(part[0]) };
	double *user = &v[METRIC_cpu_user_seconds], *system = &v[METRIC_cpu_system_seconds];
	double whole = profile_length(p, task->thread_ticks), waits = 0, scale = 1, room;

	v[METRIC_thread_seconds] = whole;
	if (isnan(*user))
		return; /* then no part is known */
	/* CPU time is exact and begins before our first stamp (the dynamic loader):
	 * of a very short process there may be more of it than time seen. */
	if (*user + *system > whole)
		v[METRIC_thread_seconds] = whole = *user + *system;
	room = whole - *user - *system;
	for (int i = 0; i < PARTS; i++)
		waits += profile_length(p, ticks[i]);
	if (waits > room)
		scale = room > 0 ? room / waits : 0;
	for (int i = 0; i < PARTS; i++)
		v[part[i]] = profile_length(p, ticks[i]) * scale;
	room -= waits * scale;
	v[METRIC_other_seconds] = room > 0 ? room : 0;
}

static void counter_values(const struct profile *p, const uint64_t *c, double *v)
{
	v[METRIC_memory_allocations] = (double)c[COUNTER_mem_allocs];
	v[METRIC_memory_frees] = (double)c[COUNTER_mem_frees];
	v[METRIC_memory_allocated_bytes] = (double)c[COUNTER_mem_alloc_bytes];
	v[METRIC_file_read_bytes] = (double)c[COUNTER_file_read_bytes];
	v[METRIC_file_write_bytes] = (double)c[COUNTER_file_write_bytes];
	v[METRIC_io_read_count] = (double)c[COUNTER_file_reads];
	v[METRIC_io_write_count] = (double)c[COUNTER_file_writes];
	v[METRIC_network_data_sent_bytes] = (double)c[COUNTER_net_send_bytes];
	v[METRIC_network_data_received_bytes] = (double)c[COUNTER_net_receive_bytes];
	if (p->counts_events)
		v[METRIC_events_processed] = (double)c[COUNTER_events];
	if (profile_has_counter(p, COUNTER_exceptions))
		v[METRIC_exceptions_raised] = (double)c[COUNTER_exceptions];
}

static void heap_values(const struct profile *p, const struct task *task, double *v)
{
	const struct heap_account a = heap_of(task);

	if (!p->has_events || p->is_window || task->process->heap_is_unseen)
		return;
	v[METRIC_memory_temporary_allocations] = (double)a.temporary;
	v[METRIC_heap_peak_bytes] = (double)a.self_peak;
	v[METRIC_heap_delta_bytes] = (double)a.self_at_end;
	if (task->process->task->end != STAMP_NEVER)
		v[METRIC_heap_leaked_bytes] = (double)a.leaked;
}

/* Largest resident size: of the image that told on its way out, and of those
 * before it (and of killed ones) what the samples saw. */
static int64_t peak_rss_kb(const struct process_usage *u)
{
	int64_t peak = u->peak_rss_kb >= 0 ? u->peak_rss_kb : u->sampled_peak_kb;

	return u->earlier_peak_kb > peak ? u->earlier_peak_kb : peak;
}

static void process_values(const struct task *task, double *v)
{
	const struct process_usage *u = &task->process->usage;

	v[METRIC_memory_usage_peak_mb] = kb_to_mib(peak_rss_kb(u));
	v[METRIC_memory_usage_peak_process_mb] = v[METRIC_memory_usage_peak_mb];
	v[METRIC_memory_virtual_peak_mb] = kb_to_mib(u->peak_vm_kb);
	if (u->start_rss_kb >= 0 && u->end_rss_kb >= 0)
		v[METRIC_memory_delta_mb] = (double)(u->end_rss_kb - u->start_rss_kb) / 1024;
	if (u->has_io) {
		v[METRIC_disk_read_bytes] = (double)u->own.disk_read;
		v[METRIC_disk_write_bytes] = (double)u->own.disk_write;
	}
}

double profile_runtime(const struct profile *p, const struct task *task)
{
	uint64_t end = task_end(task, p->last);

	if (end <= task->start)
		return 0;
	return timeline_seconds(p->clock, end) - timeline_seconds(p->clock, task->start);
}

static void own_values(const struct profile *p, const struct task *task, double *v)
{
	v[METRIC_runtime_seconds] = profile_runtime(p, task);
	if (task->process->cpus)
		v[METRIC_cpu_cores] = task->process->cpus;
	if (task->kind == TASK_process)
		process_values(task, v);
	else
		v[METRIC_memory_usage_peak_mb] =
			kb_to_mib(task->more ? task->more->rss_peak_kb : -1);
}

void profile_self(const struct profile *p, const struct task *task, struct metrics *self)
{
	uint64_t c[COUNTER_COUNT];

	counters_all(task->counters, c);
	metrics_clear(self);
	cpu_values(p, task, self->value);
	wait_values(p, task, c, self->value);
	counter_values(p, c, self->value);
	heap_values(p, task, self->value);
	self->value[METRIC_thread_count] = !task_is_inside(task);
	own_values(p, task, self->value);
	metrics_derive(self);
}

void profile_inclusive(const struct profile *p, const struct task *task, struct metrics *sum)
{
	static const enum metric by_thread[] = {
		METRIC_context_switches,  METRIC_context_switches_involuntary,
		METRIC_page_faults_major, METRIC_disk_read_bytes,
		METRIC_disk_write_bytes,
	};
	double *largest = &sum->value[METRIC_memory_usage_peak_process_mb], of_tree = *largest;

	own_values(p, task, sum->value);
	if (!(*largest > of_tree))
		*largest = of_tree;
	if (p->has_events && !p->is_window && !task->process->heap_is_unseen) {
		const struct heap_account heap = heap_of(task);

		sum->value[METRIC_heap_peak_bytes] = (double)heap.tree_peak;
		sum->value[METRIC_heap_delta_bytes] = (double)heap.tree_at_end;
	}
	/* Known of threads alone, and so not of what threads did in between. */
	for (unsigned i = 0; i < sizeof(by_thread) / sizeof(by_thread[0]) && task_is_inside(task);
	     i++)
		sum->value[by_thread[i]] = NAN;
	metrics_derive(sum);
}

void profile_totals(const struct profile *p, struct metrics *sum)
{
	double *v = sum->value, largest = v[METRIC_memory_usage_peak_process_mb];
	double together = (double)p->curves.peak_rss_kb / 1024, heap_peak = 0, heap_delta = 0;
	uint64_t end = 0, cpus = manifest_number(&p->manifest, "cpus", 0);

	for (size_t i = 0; i < p->tasks.count; i++) {
		const struct task *task = p->tasks.all[i];

		if (task_end(task, p->last) > end)
			end = task_end(task, p->last);
		if (!(v[METRIC_memory_virtual_peak_mb] >
		      kb_to_mib(task->process->usage.peak_vm_kb)))
			v[METRIC_memory_virtual_peak_mb] =
				kb_to_mib(task->process->usage.peak_vm_kb);
		if (task->creator)
			continue;
		/* Trees without a common root: their peaks need not fall together. */
		heap_peak += (double)heap_of(task).tree_peak;
		heap_delta += (double)heap_of(task).tree_at_end;
	}
	v[METRIC_runtime_seconds] = p->tasks.count ? profile_seconds(p, end) : 0;
	if (p->tasks.count && p->tasks.all[0]->process->cpus)
		cpus = p->tasks.all[0]->process->cpus;
	v[METRIC_cpu_cores] = cpus ? (double)cpus : NAN;
	v[METRIC_memory_usage_peak_mb] = largest > together || !(together > 0) ? largest : together;
	if (p->has_events && !p->is_window && p->heap_unseen < p->tasks.process_count) {
		v[METRIC_heap_peak_bytes] = heap_peak;
		v[METRIC_heap_delta_bytes] = heap_delta;
	}
	metrics_derive(sum);
}
