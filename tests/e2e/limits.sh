#!/bin/bash
# SPDX-License-Identifier: MIT
# Limits, sandboxes, missing shared memory: the program is left alone.
# timeout: 240
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

seq 1 3000 | shuf --random-source=<(yes) >numbers
sort -n numbers >sorted

# limited NAME ULIMIT…: sort under the probe with this limit.
limited()
{
	local name=$1 code

	shift
	rm -f got
	(ulimit "$@" && LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/"limit.$name" sort -n numbers >got.pipe 2>got.err)
	code=$?
	cat got.pipe >got
	is "$code" 0 "ulimit $*: sort ends well"
	[[ $name == fsize ]] || same got sorted "ulimit $*: its output is right"
	is "$(cat got.err)" '' "ulimit $*: nothing is printed"
	sleep 0.4
}
limited as -v 200000
limited as_small -v 40000
limited files -n 5
limited data -d 100000
limited locked -l 0
limited stack -s 256

# A file size limit: the probe's files are none of the program's, SIGXFSZ must not come.
out=$(ulimit -f 0; LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/limit.fsize sort -n numbers | cksum)
is "$out" "$(cksum <sorted)" 'ulimit -f 0: sort ends well'
sleep 0.4

# Seccomp: no system call of ours once the sandbox is closed.
for mode in strict filter; do
	for when in wait drop; do
		rm -rf confined confined.json
		TPPROBE_WHEN_FULL=$when preload confined "$APPS/confined" $mode 200000
		is "$status" 7 "seccomp $mode, when-full $when: the program is not killed"
		compares "$(total confined memory_allocations)" '>=' 200000 "seccomp $mode, when-full $when: totals are exact"
	done
done

# All of the ring is there before: it takes what comes, as far as the collector keeps up.
for mode in strict filter; do
	capture room.$mode "$APPS/confined" $mode 5000
	lossless room.$mode "seccomp $mode, a ring that is not full"
done

# Unwritable trace directory: the program runs, untouched.
mkdir closed && chmod 500 closed
if (($(id -u) == 0)); then
	is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=/proc/nowhere/trace /bin/echo fine 2>&1)" fine 'a trace directory that cannot be made'
	is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=/dev/null/trace /bin/echo fine 2>&1)" fine 'a trace directory below a file'
else
	is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/closed/trace /bin/echo fine 2>&1)" fine 'an unwritable directory'
fi

# What needs a mount namespace.
if ! unshare -m true 2>/dev/null; then
	skip 'no /dev/shm' 'no mount namespaces here'
	finish
fi
chmod -R go+rX . 2>/dev/null
for shm in 'mount -t tmpfs -o size=64k none /dev/shm' 'mount -t tmpfs -o ro none /dev/shm' \
	'mount --bind /proc/self/ns /dev/shm'; do
	name=shm$((++n))
	got=$(unshare -m sh -c "$shm && LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/$name sort -n numbers" 2>&1 | cksum)
	is "$got" "$(cksum <sorted)" "$shm: sort ends well"
	wait_complete $name
	compares "$(total $name memory_allocations)" '>' 10 "$shm: and is captured elsewhere"
done

# A full disk: the events stop, the counters go on, the report says so.
export LEDGER=$PWD/ledger
mkdir small
unshare -m bash -c "mount -t tmpfs -o size=200k none small && mkdir small/t && rmdir small/t
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/small/t $APPS/heap 1000000 1; echo \$? >status
	for i in \$(seq 100); do [[ -L small/t/session || ! -e small/t/manifest.json ]] || break; sleep 0.1; done
	cp -r small/t full"
is "$(cat status)" 0 'full disk: the program ends well'
like "$(cat full/session.log full/manifest.json 2>/dev/null)" '[Nn]o space|disk|full' 'full disk: the trace says so'
is "$(total full memory_allocations)" "$(sed -n 's/^allocs=//p' ledger)" 'full disk: totals are exact'
compares "$(ask full .capture.lost)" '>' 0 'full disk: what was dropped is counted'
finish
