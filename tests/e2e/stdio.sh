#!/bin/bash
# SPDX-License-Identifier: MIT
# What programs move by stdio: strace sees the system calls that libc makes from
# within, and the report says the same, told from the streams' buffers.
# timeout: 240
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v strace >/dev/null || skip_all 'strace is not installed'
strace -f -o try true 2>/dev/null || skip_all 'strace cannot trace here'
export LC_ALL=C

# traced NAME COMMAND…: sets read_bytes, write_bytes to what the program and its
# children moved; reading libraries is the loader's.
traced()
{
	local name=$1

	shift
	rm -f "$name".strace.*
	strace -ff -y -s 0 -o "$name.strace" -e trace=read,write,pread64,pwrite64,readv,writev "$@" \
		>"$name.plain" 2>"$name.plain.err"
	plain_status=$?
	read -r read_bytes write_bytes < <(awk '
		/\.so[.0-9]*>/ || !/ = [0-9]+$/ { next }
		/^p?readv?(64)?\(/ { r += $NF }
		/^p?writev?(64)?\(/ { w += $NF }
		END { print r + 0, w + 0 }' "$name".strace.*)
}
moved() { ask "$1" "[.totals.file_$2_bytes, .totals.network_data_${3}_bytes] | add"; }

# --- corners, to the byte --------------------------------------------------------

seq 100000 130000 >stdio.in
scenario()
{
	rm -f stdio.tmp stdio.left
	traced "$1" "$APPS/stdio" "$1"
	rm -f stdio.tmp stdio.left
	capture "$1" "$APPS/stdio" "$1"
	is "$status $(moved "$1" read received) $(moved "$1" write sent)" \
		"$plain_status $read_bytes $write_bytes" "$2: as many bytes as strace sees"
	same "$1.plain" "$1.out" "$1: the same output"
	lossless "$1"
}

scenario holds 'what streams hold at exit'
is "$(ask holds .capture.unattributed.write_bytes)" 0 'all that was written is attributed'
scenario leaves '_exit writes nothing out'
scenario forks 'what is held at a fork is written twice'
scenario threads 'stdout at the exit of a program with threads'
scenario flush 'fflush(NULL)'
scenario writes 'writing and going about in a file'
scenario reads 'reading and going about in a file'
scenario cookies 'the functions of a fopencookie'
scenario pipes 'popen'
scenario fails 'streams that fail'
scenario asks 'reading writes the prompt'
is "$(ask holds '[.files[] | select(.path | endswith("stdio.left"))] | map(.opens, .write_bytes) | join(" ")')" \
	'1 9' 'a stream has its bytes and its opening under its name'
is "$("$TPPROBE" dump fails | grep -o 'call=[a-z]* .*result=-[0-9]*' | sed 's/ .*=/ /' | sort | uniq | tr '\n' ';')" \
	'call=fclose -28;call=fflush -28;call=getc -21;' 'a call that failed in the kernel is told with its error'

RECORD=(--level counters)
capture counted "$APPS/stdio" reads
RECORD=()
is "$(moved counted read received)" "$(moved reads read received)" 'level counters: as many bytes'

# --- what compilers put between ---------------------------------------------------

if command -v g++ >/dev/null; then
	cat >streams.cc <<'C'
#include <fstream>
#include <iostream>
#include <string>
int main()
{
	std::string line;
	std::ofstream out("streams.tmp");
	std::ifstream in("stdio.in");
	while (std::getline(in, line)) {
		out << line << '\n';
		std::cout << line << (line.back() == '7' ? "!" : "") << std::endl;
	}
	std::cerr << "done" << std::endl;
}
C
	if g++ -O1 -o streams streams.cc 2>g++.err; then
		traced cxx ./streams
		capture cxx ./streams
		is "$(moved cxx read received) $(moved cxx write sent)" "$read_bytes $write_bytes" \
			'C++ streams count once'
	fi
fi
if gcc -g -O1 -D_GNU_SOURCE -fsanitize=address -I"$TPTEST_TOP" -o with_asan "$TPTEST_TOP/tests/apps/stdio.c" 2>gcc.err &&
	ASAN_OPTIONS=detect_leaks=0 ./with_asan reads; then
	export ASAN_OPTIONS=detect_leaks=0
	capture asan ./with_asan reads
	is "$(moved asan read received)" "$(moved reads read received)" 'ASan: its interceptors count nothing twice'
	rm -f stdio.tmp
	capture asan_writes ./with_asan writes
	is "$(moved asan_writes write sent)" "$(moved writes write sent)" 'nor writes'
	unset ASAN_OPTIONS
fi

# --- programs, within one percent ---------------------------------------------------

awk 'BEGIN { for (i = 0; i < 60000; i++) print i, i * 7919 % 60013, "some words of a line", i % 97 }' >data
gzip -k data
within() # GOT EXPECTED NAME
{
	compares "$(awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; print (d < 0 ? -d : d) }')" '<=' \
		"$(($2 / 100 + 100))" "$3 (report $1, strace $2)"
}
program()
{
	local name=$1

	shift
	command -v "$1" >/dev/null || {
		skip "$name" "there is no $1"
		return
	}
	rm -f db
	traced "$name" "$@"
	rm -f db
	capture "$name" "$@"
	same "$name.plain" "$name.out" "$name: the same output"
	is "$status" "$plain_status" "$name: the same status"
	within "$(moved "$name" read received)" "$read_bytes" "$name: bytes read"
	within "$(moved "$name" write sent)" "$write_bytes" "$name: bytes written"
	# the loader's, and the probe's own of /proc
	compares "$(ask "$name" '.capture | .unattributed.read_bytes / .processes | floor')" '<' 20000 \
		"$name: hardly a byte read is unattributed"
	is "$(ask "$name" .capture.unattributed.write_bytes)" 0 "$name: no byte written is unattributed"
}

program sort sort -k2n data
program sed sed 's/some/any/' data
program gawk gawk '{ n[$4] += $2 } END { for (i in n) print i, n[i] } { print $1 }' data
program wc wc data
program grep grep 77 data
program cat bash -c 'cat data | cat'
program gzip gzip -c data
program gunzip gzip -dc data.gz
program perl perl -ne 'print reverse split / /' data
program sqlite3 sqlite3 db 'create table t(a, b, c, d)' '.separator " "' '.import data t' .dump
program python3 python3 -S -c 'import sys
for line in open("data"): sys.stdout.write(line.upper())'
program join bash -c 'cut -d" " -f1,2 data | sort | uniq -c | tail -n 40000 | tr a-z A-Z | paste - - | md5sum'
finish
