#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
#
# Many at once: a thousand threads, 64 processes with two threads each, and two threads
# that do nothing but what is recorded. All is counted; what is lost is counted too.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { awk -F= -v name="$1" '$1 == name { n += $2 } END { print n + 0 }' ledger; }

# all_counted TRACE: the totals are the ledger's, less what pthread_create itself allocates.
all_counted()
{
	is "$(total "$1" io_write_count)" "$(ledger writes)" "$1: writes"
	is "$(total "$1" file_write_bytes)" "$(ledger write_bytes)" "$1: bytes written"
	is "$(total "$1" io_read_count)" "$(ledger reads)" "$1: reads"
	is "$(total "$1" file_read_bytes)" "$(ledger read_bytes)" "$1: bytes read"
	is "$(jq .threads_without_ring "$1/manifest.json")" 0 "$1: each thread had a ring"
}

# Of each share of work (10 to 59 allocations) as many threads as there should be.
shares() { ask "$1" '[.tasks[] | select(.kind == "thread").self.memory_allocations] | group_by(.) | map("\(.[0])x\(length)") | join(" ")'; }
should()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) c[10 + i % 50]++
		for (k = 10; k < 60; k++) if (c[k]) printf "%s%dx%d", (k > 10 ? " " : ""), k, c[k] }'
}

rm -f ledger
capture threads "$APPS/scale" threads 1000
is "$status" 0 '1000 threads at once: end well'
lossless threads
is "$(ask threads .capture.threads)" 1001 'each is a task'
all_counted threads
is "$(shares threads)" "$(should 1000)" 'each thread has exactly its own allocations'
is "$(ask threads '[.tasks[] | select(.kind == "thread") | "\(.status) \(.self.io_read_count)"] | unique | tostring')" \
	'["completed 1"]' 'and its one read'

rm -f ledger
capture processes "$APPS/scale" processes 64
is "$status" 0 '64 processes at once: end well'
lossless processes
is "$(ask processes '.capture | "\(.processes) \(.threads)"')" '65 193' 'with two threads each'
all_counted processes
is "$(shares processes)" "$(should 128)" 'each thread has exactly its own allocations'
is "$(ask processes '[.tasks[] | select(.kind == "process" and .parent != null) | . as $p
	| "\(.status) \(.exit_code) \(.metrics.thread_count) \(.metrics.io_read_count) \(.self.memory_allocations >= 1)"] | unique | tostring')" \
	'["completed 0 3 2 true"]' 'each process has the reads of its two threads'

# flood NAME WHAT COUNT [stopped]: raw, with whatever TPPROBE_* is set; RECORDS are those of
# the two threads that flood.
flood()
{
	local name=$1 what=$2 count=$3 collector=

	rm -f ledger
	TPPROBE_OUT=$PWD/$name LD_PRELOAD=$PROBE "$APPS/scale" flood "$what" "$count" >"$name.out" 2>&1 &
	local app=$!
	if [[ ${4:-} ]]; then
		collector=$(collector_of "$name")
		kill -STOP "$collector"
	fi
	wait $app
	is "$?" 0 "$name: ends well"
	[[ -z $collector ]] || kill -CONT "$collector"
	wait_complete "$name"
	recorded=$("$TPPROBE" dump "$name" | awk '
		{ split($2, id, "/") }
		id[1] != id[2] && $3 ~ /^(ALLOC|ALLOC_BIG|FREE|IO|WAIT)$/ { n++ }
		END { print n + 0 }')
}

while read -r what class metric count; do
	export TPPROBE_WHEN_FULL=drop
	flood "drop_$what" "$what" "$count" stopped
	lost=$(jq ".lost.$class" "drop_$what/manifest.json")
	compares "$lost" '>' 0 "drop, $what: events were lost while the collector was stopped ($lost)"
	is $((recorded + lost)) "$(ledger events)" "drop, $what: recorded + lost = done"
	[[ $metric == - ]] || is "$(total "drop_$what" "$metric")" "$(ledger calls)" "drop, $what: the total is exact"

	flood "busy_$what" "$what" "$count"
	lost=$(jq ".lost.$class" "busy_$what/manifest.json")
	is $((recorded + lost)) "$(ledger events)" "drop, $what, collector at work: recorded + lost = done"
	note "lost $lost of $(ledger events)"

	export TPPROBE_WHEN_FULL=wait TPPROBE_WAIT_MS=60000 # other tests may have the processors
	flood "wait_$what" "$what" "$count"
	lossless "wait_$what"
	is "$recorded" "$(ledger events)" "wait, $what: every event is there"
	unset TPPROBE_WHEN_FULL TPPROBE_WAIT_MS
done <<'ROWS'
heap mem - 300000
io io io_write_count 250000
sync sync - 250000
ROWS
finish
