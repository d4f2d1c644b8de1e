#!/bin/bash
# SPDX-License-Identifier: MIT
# A ring that is full: events = recorded + lost, totals exact, the program goes on.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { sed -n "s/^$1=//p" ledger; }

recorded() { "$TPPROBE" dump "$1" | grep -cwE 'ALLOC|ALLOC_BIG|FREE|REALLOC_FREE|REALLOC_ALLOC'; }

# stopped NAME MODE: the collector is stopped for a while, so that rings do fill.
stopped()
{
	local name=$1 pid app

	rm -f ledger
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/$name TPPROBE_WHEN_FULL=$2 TPPROBE_WAIT_MS=300 \
		"$APPS/heap" 2000000 1 3 >"$name.out" 2>&1 &
	app=$!
	pid=$(collector_of "$name")
	kill -STOP "$pid"
	wait "$app"
	status=$?
	kill -CONT "$pid"
	wait_complete "$name"
}

for mode in drop wait; do
	stopped $mode $mode
	is "$status" 0 "$mode: the program ends well while the collector is stopped"
	lost=$(jq .lost.mem $mode/manifest.json)
	compares "$lost" '>' 0 "$mode: events were lost ($lost)"
	is "$(total $mode memory_allocations)" "$(ledger allocs)" "$mode: totals are exact all the same"
	is "$(($(recorded $mode) + lost))" "$(($(ledger allocs) + $(ledger frees)))" "$mode: recorded + lost = all events"
	is "$(jq '.recorded.mem + .lost.mem' $mode/manifest.json)" "$(($(ledger allocs) + $(ledger frees)))" "$mode: the manifest says the same"
	like "$(ask $mode '.capture.notes | join(" ")')" "mem $lost of $(($(ledger allocs) + $(ledger frees)))" "$mode: and the report, by class"
	like "$(ask $mode '.capture.notes | join(" ")')" 'lost|dropped' "$mode: the report says that events are missing"
done

# The same without anybody stopped: wait loses nothing.
rm -f ledger
preload calm "$APPS/heap" 1000000 2 3
lossless calm 'wait, with a collector at work'
capture_none=$(total calm memory_allocations)
compares "$capture_none" '>=' "$(ledger allocs)" 'and all is counted'

# The collector is killed: the program does not hang.
rm -f ledger
LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/dead "$APPS/heap" 3000000 2 3 >dead.out 2>&1 &
app=$!
pid=$(collector_of dead)
kill -9 "$pid"
begin=$SECONDS
wait $app
is "$?" 0 'a collector that is killed: the program ends well'
compares $((SECONDS - begin)) '<' 30 'and soon'
session=$(readlink dead/session)
"$TPPROBE" report dead --format json >dead.json 2>dead.err
is "$?" 0 'what had been written is readable'
[[ $session == /dev/shm/tpprobe-* ]] && rm -rf "$session"
finish
