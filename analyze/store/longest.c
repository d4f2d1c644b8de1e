/* SPDX-License-Identifier: MIT */
/*
 * Which tasks took longest: a heap of the longest so far, the shortest of them on top.
 */
#include "longest.h"

#include <errno.h>
#include <stdlib.h>

struct entry {
	uint64_t ticks;
	struct task *task;
};

/* Of equal ones the lower id is longer: reports order them so. */
static bool is_shorter(const struct entry *a, const struct entry *b)
{
	return a->ticks != b->ticks ? a->ticks < b->ticks : a->task->id > b->task->id;
}

static void sink(struct entry *heap, size_t count, struct entry entry)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && is_shorter(&heap[child + 1], &heap[child]))
			child++;
		if (!is_shorter(&heap[child], &entry))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

static void rise(struct entry *heap, size_t at, struct entry entry)
{
	for (; at && is_shorter(&entry, &heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = entry;
}

int longest_mark(const struct tasks *tasks, uint64_t last, size_t most)
{
	struct entry *heap = malloc(most * sizeof(*heap) + 1);
	size_t count = 0;

	if (!heap)
		return -ENOMEM;
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->all[i];
		uint64_t end = task_end(task, last);
		struct entry entry = { end > task->start ? end - task->start : 0, task };

		task->is_long = false;
		if (count < most)
			rise(heap, count++, entry);
		else if (count && is_shorter(&heap[0], &entry))
			sink(heap, count, entry);
	}
	for (size_t i = 0; i < count; i++)
		for (struct task *t = heap[i].task; t && !t->is_long; t = t->parent)
			t->is_long = true;
	free(heap);
	return 0;
}
