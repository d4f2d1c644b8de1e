#!/bin/bash
# SPDX-License-Identifier: MIT
# Raw LD_PRELOAD with nothing running beforehand; where traces go; joining.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

seq 1 50000 | shuf --random-source=<(yes) >numbers
sort -n numbers >sorted

# One program, default directory.
LD_PRELOAD=$PROBE sort -n numbers >got
same got sorted 'sort under raw LD_PRELOAD sorts'
sleep 0.1
dir=$(echo tpprobe-sort-*)
wait_complete "$dir"
like "$dir" '^tpprobe-sort-[0-9]+$' 'the trace is ./tpprobe-<program>-<pid>'
mv "$dir" sorttrace
lossless sorttrace
compares "$(total sorttrace memory_allocations)" '>' 10 'its allocations are in the trace'
is "$(ask sorttrace '.tasks[] | select(.kind == "process") | .name')" sort 'its one process is called sort'
is "$(ask sorttrace '.run.status')" completed 'and has completed'

# export LD_PRELOAD TPPROBE_OUT; a | b: one trace.
(
	# shellcheck disable=SC2030 # that is what is meant
	export LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/both
	seq 1 100000 | sort -rn | head -n 2 >both.out
)
wait_complete both
is "$(cat both.out)" $'100000\n99999' 'a pipeline of exported LD_PRELOAD gives its result'
names=$(ask both '[.tasks[] | select(.kind == "process").name] | sort | unique | join(" ")')
for program in seq sort head; do
	like " $names " " $program " "one trace has $program"
done
[[ ! -e both.2 ]]
is "$?" 0 'and there is no second one'

# A finished trace is left alone: the next goes to DIR.2, DIR.3.
before=$(find both -type f -exec sha256sum {} + | sort)
for n in 2 3; do
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/both /bin/true
	wait_complete "both.$n"
	is "$(trace_state "both.$n")" complete "a finished trace is not touched: the next is both.$n"
done
is "$(find both -type f -exec sha256sum {} + | sort)" "$before" 'both is as it was'

# record refuses a finished trace, --force replaces it; never what is not a trace.
"$TPPROBE" record -o both -- true >refused.out 2>refused.err
is "$?" 125 'record refuses a finished trace with 125'
like "$(<refused.err)" 'both.*--force' 'and says what to do'
is "$(find both -type f -exec sha256sum {} + | sort)" "$before" 'and does not touch it'
is "$(wc -l <refused.err)" 1 'in one sentence'
RECORD=(--force)
capture both true
is "$status" 0 'record --force replaces it'
rm -f both.json
is "$(ask both '.tasks[0].name')" true 'by the new one'
mkdir precious && echo data >precious/file
"$TPPROBE" record --force -o precious -- true >/dev/null 2>precious.err
is "$?" 125 'record --force refuses a directory that is not a trace'
is "$(cat precious/file)" data 'and leaves it alone'
RECORD=()

# A live session is joined by a program that knows only its directory.
LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/joined sleep 1 &
sleep 0.4
LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/joined uname >/dev/null
wait
wait_complete joined
is "$(ask joined '[.tasks[] | select(.kind == "process").name] | sort | join(" ")')" 'sleep uname' \
	'a directory with a live session is joined'

# Two first processes at once: one session.
for i in 1 2 3 4 5; do
	(
		# shellcheck disable=SC2031
		export LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/race$i
		uname >/dev/null &
		uname >/dev/null &
		uname >/dev/null &
		wait
	)
	wait_complete "race$i" && [[ ! -e race$i.2 ]] &&
		[[ $(ask "race$i" '[.tasks[] | select(.name == "uname")] | length') == 3 ]]
	is "$?" 0 "three programs that start at once share a session ($i)"
done

# An environment that is nonsense stops nothing.
is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/odd TPPROBE_LEVEL=loud TPPROBE_NO_SUCH=1 TPPROBE_WAIT_MS=x /bin/echo fine 2>&1)" fine \
	'unknown TPPROBE_ values do not stop the program'
wait_complete odd
like "$(cat odd/session.log)" 'TPPROBE_LEVEL' 'session.log says which value was not understood'
like "$(cat odd/session.log)" 'TPPROBE_NO_SUCH' 'and which variable'
like "$(ask odd '.capture.notes | join("\n")')" 'TPPROBE_LEVEL' 'so does the report'

is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/gone TPPROBE_SESSION='1;-;0;/dev/shm/tpprobe-none' /bin/echo fine 2>&1)" fine \
	'a session that is gone does not stop the program'
begin=$EPOCHREALTIME
is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/noc TPPROBE_COLLECTOR=/nonexistent /bin/echo fine 2>&1)" fine \
	'a collector that is missing does not stop the program'
compares "$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')" '<' 1 'nor keep it waiting'
finish
