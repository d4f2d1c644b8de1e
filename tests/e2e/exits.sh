#!/bin/bash
# SPDX-License-Identifier: MIT
# Every way to end: status and signal as the kernel says, nothing lost.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# way status | as the shell sees it | status | exit code | signal
while read -r way arg code word exit_code signal; do
	capture "$way" "$APPS/exits" "$way" "$arg"
	is "$status" "$code" "$way $arg: tpprobe record ends with $code"
	lossless "$way"
	is "$(ask "$way" '.run | "\(.status) \(.exit_code) \(.signal)"')" "$word $exit_code $signal" "$way: the run is $word"
	is "$(ask "$way" '.tasks[] | select(.parent == null) | .status')" "$word" "$way: and so is its task"
	compares "$(total "$way" memory_allocations)" '>=' 10 "$way: its allocations are there"
	compares "$(total "$way" heap_leaked_bytes)" '>=' 10000 "$way: what it never freed is known"
done <<'ROWS'
return 0 0 completed 0 null
exit 3 3 failed 3 null
_exit 4 4 failed 4 null
_Exit 5 5 failed 5 null
quick_exit 6 6 failed 6 null
abort 0 134 killed null 6
segv 0 139 killed null 11
kill9 0 137 killed null 9
term 0 143 killed null 15
thread 7 7 failed 7 null
pthread_exit 0 0 completed 0 null
exec_fail 2 2 failed 2 null
ROWS

# Without a launcher: what the process itself could still say.
while read -r way arg word exit_code signal; do
	preload "raw_$way$arg" "$APPS/exits" "$way" "$arg"
	is "$(ask "raw_$way$arg" '.tasks[] | select(.parent == null) | "\(.status) \(.exit_code) \(.signal)"')" \
		"$word $exit_code $signal" "raw $way: $word $exit_code $signal"
done <<'ROWS'
return 0 completed 0 null
return 3 failed 3 null
_exit 4 failed 4 null
quick_exit 6 failed 6 null
abort 0 killed null 6
ROWS

preload raw_kill9 "$APPS/exits" kill9
like "$(ask raw_kill9 '.tasks[] | select(.parent == null) | "\(.status) \(.exit_code) \(.signal)"')" '^killed null (null|9)$' \
	'raw kill9: killed; by what only where the kernel tells'

# A child that is killed is known by its parent's wait.
capture child sh -c 'sh -c "kill -9 \$\$"; echo $?'
is "$(ask child '.tasks[] | select(.parent != null) | "\(.status) \(.signal)"')" 'killed 9' 'a killed child: its signal is known'

# exec, four images in one process.
capture exec "$APPS/exits" exec 3
is "$status" 3 'a chain of exec: status'
lossless exec
is "$(ask exec '[.tasks[] | select(.kind == "process").pid] | unique | length')" 1 'of one process'
is "$(ask exec '.run.exit_code')" 3 'the last one tells the status'
is "$(total exec memory_allocations)" 40 'and all count'
finish
