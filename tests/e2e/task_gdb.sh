#!/bin/bash
# SPDX-License-Identifier: MIT
# A debugger in functions that are tasks: `bt` shows all frames with their arguments, `up` and `finish` work,
# breakpoints on the functions themselves are hit.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v gdb >/dev/null || skip_all 'gdb is not installed'
command -v gcc >/dev/null || skip_all 'no compiler here'

# -O0: at -O1 gdb takes arguments from the frame of the caller, where ours may lie between.
gcc -w -g -O0 -D_GNU_SOURCE -rdynamic -o walks "$TPTEST_TOP/tests/apps/torture/walks.c" -ldl
./walks >plain

# debug NAME: runs the commands on standard input
debug()
{
	{
		cat <<GDB
set pagination off
set confirm off
set startup-with-shell off
set debuginfod enabled off
set breakpoint pending on
GDB
		[[ $1 == plain* ]] || cat <<GDB
set environment LD_PRELOAD=$PROBE
set environment TPPROBE_TASKS=t_*
set environment TPPROBE_OUT=$PWD/$1
GDB
		cat
	} >"$1.gdb"
	timeout 60 gdb -nx -batch -x "$1.gdb" ./walks >"$1.out" 2>&1
	[[ $1 == plain* ]] || wait_complete "$1"
}

# what `bt` names, one a line, without what is ours
frames()
{
	sed -nE 's/^#[0-9]+ +(0x[0-9a-f]+ in )?([A-Za-z_0-9]+) \((.*)\).*/\2 \3/p' "$1" |
		grep -E '^(t_|main|by_|put)' | sed -E 's/ +at .*//; s/<optimized out>/?/g'
}

script='break by_frame_pointers
run
bt
frame function t_walk3
print n
finish
delete
continue'
debug plain-bt <<<"$script"
debug bt <<<"$script"
is "$(frames bt.out)" "$(frames plain-bt.out)" 'bt names the same functions with the same arguments'
compares "$(frames bt.out | grep -c '^t_walk')" '>=' 5 'and that is all of them'
unlike "$(<bt.out)" 'corrupt|Backtrace stopped|Cannot' 'no frame is in doubt'
is "$(grep -E '\$[12] = ' bt.out)" "$(grep -E '\$[12] = ' plain-bt.out)" 'finish shows the same value'
like "$(<bt.out)" 'exited normally' 'and the program ends'
is "$(ask bt '[.tasks[] | select(.kind == "function" and .status == "completed")] | length')" 5 'five tasks were recorded'

# From within a hooked function to its caller: there may be one frame of ours between.
debug finish <<'GDB'
break by_frame_pointers
run
up
finish
finish
bt
delete
continue
GDB
like "$(<finish.out)" 'exited normally' 'finish out of a task: the program ends'
is "$(grep "^#0" finish.out | grep -oE "t_walk[0-9]" | tail -n 1)" t_walk4 'finish out of a task: leads to its caller'

# Breakpoints on the functions: set before the start they lie in the code that we look at.
debug break <<'GDB'
break t_walk2
break *t_walk4
run
bt
continue
bt
delete
continue
GDB
is "$(grep -cE '^Breakpoint [12], ' break.out)" 2 'breakpoints on functions and on entries are hit'
like "$(<break.out)" 'exited normally' 'and the program ends'
same plain <(grep -vE '^(Breakpoint|\[|Using|#|[0-9]+\s|$|t_walk|by_|warning)' break.out | grep -E '^(backtrace|unwinder|frames|66)') 'with the same output'
finish
