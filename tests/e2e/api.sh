#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Tasks that a program marks with tpprobe.h: the program writes down what it did, the
# trace must say the same.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/marks.sh
. "$TPTEST_TOP/tests/marks.sh"
need_probe

# How many tasks of the API there are of each status, in the report.
statuses()
{
	ask "$1" '[.tasks[] | select(.kind == "api").status] | group_by(.) | map("\(.[0]) \(length)") | join(", ")'
}

# Without the list of all tasks, which may be long.
nothing_lost()
{
	is "$("$TPPROBE" report "$1" --top 1 --format json | jq .capture.lost)" 0 "$1: no event was lost"
}

# agrees NAME ARGUMENT…: what the program wrote down is what the trace has.
agrees()
{
	local name=$1

	shift
	capture "$name" "$APPS/api" "$@"
	is "$status" 0 "api $*: runs"
	records "$name" | sort >"$name.records"
	sort "$name.out" >"$name.sorted"
	compares "$(wc -l <"$name.sorted")" '>' 1 "api $*: something was written down"
	same "$name.sorted" "$name.records" "api $*: the trace says what the program did"
	nothing_lost "$name"
}

agrees tell tell
is "$("$TPPROBE" dump tell | grep -o ' events=[0-9]*' | awk -F= '{ n += $2 } END { print n }')" 7 'events are counted'
is "$("$TPPROBE" dump tell | grep -c 'TEXT.*text="again"')" 1 'a name that comes a thousand times is told once'
is "$("$TPPROBE" dump tell | grep -c 'TASK_BEGIN.* source=2 ')" 1004 'they are tasks of the API'

is "$(statuses tell)" 'completed 1002, failed 2' 'the report has them as they ended'
is "$(ask tell '.tasks[] | select(.name == "in") | .parent as $p | [.parent != .id, ($p | type)] | @csv')" 'true,"number"' \
	'a task has the parent that it was given'
is "$(ask tell '[.totals["metric.signed"], .totals["metric.double"]] | @csv')" '-7,0.1' 'and the metrics'
is "$(ask tell '.tasks[] | select(.name == "inner task").self.events_processed')" 7 'events are the current task'\''s'

plain=$("$APPS/api" tell)
is "$plain" '' 'without the probe nothing begins'
RECORD=(--level counters)
agrees counters tell
RECORD=()
preload raw "$APPS/api" tell
records raw | sort >raw.records
is "$(<raw.records)" "$(sort raw.out)" 'the same under LD_PRELOAD'
compares "$(wc -l <raw.records)" '>' 2000 'and all of it'

capture misuse "$APPS/api" misuse
is "$status" 0 'misuse does no harm'
is "$(records misuse | awk '{ n[$1]++ } END { print n["begin"], n["end"], n["metric"] }')" '3 3 2' \
	'and leaves nothing but the three tasks and two metrics that were right'
is "$("$TPPROBE" dump misuse | awk '/TEXT.*kind=1[457] / { match($0, /bytes=[0-9]+/); print substr($0, RSTART + 6, RLENGTH - 6) }' | sort -n | xargs)" \
	'3 4 256 511 512 512' 'names are cut where a character begins, texts too'
succeeds 'its report is JSON' jq -e .schema <("$TPPROBE" report misuse --format json)

agrees threads threads 500
is "$(statuses threads)" 'completed 12000' 'all of them have ended'
agrees order order
is "$(statuses order)" 'completed 9' 'in whatever order'
agrees processes processes
is "$(awk '$1 == "begin" { b[$2]++ } $1 == "end" { b[$2]-- } END { for (i in b) if (b[i]) n++; print n + 0 }' processes.records)" 1 \
	'one task was left open, by the exec'

agrees leave leave
is "$(statuses leave)" 'running 3' 'and are shown so'
is "$(grep -c ^begin leave.records) $(grep -c ^end leave.records)" '3 0' 'tasks that are open at the exit have no end'

agrees names names 40000
is "$("$TPPROBE" dump names | grep -c 'kind=14 ')" 40000 'each of 40,000 names is told once'
capture more "$APPS/api" names 90000
records more >more.records
is "$(grep -c ^begin more.records) $(grep -c ^end more.records)" '180000 180000' '90,000 names: all tasks are there'
compares "$(grep -c ' (more names) ' more.records)" '>=' 40000 'those that came last under a common name'
is "$("$TPPROBE" dump more | grep -c ' TEXT .*more names')" 1 'which is told once'

capture open "$APPS/api" open 80000
records open >open.records
is "$(grep -c ^begin open.records) $(grep -c ^end open.records)" '80000 80000' '80,000 open tasks: each begins and ends once'
is "$(grep ^end open.records | sort | uniq -d | wc -l)" 0 'and none twice'

capture switch "$APPS/api" switch
is "$(ask switch '.tasks[] | select(.kind == "api") | "allocated \(.id) \(.self.memory_allocated_bytes)"')" "$(<switch.out)" \
	'what a thread does is charged to the task that it works for'

export LEDGER=$PWD/ledger
capture signals "$APPS/api" signals
is "$status" 0 'tasks in signal handlers'
ledger() { sed -n "s/^$1=//p" ledger; }
records signals >signals.records
is "$(grep -c '^begin [0-9]* main ' signals.records)" "$(ledger main)" 'all tasks of the program are there'
is "$(grep -c '^begin [0-9]* handler ' signals.records)" "$(ledger handled)" 'and of its handler'
is "$(grep -c ^begin signals.records)" "$((2 * ($(ledger main) + $(ledger handled))))" 'and no other'
is "$(awk '$1 == "begin" { b[$2]++ } $1 == "end" { b[$2]-- } END { for (i in b) if (b[i]) n++; print n + 0 }' signals.records)" 0 \
	'each ends once'
nothing_lost signals
finish
