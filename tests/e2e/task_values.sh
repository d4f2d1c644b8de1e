#!/bin/bash
# SPDX-License-Identifier: MIT
# --metric, --event and :fail=: what functions are given and return adds up to what the program counted,
# with the types of the debug information, and without it with those that the user says.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v gcc >/dev/null || skip_all 'no compiler here'
source=$TPTEST_TOP/tests/apps/torture

# metric NAME: its sum, as the program prints numbers
metric()
{
	ask "$trace" ".totals[\"metric.$1\"]" | awk '{ if ($1 == int($1)) printf "%d\n", $1; else printf "%.3f\n", $1 }'
}

check()
{
	local name=$1 say sum

	trace=$name
	LEDGER=$PWD/$name.counted capture "$name" ./values.bin
	is "$status" 0 "$name: status"
	same plain "$name.out" "$name: output"
	lossless "$name"
	while read -r say sum; do
		case $say in
		failed) is "$(ask "$name" '.profiles[] | select(.name == "t_lookup").failed')" "$sum" "$name: calls that failed" ;;
		ticks) is "$(total "$name" events_processed)" "$sum" "$name: events" ;;
		*) is "$(metric "$say")" "$(awk -v n="$sum" 'BEGIN { if (n == int(n)) printf "%d", n; else print n }')" "$name: $say" ;;
		esac
	done <plain
	"$TPPROBE" dump "$name" >"$name.dump"
	succeeds "$name: the ledger" "$TPTEST_TOP/tests/e2e/ledger.py" ledger "$name.dump" "$name.json"
	is "$(ask "$name" '[.tasks[] | select(.name == "t_load") | .texts.from] | group_by(.) | map("\(length) \(.[0])") | join(", ")')" \
		'10 first, 10 second, 10 third' "$name: strings"
}

tasks=(--task 't_l*:fail=ret<0' --task t_ratio --event t_tick)
typed=(--metric 'rows=arg2(t_load)' --metric 'weights=arg3(t_load)' --metric 'flags=arg4(t_load)'
	--metric 'loaded=ret(t_load)' --metric 'from=arg1/s(t_load)' --metric 'keys=arg1(t_lookup)'
	--metric 'sizes=arg2(t_lookup)' --metric 'sevenths=arg7(t_lookup)' --metric 'eighths=arg8(t_lookup)'
	--metric 'found=ret(t_lookup)' --metric 'ratios=ret(t_ratio)')
# Integers and floating point are counted apart where nobody knows which is which.
told=(--metric 'rows=arg2/i32(t_load)' --metric 'weights=arg1/f64(t_load)' --metric 'flags=arg3/u8(t_load)'
	--metric 'loaded=ret/i64(t_load)' --metric 'from=arg1/s(t_load)' --metric 'keys=arg1/i8(t_lookup)'
	--metric 'sizes=arg2/u16(t_lookup)' --metric 'sevenths=arg7/i64(t_lookup)' --metric 'eighths=arg8/i32(t_lookup)'
	--metric 'found=ret/i32(t_lookup)' --metric 'ratios=ret/f32(t_ratio)')

for options in '-O0 -g' '-O2 -g'; do
	read -r -a flags <<<"$options"
	gcc -w "${flags[@]}" -D_GNU_SOURCE -o values.bin "$source/values.c"
	LEDGER=$PWD/ledger ./values.bin >plain
	RECORD=("${tasks[@]}" "${typed[@]}")
	check "debug${options// /}"
done
gcc -w -O2 -D_GNU_SOURCE -o values.bin "$source/values.c"
RECORD=("${tasks[@]}" "${told[@]}")
check told
if command -v clang >/dev/null; then
	clang -w -O2 -g -D_GNU_SOURCE -o values.bin "$source/values.c"
	RECORD=("${tasks[@]}" "${typed[@]}")
	check clang
fi

# Without tasks: the values belong to what is current.
RECORD=("${typed[@]}")
gcc -w -O2 -g -D_GNU_SOURCE -o values.bin "$source/values.c"
capture alone ./values.bin
trace=alone
same plain alone.out 'without tasks: output'
is "$(metric rows) $(metric found)" "$(awk '/^rows/ { r = $2 } /^found/ { print r, $2 }' plain)" 'without tasks: the same sums'
is "$(ask alone '[.tasks[] | select(.kind == "function")] | length')" 0 'and no tasks'
finish
