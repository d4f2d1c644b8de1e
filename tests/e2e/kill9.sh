#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 at a random moment under load on two threads: every call that the
# program's ledger counts is in the trace, and at most one more per thread.
# timeout: 300
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

rounds=${KILL9_ROUNDS:-50}
RANDOM=${KILL9_SEED:-$$}
note "KILL9_SEED=$RANDOM"
threads=2
good=0
for ((i = 1; i <= rounds; i++)); do
	rm -rf t t.json ledger
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/t "$APPS/kill9" ledger $threads >kill9.out 2>&1 &
	pid=$!
	for ((k = 0; k < 500; k++)); do # a busy machine may take its time to start it
		[[ -s ledger ]] && break
		sleep 0.01
	done
	ms=$((1 + RANDOM % 150))
	sleep "0.$(printf '%03d' $ms)"
	kill -9 $pid
	wait $pid 2>/dev/null
	wait_complete t || break
	read -r allocs frees writes < <(od -An -v -t u8 -w64 ledger | awk '{ a += $1; f += $2; w += $3 } END { print a + 0, f + 0, w + 0 }')
	report t || break
	problem=$(jq -r --argjson a "$allocs" --argjson f "$frees" --argjson w "$writes" --argjson n $threads '
		def check(name; got; least): if got >= least and got <= least + $n then empty
			else "\(name): trace \(got), ledger \(least)" end;
		[ (if .capture.lost != 0 then "lost \(.capture.lost)" else empty end),
		  check("writes"; .totals.io_write_count; $w),
		  # libc allocates one block for each thread but the first
		  check("allocations"; .totals.memory_allocations - ([.tasks[] | select(.kind == "thread")] | length); $a),
		  check("frees"; .totals.memory_frees; $f),
		  (if .run.status != "killed" then "status \(.run.status)" else empty end) ] | join("; ")' t.json) || problem='jq failed'
	if [[ -n $problem ]]; then
		note "round $i, killed after $ms ms: $problem (kept: bad.$i)"
		mkdir "bad.$i" && cp -r t t.json t.report.err ledger kill9.out "bad.$i"
	else
		((++good))
	fi
done
is "$good" "$rounds" "$rounds programs killed at a random moment: nothing that the ledger counts is missing"
note "last one: $allocs allocations, $frees frees, $writes writes"
finish
