#!/bin/bash
# SPDX-License-Identifier: MIT
# Functions as tasks where few programs call any: in children of vfork, in handlers that interrupt and leave
# at any instruction, cancelled at any instruction, below seccomp, with more arguments than are copied.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
ulimit -c 0
command -v gcc >/dev/null || skip_all 'no compiler here'
gcc -w -O2 -D_GNU_SOURCE -o rare.bin "$TPTEST_TOP/tests/apps/torture/rare.c" -pthread

RECORD=(--task 't_*')
for what in vforks storm contexts cancels confined huge; do
	LEDGER=$PWD/$what.ledger ./rare.bin $what >$what.plain 2>&1
	plain=$?
	LEDGER=$PWD/$what.counted capture $what ./rare.bin $what
	cat $what.err >>$what.out
	is "$status" $plain "$what: status"
	same $what.plain $what.out "$what: output"
	"$TPPROBE" report $what --format json >$what.json
	# Not where no system call is allowed, nor in handlers that interrupt the probe: there nobody is waited for.
	[[ $what =~ ^(confined|storm)$ ]] || lossless $what
	"$TPPROBE" dump $what >$what.dump
	read -r begins ends running _ mistakes _ < <(gawk -f "$TPTEST_TOP/tests/e2e/balance.awk" $what.dump)
	is "$mistakes" 0 "$what: $begins begins are $ends ends, $running running or jumped over"
	[[ ! -s $what.ledger ]] ||
		succeeds "$what: the ledger" "$TPTEST_TOP/tests/e2e/ledger.py" $what.ledger $what.dump $what.json
done

# Structures that are larger than what is copied: by an index into them, or by their declaration.
for compiler in 'gcc -O0' 'gcc -O3' 'clang -O0 -g' 'clang -O2 -g'; do
	read -r -a command <<<"$compiler"
	command -v "${command[0]}" >/dev/null || continue
	"${command[@]}" -w -D_GNU_SOURCE -o huge.bin "$TPTEST_TOP/tests/apps/torture/rare.c" -pthread
	rm -rf large
	capture large ./huge.bin huge
	same huge.plain large.out "$compiler: structures of 200 words arrive whole"
	like "$(jq -c .tasks large/manifest.json)" 'more than 64 words.*t_huge' "$compiler: they are refused"
done
finish
