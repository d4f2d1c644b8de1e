#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# --task, --event and --metric that cannot be had: a clear sentence, and the program runs as without us.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
ulimit -c 0
command -v gcc >/dev/null || skip_all 'no compiler here'
source=$TPTEST_TOP/tests/apps/torture

notes()
{
	ask "$1" '.capture.notes | join("\n")'
}

# runs NAME COMMAND…: as plainly, with the tasks of $RECORD
runs()
{
	local name=$1 plain

	shift
	"$@" >"$name.plain" 2>&1
	plain=$?
	capture "$name" "$@"
	cat "$name.err" >>"$name.out"
	is "$status" "$plain" "$name: status"
	same "$name.plain" "$name.out" "$name: output"
	lossless "$name"
}

tasks()
{
	ask "$1" "[.tasks[] | select(.kind == \"function\"${2:+ and .name == \"$2\"})] | length"
}

gcc -w -O2 -D_GNU_SOURCE -o args "$source/args.c" -lm
unset LEDGER

RECORD=(--task 'nothing_is_called_this*')
runs nothing ./args
is "$(tasks nothing)" 0 'nothing: no task'
like "$(notes nothing)" 'nothing_is_called_this' 'nothing: a note names the pattern'

RECORD=(--task 'libnothere.so!f')
runs nolibrary ./args
like "$(notes nolibrary)" 'libnothere.so!f' 'nolibrary: a note names the pattern'

# Only such as cannot be patched: all keep their code, each with a reason.
gcc -w -o refused.bin "$source/refused.c" "$source/refused_x86_64.S"
RECORD=(--task 't_*')
runs refused ./refused.bin
for name in t_jumped_into t_loops_to_entry t_cannot_move t_short t_calls_at_once t_returns_to; do
	is "$(tasks refused $name)" 0 "refused: $name is left alone"
	like "$(jq -c .tasks refused/manifest.json)" "$name" "refused: $name is told with a reason"
done
is "$(tasks refused t_follows)" 3 'refused: the one that can be patched is'
like "$(notes refused)" 't_[a-z_]+.*(jump|loop|short|call|moved|return)' 'refused: the notes say why'

# A stripped program.
strip -o stripped.bin args
RECORD=(--task 't_*')
runs stripped ./stripped.bin
is "$(tasks stripped)" 0 'stripped: no task'
like "$(notes stripped)" 'stripped' 'stripped: a note says so'

# 100,000 functions.
awk 'BEGIN { for (i = 0; i < 100000; i++)
	printf ".globl f_%d\n.type f_%d, @function\nf_%d:\n\tpushq %%rbp\n\tmovq %%rsp, %%rbp\n\tmovl $%d, %%eax\n\tpopq %%rbp\n\tret\n.size f_%d, .-f_%d\n", i, i, i, i, i, i
	print ".section .note.GNU-stack,\"\",@progbits" }' >many.s
cat >many.c <<'C'
#include <stdio.h>
int f_0(void), f_50000(void), f_99999(void);
int main(void)
{
	printf("%d %d %d\n", f_0(), f_50000(), f_99999());
	return 0;
}
C
gcc -w -o many.bin many.c many.s
RECORD=(--task 'f_*')
runs many ./many.bin
is "$(tasks many)" 0 'many: none of 100,000 is patched'
like "$(notes many)" '100,?000' 'many: a note says how many they are'
RECORD=(--task 'f_9999*')
runs some ./many.bin
is "$(tasks some f_99999)" 1 'some of them are'

# The file that runs is not the one of that name.
gcc -w -O1 -D_GNU_SOURCE -o fetched "$source/fetched.c"
gcc -w -O1 -D_GNU_SOURCE -o other "$source/args.c" -lm
cp fetched fetched.first && cp other other.first
RECORD=(--task 't_*')
./fetched other >fetched.plain
cp fetched.first fetched && cp other.first other
capture fetched.t ./fetched other
same fetched.plain fetched.t.out 'a program whose file was replaced runs as it did'
is "$(tasks fetched.t t_fetched)" 7 'and its functions are those of the file that runs'

