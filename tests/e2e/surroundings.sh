#!/bin/bash
# SPDX-License-Identifier: MIT
# Names, arguments and directories that nobody expects: the program runs as without
# the probe, and the report has them as they are.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

top=$PWD
# both NAME COMMAND…: the same output and status, plain, recorded and with the probe alone; traces in $top
both()
{
	local name=$1 code=0

	shift
	"$@" >"$top/$name.plain" 2>&1 || code=$?
	capture "$top/$name" "$@"
	is "$status $(cat "$top/$name.out" "$top/$name.err" | md5sum)" "$code $(md5sum <"$top/$name.plain")" "$name: status and output"
	preload "$top/raw.$name" "$@"
	is "$status $(cat "$top/raw.$name.out" "$top/raw.$name.err" | md5sum)" "$code $(md5sum <"$top/$name.plain")" "$name: with the probe alone"
	lossless "$top/$name" "$name"
	lossless "$top/raw.$name" "$name, with the probe alone"
}
# root NAME FILTER: of the task that all others are below
root() { ask "$top/$1" ".tasks[] | select(.parent == null) | $2"; }

# Directories.
odd=$'a dir; with "quotes", \'more\', $x and\na new line, ünïcödé'
mkdir "$odd" && cd "$odd" || exit 1
both directory sh -c 'pwd; ls /dev/null; exit 2'
is "$(root directory .cwd)" "$top/$odd" 'directory: the report has it as it is'
is "$(root raw.directory .cwd)" "$top/$odd" 'directory: with the probe alone too'
"$TPPROBE" record -o 'trace of its own' -- /bin/true 2>/dev/null
is "$("$TPPROBE" report 'trace of its own' --format json | jq -r '.tasks[0].name')" true 'a trace directory with spaces'
LD_PRELOAD=$PROBE TPPROBE_OUT=$'over\nthere' sh -c 'cd /; /bin/true; exit'
wait_complete $'over\nthere'
is "$("$TPPROBE" report $'over\nthere' --format json | jq -c '[.tasks[].name] | sort')" '["sh","true"]' \
	'a relative trace directory with a new line, from a program that goes elsewhere'
(mkdir gone && cd gone && rmdir ../gone && LD_PRELOAD=$PROBE TPPROBE_OUT=$top/gone /bin/echo here >"$top/gone.out" 2>&1)
is "$(cat "$top/gone.out")" here 'a directory that is gone'
wait_complete "$top/gone"
deep=$(printf 'd%.0s' {1..200})
mkdir -p "$top/$deep/$deep/$deep/$deep/$deep/$deep" && cd "$top/$deep/$deep/$deep/$deep/$deep/$deep" || exit 1
both deep sh -c '/bin/pwd | wc -c; /bin/true'
is "$(root deep .cwd)" "$PWD" 'a directory of 1,200 letters'
cd "$top" || exit 1

# Program names.
name=$'pro gram\nwith ünï\\"codes"'
cp "$APPS/self" "./$name"
cp /bin/echo "./echo $name"
both name "./echo $name" fine
is "$(root name .name)" "echo $name" 'name: the task has it as it is'
is "$(root name '.command | tojson')" "$(jq -nc --arg n "./echo $name" '[$n, "fine"]')" 'name: and the command'
succeeds 'name: a text report can be made of it' "$TPPROBE" report name
bad=$'\xff\xfe bytes'
cp /bin/echo "./$bad"
both bytes "./$bad" fine
is "$(root bytes '.command[1]')" fine 'bytes that are no UTF-8: the report is still JSON'

# Arguments and environment.
many=()
for ((i = 0; i < 20000; i++)); do
	many+=("argument$i")
done
both many sh -c 'echo $#; printf "%s\n" "$@" | tail -n 1' x "${many[@]}"
is "$(root many '.command[:4] | join(" ")')" "$(printf '%s ' sh -c 'echo $#; printf "%s\n" "$@" | tail -n 1' x | sed 's/ $//')" \
	'20,000 arguments: the report has the first ones'
long=$(printf 'y%.0s' {1..120000})
both long sh -c 'echo ${#1}; exec /bin/true' x "$long"
both none "$APPS/odd" environment
big=$long both environment sh -c 'echo ${#big}; env | wc -c | grep -c .'
is "$(ask "$top/environment" .capture.processes)" 4 'an environment of 120 kB: children are captured'
both empty sh -c 'echo "[$1][$2][$3]"' x '' $'\t' ''
is "$(root empty '.command[4:] | tojson')" '["","\t",""]' 'empty arguments stay arguments'

# Closed descriptors: the program finds them closed, and nothing of ours in their place.
look='ls -l /proc/self/fd 2>/dev/null | sed "s,.* \\([0-9]* ->\\),\\1," | grep -v "/proc/" >$1; read x; exit 4'
for closed in '<&-' '>&-' '<&- >&-' '<&- 2>&-' '<&- >&- 2>&-'; do
	n=$((n + 1))
	eval "sh -c '$look' x fds.plain $closed" 2>/dev/null
	eval "\"\$TPPROBE\" record -o closed$n -- sh -c '$look' x fds $closed" 2>/dev/null
	is "$?" 4 "record with $closed: the program's status"
	wait_complete "closed$n"
	is "$(root "closed$n" .exit_code)" 4 'and its trace'
	is "$(sed 's/\(pipe:\|fds\).*/\1/' fds)" "$(sed 's/\(pipe:\|fds\).*/\1/' fds.plain)" 'and its descriptors'
	eval "LD_PRELOAD=$PROBE TPPROBE_OUT=$top/rawclosed$n sh -c 'read x; exit 5' $closed" 2>/dev/null
	is "$?" 5 "the probe with $closed: the program's status"
	wait_complete "rawclosed$n"
	is "$(root "rawclosed$n" .exit_code)" 5 'and its trace'
done

# Nothing to write to.
if (($(id -u) == 0)) && command -v setpriv >/dev/null; then
	chmod o+x . .. ../.. 2>/dev/null
	mkdir -m 755 readonly
	got=$(cd readonly && setpriv --reuid 65534 --regid 65534 --clear-groups env -u XDG_DATA_HOME LD_PRELOAD="$PROBE" /bin/echo runs 2>&1)
	is "$got" runs 'a directory that may not be written: the program runs, and nothing is printed'
	is "$(ls readonly)" '' 'and nothing is left there'
fi
finish
