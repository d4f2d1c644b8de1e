/* SPDX-License-Identifier: MIT */
/*
 * Rows of custom metrics.
 */
#include "import_custom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../profile/statistics.h"

/* Tasks of one name and kind. */
struct same_name {
	struct same_name *same_hash;
	const char *name;
	uint8_t kind;
	struct custom_group *groups;
};

static int no_memory(struct custom_writer *w)
{
	return fault_set(w->fault, -ENOMEM, "out of memory");
}

int custom_writer_open(struct custom_writer *w, struct store *store, int64_t run_id,
		       const struct profile *p, struct fault *fault)
{
	*w = (struct custom_writer){
		.profile = p, .store = store, .run_id = run_id, .fault = fault
	};
	if (!p->custom.count)
		return 0;
	return row_open(&w->row, store,
			"INSERT INTO custom_metrics VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", fault);
}

static int put_row(struct custom_writer *w, uint64_t task, const struct custom_value *v,
		   const struct custom_value *self)
{
	static const struct custom_value none = { .sum = NAN, .last = NAN, .min = NAN, .max = NAN };

	if (!self)
		self = &none;
	return row_put(&w->row, w->fault, "iitrrrrrrrrt", w->run_id, (int64_t)task,
		       w->profile->custom.metric[v->metric].name, v->sum, v->last, v->min, v->max,
		       self->sum, self->last, self->min, self->max, self->text);
}

/* Names are kept once, so that the same one is at the same address. */
static struct same_name *same_get(struct custom_writer *w, const struct task *task)
{
	uint64_t key = (uint64_t)(uintptr_t)task->name << 3 ^ task->kind;
	struct same_name *first = idmap_get(&w->groups, key), *same = first;

	while (same && (same->name != task->name || same->kind != task->kind))
		same = same->same_hash;
	if (same)
		return same;
	same = pool_take(&w->pool, sizeof(*same));
	if (!same || idmap_put(&w->groups, key, same))
		return NULL;
	same->same_hash = first;
	same->name = task->name;
	same->kind = task->kind;
	return same;
}

/* What the task and its tree have goes to the sums of its parent. */
static int hand_up(struct custom_writer *w, const struct task *task, struct custom_value *tree)
{
	struct custom_value *of_parent;

	if (!task->parent)
		return custom_add(&w->totals, &w->pool, tree);
	of_parent = idmap_get(&w->pending, task->parent->id);
	if (!of_parent) {
		if (idmap_put(&w->pending, task->parent->id, tree))
			return -ENOMEM;
		return 1; /* kept as it is */
	}
	if (custom_add(&of_parent, &w->pool, tree) ||
	    idmap_put(&w->pending, task->parent->id, of_parent))
		return -ENOMEM;
	return 0;
}

int custom_writer_task(struct custom_writer *w, const struct task *task)
{
	struct custom_value *tree;
	struct same_name *same;
	int err = 0;

	if (!w->row.statement)
		return 0;
	tree = idmap_get(&w->pending, task->id);
	idmap_remove(&w->pending, task->id);
	if (!tree && !task->custom)
		return 0;
	if (custom_add(&tree, &w->pool, task->custom))
		return no_memory(w);
	for (const struct custom_value *v = tree; !err && v; v = v->next)
		err = put_row(w, task->id, v, custom_find(task->custom, v->metric));
	if (err)
		return err;
	same = same_get(w, task);
	if (!same || custom_group_add(&same->groups, tree))
		return no_memory(w);
	err = hand_up(w, task, tree);
	if (!err)
		custom_give(tree, &w->pool);
	return err < 0 ? no_memory(w) : 0;
}

static int put_part(struct custom_writer *w, struct row_writer *row, const struct same_name *same,
		    const struct custom_group *g, enum custom_part part)
{
	const struct histogram *h = &g->part[part];
	struct distribution d;
	char name[300];
	size_t bytes;
	void *data;
	int err;

	if (!h->count)
		return 0;
	data = histogram_encode(h, &bytes);
	if (!data)
		return no_memory(w);
	distribution_read(h, &d);
	snprintf(name, sizeof(name), "metric.%.280s%s", w->profile->custom.metric[g->metric].name,
		 custom_suffix[part]);
	sqlite3_bind_blob(row->statement, 13, data, (int)bytes, SQLITE_STATIC);
	err = row_put(row, w->fault, "itttrrrrrrrr", w->run_id, same->name,
		      task_kind_name[same->kind], name, part == CUSTOM_sum ? d.sum : NAN, d.mean,
		      d.median, d.stdev, d.min, d.max, d.p95, d.p99);
	free(data);
	return err;
}

int custom_writer_end(struct custom_writer *w)
{
	struct row_writer row;
	int err = 0;

	if (!w->row.statement)
		return 0;
	for (const struct custom_value *v = w->totals; !err && v; v = v->next)
		err = put_row(w, 0, v, NULL);
	if (!err)
		err = row_open(&row, w->store,
			       "INSERT OR IGNORE INTO profile_metrics VALUES "
			       "(?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       w->fault);
	if (err)
		return err;
	for (size_t i = 0; i < w->groups.places; i++)
		for (struct same_name *same = w->groups.entry[i].value; same;
		     same = same->same_hash)
			for (struct custom_group *g = same->groups; g; g = g->next)
				for (int part = 0; !err && part < CUSTOM_PARTS; part++)
					err = put_part(w, &row, same, g, part);
	row_close(&row);
	return err;
}

void custom_writer_close(struct custom_writer *w)
{
	if (!w->row.statement)
		return;
	row_close(&w->row);
	for (size_t i = 0; i < w->groups.places; i++)
		for (struct same_name *same = w->groups.entry[i].value; same;
		     same = same->same_hash)
			custom_group_free(same->groups);
	idmap_fini(&w->pending);
	idmap_fini(&w->groups);
	pool_fini(&w->pool);
}
