#!/bin/bash
# SPDX-License-Identifier: MIT
# make install, a program profiled from there by name, make uninstall.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

prefix=$PWD/inst
make -C "$TPTEST_TOP" -s BUILD="$BUILD" PREFIX="$prefix" install >make.log 2>&1
is "$?" 0 'make install'
note "$(tail -n 3 make.log)"
while read -r file; do
	[[ -e $prefix/$file ]]
	is "$?" 0 "it installs $file"
done <<'FILES'
bin/tpprobe
lib/libtpprobe.so
libexec/tpprobe/tpprobe-collector
lib/pkgconfig/tpprobe.pc
share/bash-completion/completions/tpprobe
FILES
"$prefix/bin/tpprobe" record -o t -- sort /etc/passwd >out 2>err
is "$?" 0 'tpprobe record from there'
wait_complete t
is "$(ask t '.tasks[0].name')" sort 'captures'
LD_LIBRARY_PATH=$prefix/lib LD_PRELOAD=libtpprobe.so TPPROBE_OUT=$PWD/named sort /etc/passwd >out
wait_complete named
is "$(ask named '.tasks[0].name')" sort 'LD_PRELOAD=libtpprobe.so by name'
LD_LIBRARY_PATH=$prefix/lib LD_PRELOAD=libtpprobe.so TPPROBE_OUT=$PWD/parts sh -c 'cd / && sort /etc/passwd | wc -l' >out
wait_complete parts
is "$(ask parts '[.tasks[] | .name] | sort | join(" ")')" 'sh sort wc' 'and for its children'
make -C "$TPTEST_TOP" -s BUILD="$BUILD" PREFIX="$prefix" uninstall >make.log 2>&1
is "$(find "$prefix" -type f)" '' 'make uninstall leaves no file'
finish
