#!/bin/bash
# SPDX-License-Identifier: MIT
# Every function of hooks.def is hooked, does what it should, and leaves a trace.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

capture t "$APPS/hooks"
is "$status" 0 'a program that calls every hooked function ends well'
note "$(tail -n 3 t.err)"
lossless t
"$APPS/hooks" >plain.out 2>&1
same plain.out t.out 'and prints the same as without the probe'
"$TPPROBE" dump t >dump.txt 2>dump.err
names=$(sed -nE 's/^HOOK\( *[0-9]+, *(io|sync|thread|process), *"[^"]*", *[^,]*, *([a-z_A-Z0-9]+),.*/\1 \2/p' "$TPTEST_TOP/preload/hooks.def")
# These leave a record of another kind, or none: what they mean is tested elsewhere.
quiet=' fclose closedir chdir fchdir closefrom close_range pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock
	pthread_mutex_clocklock pthread_mutex_unlock pthread_create pthread_exit longjmp _longjmp siglongjmp
	__longjmp_chk syscall setrlimit setrlimit64 prlimit prlimit64 mlockall _exit _Exit quick_exit abort prctl wait wait3 wait4 waitpid waitid __wait __waitpid '
while read -r group name; do
	grep -qw -- "$name" <<<"$quiet" && continue
	grep -qw -- "$name" dump.txt
	is "$?" 0 "$group: $name is in the dump"
done <<<"$names"
finish
