#!/bin/bash
# SPDX-License-Identifier: MIT
# Capture options do what they say, on the command line and as variables.
# timeout: 180
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

option() { jq -r ".options.$2" "$1/manifest.json"; }
types() { "$TPPROBE" dump "$1" | awk '{ for (i = 2; i <= 4; i++) if ($i ~ /^[A-Z_]+$/) { print $i; break } }' | sort -u; }

# --- level ---------------------------------------------------------------------
export LEDGER=$PWD/ledger
capture full "$APPS/heap" 20000 1 3
rm -f ledger
RECORD=(--level counters)
capture counters "$APPS/heap" 20000 1 3
RECORD=()
is "$(option counters level)" counters 'the manifest says the level'
is "$(types counters | grep -vxE 'CLOCK|SAMPLE|THREAD_CPU|THREAD_START|THREAD_END|THREAD_CREATE|THREAD_GONE|THREAD_USAGE|PROCESS_[A-Z]+|TASK|TEXT|MODULE')" '' 'counters: starts, ends and totals are recorded'
like "$(types full | tr '\n' ' ')" 'ALLOC.* FREE' 'trace: single events as well'
is "$(total counters memory_allocations)" "$(sed -n 's/^allocs=//p' ledger)" 'counters: allocations are exact'
is "$(total counters memory_allocated_bytes)" "$(sed -n 's/^bytes=//p' ledger)" 'counters: bytes are exact'
is "$(total counters memory_frees)" "$(sed -n 's/^frees=//p' ledger)" 'counters: frees are exact'
is "$(total counters heap_peak_bytes) $(ask counters '.files | length')" 'null 0' 'counters: what needs single events is null or empty'
like "$(ask counters '.capture.notes | join("\n")')" 'heap_\*.*level counters' 'and a note says why'
is "$(ask counters .capture.level)" counters 'the report says the level'

# --- sample-ms -----------------------------------------------------------------
samples() { "$TPPROBE" dump "$1" | grep -w SAMPLE | grep -cv 'last=1'; }
RECORD=(--sample-ms 0)
capture still "$APPS/burn" 300 30 0
RECORD=(--sample-ms 10)
capture often "$APPS/burn" 300 30 0
RECORD=()
is "$(samples still)" 0 '--sample-ms 0: no samples'
is "$(ask still '.curves.seconds | length')" 0 '--sample-ms 0: no curves'
compares "$(total still memory_usage_peak_mb)" '>' 30 '--sample-ms 0: the peak is known from the end'
compares "$(samples often)" '>' 12 '--sample-ms 10: many of them'
TPPROBE_SAMPLE_MS=0 preload still_raw "$APPS/burn" 200 30 0
is "$(samples still_raw)" 0 'TPPROBE_SAMPLE_MS=0: no samples'

# --- when-full, wait-ms ----------------------------------------------------------
TPPROBE_WHEN_FULL=drop TPPROBE_WAIT_MS=77 preload drop /bin/true
is "$(option drop when_full) $(option drop wait_ms)" 'drop 77' 'TPPROBE_WHEN_FULL and TPPROBE_WAIT_MS are taken'
RECORD=(--when-full drop)
capture drop2 /bin/true
is "$(option drop2 when_full)" drop '--when-full is taken'

# --- follow --------------------------------------------------------------------
# A tree: follow.sh runs env (which becomes sort), and a shell that runs ls.
cat >follow.sh <<'TREE'
/usr/bin/sort --version >/dev/null
/bin/sh -c '/bin/ls / >/dev/null; /usr/bin/sort --version >/dev/null'
exit 0
TREE
# captured DIR: the programs that ran below the probe, by their records
captured() { "$TPPROBE" dump "$1" | grep -w TEXT | grep -w kind=5 | sed 's|.*/||; s|"||' | sort | tr '\n' ' '; }
spared() { ask "$1" '.capture.uninstrumented | map(select(.why | test("follow"))) | map(.program) | sort | join(" ")'; }
shell=$(basename "$(realpath /bin/sh)")

follow() # DIR GLOB: raw and by option
{
	RECORD=(--follow "$2")
	capture "$1" /bin/sh follow.sh
	RECORD=()
	TPPROBE_FOLLOW=$2 preload "$1.raw" /bin/sh follow.sh
	is "$status" 0 "--follow $2: status"
	is "$(captured "$1.raw")" "$(captured "$1")" "TPPROBE_FOLLOW=$2 captures the same"
}
follow yes yes
is "$(captured yes)" "$(printf '%s\n' ls sort sort "$shell" "$shell" | sort | tr '\n' ' ')" '--follow yes: all of them'
follow no no
is "$(captured no)" "$shell " '--follow no: the command alone'
is "$(spared no)" '/bin/sh /usr/bin/sort' '--follow no: its children are named'
follow name 'so?t'
is "$(captured name)" "$(printf '%s\n' sort "$shell" | sort | tr '\n' ' ')" 'a name: those, and nothing below what is not followed'
is "$(spared name)" '/bin/sh' 'a name: the other is named'
follow path '/usr/bin/*'
is "$(captured path)" "$(printf '%s\n' sort "$shell" | sort | tr '\n' ' ')" 'a path: what lies there'
follow set '[ls]*'
is "$(captured set)" "$(captured yes)" 'a set: sort, sh and ls'

for way in system popen spawn; do
	RECORD=(--follow 'nothing*')
	capture "way.$way" "$APPS/procs" $way 2 10
	RECORD=()
	is "$status" 0 "--follow, $way: status"
	is "$(captured "way.$way")" 'procs ' "--follow, $way: no child is captured"
	is "$(ask "way.$way" '.capture.uninstrumented | length')" 2 "--follow, $way: both are named"
