#!/bin/bash
# SPDX-License-Identifier: MIT
# Handlers that call hooked functions in the middle of hooks, and jump out of them.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { sed -n "s/^$1=//p" ledger; }
calls=$((${TPTEST_LONG:-0} ? 2000000 : 200000))

capture few "$APPS/signals" 1
rm -f ledger
capture t "$APPS/signals" $calls
is "$status" 0 'nested handlers: ends well'
note "$(ledger signals) signals"
lossless t
is "$(total t io_write_count)" "$(($(ledger main_writes) + $(ledger handler_writes)))" 'every write of main and handler is counted'
is "$(total t io_read_count)" "$(ledger handler_reads)" 'every read of the handler'
is "$(($(total t memory_allocations) - $(total few memory_allocations) + 1))" "$(ledger allocs)" 'every allocation that was interrupted'
is "$(ledger errno_changes)" 0 'errno of the program is its own'
is "$("$TPPROBE" dump t | grep -cw write)" "$(total t io_write_count)" 'and each is an event in the dump'

for i in 1 2 3; do
	rm -f ledger
	capture jump$i "$APPS/signals" $calls 1
	is "$status" 0 "siglongjmp out of hooks: ends well ($i)"
	note "$(ledger signals) signals, $(ledger jumps) jumps"
	lossless jump$i
	writes=$(($(ledger main_writes) + $(ledger handler_writes)))
	compares "$(total jump$i io_write_count)" '>=' $writes 'no write is missing'
	compares "$(total jump$i io_write_count)" '<=' $((writes + $(ledger jumps))) 'and no more than were jumped over come on top'
	is "$(total jump$i io_read_count)" "$(ledger handler_reads)" 'reads are exact'
done
finish
