/* SPDX-License-Identifier: MIT */
/* Hand-made records of tasks inside a process, for the tests. */
#ifndef TPPROBE_TESTS_ANALYZE_TASK_TRACE_H
#define TPPROBE_TESTS_ANALYZE_TASK_TRACE_H

#include "tests/unit/analyze_trace.h"

#define BIT(counter) (UINT64_C(1) << COUNTER_##counter)
#define TASK_TO(task, words) ((task) | (uint64_t)(words) << 48)

static void put_begin(struct trace *t, uint64_t thread, uint64_t process, uint64_t stamp,
		      uint64_t id, uint32_t name, unsigned source, unsigned flags, uint64_t frame,
		      uint64_t parent)
{
	put(t, thread, process, stamp, TASK_BEGIN, id | (uint64_t)name << 40,
	    frame | (uint64_t)source << 48 | (uint64_t)flags << 56, parent);
}

static void put_end(struct trace *t, uint64_t thread, uint64_t process, uint64_t stamp, uint64_t id,
		    unsigned how)
{
	put(t, thread, process, stamp, TASK_END, id | (uint64_t)how << 40);
}

static void put_jump(struct trace *t, uint64_t thread, uint64_t process, uint64_t stamp,
		     uint64_t from, uint64_t target)
{
	put(t, thread, process, stamp, TASK_JUMP, target, from);
}

static void put_name(struct trace *t, uint64_t stamp, unsigned kind, uint32_t id, const char *name)
{
	put_text(t, 0, 0, stamp, kind, id, name, (uint32_t)strlen(name) + 1);
}

#endif
