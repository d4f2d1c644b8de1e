#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that cannot load the probe are run as they are, and named.
# timeout: 240
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

busybox=$(command -v busybox) || skip_all 'busybox is not installed'
file -L "$busybox" 2>/dev/null | grep -q 'dynamically' && skip_all 'busybox is not static'

capture child sh -c "$busybox echo from a static program; exit 4"
is "$(cat child.out)" 'from a static program' 'a static child does its work'
is "$(cat child.err)" '' 'and the loader prints nothing'
is "$status" 4 'status'
like "$(ask child '.capture.uninstrumented[0] | "\(.program) \(.why)"')" "^$busybox .*static" 'it is listed as uninstrumented'
is "$(ask child '.capture.uninstrumented[0].wait_status')" 0 'with what wait told'
compares "$(ask child '.capture.uninstrumented[0].peak_rss_mb')" '>' 0.1 'and its memory'
compares "$(ask child '.capture.uninstrumented[0].cpu_seconds')" '>=' 0 'and its CPU time'
like "$(ask child '.capture.notes | tostring')" 'CPU time that 1 programs without the probe' 'a note says that no task has it'
is "$(ask child '.tasks[] | select(.parent == null) | .name')" sh 'its parent is captured'

capture itself "$busybox" sh -c 'echo out; exit 3'
is "$(cat itself.out)" out 'a static command does its work'
is "$status" 3 'its status is its own'
like "$(ask itself '.capture.uninstrumented | tostring')" busybox 'and it is listed'
is "$(ask itself '.run | "\(.status) \(.exit_code)"')" 'failed 3' 'what is known of the run is told'

# Between two that are captured: the one below is found again through the environment.
capture middle sh -c "$busybox sh -c '/usr/bin/sort --version' >/dev/null"
is "$status" 0 'a captured program below a static one'

# Set-user-id programs drop the preload; they are named.
if (($(id -u) == 0)) && [[ -u $(command -v su) ]] && command -v setpriv >/dev/null; then
	mkdir open && chmod 777 open
	chmod o+x . .. ../..
	(cd open && setpriv --reuid 65534 --regid 65534 --clear-groups env LD_PRELOAD="$PROBE" TPPROBE_OUT="$PWD/t" \
		sh -c 'su --version; exit 0' >../su.out 2>../su.err)
	wait_complete open/t
	is "$(cat su.err)" '' 'a set-user-id child: the loader prints nothing'
	like "$(ask open/t '.capture.uninstrumented | tostring')" 'su' 'it is listed'
	like "$(ask open/t '.capture.uninstrumented[0].why')" 'privileged|set-user-id' 'with the reason'
else
	skip 'set-user-id child' 'needs root, su and setpriv'
fi
# What is known of them comes from the parent's wait: the same numbers as GNU time's.
# measured DIR NAME: the row of the burner in DIR is near what gnu (of GNU time) says.
measured()
{
	local cpu rss

	read -r cpu rss < <(awk '{ print $1 + $2, $3 / 1024 }' gnu)
	compares "$(ask "$1" '.capture.uninstrumented[0].cpu_seconds')" '>=' "$(awk -v c="$cpu" 'BEGIN { print c * 0.8 - 0.02 }')" "$2: CPU seconds ($cpu)"
	compares "$(ask "$1" '.capture.uninstrumented[0].cpu_seconds')" '<=' "$(awk -v c="$cpu" 'BEGIN { print c * 1.25 + 0.02 }')" "$2: and no more"
	compares "$(ask "$1" '.capture.uninstrumented[0].peak_rss_mb')" '>=' "$(awk -v m="$rss" 'BEGIN { print m - 2 }')" "$2: peak memory ($rss MiB)"
	compares "$(ask "$1" '.capture.uninstrumented[0].peak_rss_mb')" '<=' "$(awk -v m="$rss" 'BEGIN { print m + 2 }')" "$2: and no more"
}

# burns NAME BURNER REGEX: found by a parent that waits by waitpid, as shells do.
burns()
{
	/usr/bin/time -q -o gnu -f '%U %S %M' "$2" 300 40 5
	capture "$1" "$APPS/reap" waitpid "$2" 300 40 5
	is "$status" 5 "$1: status"
	is "$(cat "$1.err")" '' "$1: the loader prints nothing"
	is "$(ask "$1" '.capture.uninstrumented[0].program')" "$2" "$1: it is named"
	like "$(ask "$1" '.capture.uninstrumented[0].why')" "$3" "$1: with the reason"
	measured "$1" "$1"
}

source=$TPTEST_TOP/tests/apps/burn.c
compiled() # NAME COMPILER…
{
	local name=$1

	shift
	command -v "$1" >/dev/null && "$@" -O1 -o "$name" "$source" 2>/dev/null && "./$name" 1 1 0
}
[[ -x /usr/bin/time ]] || skip 'CPU time and memory' 'GNU time is not installed'
if [[ -x /usr/bin/time ]]; then
	if compiled static gcc -static; then
		burns static_child "$PWD/static" static
		for way in wait wait3 wait4 waitid nohang; do
			capture "way_$way" "$APPS/reap" $way "$PWD/static" 300 40 6
			is "$status" 6 "$way: status"
			measured "way_$way" "$way"
		done
		capture way_thread "$APPS/reap" thread "$PWD/static" 50 4 6
		is "$status" 6 'waitid beside another thread: status'
		is "$(ask way_thread '.capture.uninstrumented[0].cpu_seconds')" null 'which stays a cancellation point: the usage is not known'
		capture launched "$PWD/static" 300 40 7
		is "$status" 7 'the command itself: status'
		measured launched 'the command itself'
		capture shell bash -c "$PWD/static 300 40 7; exit 8"
		measured shell 'a shell'
		capture system "$APPS/reap" waitpid /bin/sh -c "$PWD/static 300 40 0; exit 4"
		is "$status" 4 'a shell that waits: status'
		measured system 'a shell that waits'
	else
		skip 'a static program' 'gcc -static does not work here'
	fi
	if compiled musl musl-gcc; then
		burns musl_child "$PWD/musl" 'another C library'
	else
		skip 'a musl program' 'musl-gcc is not installed'
	fi
	if compiled bits32 gcc -m32; then
		burns child_32 "$PWD/bits32" 'word size'
	else
		skip 'a 32-bit program' 'gcc -m32 does not work here'
	fi
	if (($(id -u) == 0)) && command -v setpriv >/dev/null; then
		mkdir -p other && chmod 777 other
		chmod o+x . .. ../.. 2>/dev/null
		cp "$APPS/burn" other/burn && chown 1234 other/burn && chmod 4755 other/burn
		/usr/bin/time -q -o gnu -f '%U %S %M' other/burn 300 40 5
		(cd other && setpriv --reuid 65534 --regid 65534 --clear-groups env LD_PRELOAD="$PROBE" \
			TPPROBE_OUT="$PWD/t" "$APPS/reap" waitpid ./burn 300 40 5 2>../other.err)
		is "$?" 5 'a set-user-id copy: status'
		wait_complete other/t
		is "$(cat other.err)" '' 'a set-user-id copy: the loader prints nothing'
		like "$(ask other/t '.capture.uninstrumented[0].why')" 'privileges' 'a set-user-id copy: the reason'
		measured other/t 'a set-user-id copy'
	else
		skip 'a set-user-id copy' 'needs root and setpriv'
	fi
fi
finish
