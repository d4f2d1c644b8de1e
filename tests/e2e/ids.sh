#!/bin/bash
# SPDX-License-Identifier: MIT
# A program that gives its privileges up, one that becomes a daemon, one that forks
# at a terminal of its own: all of them go on being told.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

said() { sed -n "s/^$1=//p" "$dir.out"; }

# The process of this exit code, FILTER of it.
of_code() { ask "$1" "[.tasks[] | select(.kind == \"process\" and .exit_code == $2)][0] | $3"; }

if ((EUID)); then
	skip 'giving privileges up' 'only root has them'
else
	for how in setuid setresuid; do
		for way in capture preload; do
			dir=$how.$way
			$way "$dir" "$APPS/drops" "$how" /bin/true
			is "$status" 0 "$dir: ends well"
			is "$(<"$dir.err")" '' "$dir: and says nothing"
			lossless "$dir"
			is "$(ask "$dir" '[.tasks[] | select(.kind == "process") | .exit_code] | tostring')" '[0,3,0]' "$dir: it and its children are there, with their ends"
			# the process and its two threads, half of their work before, half after
			is "$(ask "$dir" '[.tasks[] | select(.exit_code != 3).self.io_write_count] | add')" "$(said self.writes)" "$dir: all writes"
			is "$(ask "$dir" '[.tasks[] | select(.exit_code != 3).self.file_write_bytes] | add')" "$(said self.bytes)" "$dir: all bytes"
			is "$(ask "$dir" '[.tasks[] | select(.kind == "thread").self.memory_allocations] | add')" "$(said threads.allocations)" "$dir: all allocations of its threads"
			is "$(of_code "$dir" 3 .self.io_write_count)" "$(said child.writes)" "$dir: the child's writes"
			is "$(of_code "$dir" 3 .self.memory_allocations)" "$(said child.allocations)" "$dir: the child's allocations"
			# 0700 is the session's: what starts as somebody else cannot join
			is "$(ask "$dir" '.capture.uninstrumented | map(.program) | tostring')" '["/bin/true"]' "$dir: the program that nobody executes is named as not captured"
			"$TPPROBE" dump "$dir" >"$dir.dump"
			is "$(grep -cE " META .*call=(setuid|setresuid) " "$dir.dump")" 2 "$dir: the change is told, and the one that was refused"
			is "$(grep -c ' PROCESS_EXIT ' "$dir.dump")" 2 "$dir: both ends are in the trace"
		done
	done
fi

# daemon(3): libc forks, ends the parent, and puts /dev/null on 0, 1 and 2.
for way in capture preload; do
	dir=daemon.$way
	rm -f file
	$way "$dir" "$APPS/drops" daemon "$PWD/file"
	is "$status" 0 "$dir: the caller ends well"
	is "$(<"$dir.out")$(<file)" beforedaemon "$dir: both write as they would"
	lossless "$dir"
	is "$(of_code "$dir" 0 .self.io_write_count)" 1 "$dir: the caller's end is told"
	is "$(of_code "$dir" 5 .self.io_write_count)" 6 "$dir: so is the daemon's, with its work"
	is "$(of_code "$dir" 5 .created_by)" "$(of_code "$dir" 0 .id)" "$dir: it knows who made it"
	"$TPPROBE" dump "$dir" >"$dir.dump"
	null=$(sed -n 's/.* TEXT id=\([0-9]*\) kind=1 .*text="\/dev\/null"$/\1/p' "$dir.dump" | tail -n 1)
	is "$(grep -c " IO .*result=3 file=${null:-none} fd=1$" "$dir.dump")" 5 "$dir: its standard output is /dev/null by now"
	like "$(grep ' TEXT id=.* kind=1 ' "$dir.dump")" '="//?etc/passwd"' "$dir: and its directory is /"
done

# forkpty: the fork is inside libc.
for way in capture preload; do
	dir=forkpty.$way
	$way "$dir" "$APPS/drops" forkpty
	is "$status" 0 "$dir: ends well"
	lossless "$dir"
	is "$(of_code "$dir" 4 .parent)" "$(of_code "$dir" 0 .id)" "$dir: the child has its parent"
	is "$(of_code "$dir" 4 .self.io_write_count)" 5 "$dir: and its work"
	like "$("$TPPROBE" dump "$dir" | grep ' TEXT id=.* kind=1 ')" '="/dev/pts/[0-9]+"' "$dir: its standard output is its terminal"
done
finish
