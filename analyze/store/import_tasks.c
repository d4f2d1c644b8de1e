/* SPDX-License-Identifier: MIT */
/*
 * Rows of tasks, their metrics, and profiles. The tree is walked children first,
 * so that only the sums of one path from the root are kept.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../json_out.h"
#include "../profile/statistics.h"
#include "import.h"

struct writer {
	const struct profile *profile;
	struct store *store;
	int64_t run_id;
	struct row_writer task, metrics, group, distribution;
	struct statistics statistics;
	struct metrics totals;
	struct fault *fault;
};

static int open_metrics(struct row_writer *w, struct store *store, struct fault *fault)
{
	char sql[METRICS * 2 + 64];
	int n = snprintf(sql, sizeof(sql), "INSERT INTO task_metrics VALUES (?,?,?");

	for (int i = 0; i < METRICS; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, ",?");
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	return row_open(w, store, sql, fault);
}

static int put_metrics(struct writer *w, uint64_t task, const char *scope, const struct metrics *m)
{
	sqlite3_stmt *s = w->metrics.statement;

	sqlite3_bind_int64(s, 1, w->run_id);
	sqlite3_bind_int64(s, 2, (int64_t)task);
	sqlite3_bind_text(s, 3, scope, -1, SQLITE_STATIC);
	for (int i = 0; i < METRICS; i++) {
		if (metric_info[i].type == TYPE_INT && !isnan(m->value[i]))
			sqlite3_bind_int64(s, i + 4, metric_int(m->value[i]));
		else
			sqlite3_bind_double(s, i + 4, m->value[i]); /* NAN is NULL */
	}
	return row_put(&w->metrics, w->fault, "");
}

