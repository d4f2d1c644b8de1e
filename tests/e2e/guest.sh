#!/bin/bash
# SPDX-License-Identifier: MIT
# The program is as it is without the probe: output, status, environment,
# descriptors, threads, children, signals, limits.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# without NAME COMMAND…; the truth.
without()
{
	local name=$1 code=0

	shift
	"$@" >"$name.out" 2>"$name.err" || code=$?
	echo "$code" >"$name.status"
}

# Compares a command plain, under `tpprobe record`, and under raw LD_PRELOAD.
compare()
{
	local name=$1

	shift
	without "$name.plain" "$@"
	capture "$name.record" "$@"
	same "$name.plain.out" "$name.record.out" "$name: same output under tpprobe record"
	same "$name.plain.err" "$name.record.err" "$name: same errors"
	is "$status" "$(<"$name.plain.status")" "$name: same status"
	preload "$name.raw" "$@"
	same "$name.plain.out" "$name.raw.out" "$name: same output under LD_PRELOAD"
	same "$name.plain.err" "$name.raw.err" "$name: same errors"
	is "$status" "$(<"$name.plain.status")" "$name: same status"
}

seq 1 20000 | shuf --random-source=<(yes) >numbers
compare sort sort -n numbers
compare gawk gawk '{ s += $1 } END { print s; exit 5 }' numbers
compare sh sh -c 'sort -n numbers | head -n 3; ls /nonexistent; exit 3'
compare killed sh -c 'echo before; kill -TERM $$'
compare perl perl -e 'print join(",", map { $_ * 2 } 1 .. 2000), "\n"; warn "w\n"; exit 9'

# Environment, in order.
for way in env "$APPS/self"; do
	plain=$("$way" 2>run.err | grep -vE '^(env )?_=')
	is "$("$TPPROBE" record -o "env.${way##*/}" -- "$way" 2>run.err | grep -vE '^(env )?_=')" "$plain" \
		"${way##*/} prints the same under tpprobe record"
	is "$("$TPPROBE" run -- "$way" 2>run.err | grep -vE '^(env )?_=')" "$plain" "${way##*/} prints the same under tpprobe run"
done
is "$("$TPPROBE" run -- env -i "$APPS/self" 2>run.err)" "$(env -i "$APPS/self" 2>run.err)" 'below env -i too'
is "$("$TPPROBE" run -- env -i /bin/sh -c "$APPS/self" 2>run.err)" "$(env -i /bin/sh -c "$APPS/self" 2>run.err)" \
	'and for a child of a child'
is "$(env A=1 LD_PRELOAD='' "$TPPROBE" run -- env 2>run.err | grep -vE '^(env )?_=' | sort)" \
	"$(env A=1 LD_PRELOAD='' env | grep -vE '^(env )?_=' | sort)" 'an empty LD_PRELOAD stays an empty one'

other=$(gcc -print-file-name=libSegFault.so)
libm=$(ldconfig -p | awk '$1 == "libm.so.6" { print $NF; exit }')
[[ -e $other ]] || other=$libm
# (a sanitized tpprobe wants to be told that this is fine)
is "$(env ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$other" "$TPPROBE" run -- sh -c 'echo $LD_PRELOAD' 2>run.err)" "$other" \
	"somebody else's LD_PRELOAD stays in place"

# Raw LD_PRELOAD: what the user exported is still there for the program to see.
is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/own sh -c 'echo $LD_PRELOAD $TPPROBE_OUT $TPPROBE_SESSION')" \
	"$PROBE $PWD/own" 'raw LD_PRELOAD: the variables that the user set, and no other'
wait_complete own

# Closed standard streams stay closed; a closed 0 is not taken by us.
for fds in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	((++n))
	plain=$(eval "bash -c 'ls -l /proc/\$\$/fd $fds 3>&1 >&3'" 2>/dev/null | wc -l)
	got=$(eval "LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/closed.$n bash -c 'ls -l /proc/\$\$/fd $fds 3>&1 >&3'" 2>/dev/null | wc -l)
	is "$got" "$plain" "descriptors with $fds are as before"
	wait_complete "closed.$n"
done

# A pipe that a program leaves ends when the program does: the collector holds none of it.
begin=$EPOCHREALTIME
(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/pipe /bin/true) | cat
took=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
compares "$took" '<' 0.25 'true | cat ends at once: nobody keeps the pipe'
wait_complete pipe
finish
