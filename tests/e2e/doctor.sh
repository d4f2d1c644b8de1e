#!/bin/bash
# SPDX-License-Identifier: MIT
# What doctor says about functions as tasks is tried, not guessed: with system calls that
# are forbidden it finds the other way, or none.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

line()
{
	grep -E "^[a-z]+ +$1 " "$2"
}

"$TPPROBE" doctor >free.out 2>&1
like "$(line functions free.out)" '^ok .*/proc/self/mem' 'functions can be patched here'
is "$(line 'debug files' free.out | grep -oE '[0-9]+ below' || echo '0 below')" \
	"$(find /usr/lib/debug/.build-id -path '*/??/*.debug' 2>/dev/null | wc -l) below" 'debug files are counted'

if "$APPS/forbids" pwrite -- true; then
	"$APPS/forbids" pwrite -- "$TPPROBE" doctor >pwrite.out 2>&1
	like "$(line functions pwrite.out)" '^ok .*mprotect \(/proc/self/mem: Operation not permitted\)' 'without pwrite there is mprotect'
	status=0
	"$APPS/forbids" pwrite exec -- "$TPPROBE" doctor >both.out 2>&1 || status=$?
	like "$(line functions both.out)" '^warn .*cannot be tasks.*seccomp' 'without both there is none, and why'
	is "$status" 0 'which is no reason not to capture'
	"$APPS/forbids" pwrite exec -- "$TPPROBE" record --task process_batch -o denied -- "$APPS/jobs" 7 >denied.out 2>&1
	"$APPS/jobs" 7 >plain.out
	is "$(grep -v '^trace: ' denied.out)" "$(<plain.out)" 'a program whose code cannot be written runs on'
	like "$(ask denied '.capture.notes | join("|")')" 'functions? of [^|]*jobs were not made tasks: its code cannot be written' \
		'and a note says so'
else
	skip 'forbidden calls' 'no seccomp here'
fi
finish
