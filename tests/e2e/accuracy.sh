#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
#
# Peak memory, CPU time, runtime, page faults and context switches are those that the
# kernel tells others: rusage, /usr/bin/time, the wall clock.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
[[ -x /usr/bin/time ]] || skip_all 'the package time is not installed'
[[ $BUILD != */asan ]] || skip_all 'a sanitizer has a memory and a speed of its own'

# of TRACE METRIC: of the process task `spend` (not of the shell around it)
of() { ask "$1" "[.tasks[] | select(.kind == \"process\" and .name == \"spend\")][0].metrics.$2"; }
ledger() { sed -n "s/^$1=//p" ledger; }
calculate() { awk "BEGIN { print $1 }"; }
least() { printf '%s\n' "$@" | sort -g | head -n 1; }
most() { printf '%s\n' "$@" | sort -g | tail -n 1; }
# near GOT EXPECTED TOLERANCE NAME
near() { compares "$(calculate "sqrt(($1 - $2) ^ 2)")" '<=' "$3" "$4: $1, where $2 is the truth"; }

# Peak memory. ru_maxrss survives exec: so a small shell starts all of them.
while read -r mib threads; do
	name=rss_${mib}_$threads
	truth=$(sh -c '/usr/bin/time -f %M "$@" 2>&1; :' x "$APPS/spend" rss "$mib" "$threads" | tail -n 1)
	capture "$name" sh -c '"$@"; :' x "$APPS/spend" rss "$mib" "$threads"
	near "$(of "$name" memory_usage_peak_mb)" "$(calculate "$truth / 1024")" 1 "peak of $mib MiB on $threads threads"
	is "$(total "$name" memory_usage_peak_process_mb)" "$(of "$name" memory_usage_peak_mb)" 'it is the largest process'
	preload "raw_$name" sh -c '"$@"; :' x "$APPS/spend" rss "$mib" "$threads"
	near "$(of "raw_$name" memory_usage_peak_mb)" "$(calculate "$truth / 1024")" 1 'the same by the probe alone'
done <<'ROWS'
1 1
10 1
100 1
300 1
100 8
ROWS

# CPU time: what the program reads of itself at its end, to a tick of the kernel's clock.
hz=$({ zgrep -h '^CONFIG_HZ=' /proc/config.gz || grep -h '^CONFIG_HZ=' "/boot/config-$(uname -r)"; } 2>/dev/null)
tick=$(calculate "1 / ${hz#*=}" 2>/dev/null || echo 0.01)
note "a tick is $tick s"
export LEDGER=$PWD/ledger
for mode in user system mixed threads children; do
	rm -f ledger
	capture "cpu_$mode" "$APPS/spend" $mode 200
	user=$(calculate "$(ledger user_us) / 1e6") system=$(calculate "$(ledger system_us) / 1e6")
	near "$(calculate "$(of cpu_$mode cpu_user_seconds) + $(of cpu_$mode cpu_system_seconds)")" \
		"$(calculate "$user + $system")" "$tick" "$mode: CPU time"
	near "$(of cpu_$mode cpu_user_seconds)" "$user" "$tick" "$mode: of it in user mode"
	near "$(of cpu_$mode cpu_system_seconds)" "$system" "$tick" "$mode: of it in the kernel"
done
# Each thread and each child has its 200 ms.
for mode in threads children; do
	kind=${mode%s}
	for each in $(ask cpu_$mode ".tasks[] | select(.parent != null) | .self | .cpu_user_seconds + .cpu_system_seconds"); do
		near "$each" 0.2 0.02 "$mode: ${kind/ren/} on its own"
	done
done
unset LEDGER

# Runtime: what the clock of a shell around the very same run says; the best of three,
# since between the two the machine may have others to serve.
while read -r mode ms; do
	off=()
	for i in 1 2 3; do
		# shellcheck disable=SC2016 # for that shell
		capture "run_$mode$ms.$i" bash -c 'b=$EPOCHREALTIME; "$@"; e=$EPOCHREALTIME; echo $b $e' x "$APPS/spend" "$mode" "$ms"
		read -r begin end <"run_$mode$ms.$i.out"
		truth=$(calculate "$end - $begin") got=$(of "run_$mode$ms.$i" runtime_seconds)
		off+=("$(calculate "sqrt(($got - $truth) ^ 2)") $got $truth")
	done
	read -r _ got truth < <(least "${off[@]}")
	near "$got" "$truth" "$(most 0.005 "$(calculate "0.05 * $truth")")" "$mode $ms ms: runtime"
	compares "$got" '>=' "$(calculate "0.99 * $ms / 1000")" "$mode $ms ms: and not less than it takes"
done <<'ROWS'
sleep 20
sleep 300
user 200
ROWS

# Context switches and major faults: what time's wait4 has of the very same process.
dd if=/dev/urandom of=pages bs=4096 count=300 conv=fsync 2>/dev/null
for what in 'switches 300' "faults $PWD/pages"; do
	name=${what%% *}
	# shellcheck disable=SC2086 # two words
	capture "$name" /usr/bin/time -o "$name.time" -f '%w %c %F' "$APPS/spend" $what
	read -r voluntary involuntary major <"$name.time"
	# Its way out, after it has told, may take a few more.
	near "$(of "$name" context_switches)" $((voluntary + involuntary)) 5 "$name: context switches"
	near "$(of "$name" context_switches_involuntary)" "$involuntary" 5 "$name: involuntary ones"
	is "$(of "$name" page_faults_major)" "$major" "$name: major faults"
	# a sleep that is over before the thread is off its CPU makes none
	[[ $name != switches ]] || compares "$voluntary" '>=' 285 'switches: nearly every sleep made one'
	[[ $name != faults ]] || ((major)) || skip 'major faults' 'this file system keeps its files in memory'
done
finish
