#!/bin/bash
# SPDX-License-Identifier: MIT
# What a second reader found about functions as tasks: the same letters with and without
# us, and every task that begins has its end.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

RECORD=(--task 'task_*')

# ended DIR HOW: tasks that ended so (enum task_end_how).
ended()
{
	"$TPPROBE" dump "$1" | grep -c "TASK_END .*how=$2\b"
}

begun()
{
	"$TPPROBE" dump "$1" | grep -c 'TASK_BEGIN '
}

# case NAME [ARGUMENT]: as without us.
case_is_same()
{
	"$APPS/patch_odd" "$@" >"plain.$1" 2>&1
	is $? 0 "$1: runs to its end without us"
	capture "$1" "$APPS/patch_odd" "$@"
	is "$status" 0 "$1: status"
	same "plain.$1" "$1.out" "$1: output"
	lossless "$1"
}

case_is_same again
is "$(begun again) $(ended again 1)" '1 1' 'a context that is come back to: its task'
case_is_same routines
case_is_same handler
is "$(ask handler '[.tasks[] | select(.kind == "function" and .status == "running")] | length')" 0 \
	'jumps out of handlers leave no task open'
is "$(begun handler)" 300 'jumps out of handlers: all tasks are there'

# A handler that comes while its thread waits for room in the ring loses nothing.
capture ticks "$APPS/patch_odd" ticks
lossless ticks
is "$(begun ticks) $(ended ticks 1)" \
	"$(awk '/^ticks/ { print 100000 + $2, 100000 + $2 }' ticks.err)" 'ticks: every task, and its end'

case_is_same exits
is "$(ended exits 5)" 2 'pthread_exit of the main thread ends its tasks as exited'


case_is_same cancelled
is "$("$TPPROBE" dump cancelled | sed -n 's/.* TASK_END task=\([0-9]*\) .*/\1/p' | sort | uniq -d)" '' \
	'cancelled anywhere: no task ends twice'

if command -v "${CC:-gcc}" >/dev/null; then
	cat >library.c <<'C'
#include <dlfcn.h>
int task_close(void *self) { return dlclose(self); }
__attribute__((noinline)) int task_in(int n) { __asm__ volatile("" : "+r"(n)); return n * 3; }
C
	"${CC:-gcc}" -O2 -shared -fPIC -o library.so library.c
	RECORD=(--task 'library.so!task_*')
	case_is_same closes "$PWD/library.so"
	is "$(begun closes) $(ended closes 1)" '300 300' 'a library that closes itself: its tasks end'
	chmod 755 library.so
	dir=$PWD
	while [[ $dir == */tptest.* ]]; do
		chmod go+x "$dir"
		dir=${dir%/*}
	done
	if ((EUID == 0)) && setpriv --reuid 65534 --clear-groups test -r "$PWD/library.so"; then
		case_is_same as_nobody "$PWD/library.so"
		like "$(ask as_nobody '.capture.notes[]')" 'the plan cannot be opened' \
			'a plan out of reach is told'
	else
		skip as_nobody 'needs root and a directory that others may read'
	fi
fi

# The collector dies: programs start as quickly as without it.
cat >starts.sh <<'SH'
kill -9 "$1"
while kill -0 "$1" 2>/dev/null; do sleep 0.01; done
for ((i = 0; i < 4; i++)); do
	/bin/true
done
echo $SECONDS
SH
LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/dead TPPROBE_TASKS='task_*' bash -c '
	sleep 0.1
	. "$TPTEST_TOP/tests/lib.sh" >/dev/null
	SECONDS=0
	. ./starts.sh "$(LD_PRELOAD= collector_of dead)"' >dead.out 2>&1
compares "$(tail -n 1 dead.out)" '<' 6 'a collector that was killed: four programs do not wait for plans'
"$TPPROBE" finish dead >/dev/null 2>&1
finish
