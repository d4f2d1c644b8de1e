#!/bin/bash
# SPDX-License-Identifier: MIT
# The same capture over and over while other programs keep the CPUs busy: threads
# that come and go hand rings to one another, and nothing may get lost between them.
# timeout: 300
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

rounds=$((${TPTEST_LONG:-0} ? 300 : 25))
export LEDGER=$PWD/ledger
(while :; do :; done) &
busy=$!
heap=0 keys=0
for ((i = 1; i <= rounds; i++)); do
	rm -rf t t.json ledger
	capture t "$APPS/heap" 50000 4 "$i"
	allocs=$(sed -n 's/^allocs=//p' ledger)
	heap_events=$("$TPPROBE" dump t | grep -cE ' (ALLOC|ALLOC_BIG|REALLOC_ALLOC) ')
	got="$(total t memory_allocations) $heap_events $(ask t .capture.lost)"
	# Each of the four threads costs libc one block.
	if [[ $got == "$((allocs + 4)) $((allocs + 4)) 0" ]]; then
		((++heap))
	else
		note "heap, round $i: ledger $allocs + 4; total, events, lost: $got"
	fi

	rm -rf t t.json ledger
	capture t "$APPS/threads" keys 200 20 200
	got=$(ask t '[.tasks[] | select(.kind == "thread").self.memory_allocations] | "\(length) \(unique)"')
	if [[ $got == '200 [24]' ]]; then
		((++keys))
	else
		note "threads, round $i: $got"
	fi
done
kill $busy
wait $busy 2>/dev/null
is "$heap" "$rounds" "$rounds times: every allocation of four threads is counted and recorded"
is "$keys" "$rounds" "$rounds times: each of 200 threads has its own 24 allocations"
finish