done

# --- name, env, stage, labels ------------------------------------------------------
"$TPPROBE" run --name nightly --env prod --stage align --label a=1 --label b=two -- /bin/true 2>/dev/null
"$TPPROBE" run --name hourly --env test --stage sort --label a=2 -- /bin/true 2>/dev/null
TPPROBE_NAME=raw TPPROBE_ENV=prod TPPROBE_STAGE=merge TPPROBE_LABELS='a=1;c=x y' preload labelled /bin/true
"$TPPROBE" runs import labelled >/dev/null
names() { "$TPPROBE" runs list "$@" --format json | jq -r '[.. | objects | .name? // empty] | unique | join(" ")'; }
is "$(names --label a=1)" 'nightly raw' 'runs list --label'
is "$(names --env prod)" 'nightly raw' 'runs list --env'
is "$(names --stage sort)" hourly 'runs list --stage'
is "$(names --label a=1 --label b=two)" nightly 'two labels: both'
is "$(names --label a=1 --stage align --env prod)" nightly 'all filters together'
is "$(ask labelled '.run | "\(.name) \(.env) \(.stage) \(.labels.a) \(.labels.c)"')" 'raw prod merge 1 x y' 'raw: all of them are in the report'

# --- values that make no sense -------------------------------------------------------
while IFS='|' read -r setting says; do
	name=odd.${setting%%=*}
	env "$setting" LD_PRELOAD="$PROBE" TPPROBE_OUT="$PWD/$name" "$APPS/burn" 1 1 9 2>odd.err
	is "$? $(cat odd.err)" '9 ' "$setting: the program is left alone"
	wait_complete "$name"
	like "$(<"$name/session.log")" "$says" "$setting: session.log"
	like "$(ask "$name" '.capture.notes | join("\n")')" "$says" "$setting: the report"
	like "$(env "$setting" "$TPPROBE" doctor)" "${setting%%=*}" "$setting: doctor"
done <<'ROWS'
TPPROBE_LEVEL=loud|TPPROBE_LEVEL=loud
TPPROBE_SAMPLE_MS=soon|TPPROBE_SAMPLE_MS=soon
TPPROBE_WHEN_FULL=panic|TPPROBE_WHEN_FULL=panic
TPPROBE_WAIT_MS=12abc|TPPROBE_WAIT_MS=12abc
TPPROBE_MAX_SIZE=much|TPPROBE_MAX_SIZE=much
TPPROBE_PRESET=huge|TPPROBE_PRESET=huge
TPPROBE_LABELS=novalue|TPPROBE_LABELS=novalue
TPPROBE_COLOUR=blue|TPPROBE_COLOUR is not known
ROWS
is "$(option odd.TPPROBE_WAIT_MS wait_ms) $(option odd.TPPROBE_LEVEL level)" '5000 trace' 'the defaults are used instead'

# --- presets -----------------------------------------------------------------------
RECORD=(--preset large)
capture large /bin/true
is "$(option large level) $(option large sample_ms) $(option large max_size)" 'counters 1000 1G' '--preset large'
RECORD=(--preset large --level trace)
capture won "$APPS/heap" 100 1 1
is "$(option won level) $(option won sample_ms)" 'trace 1000' 'an explicit option wins'
like "$(types won | tr '\n' ' ')" ALLOC 'and acts'
RECORD=()
TPPROBE_PRESET=large preload raw_large "$APPS/heap" 100 1 1
is "$(option raw_large level) $(option raw_large sample_ms) $(option raw_large max_size)" 'counters 1000 1G' 'TPPROBE_PRESET=large'
unlike "$(types raw_large | tr '\n' ' ')" ALLOC 'and the probe obeys'
TPPROBE_PRESET=large TPPROBE_LEVEL=trace preload raw_won "$APPS/heap" 100 1 1
like "$(types raw_won | tr '\n' ' ')" ALLOC 'an explicit variable wins'
TPPROBE_PRESET=memory preload raw_memory /bin/true
is "$(option raw_memory sample_ms) $(option raw_memory wait_ms)" '10 30000' 'TPPROBE_PRESET=memory'
is "$(ask raw_memory '.capture.notes | map(select(test("ignored"))) | length')" 0 'what a preset sets beyond this version is no complaint'
for preset in cpu io memory large; do
	like "$("$TPPROBE" run --help)" "$preset +(--|TPPROBE_)" "run --help tells preset $preset"
	like "$("$TPPROBE" doctor)" "preset +$preset: .*(--|TPPROBE_)" "doctor tells preset $preset"
done

# --- memory limit --------------------------------------------------------------------
is "$(jq .memory_total_bytes full/manifest.json)" $(($(getconf _PHYS_PAGES) * $(getconf PAGE_SIZE))) 'memory_total_bytes'
here=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
group=/sys/fs/cgroup/memory$here/tptest.$$
file=memory.limit_in_bytes
if ! mkdir "$group" 2>/dev/null; then
	group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/tptest.$$
	file=memory.max
	mkdir "$group" 2>/dev/null
fi
if [[ -e $group/$file ]] && echo 209715200 >"$group/$file" 2>/dev/null; then
	(echo "$BASHPID" >"$group/cgroup.procs" && capture limited /bin/true)
	is "$(jq .memory_limit_bytes limited/manifest.json)" 209715200 'memory_limit_bytes is that of the cgroup'
else
	skip memory_limit_bytes 'no cgroup can be made here'
fi
for ((i = 0; i < 50; i++)); do
	rmdir "$group" 2>/dev/null || [[ ! -e $group ]] && break
	sleep 0.1
done
finish
