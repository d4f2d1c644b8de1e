/* SPDX-License-Identifier: MIT */
/*
 * Rows of profiles. The walk over all tasks tells the metrics of each; they are put aside
 * in parts by name (spill.h), and afterwards memory holds the histograms of the profiles
 * of one part.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "../profile/statistics.h"
#include "import.h"
#include "metrics_bytes.h"
#include "spill.h"

/* A name of tasks, by its address: names are kept once (names.h). */
struct name {
	const char *text;
	uint32_t part;
};

struct import_profiles {
	struct idmap by_address;
	struct pool pool;
	struct name **name;
	uint32_t count, room;
	struct spill spill;
};

struct writer {
	int64_t run_id;
	struct row_writer group, distribution;
	struct statistics statistics;
	struct fault *fault;
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
			  (int64_t)g->count, (int64_t)g->failed, g->self_seconds);

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

static int by_text(const void *a, const void *b)
{
	return strcmp((*(struct name *const *)a)->text, (*(struct name *const *)b)->text);
}

static int add_name(struct import_profiles *s, const char *text)
{
	struct name *name, **more;

	if (idmap_get(&s->by_address, (uintptr_t)text))
		return 0;
	more = array_grown(s->name, s->count, &s->room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->name = more;
	name = pool_take(&s->pool, sizeof(*name));
	if (!name || idmap_put(&s->by_address, (uintptr_t)text, name))
		return -ENOMEM;
	name->text = text;
	s->name[s->count++] = name;
	return 0;
}

/* Parts are by alphabet, so that rows go in nearly in the order of their key. The same
 * text at two addresses stays together. */
static void divide(struct import_profiles *s)
{
	if (s->count)
		qsort(s->name, s->count, sizeof(struct name *), by_text);
	for (uint32_t i = 0; i < s->count; i++)
		s->name[i]->part = i && !strcmp(s->name[i]->text, s->name[i - 1]->text)
					   ? s->name[i - 1]->part
					   : (uint32_t)((uint64_t)i * SPILL_PARTS / s->count);
}

int import_profiles_open(const struct profile *p, struct import_profiles **out)
{
	struct import_profiles *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	*out = s;
	if (s)
		spill_init(&s->spill);
	for (size_t i = 0; !err && i < p->tasks.count; i++)
		err = add_name(s, name_of(p->tasks.all[i]));
	if (!err)
		divide(s);
	return err;
}

int import_profiles_put(struct import_profiles *s, const struct task *task, const void *metrics,
			size_t bytes)
{
	const struct name *name = idmap_get(&s->by_address, (uintptr_t)name_of(task));
	unsigned char data[sizeof(task) + METRICS_BYTES_MAX];

	memcpy(data, &task, sizeof(task));
	memcpy(data + sizeof(task), metrics, bytes);
	return spill_put(&s->spill, name->part, data, sizeof(task) + bytes);
}

static int add_task(void *to, const unsigned char *data, size_t bytes)
{
	struct writer *w = to;
	struct metrics self, inclusive;
	const struct task *task;
	struct group *group;
	bool is_failed;

	memcpy(&task, data, sizeof(task));
	is_failed = task->status == STATUS_failed || task->status == STATUS_killed;
	if (metrics_decode(data + sizeof(task), bytes - sizeof(task), &self, &inclusive))
		return fault_set(w->fault, -EIO, "a temporary file cannot be read");
	group = statistics_get(&w->statistics, name_of(task), task_kind_name[task->kind]);
	if (!group || group_add(group, is_failed, &inclusive))
		return fault_set(w->fault, -ENOMEM, "out of memory");
	group->self_seconds += self.value[METRIC_thread_seconds];
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->kind, y->kind);
}

static int put_part(struct writer *w, struct spill *spill, unsigned part)
{
	struct statistics *s = &w->statistics;
	int err = spill_each(spill, part, add_task, w);

	if (err && !*w->fault->text)
		fault_set(w->fault, err, "a temporary file cannot be read: %s", strerror(-err));
	if (s->count)
		qsort(s->group, s->count, sizeof(struct group *), by_name);
	for (size_t i = 0; !err && i < s->count; i++)
		err = put_group(w, s->group[i]);
	statistics_fini(s);
	return err;
}

int import_profiles_write(struct import_profiles *s, struct store *store, int64_t run_id,
			  struct fault *fault)
{
	struct writer w = { .run_id = run_id, .fault = fault };
	int err = row_open(&w.group, store, "INSERT INTO profiles VALUES (?,?,?,?,?,?)", fault);

	if (!err)
		err = row_open(&w.distribution, store,
			       "INSERT INTO profile_metrics VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       fault);
	for (unsigned part = 0; !err && part < SPILL_PARTS; part++)
		err = put_part(&w, &s->spill, part);
	row_close(&w.group);
	row_close(&w.distribution);
	return err;
}

void import_profiles_close(struct import_profiles *s)
{
	if (!s)
		return;
	spill_fini(&s->spill);
	idmap_fini(&s->by_address);
	pool_fini(&s->pool);
	free(s->name);
	free(s);
}
