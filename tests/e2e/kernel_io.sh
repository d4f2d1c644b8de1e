#!/bin/bash
# SPDX-License-Identifier: MIT
# What the hooks around system calls say is what the kernel says: bytes against
# /proc/self/io, waits for locks against the clock, addresses against getsockname,
# directories against strace.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

app=$APPS/kernel_io
ledger() { sed -n "s/^$2=//p" "$1.ledger"; }
seen()
{
	LEDGER=$PWD/$1.ledger capture "$1" "$app" "$1"
	is "$status" 0 "$1: the program ends well"
	"$TPPROBE" dump "$1" >"$1.dump" 2>&1
}
# counter NAME… of all TASK records of the dump $1, added up
counter()
{
	local dump=$1

	shift
	tr ' ' '\n' <"$dump" | awk -F= -v wanted=" $* " 'index(wanted, " " $1 " ") { n += $2 } END { print n + 0 }'
}

seen bytes
reads=$(counter bytes.dump file_read_bytes net_receive_bytes)
writes=$(counter bytes.dump file_write_bytes net_send_bytes)
compares "$reads" '>' 10000 'bytes were read'
is "$((reads - $(counter bytes.dump aside_read_bytes)))" "$(ledger bytes rchar)" \
	'bytes read, less those that it leaves out, are rchar of /proc/self/io'
is "$((writes - $(counter bytes.dump aside_write_bytes)))" "$(ledger bytes wchar)" 'and written wchar'
is "$(grep -c 'IO_AT.*call=pread .*result=11 .*at=0' bytes.dump)" 1 'a place is told with its bytes'
is "$(grep -c 'IO .*call=read .*result=5003' bytes.dump)" 2 'splice reads on one side'
is "$(grep -c 'IO .*call=splice .*result=5003' bytes.dump)" 2 'and writes on the other'

seen lock
waited=$(awk '$3 == "WAIT" && /reason=4/ { for (i = 4; i <= NF; i++) if (sub(/^call=/, "", $i)) print $i }' lock.dump | sort | tr '\n' ' ')
is "$waited" 'fcntl flock lockf ' 'each lock that was waited for is a wait for I/O'
compares "$(counter lock.dump io_waits)" == 3 'and counted'
# Ticks by the session's clock, microseconds by the program's.
per_us=$(jq '.clock.triples | (.[-1][0] - .[0][0]) / (.[-1][1] - .[0][1]) * 1000' lock/manifest.json)
told=$(awk -v ticks="$(counter lock.dump io_wait_ticks)" -v per_us="$per_us" 'BEGIN { printf "%d", ticks / per_us }')
program=$(ledger lock waited_us)
compares "$told" '<=' "$((program + 100))" "and no longer than the program's own clock says ($told us of $program)"
compares "$told" '>=' "$((program * 9 / 10 - 5000))" 'and hardly shorter'

seen net
client=127.0.0.1:$(ledger net client_port) server=127.0.0.1:$(ledger net server_port)
# text FILE KIND: the names of that kind that the file has
text() { sed -nE "s/.* TEXT id=$1 kind=$2 .*text=\"(.*)\"/\1/p" net.dump | sort | tr '\n' ' '; }
file_of() { sed -nE "s/.* IO .*call=$1 .*result=5 file=([0-9]+) .*/\1/p" net.dump; }
is "$(text "$(file_of send)" 2)" "$server " "the client's peer is the server"
is "$(text "$(file_of send)" 10)" "$client " 'its own end has its address too'
is "$(text "$(file_of recv)" 2)" "$client " "the server's peer is the client"
is "$(text "$(file_of recv)" 10)" "$server " 'and its own end is where it serves'
is "$(grep -cE " FD .*call=0 .*fd=$(ledger net pair_second) origin=$(ledger net pair_first) " net.dump)" 1 \
	'of a pair the second socket says which is the first'

seen maps
for name in maps map_bytes unmap_bytes; do
	is "$(counter maps.dump "$name")" "$(ledger maps "$name")" "$name"
done

seen names
for name in first:1 second:2 third:3; do
	is "$(ask names "[.files[] | select(.path | endswith(\"kernel.${name%:*}.tmp\")) | .write_bytes] | add")" \
		"${name#*:}" "what went to the ${name%:*} file is under its name"
done

# A directory of many buffers: readdir is told as often as it enters the kernel.
if ! command -v strace >/dev/null; then
	skip 'readdir as strace sees it' 'strace is not installed'
	finish
fi
mkdir many && (cd many && seq -f 'a-name-that-is-long-enough-to-fill-buffers-%g' 2000 | xargs touch)
cat >list.c <<'C'
#include <dirent.h>
#include <stdio.h>
int main(void)
{
	DIR *dir = opendir("many");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return printf("%d\n", n) < 0;
}
C
cc -o list list.c
capture listed ./list
is "$(<listed.out)" 2002 'all entries are there'
if strace -o strace.out -e trace=getdents64 ./list >/dev/null 2>strace.err; then
	is "$("$TPPROBE" dump listed | grep -c ' META .*call=readdir ')" "$(grep -c '^getdents64' strace.out)" 'readdir as often as getdents64'
else
	skip 'readdir as strace sees it' "strace cannot trace here: $(head -n 1 strace.err)"
fi
finish
