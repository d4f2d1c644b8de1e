#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Values of calls: metrics of every type and fail= are what the program itself says, by the
# types of its debug information, of a debug file, and by the calling convention alone.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

typed=(--metric 'n=arg1(load)' --metric 'x=arg2(load)' --metric 'f=arg3(load)'
	--metric 'c=arg5(load)' --metric 'big=arg7(load)' --metric 'seventh=arg8(load)'
	--metric 'results=ret(load)' --metric 'ratios=ret(ratio)' --metric 'lows=ret(low)'
	--metric 'name=arg4(load)')

# agrees DIR NAME METRIC…: with the ledger
agrees()
{
	local metric

	for metric in "${@:3}"; do
		is "$(ask "$1" ".totals[\"metric.$metric\"]")" \
			"$(awk -v m="$metric" '$1 == m { print $2 }' "$1.out")" "$2: $metric"
	done
}

# stated DIR: the sums, the failures, the string
stated()
{
	agrees "$1" "$1" n x f c big seventh results ratios lows
	is "$(ask "$1" '.profiles[] | select(.name == "load") | "\(.count) \(.failed)"')" \
		"60 $(awk '$1 == "failed" { print $2 }' "$1.out")" "$1: load fails when it says so"
	is "$(ask "$1" '[.tasks[] | select(.name == "load") | .texts.name] | .[-1]')" last \
		"$1: a string"
}

RECORD=(--task 'load:fail=ret<0' --task ratio "${typed[@]}")
capture own "$APPS/values"
stated own

# The same from a debug file beside the stripped program.
mkdir apart
objcopy --only-keep-debug "$APPS/values" apart/values.debug
strip -o apart/values "$APPS/values"
objcopy --add-gnu-debuglink=apart/values.debug apart/values
capture separate ./apart/values
stated separate

# Without types: integers in their registers, and negative ones are known by their upper half.
strip -g -o plain "$APPS/values"
RECORD=(--task 'load:fail=ret<0' --metric 'n=arg1/i32(load)' --metric 'x=arg1/f64(load)'
	--metric 'f=arg2/f32(load)' --metric 'c=arg3/u8(load)' --metric 'results=ret(load)'
	--metric 'ratios=ret/f64(ratio)' --metric 'lows=ret/u8(low)' --metric 'name=arg2/s(load)')
capture blind ./plain
agrees blind 'without types' n x f c results ratios lows
is "$(ask blind '[.tasks[] | select(.name == "load") | .texts.name] | .[-1]')" last \
	'without types: a string'

# What cannot be had is said; what can be had is there all the same.
RECORD=(--metric 'two=arg6(load)' --metric 'far=arg9(load)' --metric 'wrong=arg1/f64(load)'
	--metric 'n=arg1(load)' --task 'ratio:fail=ret<0')
capture refused "$APPS/values"
agrees refused 'beside refused ones' n
refusals=$(jq -r '.tasks[] | "\(.spec): \(.refused[0].why) \(.problem)"' refused/manifest.json)
like "$refusals" 'two=arg6\(load\): the value is a struct' 'a struct is no number'
like "$refusals" 'far=arg9\(load\): it has fewer arguments' 'an argument that is not there'
like "$refusals" 'wrong=arg1/f64\(load\): the value is an integer' 'an integer is no float'
like "$refusals" 'ratio:fail=ret<0: .*cannot be judged for ratio: it does not return an integer' \
	'a floating result does not fail'

# Stripped and no debug file: static functions have no names.
strip -o bare "$APPS/values"
RECORD=(--task load)
capture bare_trace ./bare
like "$(jq -r '.tasks[0].problem' bare_trace/manifest.json)" stripped 'a stripped program is said to be so'
is "$(ask bare_trace '[.tasks[] | select(.kind == "function")] | length')" 0 'and has no tasks'
finish
