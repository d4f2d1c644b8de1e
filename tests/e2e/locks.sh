#!/bin/bash
# SPDX-License-Identifier: MIT
# Mutexes and sleeps.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

export LEDGER=$PWD/ledger
ledger() { sed -n "s/^$1=//p" ledger; }
sum_locks() { ask "$1" "[.locks[].$2] | add // 0"; }

capture quiet "$APPS/locks" quiet 5000 4
lossless quiet
compares "$(sum_locks quiet contended)" '==' 0 'locks that nobody fights for are never contended'
compares "$(total quiet lock_wait_seconds)" '==' 0 'and nobody waits'

rm -f ledger
capture queue "$APPS/locks" queue 10 20
is "$(sum_locks queue contended)" "$(ledger contended)" 'each wait for a held lock is counted'
waited=$(awk -v ms="$(ledger waited_ms)" 'BEGIN { print ms / 1000 }')
compares "$(total queue lock_wait_seconds)" '>=' "$(awk -v w="$waited" 'BEGIN { print w * 0.9 }')" 'the time waited is there'
compares "$(total queue lock_wait_seconds)" '<' "$(awk -v w="$waited" 'BEGIN { print w * 1.5 + 0.1 }')" 'and not more'
compares "$(ask queue '[.tasks[] | select(.kind == "thread").self.lock_wait_seconds] | add')" '>' 0.15 'charged to the thread that waited'

rm -f ledger
capture fight "$APPS/locks" fight 20000 4
is "$status" 0 'locks exclude under the probe'
lossless fight

rm -f ledger
capture sleeps "$APPS/sleeps" 5 20
compares "$(total sleeps sleep_seconds)" '>=' 0.198 'sleeps: their time'
compares "$(total sleeps sleep_seconds)" '<' 0.3 'and not more'
compares "$(total sleeps cpu_user_seconds)" '<' 0.1 'asleep is not at work'
finish
