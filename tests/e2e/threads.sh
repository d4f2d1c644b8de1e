#!/bin/bash
# SPDX-License-Identifier: MIT
# Threads of all sorts: each one a task, with its own work.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# check MODE COUNT MALLOCS ALLOCATIONS
check()
{
	local mode=$1 count=$2 mallocs=$3 each=$4

	capture "$mode" "$APPS/threads" "$mode" "$count" "$mallocs" 200
	is "$status" 0 "$mode: ends well"
	lossless "$mode"
	is "$(ask "$mode" '[.tasks[] | select(.kind == "thread")] | length')" "$count" "$mode: $count threads are $count tasks"
	is "$(ask "$mode" '[.tasks[] | select(.kind == "thread").self.io_write_count] | unique | tostring')" '[1]' \
		"$mode: each has its one write"
	is "$(ask "$mode" "[.tasks[] | select(.kind == \"thread\" and .self.memory_allocations >= $each)] | length")" "$count" \
		"$mode: each has at least its $each allocations"
	is "$(ask "$mode" '[.tasks[] | select(.kind == "thread").status] | unique | tostring')" '["completed"]' \
		"$mode: all completed"
	is "$(ask "$mode" '.tasks[] | select(.kind == "process").metrics.thread_count')" $((count + 1)) "$mode: thread_count"
}

check join 200 20 20
is "$(ask join '[.tasks[] | select(.kind == "thread").self.memory_allocations] | unique | tostring')" '[20]' \
	'join: exactly its 20 allocations'
check exit 50 20 20
check detached 60 20 20
check keys 200 20 24
is "$(ask keys '[.tasks[] | select(.kind == "thread").self.memory_allocations] | unique | tostring')" '[24]' \
	'keys: what destructors of thread-specific data do is counted'
is "$(ask keys '[.tasks[] | select(.kind == "thread") | .metrics.runtime_seconds < 0.01] | sort | .[20:] | unique | tostring')" '[true]' \
	'keys: a thread ends with its destructors, not when the collector notices'
is "$(ask keys '[.tasks[] | select(.kind == "thread") | (.metrics | .runtime_seconds - .thread_seconds | fabs) < 0.001] | unique | tostring')" \
	'[true]' 'keys: a thread is one task from its start to its destructors, whichever ring they had'
check cancel 20 20 20
check leave 20 20 20

# Rings are used again: more threads than rings, one after the other.
count=$((${TPTEST_LONG:-0} ? 30000 : 6000))
capture many "$APPS/threads" join $count 2 50
lossless many
is "$(ask many '[.tasks[] | select(.kind == "thread")] | length')" "$count" "$count threads are $count tasks"
is "$(ask many .capture.threads)" $((count + 1)) 'capture.threads'
is "$(ask many '[.tasks[] | select(.kind == "thread").self.memory_allocations] | add')" $((2 * count)) \
	'their allocations add up'
is "$(jq .threads_without_ring many/manifest.json)" 0 'no thread was without a ring'
finish
