#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that mark their tasks with Intel ITT: tests/apps/itt.c, whose calls are written
# down below, and LLVM's OpenMP runtime, which has the genuine static part in it.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/marks.sh
. "$TPTEST_TOP/tests/marks.sh"
need_probe

# Tasks by their names in place of their numbers.
named()
{
	records "$1" | awk '
		$1 == "begin" { name[$2] = $3 }
		{ $2 = ($2 in name) ? name[$2] : $2 }
		$1 == "begin" { $5 = ($5 in name) ? name[$5] : $5; $3 = "" }
		{ gsub(/  +/, " "); print }' | sort
}

is "$("$APPS/itt")" 'no collector' 'without the probe there is no collector'
function=$(nm "$APPS/itt" | awk '$3 == "visible_function" { sub(/^0+/, "", $1); print $1 }')
capture marks "$APPS/itt"
is "$(<marks.out)" marked 'with it there is one'
is "$(named marks)" "$(sort <<-END
	begin outer 0 0
	begin inner 0 outer
	metric outer rows int -5
	metric outer rows int 6
	metric 0 rows double 4602678819172646912
	metric outer note text some
	metric 0 hits uint 1
	metric 0 hits uint 41
	metric 0 hits int -1
	metric 0 level double 4612811918334230528
	metric 0 rows uint 9
	end inner completed
	begin itt+0x$function 0 0
	end itt+0x$function completed
	begin overlapped 1 outer
	end outer completed
	end overlapped completed
	begin my.domain 1 0
	begin my.domain 1 0
	end my.domain completed
	end my.domain completed
	begin region 1 0
	end region completed
	begin event 1 0
	end event completed
	begin event 1 0
	end event completed
END
)" 'tasks, overlapped ones, regions, frames, events, counters and metadata are as they were marked'
is "$("$TPPROBE" dump marks | grep -c 'TASK_BEGIN.* source=3 ')" 9 'they are tasks of ITT'
is "$("$TPPROBE" dump marks | grep -o ' events=[0-9]*')" ' events=2' 'markers are events'
is "$(ask marks '[.tasks[] | select(.kind == "thread").name] | join(" ")')" 'itt worker' 'the thread has its name'
lossless marks

preload raw "$APPS/itt"
is "$(named raw)" "$(named marks)" 'the same under LD_PRELOAD'
is "$("$TPPROBE" run -- sh -c "cd / && $APPS/itt" 2>run.err)" marked 'and in a child, in another directory'
is "$("$TPPROBE" run -- "$APPS/itt" 4 2>run.err)" '0 0' 'functions of groups that are not wanted are left out'
is "$("$TPPROBE" run -- "$APPS/itt" 0x100 2>run.err)" '0 1' 'and the others are there'

# The program's own environment says nothing of it, nor that of its children.
is "$("$TPPROBE" run -- "$APPS/itt" environ 2>run.err | grep -v '^_=' | sort)" "$("$APPS/itt" environ | grep -v '^_=' | sort)" \
	'the environment is the program'\''s own'
# A collector that the user has chosen stays.
is "$(INTEL_LIBITTNOTIFY64=/nonexistent "$TPPROBE" run -- "$APPS/itt" 2>&1 | grep -c 'global.library failed')" 1 \
	"somebody else's collector is asked first"

if command -v clang >/dev/null && echo 'int main(void) { return 0; }' | clang -fopenmp -xc - -o omp 2>/dev/null; then
	cat >openmp.c <<-END
		#include <stdio.h>
		int main(void)
		{
			int n = 0;
		#pragma omp parallel num_threads(3) reduction(+ : n)
			n += 1;
			return printf("%d\n", n) < 0;
		}
	END
	clang -fopenmp openmp.c -o omp
	capture openmp ./omp
	is "$(<openmp.out)" 3 'OpenMP runs'
	is "$(ask openmp '[.tasks[] | select(.kind == "thread").name] | unique | join(" ")')" 'OMP Worker Thre' \
		'the threads have the names that its ITT part gives them'
else
	skip 'OpenMP' 'no libomp here'
fi
finish
