#!/bin/bash
# SPDX-License-Identifier: MIT
# Allocations, frees, what is live at the end: exactly as the ledger says, on
# threads that free what others allocated, too.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { sed -n "s/^$1=//p" ledger; }

# What a run of no operations costs (threads have TLS blocks of their own).
for threads in 1 4; do
	rm -f ledger
	capture "none$threads" "$APPS/heap" 0 "$threads"
	rm -f ledger
	capture "t$threads" "$APPS/heap" 50000 "$threads" 7
	lossless "t$threads" "$threads threads"
	for pair in memory_allocations:allocs memory_allocated_bytes:bytes memory_frees:frees heap_leaked_bytes:live_bytes; do
		metric=${pair%:*} name=${pair#*:}
		is "$(($(total "t$threads" "$metric") - $(total "none$threads" "$metric")))" "$(ledger "$name")" \
			"$threads threads: $metric as in the ledger"
	done
	compares "$(total "t$threads" heap_peak_bytes)" '>=' "$(ledger live_bytes)" "$threads threads: peak is no less than what is live"
done

# Level counters keeps the totals and no events.
RECORD=(--level counters)
rm -f ledger
capture counters "$APPS/heap" 50000 1 7
is "$(total counters memory_allocations)" "$(ledger allocs)" 'at level counters the totals are exact'
is "$(total counters memory_allocated_bytes)" "$(ledger bytes)" 'bytes too'
is "$(total counters heap_leaked_bytes)" null 'what needs events is null'
like "$(ask counters '.capture.notes | join(" ")')" 'counters' 'and a note says why'
compares "$(ask counters .capture.trace_bytes)" '<' 100000 'and the trace is small'
finish
