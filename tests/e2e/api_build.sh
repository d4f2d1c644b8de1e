#!/bin/bash
# SPDX-License-Identifier: MIT
# tpprobe.h in whatever way a program is built: nothing is linked, nothing happens without
# the probe, and with it the marks arrive; in static programs they never do.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
header=$TPTEST_TOP/preload

cat >marks.c <<'END'
#include "tpprobe.h"
#include <stdio.h>

int marks(void);
int marks(void)
{
	uint64_t task = tpprobe_task_begin("built"), async = tpprobe_task_begin_async("async", task);

	tpprobe_metric_int(task, "int", -1);
	tpprobe_metric_uint(task, "uint", 1);
	tpprobe_metric_double(0, "double", 1.5);
	tpprobe_metric_string(0, "text", "text");
	tpprobe_event(1);
	tpprobe_task_switch(tpprobe_task_switch(async));
	tpprobe_task_end(tpprobe_task_begin_in("in", tpprobe_task_current()));
	tpprobe_task_fail(async);
	tpprobe_task_end(task);
	tpprobe_task_end(task);
	printf("%s\n", tpprobe_active() ? task && async ? "on" : "odd" : task || async ? "odd" : "off");
	return 0;
}
END
cat >main.c <<'END'
int marks(void);
int main(void)
{
	return marks();
}
END
sed 's/int marks/extern "C" int marks/' marks.c >marks.cc
cp main.c main.cc
sed -i 's/^int marks/extern "C" int marks/' main.cc

# works NAME PROGRAM: off without the probe, its marks in the trace with it.
works()
{
	is "$("$2")" off "$1: without the probe nothing happens"
	capture "$1" "$2"
	is "$(<"$1.out")" on "$1: with it there is one"
	is "$("$TPPROBE" dump "$1" | awk '$3 ~ /^(TASK_BEGIN|TASK_END|METRIC)$/ { n[$3]++ } END { print n["TASK_BEGIN"], n["TASK_END"], n["METRIC"] }')" \
		'3 3 4' "$1: the marks are there"
}

# build NAME COMPILER OPTION…: with all that a compiler may complain of.
build()
{
	local name=$1

	shift
	succeeds "$name: builds without a word" \
		"$@" -Wall -Wextra -Werror -pedantic -I"$header" -o "$name.program"
}

for cc in gcc clang; do
	command -v $cc >/dev/null || continue
	for level in -O0 -O2; do
		name=$cc$level
		build "$name.no-pie" $cc -std=c90 $level -fno-pie -no-pie marks.c main.c && works "$name.no-pie" ./"$name.no-pie.program"
		build "$name.pie" $cc -std=c99 $level -fPIE -pie -Wl,-z,now marks.c main.c && works "$name.pie" ./"$name.pie.program"
	done
	build $cc.no-pie-now $cc -std=c11 -O2 -fno-pie -no-pie -Wl,-z,now -Wl,--as-needed marks.c main.c && works $cc.no-pie-now ./$cc.no-pie-now.program
	build $cc.intel $cc -O2 -masm=intel marks.c main.c && works $cc.intel ./$cc.intel.program
	build $cc.lib.so $cc -O2 -fPIC -shared -Wl,-z,defs marks.c &&
		build $cc.user $cc -O2 main.c ./$cc.lib.so.program && works $cc.user ./$cc.user.program
	build $cc.static $cc -O2 -static marks.c main.c
	is "$(./$cc.static.program)" off "$cc.static: nothing happens"
	is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/$cc.static ./$cc.static.program)" off "$cc.static: nor in sight of the probe"
done
build gcc.lto gcc -O2 -flto marks.c main.c && works gcc.lto ./gcc.lto.program
build gcc.no-plt gcc -O2 -fno-plt -fcf-protection marks.c main.c && works gcc.no-plt ./gcc.no-plt.program
build gcc.static-pie gcc -O2 -static-pie -fPIE marks.c main.c && is "$(./gcc.static-pie.program)" off 'gcc.static-pie: nothing happens'
for cxx in g++ clang++; do
	command -v $cxx >/dev/null || continue
	build $cxx.no-pie $cxx -std=c++11 -O2 -fno-pie -no-pie marks.cc main.cc && works $cxx.no-pie ./$cxx.no-pie.program
	build $cxx.pie $cxx -std=c++20 -O0 -fPIE -pie marks.cc main.cc && works $cxx.pie ./$cxx.pie.program
done

# What a program that uses it needs, and asks for.
is "$(readelf -dW gcc-O2.no-pie.program | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" libc.so.6 'it needs libc alone'
is "$(nm -D gcc-O2.pie.program | awk '/tpprobe/ { print $1 }' | sort -u)" w 'and its references are weak'
is "$(nm -D gcc-O2.pie.program | awk '/tpprobe/ { print $2 }' | sort)" \
	"$(sed -n 's/^EXPORT(\(tpprobe_.*\))/\1/p' "$TPTEST_TOP/preload/exports.def" | sort)" 'to all that the probe exports for it'
is "$(nm gcc.static.program | grep -c ' T tpprobe\| U tpprobe')" 0 'a static program has nothing of it'

# On another machine, as far as the header can tell, it is empty.
build gcc.other gcc -std=c99 -O2 -U__LP64__ marks.c main.c
is "$(./gcc.other.program)" off 'gcc.other: nothing happens'
is "$(nm -D gcc.other.program | grep -c tpprobe)" 0 'gcc.other: nothing is referred to'
succeeds 'the header stands alone in C90' \
	gcc -std=c90 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "$header/tpprobe.h"
succeeds 'and in C++11' g++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ "$header/tpprobe.h"
finish
