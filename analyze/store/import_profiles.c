/* SPDX-License-Identifier: MIT */
/*
 * Rows of profiles: tasks of one name and kind, one profile after the other, so that
 * memory holds the histograms of one alone. The metrics of the tasks come out of the
 * scratch, into which the walk over all tasks has put them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "../profile/statistics.h"
#include "import.h"
#include "metrics_bytes.h"
#include "scratch.h"

struct writer {
	const struct profile *profile;
	struct scratch *scratch;
	int64_t run_id;
	struct row_writer group, distribution;
	double self_seconds; /* of the profile that is made */
	struct fault *fault;
};

/* Tasks of one name and kind; their places in the order by profile. */
struct same {
	const char *name;
	uint8_t kind;
	size_t count, end;
	struct same *same_hash;
};

struct order {
	struct idmap by_name;
	struct pool pool;
	struct same **same;
	uint32_t count, room;
	const struct task **task; /* by profile */
};

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
	int err = row_put(&w->group, w->fault, "ittiir", w->run_id, g->name, g->kind,
			  (int64_t)g->count, (int64_t)g->failed, w->self_seconds);

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

static const char *name_of(const struct task *task)
{
	return task->name ? task->name : "";
}

/* Names are kept once (names.h): the same name is mostly the same address. */
static struct same *same_get(struct order *o, const struct task *task)
{
	const char *name = name_of(task);
	uint64_t key = (uint64_t)(uintptr_t)name << 3 ^ task->kind;
	struct same *first = idmap_get(&o->by_name, key), *same = first, **more;

	while (same && (same->name != name || same->kind != task->kind))
		same = same->same_hash;
	if (same)
		return same;
	more = array_grown(o->same, o->count, &o->room, sizeof(*more));
	if (!more)
		return NULL;
	o->same = more;
	same = pool_take(&o->pool, sizeof(*same));
	if (!same || idmap_put(&o->by_name, key, same))
		return NULL;
	same->name = name;
	same->kind = task->kind;
	same->same_hash = first;
	return o->same[o->count++] = same;
}

static int by_name(const void *a, const void *b)
{
	const struct same *x = *(struct same *const *)a, *y = *(struct same *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(task_kind_name[x->kind], task_kind_name[y->kind]);
}

static int order_make(struct order *o, const struct tasks *tasks)
{
	size_t end = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		struct same *same = same_get(o, tasks->all[i]);

		if (!same)
			return -ENOMEM;
		same->count++;
	}
	o->task = malloc((tasks->count + 1) * sizeof(struct task *));
	if (!o->task)
		return -ENOMEM;
	if (o->count)
		qsort(o->same, o->count, sizeof(struct same *), by_name);
	for (uint32_t i = 0; i < o->count; i++)
		o->same[i]->end = end += o->same[i]->count;
	for (size_t i = tasks->count; i-- > 0;)
		o->task[--same_get(o, tasks->all[i])->end] = tasks->all[i];
	return 0;
}

static void order_fini(struct order *o)
{
	idmap_fini(&o->by_name);
	pool_fini(&o->pool);
	free(o->same);
	free(o->task);
}

static int add_task(struct writer *w, struct statistics *s, const struct task *task)
{
	bool is_failed = task->status == STATUS_failed || task->status == STATUS_killed;
	unsigned char bytes[SCRATCH_MAX];
	struct metrics self, inclusive;
	size_t size;

	if (scratch_get(w->scratch, task->scratch_at, bytes, &size) ||
	    metrics_decode(bytes, size, &self, &inclusive))
		return fault_set(w->fault, -EIO, "a temporary file cannot be read");
	if (statistics_add(s, name_of(task), task_kind_name[task->kind], is_failed, &inclusive))
		return fault_set(w->fault, -ENOMEM, "out of memory");
	w->self_seconds += self.value[METRIC_thread_seconds];
	return 0;
}

/* All tasks of equal name and kind, from *at on. */
static int put_profile(struct writer *w, const struct task *const *task, size_t count, size_t *at)
{
	const struct task *first = task[*at];
	struct statistics s = { 0 };
	int err = 0;

	w->self_seconds = 0;
	for (; !err && *at < count && task[*at]->kind == first->kind &&
	       !strcmp(name_of(task[*at]), name_of(first));
	     (*at)++)
		err = add_task(w, &s, task[*at]);
	if (!err)
		err = put_group(w, s.group[0]);
	statistics_fini(&s);
	return err;
}

int import_profiles(struct store *store, int64_t run_id, const struct profile *p,
		    struct scratch *scratch, struct fault *fault)
{
	struct writer w = { .profile = p, .scratch = scratch, .run_id = run_id, .fault = fault };
	struct order order = { 0 };
	int err = row_open(&w.group, store, "INSERT INTO profiles VALUES (?,?,?,?,?,?)", fault);

	if (!err)
		err = row_open(&w.distribution, store,
			       "INSERT INTO profile_metrics VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       fault);
	if (!err && order_make(&order, &p->tasks))
		err = fault_set(fault, -ENOMEM, "out of memory");
	for (size_t at = 0; !err && at < p->tasks.count;)
		err = put_profile(&w, order.task, p->tasks.count, &at);
	order_fini(&order);
	row_close(&w.group);
	row_close(&w.distribution);
	return err;
}
