#!/bin/bash
# SPDX-License-Identifier: MIT
# Who made whom wait, and how many worked at one time: programs that wait for each other by design.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { sed -n "s/^$1=//p" ledger; }
# of DIR KIND KEY: sum over the wakes of a kind
of() { ask "$1" "[.wakes[] | select(.kind == \"$2\").$3] | add // 0"; }

# A thread waits for a mutex that the main thread holds each time.
capture queue "$APPS/locks" queue 10 20
is "$(of queue lock count)" "$(ledger contended)" 'locks: one edge for each wait for a held lock'
is "$(ask queue '[.wakes[] | select(.kind == "lock")] | map([.from, .to]) | unique | length')" 1 'all from one to the other'
is "$(ask queue '. as $r | [.wakes[] | select(.kind == "lock")][0] | .from as $f | $r.tasks[] | select(.id == $f).kind')" \
	process 'from the main thread, which held it'
is "$(ask queue '. as $r | [.wakes[] | select(.kind == "lock")][0] | .to as $t | $r.tasks[] | select(.id == $t).kind')" \
	thread 'to the thread'
is "$(ask queue '([.wakes[] | select(.kind == "lock").seconds] | add) - ([.locks[].wait_seconds] | add) | fabs < 1e-6')" \
	true 'with the time that the lock says'
like "$(ask queue '.locks[0].place')" '^locks\+0x' 'the lock has a place'
is "$(ask queue '.locks[0].holder == (.tasks[] | select(.kind == "process").id)')" true 'and who held it'

# waits KIND 3 20: a thread waits three times for the main thread, or for the threads that it joins.
while read -r edge kinds; do
	for kind in $kinds; do
		rm -f ledger
		capture "waits.$kind" "$APPS/waits" "$kind" 3 20
		is "$(of "waits.$kind" "$edge" count)" 3 "$kind: three $edge edges"
		is "$(ask "waits.$kind" '[.wakes[] | select(.kind != "start") | .kind] | unique | join(" ")')" "$edge" "$kind: and no others"
		waited=$(awk -v us="$(ledger waited_us)" 'BEGIN { print us / 1e6 }')
		compares "$(of "waits.$kind" "$edge" seconds)" '>=' "$(awk -v w="$waited" 'BEGIN { print w * 0.95 - 0.005 }')" \
			"$kind: with the time of the ledger"
		compares "$(of "waits.$kind" "$edge" seconds)" '<=' "$(awk -v w="$waited" 'BEGIN { print w * 1.05 + 0.005 }')" \
			"$kind: not more"
	done
done <<'KINDS'
lock mutex mtx read write
wake cond cnd sem futex
barrier barrier
join join
KINDS

# Threads that are joined: created and ended.
rm -f ledger
capture join "$APPS/threads" join 7 10
is "$(of join start count)" 7 'threads: an edge from who created each'
is "$(of join join count)" 7 'and one to who joined it'
is "$(ask join '([.wakes[] | select(.kind == "join").from] | sort) == ([.wakes[] | select(.kind == "start").to] | sort)')" \
	true 'from the same threads'
is "$(ask join '.workers | length')" 8 'workers: main and the threads'
compares "$(ask join .workers_summary.peak)" '>=' 2 'more than one at a time'
compares "$(ask join .workers_summary.peak)" '<=' 8 'not more than there were'

# A reader that waits 0.3 s for its writer, and a shell for both.
capture pipe sh -c '{ sleep 0.3; echo x; } | { read -r v; test "$v" = x; }'
is "$status" 0 'a pipe'
compares "$(of pipe pipe seconds)" '>=' 0.28 'the reader has waited for the writer'
compares "$(of pipe pipe seconds)" '<' 0.6 'and not longer than that'
compares "$(of pipe exit seconds)" '>=' 0.5 'its shell and its sleeping half have waited for their children'
is "$(of pipe exit count)" "$(of pipe fork count)" 'each child was waited for'
is "$(ask pipe '[.wakes[] | select(.from == .to)] | length')" 0 'nobody wakes himself'
is "$(ask pipe '[.wakes[] | .from, .to] - [.tasks[].id] | length')" 0 'all are tasks'

# How many ran.
capture busy sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done'
is "$(ask busy '(.workers_summary.average - .totals.speedup_factor) | fabs < 1e-6')" true 'workers on average: CPU time by runtime'
compares "$(ask busy .workers_summary.average)" '>' 0 'a program at work'
is "$(ask busy '.workers_summary.peak')" 1 'and one at most'
is "$(ask busy '.workers[0] | (.occupancy <= 1) and (.peak_rss_mb > 0) and .cpu_seconds > 0 and
	.last_seen_seconds > .start_seconds')" true 'its row'
is "$(ask busy '.curves | [.live_workers, .running_workers, .memory_limit, .rss] | map(length) | unique | length')" 1 \
	'all curves are on one grid'
is "$(ask busy '.curves.live_workers | max')" 1 'live workers over time'

text=$("$TPPROBE" report pipe)
like "$text" 'Who made whom wait' 'the text report says who made whom wait'
like "$text" 'Workers' 'and how many worked'
is "$("$TPPROBE" report queue | awk '/^Notes/ { exit } length > 84 && !/allocations|network/' | grep -c .)" 0 'it fits on a terminal'
finish