/* Arguments as a JSON array; NULL when they are not known. Caller frees. */
static char *arguments_json(const struct process *p)
{
	const struct image *image = p->image;
	struct json_out j = { .flat_from = 1 };
	char *text = NULL;
	size_t bytes;

	while (image && !image->argv)
		image = image->origin;
	if (!image && !p->exec_path)
		return NULL;
	j.file = open_memstream(&text, &bytes);
	if (!j.file)
		return NULL;
	jout_open(&j, NULL, '[');
	if (p->exec_path)
		jout_text(&j, NULL, p->exec_path);
	else
		for (uint32_t at = 0; at < image->argv_bytes;
		     at += (uint32_t)strlen(image->argv + at) + 1)
			jout_text(&j, NULL, image->argv + at);
	jout_close(&j, ']');
	fclose(j.file);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static const char *cwd_of(const struct image *image)
{
	while (image && !image->cwd)
		image = image->origin;
	return image ? image->cwd : NULL;
}

static int put_task(struct writer *w, const struct task *t)
{
	const struct process *p = t->process;
	bool is_process = t->kind == TASK_process;
	char *command = is_process ? arguments_json(p) : NULL;
	int64_t code = p->exit_code, signal = p->signal;
	int64_t parent = t->parent ? (int64_t)t->parent->id : 0;
	int64_t creator = t->creator ? (int64_t)t->creator->id : 0;
	sqlite3_stmt *s = w->task.statement;
	int err;

	sqlite3_clear_bindings(s); /* what is not bound below is NULL */
	sqlite3_bind_int64(s, 1, w->run_id);
	sqlite3_bind_int64(s, 2, (int64_t)t->id);
	if (parent)
		sqlite3_bind_int64(s, 3, parent);
	if (creator)
		sqlite3_bind_int64(s, 4, creator);
	sqlite3_bind_text(s, 5, t->name ? t->name : "", -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 6, task_kind_name[t->kind], -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 7, p->pid);
	sqlite3_bind_int64(s, 8, t->tid);
	sqlite3_bind_double(s, 9, profile_seconds(w->profile, t->start));
	sqlite3_bind_text(s, 10, task_status_name[t->status], -1, SQLITE_STATIC);
	if (is_process) {
		sqlite3_bind_text(s, 11, command, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 12, cwd_of(p->image), -1, SQLITE_STATIC);
		if (code >= 0)
			sqlite3_bind_int64(s, 13, code);
		if (signal >= 0)
			sqlite3_bind_int64(s, 14, signal);
	}
	err = row_put(&w->task, w->fault, "");
	free(command);
	return err;
}

/* A task whose children are all done: `sum` has its tree. */
static int put_done(struct writer *w, const struct task *t, struct metrics *sum)
{
	bool is_failed = t->status == STATUS_failed || t->status == STATUS_killed;
	int err = put_task(w, t);

	profile_inclusive(w->profile, t, sum);
	if (!err)
		err = put_metrics(w, t->id, "inclusive", sum);
	if (!err && statistics_add(&w->statistics, t->name ? t->name : "", task_kind_name[t->kind],
				   is_failed, sum))
		err = fault_set(w->fault, -ENOMEM, "out of memory");
	return err;
}

struct level {
	const struct task *task, *next; /* next: child to be walked */
	struct metrics sum;
};

static int enter(struct writer *w, struct level *level, const struct task *task)
{
	struct metrics self;

	profile_self(w->profile, task, &self);
	level->task = task;
	level->next = task->child;
	metrics_clear(&level->sum);
	metrics_add(&level->sum, &self);
	metrics_add(&w->totals, &self);
	return put_metrics(w, task->id, "self", &self);
}

static int put_tree(struct writer *w, const struct task *root)
{
	size_t depth = 0, room = 64;
	struct level *stack = malloc(room * sizeof(*stack));
	int err = stack ? enter(w, &stack[0], root) : fault_set(w->fault, -ENOMEM, "out of memory");

	while (!err) {
		struct level *top = &stack[depth];

		if (top->next) {
			const struct task *child = top->next;

			top->next = child->sibling;
			if (++depth == room) {
				struct level *more = realloc(stack, (room *= 2) * sizeof(*stack));

				if (!more) {
					err = fault_set(w->fault, -ENOMEM, "out of memory");
					break;
				}
				stack = more;
			}
			err = enter(w, &stack[depth], child);
			continue;
		}
		err = put_done(w, top->task, &top->sum);
		if (!depth)
			break;
		metrics_add(&stack[depth - 1].sum, &top->sum);
		depth--;
	}
	free(stack);
	return err;
}

static int put_distribution(struct writer *w, const struct group *g, int metric,
			    const struct histogram *h)
{
	bool is_additive =
		metric_info[metric].combine == COMBINE_SUM || metric == METRIC_runtime_seconds;
	struct distribution d;
	size_t bytes;
	void *data = histogram_encode(h, &bytes);
	int err;

	if (!data)
		return fault_set(w->fault, -ENOMEM, "out of memory");
	distribution_read(h, &d);
	sqlite3_bind_blob(w->distribution.statement, 13, data, (int)bytes, SQLITE_STATIC);
	err = row_put(&w->distribution, w->fault, "itttrrrrrrrr", w->run_id, g->name, g->kind,
		      metric_info[metric].name, is_additive ? d.sum : NAN, d.mean, d.median,
		      d.stdev, d.min, d.max, d.p95, d.p99);
	free(data);
	return err;
}

static int put_group(struct writer *w, const struct group *g)
{
	int err = row_put(&w->group, w->fault, "ittii", w->run_id, g->name, g->kind,
			  (int64_t)g->count, (int64_t)g->failed);

	for (int i = 0; !err && i < METRICS; i++) {
		const struct histogram *h;
		struct histogram made;

		if (group_histogram(g, i, &made, &h))
			err = fault_set(w->fault, -ENOMEM, "out of memory");
		else if (h->count)
			err = put_distribution(w, g, i, h);
		histogram_fini(&made);
	}
	return err;
}

int import_tasks(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault)
{
	struct writer w = { .profile = p, .store = store, .run_id = run_id, .fault = fault };
	int err = open_metrics(&w.metrics, store, fault);

	metrics_clear(&w.totals);
	if (!err)
		err = row_open(&w.task, store,
			       "INSERT INTO tasks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", fault);
	if (!err)
		err = row_open(&w.group, store, "INSERT INTO profiles VALUES (?,?,?,?,?)", fault);
	if (!err)
		err = row_open(&w.distribution, store,
			       "INSERT INTO profile_metrics VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       fault);
	for (size_t i = 0; !err && i < p->tasks.count; i++)
		if (!p->tasks.all[i]->parent)
			err = put_tree(&w, p->tasks.all[i]);
	profile_totals(p, &w.totals);
	if (!err)
		err = put_metrics(&w, 0, "inclusive", &w.totals);
	for (size_t i = 0; !err && i < w.statistics.count; i++)
		err = put_group(&w, w.statistics.group[i]);
	row_close(&w.task);
	row_close(&w.metrics);
	row_close(&w.group);
	row_close(&w.distribution);
	statistics_fini(&w.statistics);
	return err;
}
