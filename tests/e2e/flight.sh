#!/bin/bash
# SPDX-License-Identifier: MIT
# --max-size: the oldest events go, totals and tasks do not.
# timeout: 180
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

cap=$((1 << 20))
exact='io_read_count io_write_count file_read_bytes file_write_bytes network_data_sent_bytes thread_count'

# The same work twice: many tasks, and events by the million.
cat >work <<'WORK'
exec >/dev/null
for i in 1 2 3 4 5 6; do
	"$APPS/heap" 400000 1 $i
	/bin/echo "$i" | cat
done
"$APPS/sleeps"
exit 3
WORK
export APPS

# Bytes of the segments while it runs, the largest.
watch_size()
{
	local bytes most=0

	while [[ ! -e $1.done ]]; do
		bytes=$(du -sb "$1/segments" 2>/dev/null | cut -f 1)
		((${bytes:-0} > most)) && most=$bytes
		sleep 0.02
	done
	echo "$most" >"$1.most"
}

capture free bash work
is "$status" 3 'without a cap: status'
watch_size capped &
RECORD=(--max-size 1M)
capture capped bash work
RECORD=()
touch capped.done
wait

is "$status" 3 'with a cap: status'
lossless capped
compares "$(du -sb free/segments | cut -f 1)" '>' $((4 * cap)) 'the trace is much larger than the cap without it'
compares "$(du -sb capped/segments | cut -f 1)" '<=' $((cap + 8192)) 'and not larger than it with it'
# while it runs: a file of what is kept, at most a quarter, may be there twice for the moment in which it is replaced
compares "$(<capped.most)" '<=' $((cap + cap / 4)) 'at no time'
for metric in $exact; do
	is "$(total capped "$metric")" "$(total free "$metric")" "$metric is what it is without a cap"
done
# bash allocates for its own pid and the like; the others do the same each time.
tasks='[.tasks[] | "\(.kind) \(.name) \(.status) \(.exit_code) \(if .name == "bash" then "" else
	.metrics | .memory_allocations, .memory_frees, .memory_allocated_bytes end)"] | sort | .[]'
is "$(ask capped "$tasks")" "$(ask free "$tasks")" 'the tasks are the same, with their status and totals'
is "$(ask capped '.run | "\(.status) \(.exit_code)"')" 'failed 3' 'the run is told in full'
is "$(total capped heap_peak_bytes) $(total capped memory_temporary_allocations)" 'null null' 'what would need all events is null'
unlike "$(total free heap_peak_bytes)" null 'and is not without a cap'
like "$(ask capped '.capture.notes | join("\n")')" 'max-size: the oldest [0-9]+ events were dropped' 'the report says what is missing'

# What is there and what is not: recorded - dropped = in the trace, of each class.
classes()
{
	"$TPPROBE" dump "$1" | awk '
		{ for (i = 2; i <= 4; i++) if ($i ~ /^[A-Z_]+$/) { type = $i; break } }
		type ~ /^(ALLOC|ALLOC_BIG|FREE|REALLOC_FREE|REALLOC_ALLOC|REALLOC_UNDO|MAP)$/ { mem++ }
		type ~ /^(LOCK_WAIT|UNLOCK_WAKE|WAIT|WAKE|EXCEPTION)$/ { sync++ }
		type == "TEXT" { text++ }
		END { print mem + 0, sync + 0, text + 0 }'
}
left='. as $m | ["mem", "sync", "text"] | map($m.recorded[.] - ($m.window.dropped[.] // 0)) | map(tostring) | join(" ")'
is "$(classes capped)" "$(jq -r "$left" capped/manifest.json)" 'recorded less dropped is what dump shows'
is "$(classes free)" "$(jq -r "$left" free/manifest.json)" 'the same without a cap'
compares "$(jq .window.dropped.mem capped/manifest.json)" '>' 1000000 'heap events were dropped'
is "$(jq '.window.dropped | .task + .text' capped/manifest.json)" 0 'tasks and names were not'
is "$(jq '.recorded.mem + .lost.mem' free/manifest.json)" \
	"$(ask free '.totals | .memory_allocations + .memory_frees')" 'recorded + lost = what the hooks counted'

# The window is the end of the run: nothing is missing behind what was dropped.
until=$(jq .window.dropped_to_stamp capped/manifest.json)
compares "$until" '>' "$(jq .window.dropped_from_stamp capped/manifest.json)" 'the manifest says from when to when events are gone'
is "$(find capped/segments -name '*.tps' -exec zstd -tq {} + 2>&1)" '' 'all files are whole'

# Raw, and while it lives: the trace is readable at any time.
LEDGER=$PWD/ledger TPPROBE_MAX_SIZE=1m TPPROBE_OUT=$PWD/raw LD_PRELOAD=$PROBE "$APPS/heap" 3000000 1 7 >/dev/null &
for ((i = 0; i < 100; i++)); do
	(($(jq '.window.dropped_segments // 0' raw/manifest.json 2>/dev/null || echo 0) > 0)) && break
	kill -0 $! 2>/dev/null || break
	sleep 0.02
done
succeeds 'a report of a trace that is being cut' "$TPPROBE" report raw --format json -o live.json
wait
wait_complete raw
is "$(total raw memory_allocations)" "$(sed -n 's/^allocs=//p' ledger)" 'raw: totals are exact'
is "$(total raw memory_allocated_bytes)" "$(sed -n 's/^bytes=//p' ledger)" 'raw: bytes too'

# kill -9 loses nothing of the totals.
LEDGER=$PWD/killed.ledger TPPROBE_MAX_SIZE=1M preload killed timeout -s KILL 1 "$APPS/heap" 100000000 1 7 2>/dev/null
compares "$(ask killed '[.tasks[] | select(.name == "heap")] | .[0].metrics.memory_allocations')" '>' 100000 'kill -9: what it had counted is there'

# The collector is killed: what is finished by hand knows that there is a window.
LEDGER=$PWD/orphan.ledger TPPROBE_MAX_SIZE=1M TPPROBE_WAIT_MS=200 TPPROBE_OUT=$PWD/orphan LD_PRELOAD=$PROBE "$APPS/heap" 4000000 1 7 >/dev/null &
for ((i = 0; i < 200; i++)); do
	(($(jq '.window.dropped_segments // 0' orphan/manifest.json 2>/dev/null || echo 0) > 0)) && break
	sleep 0.02
done
session=$(readlink orphan/session)
for pid in $(pgrep -f tpprobe-collector); do
	grep -qaF "$session" "/proc/$pid/cmdline" "/proc/$pid/maps" 2>/dev/null && kill -9 "$pid"
done
wait
succeeds 'finish, after the collector was killed' "$TPPROBE" finish orphan
is "$(total orphan heap_peak_bytes)" null 'finished by hand: what would need all events is null'
like "$(ask orphan '.capture.notes | join("\n")')" 'max-size: the oldest' 'finished by hand: the report says what is missing'
is "$(classes orphan)" "$(jq -r "$left" orphan/manifest.json)" 'finished by hand: recorded less dropped is what dump shows'
compares "$(total orphan memory_allocations)" '>' "$(($(sed -n 's/^allocs=//p' orphan.ledger) / 2))" 'finished by hand: totals are kept'

# A cap that does not make sense.
TPPROBE_MAX_SIZE=plenty preload odd /bin/true
is "$status" 0 'TPPROBE_MAX_SIZE=plenty: the program runs'
like "$(cat odd/session.log)" 'TPPROBE_MAX_SIZE=plenty' 'and session.log says so'
finish
