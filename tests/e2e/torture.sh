#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Functions as tasks where it hurts: every way to be called and to be left, by both compilers at all
# levels. The programs print the same with and without us, and each call that their
# ledger counts is a task that ended in the way that the ledger says. TPTEST_LONG: all builds.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
ulimit -c 0
source=$TPTEST_TOP/tests/apps/torture

# name | C compiler and its flags | programs. -g: it tells how large structures by value are.
builds=(
	'gcc-O2-cet | gcc -g -O2 -fcf-protection=full | all'
	'gcc-O3-lto-nopie | gcc -g -O3 -flto -fno-pie -no-pie | all'
	'gcc-O0 | gcc -g -O0 | args unwind'
	'clang-O2 | clang -g -O2 -fomit-frame-pointer | all'
)
[[ -z ${TPTEST_LONG:-} ]] || builds=(
	'gcc-O0 | gcc -g -O0 | all'
	'gcc-O0-nopie | gcc -g -O0 -fno-pie -no-pie -fcf-protection=none | all'
	'gcc-O1 | gcc -g -O1 -fno-omit-frame-pointer | all'
	'gcc-O2 | gcc -g -O2 -fcf-protection=none | all'
	'gcc-O2-cet | gcc -g -O2 -fcf-protection=full | all'
	'gcc-O3 | gcc -g -O3 -march=native | all'
	'gcc-Os | gcc -g -Os | all'
	'gcc-O2-lto | gcc -g -O2 -flto | all'
	'gcc-O3-lto-nopie | gcc -g -O3 -flto -fno-pie -no-pie | all'
	'gcc-O2-sections | gcc -g -O2 -ffunction-sections -Wl,--gc-sections,-z,now -fno-plt | all'
	'clang-O0 | clang -g -O0 | all'
	'clang-O2 | clang -g -O2 -fomit-frame-pointer | all'
	'clang-O2-cet | clang -g -O2 -fcf-protection=full | all'
	'clang-O3 | clang -g -O3 -march=native -fno-omit-frame-pointer | all'
	'clang-O3-lto-nopie | clang -g -O3 -flto=thin -fuse-ld=lld -fno-pie -no-pie | all'
	'clang-Oz | clang -g -Oz | all'
)
programs=(args registers jumps stacks ends walks unwind)

declare -A sources=(
	[registers]="$source/registers.c $source/registers_x86_64.S"
	[stacks]="$source/stacks.c $source/switch_x86_64.S"
	[unwind]="$source/unwind.cc"
)
declare -A extra=([walks]='-rdynamic -fno-omit-frame-pointer -DWITH_LIBUNWIND -lunwind' [unwind]=-std=c++20)

# Each line: program, build, the command that makes it. Two at a time.
make_all()
{
	local build name command which program compiler

	for build in "${builds[@]}"; do
		IFS='|' read -r name command which <<<"$build"
		read -r name <<<"$name"
		read -r which <<<"$which"
		read -r command <<<"$command"
		command -v "${command%% -*}" >/dev/null || continue
		[[ $which != all ]] || which=${programs[*]}
		for program in $which; do
			compiler=$command
			[[ $program != unwind ]] || compiler=${command/gcc/g++} compiler=${compiler/clang/clang++}
			echo "$program $name" >>made
			printf '%s %s\n' "$compiler" "-w -D_GNU_SOURCE -o $program.$name \
				${sources[$program]:-$source/$program.c} ${extra[$program]:-} -pthread -lm -ldl"
		done
	done | xargs -P 2 -I{} sh -c '{} 2>>build.err || echo "{}" >>build.failed'
}

# check NAME PROGRAM SPEC: plain and as tasks.
check()
{
	local name=$1 program=$2

	LEDGER=$PWD/$name.ledger "$program" >"$name.plain" 2>&1
	local plain=$?
	RECORD=(--task "$3")
	LEDGER=$PWD/$name.counted capture "$name" "$program"
	cat "$name.err" >>"$name.out"
	is "$status" "$plain" "$name: status"
	same "$name.plain" "$name.out" "$name: output"
	same "$name.ledger" "$name.counted" "$name: ledger"
	"$TPPROBE" report "$name" --format json >"$name.json" # not --all: profiles will do
	lossless "$name"
	"$TPPROBE" dump "$name" >"$name.dump"
	succeeds "$name: every call is a task that ended as it did" \
		"$TPTEST_TOP/tests/e2e/ledger.py" "$name.ledger" "$name.dump" "$name.json" \
		${TPTEST_LONG:+"$name/manifest.json"}
	rm -rf "$name" "$name".{dump,json}
}

make_all
is "$(cat build.failed 2>/dev/null)" '' 'the programs are built'
while read -r program name; do
	check "$program-$name" "./$program.$name" 't_*'
done <made

# rustup looks for its compilers below the home of whoever installed it
export RUSTUP_HOME=${RUSTUP_HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)/.rustup}
if command -v rustc >/dev/null && rustc --version >rust.out 2>&1; then
	for options in '-g' '-O' ${TPTEST_LONG:+'-C opt-level=3 -C lto=fat' '-O -C symbol-mangling-version=v0'}; do
		read -r -a flags <<<"$options"
		rustc "${flags[@]}" -o "panics.rustc${options//[ =]/}" "$source/panics.rs" || continue
		check "panics-rustc${options//[ =]/}" "./panics.rustc${options//[ =]/}" 'panics::t_*'
	done
else
	skip 'Rust' 'no rustc here'
fi
finish
