#!/bin/bash
# SPDX-License-Identifier: MIT
# Functions of libraries that are loaded later: again at the same address, replaced on disk in between,
# in four threads at once, in a namespace of their own, stripped. Their constructors run as tasks too.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v gcc >/dev/null || skip_all 'no compiler here'
source=$TPTEST_TOP/tests/apps/torture

library()
{
	gcc -w -O2 -shared -fPIC -o "$@" "$source/plugin.c"
}

mkdir first second
library first/liba.so
library first/liba2.so -DVERSION=2
library first/libn.so -Wl,--build-id=none
library first/libn2.so -Wl,--build-id=none -DVERSION=2
for name in t0 t1 t2 t3 m1 deep stripped; do
	cp first/liba.so "first/lib$name.so"
done
strip first/libstripped.so
cp first/* second
gcc -w -O2 -D_GNU_SOURCE -o plugs "$source/plugs.c" -ldl -pthread

LEDGER=$PWD/ledger ./plugs "$PWD/first" >plain 2>&1
is "$?" 0 'the program runs'
RECORD=(--task 't_*')
LEDGER=$PWD/counted capture t ./plugs "$PWD/second"
cat t.err >>t.out
is "$status" 0 'with tasks: status'
same plain t.out 'with tasks: output'
same ledger counted 'with tasks: ledger'
lossless t
"$TPPROBE" dump t >t.dump
report t
succeeds 'every call in every library is a task' "$TPTEST_TOP/tests/e2e/ledger.py" ledger t.dump t.json
is "$(grep -c ' PATCHED .*why=0' t.dump)" 52 'each load is told once: 51 libraries and the program'
finish
