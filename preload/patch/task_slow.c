/* SPDX-License-Identifier: MIT */
/*
 * The parts of beginning and ending a task that may use any register: a thread's
 * first record, a ring without room, metrics, frames of other threads and of a
 * parent process.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "../record.h"
#include "../sys.h"
#include "../task.h"
#include "patch.h"

/* The thread, marked as being at work here; NULL: nothing is to be done. A fork in between
 * (a handler's) begins from nothing: end_work(). */
static struct probe_thread *begin_work(void)
{
	struct probe_thread *t = probe_enter();

	if (t)
		t->busy++;
	return t;
}

static void end_work(struct probe_thread *t)
{
	if (t->busy)
		t->busy--;
}

/* The kernel reads the mask before it looks at what is to be done with it: nothing is. */
bool patch_is_readable(uintptr_t at)
{
	return sys4(SYS_rt_sigprocmask, -1, at, NULL, 8) != -EFAULT;
}

/* A string of the program, as far as it can be read; -1 not at all. */
static long read_text(uintptr_t at, char *into)
{
	size_t first = 4096 - (at & 4095);
	struct iovec here = { into, TASK_TEXT_MAX }, there[2] = { { (void *)at, TASK_TEXT_MAX } };
	long got;

	if (!at || probe.no_syscalls)
		return -1;
	if (first < TASK_TEXT_MAX) { /* the kernel gives whole pieces only */
		there[0].iov_len = first;
		there[1] = (struct iovec){ (void *)(at + first), TASK_TEXT_MAX - first };
	}
	got = sys6(SYS_process_vm_readv, (long)sys0(SYS_getpid), (long)&here, 1, (long)there,
		   there[1].iov_len ? 2 : 1, 0);
	return got <= 0 ? -1 : (long)strnlen(into, (size_t)got);
}

static uint64_t raw_value(const struct task_frame *f, const struct plan_metric *metric)
{
	const uint64_t integers[] = { f->rdi, f->rsi, f->rdx, f->rcx, f->r8, f->r9 };

	switch (metric->source) {
	case PLAN_integer_argument:
		return metric->index < 6 ? integers[metric->index] : 0;
	case PLAN_float_argument:
		return metric->index < 8 ? task_frame_floats(f)[metric->index] : 0;
	case PLAN_stack_argument:
		return f->stack_argument[metric->index];
	case PLAN_integer_return:
		return f->rax;
	default:
		return task_frame_floats(f)[0];
	}
}

static void tell_value(struct probe_thread *t, const struct task_frame *f,
		       const struct plan_metric *metric)
{
	uint64_t raw = raw_value(f, metric);
	char text[TASK_TEXT_MAX];
	union {
		uint32_t bits;
		float value;
	} narrow = { .bits = (uint32_t)raw };
	union {
		double value;
		uint64_t bits;
	} wide;
	long bytes;

	switch (metric->type) {
	case PLAN_text:
		bytes = read_text(raw, text);
		if (bytes >= 0)
			task_tell_metric_text(t, metric->name, text, (size_t)bytes, f->id);
		break;
	case PLAN_f32:
		wide.value = (double)narrow.value;
		task_tell_metric(t, metric->name, VALUE_float, wide.bits, f->id);
		break;
	case PLAN_f64:
		task_tell_metric(t, metric->name, VALUE_float, raw, f->id);
		break;
	case PLAN_u64:
		task_tell_metric(t, metric->name, VALUE_unsigned, raw, f->id);
		break;
	default:
		task_tell_metric(t, metric->name, VALUE_signed,
				 (uint64_t)plan_integer(metric->type, raw), f->id);
	}
}

static bool is_of_return(const struct plan_metric *metric)
{
	return metric->source == PLAN_integer_return || metric->source == PLAN_float_return;
}

static void tell_values(struct probe_thread *t, const struct task_frame *f, bool of_return)
{
	for (unsigned i = 0; i < f->function->metrics; i++)
		if (is_of_return(&f->function->metric[i]) == of_return)
			tell_value(t, f, &f->function->metric[i]);
}

void task_enter_slow(void *frame)
{
	struct task_frame *f = frame;
	struct probe_thread *t = begin_work();
	uint64_t id;

	if (!t)
		return;
	f->process = (uint32_t)probe.process;
	if (f->function->flags & PLAN_event)
		task_count_events(t, 1);
	if (f->function->flags & PLAN_task) {
		f->before = atomic_load_explicit(&t->slot->task, memory_order_relaxed);
		id = task_new_id(t);
		if (id && task_tell_begin(t, id, f->function->name, SOURCE_function, 0,
					  (uintptr_t)f, 0)) {
			f->id = id;
			f->thread = t->thread;
			f->outer = t->slot->top_frame;
			t->slot->top_frame = f;
		}
	}
	tell_values(t, f, false);
	end_work(t);
}

static void end(struct probe_thread *t, struct task_frame *f, enum task_end_how how)
{
	uint64_t id = f->id;

	if (!id)
		return;
	f->id = 0; /* before: as in tell_end() */
	task_tell_end(t, id, how, t->thread == f->thread ? f->before : t->thread);
	t->slot->top_frame = outer_of(t, f);
}

void task_leave_slow(void *frame)
{
	struct task_frame *f = frame;
	struct probe_thread *t = begin_work();

	if (!t)
		return;
	/* A child of fork returns through its parent's frames: not its tasks. */
	if (f->process == (uint32_t)probe.process) {
		tell_values(t, f, true);
		end(t, f, f->how);
	}
	end_work(t);
}

void event_enter_slow(void *frame)
{
	struct task_frame *f = frame;
	struct probe_thread *t = begin_work();

	if (!t)
		return;
	task_count_events(t, 1);
	tell_values(t, f, false);
	end_work(t);
}

void task_unwound(struct task_frame *f, enum task_end_how how)
{
	struct probe_thread *t = f->id ? probe_enter() : NULL;

	if (t && f->process == (uint32_t)probe.process)
		end(t, f, how);
}
