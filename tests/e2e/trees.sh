#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
#
# Trees of processes: who started whom, with which arguments, in which directory, and
# how each ended is what strace -f sees of the same run.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
PATH=/usr/bin:/bin:$PATH # no shims
export PATH
command -v python3 >/dev/null || skip_all 'python3 is not installed'
strace -o /dev/null true 2>/dev/null || skip_all 'strace cannot trace here'

# The report's tree in the words of strace_tree.py. $1: the pid that is not of the tree
# shellcheck disable=SC2016 # jq's
TREE='(reduce .tasks[] as $t ({}; .["\($t.id)"] = $t.pid)) as $pid | .tasks
	| map(select(.kind == "process" and .pid != ($holder | tonumber))) | sort_by(.pid)[]
	| "\(.pid) \(if .created_by then $pid["\(.created_by)"] else 0 end) \(.exit_code // "-\(.signal)") \(.cwd) \(.command | tojson)"'

# tree NAME COMMAND…: below strace, in a session that somebody else began, so that the
# collector is not in the log.
tree()
{
	local name=$1 holder

	shift
	mkfifo "$name.hold"
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/$name.t cat "$name.hold" >/dev/null &
	holder=$!
	exec {hold}>"$name.hold"
	for ((i = 0; i < 200; i++)); do
		[[ -L $name.t/session ]] && break
		sleep 0.02
	done
	timeout 60 strace -f -y -s 100000 -e trace=process,chdir,fchdir -o "$name.strace" \
		-E LD_PRELOAD="$PROBE" -E TPPROBE_OUT="$PWD/$name.t" "$@" >"$name.out" 2>"$name.err"
	status=$?
	exec {hold}>&-
	wait $holder
	wait_complete "$name.t"
	lossless "$name.t" "$name"
	"$TPTEST_TOP/tests/e2e/strace_tree.py" "$name.strace" "$PWD" >"$name.truth"
	report "$name.t"
	jq -r --arg holder "$holder" "$TREE" "$name.t.json" >"$name.told"
	compares "$(wc -l <"$name.truth")" '>=' 2 "$name: strace saw $(wc -l <"$name.truth") processes"
	same "$name.truth" "$name.told" "$name: each with its creator, status, directory and arguments"
}

mkdir -p 'a dir/inner'
touch 'a dir/1' 'a dir/inner/2'
tree pipelines bash -c 'seq 20 | sort -n | (cat; exit 3) | tail -n 1; (exit 4); (cd "a dir"; ls | cat; /bin/true); { sleep 0.01; false; } & wait'
tree xargs xargs -a <(seq 12) -P 4 -n 1 sh -c 'sleep 0.0$1; exit $(($1 % 3))' x
tree find find 'a dir' -type f -exec sh -c 'echo "$1" | cat; exit 2' x {} \; -execdir wc -c {} + -execdir ls {} \;
tree nested sh -c 'sh -c "sh -c \"exit 7\"; sh -c \"kill -9 \\\$\\\$\"; exit 5"; bash -c "(bash -c \"true; exit 2\"); exit 1"; cd "a dir" && sh -c "ls; :"'
tree chain env A=1 nice -n 1 bash -c 'exec sh -c "exec env B=2 sh -c \"ls; exit 6\""'
tree python python3 -c '
import multiprocessing, os, subprocess, threading
subprocess.run(["sh", "-c", "exit 3"], cwd="a dir")
subprocess.run("echo x | cat; exit 4", shell=True, stdout=subprocess.DEVNULL)
os.system("true; exit 5")
os.popen("echo y").read()
ts = [threading.Thread(target=lambda n=n: subprocess.run(["sh", "-c", f"exit {n}"])) for n in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]
with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(abs, range(4))); pool.close(); pool.join()
if not os.fork(): os._exit(9)
os.wait()'
for way in fork _Fork clone vfork spawn system popen daemon threads; do
	tree "procs_$way" "$APPS/procs" $way 3 5
done

# A real package, from the archive when it can be reached; kept for the next time.
source_of()
{
	local store=$BUILD/tests/sources get

	if ! compgen -G "$store/$1_*.orig.tar.*" >/dev/null; then
		mkdir -p "$store" lists/partial cache
		echo 'deb-src http://deb.debian.org/debian bookworm main' >sources.list
		get=(timeout 20 apt-get -qq -o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null
			-o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache")
		"${get[@]}" update && (cd "$store" && "${get[@]}" source --download-only "$1")
	fi >fetch.out 2>&1
	mkdir -p "$1" && tar -C "$1" --strip-components=1 -xf "$(compgen -G "$store/$1_*.orig.tar.*")" 2>/dev/null
}

if command -v make >/dev/null && command -v gcc >/dev/null && source_of bzip2; then
	tree make make -C bzip2 -s -j2 CFLAGS=-O0 libbz2.a bzip2 bzip2recover
	is "$status" 0 'make: bzip2 is built'
	is "$(bzip2/bzip2 -c bzip2/bzip2.c | bzip2/bzip2 -dc | cmp - bzip2/bzip2.c 2>&1)" '' 'make: and works'
else
	skip 'make -j2 of bzip2' "no make, no gcc, or its source cannot be fetched"
fi
finish