# Everything.
RECORD=(--task main)
runs main ./args
is "$(tasks main main)" 1 'main is a task'
RECORD=(--task '*')
runs all ./args
compares "$(tasks all t_nine)" '==' 30 'with *, all functions are'
g++ -w -O2 -o unwind.bin "$source/unwind.cc" -pthread 2>/dev/null && runs all_cxx ./unwind.bin
gcc -w -O2 -D_GNU_SOURCE -o stacks.bin "$source/stacks.c" "$source/switch_x86_64.S" -pthread && runs all_stacks ./stacks.bin
gcc -w -O2 -D_GNU_SOURCE -o ends.bin "$source/ends.c" -pthread && runs all_ends ./ends.bin
RECORD=(--task '*' --task 'libc.so.6!*' --task 'ld-linux*!*' --task 'libm*!*' --task 'libtpprobe*!*')
runs libc ./args
runs libc_shell sh -c 'echo one | cat; ls / >/dev/null; exit 3'
RECORD=(--task '*' --event '*' --metric 'all=arg1(*)' --metric 'back=ret/u64(*)' --metric 'text=arg1/s(*)')
runs everything ./args

# Malformed: the command refuses it before anything runs; the probe alone notes it and runs on.
n=0
while IFS='|' read -r option variable value; do
	[[ -n $option ]] || continue
	rm -rf ran bad.$n
	timeout 30 "$TPPROBE" record "$option" "$value" -o bad.$n -- touch ran >bad.out 2>bad.err
	is "$? $(wc -l <bad.err) $([[ -e ran ]] && echo ran)" '2 1 ' "$option '${value:0:40}': status 2, one sentence, nothing ran"
	unlike "$(<bad.err)" 'Assert|Sanitizer' "$option '${value:0:40}': $(head -c 90 bad.err)"
	(export "$variable=$value" && preload raw.$n ./args)
	same nothing.plain raw.$n.out "$variable='${value:0:40}': the program runs on"
	like "$(notes raw.$n)" "${variable}|${option}|fail=|args=|option|function|metric|type|value|library|argument" \
		"$variable='${value:0:40}': a note says what is wrong"
	((n++))
done <<'ROWS'
--task|TPPROBE_TASKS|t_small:args=many
--task|TPPROBE_TASKS|t_small:args=65
--task|TPPROBE_TASKS|t_small:fail=ret<<0
--task|TPPROBE_TASKS|t_small:fail=arg1<0
--task|TPPROBE_TASKS|t_small:speed=3
--task|TPPROBE_TASKS|:args=3
--task|TPPROBE_TASKS|!t_small
--metric|TPPROBE_METRICS|rows
--metric|TPPROBE_METRICS|rows=arg(t_small)
--metric|TPPROBE_METRICS|rows=arg1(t_small
--metric|TPPROBE_METRICS|rows=arg1/f80(t_small)
--metric|TPPROBE_METRICS|=arg1(t_small)
--event|TPPROBE_EVENT|t_small:fail=ret<0
ROWS

# A very long one, and one that is no text.
long=$(head -c 100000 /dev/zero | tr '\0' x)
TPPROBE_TASKS=$long preload long ./args
same nothing.plain long.out 'a pattern of 100,000 letters: the program runs on'
like "$(notes long)" 'TPPROBE_TASKS.*bytes' 'and a note says that it was left out'
TPPROBE_TASKS=$'\xff\xfe\x01*' preload bytes ./args
same nothing.plain bytes.out 'a pattern of odd bytes: the program runs on'
like "$(notes bytes)" '--task' 'and a note says what is wrong'

# --- and it is said at once -------------------------------------------------------

"$TPPROBE" run --task 'nothing_*' -- true 2>said.err
is "$?" 0 'run: the program runs'
like "$(cat said.err)" '--task nothing_\*: no function matched' 'its summary says what no function matched'
finish
