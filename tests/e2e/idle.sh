#!/bin/bash
# SPDX-License-Identifier: MIT
# Waits that nobody ended: cut short by the end of the process, or cancelled. They
# leave no record, and their time is where it belongs all the same.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

ms=300
for how in exit kill cancel; do
	best=''
	for i in 1 2 3; do
		capture "$how$i" "$APPS/idle" "$how" $ms
		# each of the four: cond and sem are sync
		off=$(ask "$how$i" ".totals |
			[(.sync_wait_seconds - 2 * $ms / 1000), (.sleep_seconds - $ms / 1000), (.lock_wait_seconds - $ms / 1000)] |
			map(fabs) | max")
		best=$(printf '%s\n' "${best:-$off}" "$off" | sort -g | head -n 1)
		awk -v off="$best" 'BEGIN { exit !(off <= 0.02) }' && break
	done
	compares "$best" '<=' 0.02 "$how: waits of $ms ms, sync, sleep and lock"
	is "$(ask "$how$i" '[.tasks[] | select(.kind == "thread")] | length')" 4 "$how: four threads"
	compares "$(ask "$how$i" '[.tasks[] | select(.kind == "thread").self.other_seconds] | max')" '<=' 0.02 "$how: nothing of it is other"
done
capture jump "$APPS/idle" jump $ms
compares "$(total jump sleep_seconds)" '<=' 0.02 'a wait that a jump has left does not go on'
RECORD=(--level counters)
capture counters "$APPS/idle" exit $ms
compares "$(total counters sync_wait_seconds)" '>=' 0.59 'level counters: the same'
finish
