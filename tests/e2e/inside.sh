#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Tasks inside processes in the report, beside what the program that marks them wrote
# down: every one is there once, with its name and how it ended.

. "$TPTEST_TOP/tests/lib.sh"
need_probe

# told NAME: "id name status" of each begin that the program wrote down.
told()
{
	awk '$1 == "begin" { id = $2; $1 = $2 = $NF = ""; $(NF - 1) = ""; gsub(/^ +| +$/, ""); name[id] = $0; how[id] = "running" }
		$1 == "end" { how[$2] = $3 }
		END { for (id in name) print id, name[id], how[id] }' "$1.out" | sort
}

# found NAME: the same of the report.
found()
{
	"$TPPROBE" report "$1" --all --format json >"$1.json"
	jq -r '.tasks[] | select(.kind == "api") | "\(.id) \(.name) \(.status)"' "$1.json" | sort
}

for what in tell 'threads 4' order processes leave; do
	name=${what%% *}
	# shellcheck disable=SC2086 # arguments
	capture "$name" "$APPS/api" $what
	told "$name" >"$name.told"
	found "$name" >"$name.found"
	compares "$(wc -l <"$name.told")" '>' 1 "api $what: marks tasks"
	same "$name.told" "$name.found" "api $what: the report has them all, and how they ended"
	is "$(jq '[.profiles[] | select(.kind == "api") | .count] | add' "$name.json") $(
		jq '[.profiles[] | select(.kind == "api") | .failed] | add' "$name.json")" \
		"$(wc -l <"$name.told") $(grep -c ' failed$' "$name.told")" "api $what: and by name"
	# Of the threads of a process, the tasks inside them take a part and no more.
	is "$(jq '[.tasks[] | select(.kind != "api") | .metrics.thread_seconds as $all |
		select(.self.thread_seconds > $all * 1.000001)] | length' "$name.json")" 0 \
		"api $what: nothing has more time itself than with its tree"
	is "$(jq '([.tasks[].self.thread_seconds] | add) / .totals.thread_seconds | . > 0.999999 and . < 1.000001' \
		"$name.json")" true "api $what: all time is some task's"
done

is "$(jq '.totals.events_processed' tell.json)" 7 'events are counted'
is "$(jq '.totals["metric.signed"]' tell.json)" "$(awk '$4 == "int" { n += $5 } END { print n }' tell.out)" \
	'and metrics summed up'
is "$(jq -r '.tasks[] | select(.texts) | "\(.id) \(.texts.text)"' tell.json)" \
	"$(awk '$4 == "text" { id = $2; $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); last = $0 } END { print id, last }' tell.out)" \
	'of texts the last one is there'
capture switch "$APPS/api" switch
found switch >switch.found
is "$(jq -r '.tasks[] | select(.kind == "api") | "allocated \(.id) \(.self.memory_allocated_bytes)"' switch.json | sort)" \
	"$(sort switch.out)" 'what a thread does for a task is charged to it'
finish
