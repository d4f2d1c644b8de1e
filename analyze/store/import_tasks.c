/* SPDX-License-Identifier: MIT */
/*
 * Rows of tasks and their metrics: as columns for the longest tasks, as bytes for the
 * others, which may be a million.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../json_out.h"
#include "../profile/task_walk.h"
#include "import.h"
#include "import_custom.h"
#include "longest.h"
#include "metrics_bytes.h"
#include "scratch.h"

struct writer {
	const struct profile *profile;
	struct store *store;
	int64_t run_id;
	struct row_writer task, metrics;
	struct metrics totals;
	struct import_profiles *profiles;
	struct custom_writer custom;
	struct scratch scratch;
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

/* What the walk leaves in the scratch file. */
struct walked {
	double self_seconds;
	unsigned char metrics[METRICS_BYTES_MAX];
};
_Static_assert(sizeof(struct walked) <= SCRATCH_MAX, "one thing");

static int put_aside(struct writer *w, struct task *t, const struct walked *walked, size_t bytes)
{
	int err = scratch_put(&w->scratch, walked, bytes, &t->scratch_at);

	if (!err)
		err = import_profiles_put(w->profiles, t, walked->metrics,
					  bytes - offsetof(struct walked, metrics));
	return err ? fault_set(w->fault, err, "a temporary file cannot be written: %s",
			       strerror(-err))
		   : 0;
}

/* `sum` has what its children's trees did. */
static int on_walk(void *to, struct task *t, struct metrics *sum)
{
	struct writer *w = to;
	struct walked walked;
	struct metrics self, inclusive;
	size_t bytes;
	int err = 0;

	profile_self(w->profile, t, &self);
	metrics_add(sum, &self);
	metrics_add(&w->totals, &self);
	inclusive = *sum;
	profile_inclusive(w->profile, t, &inclusive);
	/* What the trees around it have as well. */
	sum->value[METRIC_memory_usage_peak_process_mb] =
		inclusive.value[METRIC_memory_usage_peak_process_mb];
	walked.self_seconds = self.value[METRIC_thread_seconds];
	bytes = offsetof(struct walked, metrics) +
		metrics_encode(&self, &inclusive, walked.metrics);
	if (t->is_long)
		err = put_metrics(w, t->id, "self", &self);
	if (!err && t->is_long)
		err = put_metrics(w, t->id, "inclusive", &inclusive);
	if (!err)
		err = put_aside(w, t, &walked, bytes);
	if (!err)
		err = custom_writer_task(&w->custom, t);
	return err;
}

static int put_task(struct writer *w, const struct task *t, const struct walked *walked,
		    size_t bytes)
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
	sqlite3_bind_double(s, 15, profile_runtime(w->profile, t));
	sqlite3_bind_double(s, 16, walked->self_seconds);
	if (!t->is_long)
		sqlite3_bind_blob(s, 17, walked->metrics,
				  (int)(bytes - offsetof(struct walked, metrics)), SQLITE_STATIC);
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

/* Rows go in by id, the order in which they lie in the file. */
static int on_id(void *to, uint64_t id, void *value)
{
	const struct task *t = value;
	struct writer *w = to;
	union {
		struct walked walked;
		char all[SCRATCH_MAX];
	} read;
	size_t bytes;

	if (id != t->id)
		return 0; /* an image of a process that has become another program */
	if (scratch_get(&w->scratch, t->scratch_at, &read, &bytes))
		return fault_set(w->fault, -EIO, "a temporary file cannot be read");
	return put_task(w, t, &read.walked, bytes);
}

int import_tasks(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault)
{
	struct writer w = { .profile = p, .store = store, .run_id = run_id, .fault = fault };
	int err = open_metrics(&w.metrics, store, fault);

	metrics_clear(&w.totals);
	if (!err)
		err = row_open(&w.task, store,
			       "INSERT INTO tasks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       fault);
	if (!err)
		err = custom_writer_open(&w.custom, store, run_id, p, fault);
	if (!err && (import_profiles_open(p, &w.profiles) ||
		     longest_mark(&p->tasks, p->last, IMPORT_LONGEST)))
		err = fault_set(fault, -ENOMEM, "out of memory");
	if (!err)
		err = task_walk(&p->tasks, on_walk, &w);
	profile_totals(p, &w.totals);
	if (!err)
		err = put_metrics(&w, 0, "inclusive", &w.totals);
	if (!err)
		err = idtable_each(&p->tasks.by_id, on_id, &w);
	if (!err)
		err = import_profiles_write(w.profiles, store, run_id, fault);
	if (!err)
		err = custom_writer_end(&w.custom);
	custom_writer_close(&w.custom);
	if (err == -ENOMEM)
		fault_set(fault, err, "out of memory");
	import_profiles_close(w.profiles);
	scratch_fini(&w.scratch);
	row_close(&w.task);
	row_close(&w.metrics);
	return err;
}
