/* SPDX-License-Identifier: MIT */
/*
 * Rows of exceptions, wakes, curves and workers.
 */
#include "import.h"

static int put_exceptions(struct store *store, int64_t run, const struct profile *p,
			  struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "INSERT INTO exceptions VALUES (?,?,?,?)", fault);

	for (uint32_t i = 0; !err && i < p->exceptions.count; i++) {
		const struct exception_row *row = p->exceptions.rows[i];

		err = row_put(&w, fault, "itii", run, row->name, (int64_t)row->task->id,
			      (int64_t)row->count);
	}
	row_close(&w);
	return err;
}

static int put_wakes(struct store *store, int64_t run, const struct profile *p, struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "INSERT INTO wakes VALUES (?,?,?,?,?,?,?)", fault);

	for (uint32_t i = 0; !err && i < p->edges.count; i++) {
		const struct edge_row *row = p->edges.rows[i];

		err = row_put(&w, fault, "iiiitir", run, (int64_t)i + 1, (int64_t)row->from->id,
			      (int64_t)row->to->id, edge_kind_name[row->kind], (int64_t)row->count,
			      profile_length(p, row->ticks));
	}
	row_close(&w);
	return err;
}

static int put_curves(struct store *store, int64_t run, const struct profile *p,
		      struct fault *fault)
{
	const struct curves *c = &p->curves;
	struct row_writer w;
	double before = 0;
	int err = row_open(&w, store, "INSERT INTO curves VALUES (?,?,?,?,?,?,?,?,?,?)", fault);

	for (uint32_t i = 0; !err && i < c->count; i++) {
		const struct curve_point *point = &c->point[i];
		double at = profile_seconds(p, c->origin + i * c->width);

		if (!point->is_sampled)
			continue;
		err = row_put(&w, fault, "iirriririi", run, (int64_t)i, at,
			      (double)point->rss_kb / 1024, (int64_t)point->threads,
			      at > before ? (double)point->cpu_ms / 1e3 / (at - before) : NAN,
			      (int64_t)point->processes, profile_memory_limit_mb(p),
			      (int64_t)point->live_workers, (int64_t)point->running_workers);
		before = at;
	}
	row_close(&w);
	return err;
}

/* CPU time begins before our first stamp (the dynamic loader does): at most 1. */
static double occupancy(double cpu, double lifetime)
{
	double share = lifetime > 0 ? cpu / lifetime : NAN;

	return share > 1 ? 1 : share;
}

static int put_workers(struct store *store, int64_t run, const struct profile *p,
		       struct fault *fault)
{
	struct row_writer w;
	int err = row_open(&w, store, "INSERT INTO workers VALUES (?,?,?,?,?,?,?,?,?,?)", fault);

	for (size_t i = 0; !err && i < p->workers.count; i++) {
		const struct task *task = p->workers.rows[i];
		double start = profile_seconds(p, task->start);
		double end = profile_seconds(p, task_end(task, p->last));
		double cpu =
			task_usage(task)->has_cpu ? (double)task_usage(task)->cpu_ns / 1e9 : NAN;
		struct metrics self;

		profile_self(p, task, &self);
		err = row_put(
			&w, fault, "iiiitrrrrr", run, (int64_t)i + 1, (int64_t)task->process->pid,
			(int64_t)task->tid, task->name ? task->name : "", start, end, cpu,
			occupancy(cpu, end - start),
			task->kind == TASK_process ? self.value[METRIC_memory_usage_peak_mb] : NAN);
	}
	row_close(&w);
	return err;
}

int import_tables(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault)
{
	int err = put_exceptions(store, run_id, p, fault);

	if (!err)
		err = put_wakes(store, run_id, p, fault);
	if (!err)
		err = put_curves(store, run_id, p, fault);
	if (!err)
		err = put_workers(store, run_id, p, fault);
	return err;
}
