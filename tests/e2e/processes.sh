#!/bin/bash
# SPDX-License-Identifier: MIT
# Children by every road: each is a task with its own work, its parent, its status.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

working='select(.kind == "process" and .self.memory_allocations == 20 and .self.io_write_count == 3 and .self.file_write_bytes == 9)'
for way in fork _Fork clone vfork spawn system popen daemon threads; do
	children=4
	[[ $way == threads ]] && children=8
	capture "$way" "$APPS/procs" "$way" 4 20
	is "$status" 0 "$way: ends well"
	lossless "$way"
	is "$(ask "$way" "[.tasks[] | $working] | length")" "$children" "$way: $children children did exactly their work"
	is "$(ask "$way" "[.tasks[] | $working | .status] | unique | tostring")" '["completed"]' "$way: all completed"
	is "$(ask "$way" "[.tasks[] | $working | select(.parent == null and .created_by == null)] | length")" 0 "$way: each has a parent, or outlived all and knows who made it"
	is "$(ask "$way" '[.tasks[] | .id] | (length == (unique | length))')" true "$way: ids are unique"
done

# 500 short processes, statuses 0..6.
export LEDGER=$PWD/ledger
capture many "$APPS/many_procs" 500 8
lossless many
is "$(ask many '[.tasks[] | select(.kind == "process" and .parent != null and .self.memory_allocations == 5 and .self.io_write_count == 3)] | length')" \
	500 '500 short processes did exactly their work'
is "$(ask many '[.tasks[] | select(.kind == "process" and .status == "failed")] | length')" \
	"$(sed -n 's/^failed=//p' ledger)" 'those that failed are known'
is "$(ask many '[.tasks[] | select(.parent != null).exit_code] | group_by(.) | map(length) | add')" 500 'with their codes'
is "$(ask many '[.tasks[] | select(.parent != null).exit_code] | unique | tostring')" '[0,1,2,3,4,5,6]' 'from 0 to 6'
unset LEDGER

# A process that lives on: the command's trace is readable, and completed later.
capture_on() { "$TPPROBE" record -o on -- sh -c 'sleep 1.5 & exec perl -e "select undef, undef, undef, 0.3; print qq(started)"' >on.out 2>on.err; }
begin=$EPOCHREALTIME
capture_on </dev/null
compares "$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')" '<' 1.2 'record returns when its command has ended'
"$TPPROBE" report on --format json >on.json 2>/dev/null
is "$(jq -r '.tasks[] | select(.name == "sleep").status' on.json)" running 'what lives on is running'
wait_complete on
rm -f on.json
is "$(ask on '.tasks[] | select(.name == "sleep").status')" completed 'and completed later'

# Children that were not to be followed.
RECORD=(--follow no)
capture alone sh -c '/bin/ls / >/dev/null; exit 2'
is "$status" 2 '--follow no: status'
is "$(ask alone '[.tasks[] | select(.kind == "process" and .name == "ls")] | length')" 0 'a child that is not followed is no task'
like "$(ask alone '.capture.uninstrumented | map(.program) | join(" ")')" 'ls' 'it is named under uninstrumented'
finish
