#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
#
# Programs that people run: what they print, the files that they make and how they
# end are the same with and without the probe; the trace is whole.
#
#	row NAME [PROGRAMS=N] PROGRAM… <<'SH'     a script, left out when a PROGRAM is missing
#
# PROGRAMS=N: as many processes (bash, which runs the script, is one).
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
PATH=/usr/bin:/bin:$PATH # no shims: they are scripts
export PATH GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0

seq 1 40000 | sort -R --random-source=<(yes) >numbers
awk '{ print $1 % 97, "word" $1 % 1009, $1 }' numbers >lines

# attempt HOW NAME: the script in a directory `work` that is made anew; what it made is then in NAME.HOW
attempt()
{
	local how=$1 name=$2 out=$PWD/$2.$1 trace=$PWD/$2.$1.t

	rm -rf work && mkdir work && cd work || return
	status=0
	case $how in
	plain) bash ../script ;;
	record) "$TPPROBE" record -o "$trace" -- bash ../script ;;
	raw) LD_PRELOAD=$PROBE TPPROBE_OUT=$trace bash ../script ;;
	esac >"$out.out" 2>"$out.err" <../lines || status=$?
	cd ..
	[[ $how != record ]] || sed -i '/^trace: /d' "$out.err" # what record itself has to say
	mv work "$out"
	find "$out" -depth -name '.git' -exec rm -rf {} + # times and inodes are in there
}

row()
{
	local name=$1 programs='' program how

	shift
	if [[ $1 == PROGRAMS=* ]]; then
		programs=${1#*=}
		shift
	fi
	cat >script
	for program; do
		command -v "$program" >/dev/null && continue
		skip "$name" "$program is not installed"
		return
	done
	attempt plain "$name"
	local expected=$status
	for how in record raw; do
		attempt $how "$name"
		is "$status" "$expected" "$name, $how: status"
		same "$name.plain.out" "$name.$how.out" "$name, $how: output"
		same "$name.plain.err" "$name.$how.err" "$name, $how: errors"
		is "$(diff -r --no-dereference "$name.plain" "$name.$how" 2>&1)" '' "$name, $how: files"
		traces+=("$name $how $programs") # asked at the end: a collector stays for a moment
	done
}

# whole NAME HOW [PROGRAMS]: nothing lost, nobody left running, all there
whole()
{
	local trace=$1.$2.t

	succeeds "$1, $2: the trace is complete" wait_complete "$trace"
	lossless "$trace" "$1, $2"
	is "$(ask "$trace" '[.tasks[] | select(.status == "running") | .name] | join(" ")')" '' \
		"$1, $2: nobody is left running"
	[[ -z ${3:-} ]] || is "$(ask "$trace" '[.tasks[] | select(.kind == "process")] | length')" "$3" "$1, $2: $3 processes"
}

traces=()
row sort sort gzip <<'SH'
sort -n --parallel=4 ../numbers >sorted
sort -S 64k -T . ../lines | tail -n 3
sort -S 64k -T . --compress-program=gzip -k2,2 -k3n ../lines >merged
sort -c ../numbers
SH

row sed_grep sed grep cp <<'SH'
cp ../lines here
sed -n -e 's/word\([0-9]*\)9 /<\1> /p' here | tail -n 2
sed -i.old -e '1~7d' here
mkdir -p a/b && cp ../lines a/b/x && cp ../numbers a/y
grep -rc '77' . | sort
grep -r -l word1008 . | sort
grep -q nothing-like-this here; echo $?
grep x /nonexistent
exec grep -c . -
SH

row gawk gawk sort <<'SH'
gawk '{ n[$1] += $3 } END { for (k in n) print k, n[k] | "sort -n | head -n 5" }' ../lines
gawk 'BEGIN { while (("seq 3" | getline x) > 0) s += x; print s; print system("exit 4") }'
gawk 'BEGIN { c = "sort"; print "b\na" |& c; close(c, "to"); while ((c |& getline x) > 0) print x }'
gawk '{ print > "part." $1 % 3 } END { exit 5 }' ../lines
SH

row compress gzip bzip2 xz zstd cmp <<'SH'
gzip -9n <../lines >a.gz && gzip -dc a.gz | cmp - ../lines
bzip2 <../lines >a.bz2 && bzip2 -dc a.bz2 | cmp - ../lines
xz -1 -T2 --block-size=100KiB <../lines >a.xz && xz -T2 -dc a.xz | cmp - ../lines
zstd -q -T2 -3 ../lines -o a.zst && zstd -q -dc a.zst | cmp - ../lines
echo garbage | gzip -dc
echo garbage | xz -dc
ls -l a.* | awk '{ print $5, $NF }'
SH

row tar tar gzip find <<'SH'
mkdir -p d/e && for i in $(seq 50); do head -n $((i * 20)) ../lines >d/e/$i; done
ln -s e/1 d/link && ln d/e/2 d/hard
tar --sort=name --mtime=@0 --owner=0 --group=0 -cf x.tar d
tar -I 'gzip -n' --sort=name --mtime=@0 --owner=0 --group=0 -cf x.tgz d
tar -tf x.tgz | tail -n 4
mkdir out && tar -C out -xzf x.tgz && diff -r d out/d
tar -xf /nonexistent.tar
SH

row find find touch <<'SH'
mkdir -p p/q 'p/with space' && touch p/1 p/q/2 'p/with space/3'
find p -type f -exec wc -c {} + | sort
find p -type f -exec sh -c 'echo "<$1>"' x {} \; | sort
find p -name 3 -execdir pwd \; | sed 's,.*/p/,p/,'
find p -name '[12]' -delete
find p /nonexistent | sort
SH

row pipes PROGRAMS=8 cat sort <<'SH'
cat | sort -n | head -n 2
(exit 3) | cat; echo ${PIPESTATUS[*]}
set -o pipefail
(exit 6) | /bin/true
SH

row bash cat tr seq sleep <<'SH'
trap 'echo bye $?' EXIT
trap 'echo usr1' USR1
kill -USR1 $$
(trap 'echo inner' EXIT; exit 3); echo $?
coproc tr a-z A-Z
echo hello >&"${COPROC[1]}"; exec {COPROC[1]}>&-; cat <&"${COPROC[0]}"; wait $!
diff <(seq 3) <(seq 4)
seq 5 | tee >(tail -n 1 >last) >/dev/null; sleep 0.1; cat last
cat <<X
$(seq 2) and $((2 * 21))
X
read -r x <<<'a string'; echo "$x"
set -m; sleep 0.01 & (exit 4) & wait -n $!; echo $?; wait
exec 7>seven; echo seven >&7; exec 7>&-
{ sh -c 'kill -9 $$'; } 2>/dev/null; echo $?
ulimit -n 64; echo -n $(ulimit -n)
exit 9
SH

row git git <<'SH'
export HOME=$PWD GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
git config --global user.name N; git config --global user.email n@e; git config --global pack.threads 1
git config --global gc.autoDetach false
git init -q -b main repo && cd repo
for i in 1 2 3 4 5; do head -n $((i * 100)) ../../lines >f$i; git add .; git commit -q -m "commit $i"; done
git log --oneline --stat | tail -n 12
git checkout -q -b other HEAD~2 && echo x >>f1 && git commit -q -am x && git checkout -q main && git merge -q --no-edit other
git gc -q && git fsck --full 2>&1 && git count-objects -v | grep -E 'in-pack|^packs'
cd .. && git clone -q repo local && git clone -q "file://$PWD/repo" piped && git -C piped log --format=%H | head -n 1
git -C repo show nothing
SH

row make make gcc ar <<'SH'
for i in 1 2 3 4 5 6; do printf 'int f%d(int x) { return x * %d + 1; }\n' $i $i >f$i.c; done
printf '#include <stdio.h>\n' >main.c
for i in 1 2 3 4 5 6; do echo "int f$i(int);"; done >>main.c
echo 'int main(void) { printf("%d\n", f1(1) + f2(2) + f3(3) + f4(4) + f5(5) + f6(6)); return 8; }' >>main.c
cat >Makefile <<'M'
CFLAGS = -O1 -pipe
main: main.o libf.a
	gcc -o $@ main.o libf.a
libf.a: $(patsubst %,f%.o,1 2 3 4 5 6)
	ar rcD $@ $^
M
make -s -j2 && ./main; echo $?
make -s -j2 nothing
echo 'int x = ;' >f1.c; gcc -c f1.c
SH

row sqlite sqlite3 <<'SH'
sqlite3 x.db 'create table t(a, b, c)' '.separator " "' '.import ../lines t' 'create index i on t(b)'
sqlite3 x.db 'select b, count(*), sum(c) from t group by b order by 3 desc limit 3' 'pragma integrity_check'
sqlite3 x.db 'pragma journal_mode = wal' "update t set a = 'x' where c % 3 = 0" 'select count(*) from t where a = "x"'
sqlite3 x.db '.backup copy.db' && sqlite3 copy.db 'delete from t' 'vacuum' 'select count(*) from t'
sqlite3 x.db 'select * from nothing'
SH

row python python3 sort <<'SH'
cat >work.py <<'PY'
import asyncio, concurrent.futures as futures, multiprocessing, os, signal, socket, subprocess, sys, threading

def square(n):
    return n * n

def echo(server):
    peer, _ = server.accept()
    while data := peer.recv(1000):
        peer.sendall(data.upper())
    peer.close()

async def child(n):
    p = await asyncio.create_subprocess_exec("sh", "-c", f"echo {n}; exit {n}", stdout=subprocess.PIPE)
    out, _ = await p.communicate()
    return out.decode().strip(), p.returncode

async def main():
    async def one(reader, writer):
        writer.write((await reader.readline())[::-1])
        writer.close()
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"stressed\n")
    print(await reader.read())
    writer.close()
    server.close()
    print(await asyncio.gather(*(child(n) for n in range(4))))

if __name__ == "__main__":
    found = []
    threads = [threading.Thread(target=lambda i=i: found.append(sum(range(i * 1000)))) for i in range(8)]
    [t.start() for t in threads]; [t.join() for t in threads]
    print(sorted(found))
    print(subprocess.run(["sort"], input=b"b\na\n", capture_output=True).stdout)
    print(subprocess.run("exit 7", shell=True).returncode, os.system("exit 3") >> 8, os.popen("echo popen").read())
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(server,)).start()
    with socket.create_connection(server.getsockname()) as s:
        s.sendall(b"loud" * 10000)
        s.shutdown(socket.SHUT_WR)
        print(sum(len(d) for d in iter(lambda: s.recv(4096), b"")))
    for method in "fork", "spawn":
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, pool.map(square, range(10)))
            pool.close(); pool.join()
    with futures.ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(square, range(50))))
    with futures.ThreadPoolExecutor(4) as pool:
        print(sum(pool.map(square, range(50))))
    asyncio.run(main())
    pid = os.fork()
    if not pid:
        os.kill(os.getpid(), signal.SIGTERM)
    print(os.waitpid(pid, 0)[1])
    sys.stdout.flush()
    raise ValueError("the end")
PY
python3 work.py
SH

row perl perl <<'SH'
perl -e '
	use IO::Socket::INET; use Time::HiRes;
	$| = 1;
	pipe(my $r, my $w);
	for my $i (1 .. 4) { my $p = fork; if (!$p) { syswrite($w, "child $i\n"); exit $i } waitpid($p, 0); print $? >> 8, " " }
	close $w; print sort <$r>;
	open(my $in, "-|", "seq 3"); print <$in>; close $in;
	open(my $out, "|-", "sort -r"); print $out "a\nb\n"; close $out;
	print `echo backticks`, system("exit 5") >> 8, "\n";
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
	if (!fork) { my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $s->sockport); print $c "over tcp\n"; exit }
	my $c = $s->accept; print <$c>; wait;
	local $SIG{ALRM} = sub { print "alarm\n" }; Time::HiRes::alarm(0.05); select undef, undef, undef, 3;
	die "the end\n"'
SH

row curl curl python3 <<'SH'
cp ../lines ../numbers .
python3 -u -m http.server --bind 127.0.0.1 0 >log 2>/dev/null &
for i in $(seq 200); do port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' log); [[ $port ]] && break; sleep 0.02; done
curl -s -o got.1 -w '%{http_code} %{size_download}\n' http://127.0.0.1:$port/lines
curl -s -o got.2 -o got.3 -w '%{http_code} %{size_download}\n' http://127.0.0.1:$port/numbers http://127.0.0.1:$port/lines
curl -s -f http://127.0.0.1:$port/nothing; echo $?
cmp got.1 got.3
kill $! && wait $!; echo $?
rm log
SH

# (the server is the same file as its checker; the package redis-server would start a service)
row redis redis-check-rdb redis-cli redis-benchmark <<'SH'
(exec -a redis-server redis-check-rdb --port 0 --unixsocket "$PWD/s" --save '' --dir "$PWD" --logfile "$PWD/log") &
r="redis-cli -s $PWD/s"
for i in $(seq 200); do [[ $($r ping 2>/dev/null) == PONG ]] && break; sleep 0.02; done
$r set key value; $r get key; $r incrby n 42
for i in $(seq 100); do echo "rpush list $i"; done | $r | tail -n 1
$r lrange list 97 -1
redis-benchmark -s "$PWD/s" -q -n 20000 -c 20 -P 4 -t set,incr >/dev/null; echo $?
$r get counter:__rand_int__; $r dbsize
$r shutdown nosave; wait $!; echo $?
rm -f log
SH

row xargs PROGRAMS=23 xargs seq <<'SH'
seq 20 | xargs -P 4 -n 1 sh -c 'echo $((7 * $1)) >$1; [ $1 != 13 ]' x
SH

row env_i PROGRAMS=7 env sort <<'SH'
/bin/true
env -i PATH=/bin:/usr/bin sh -c 'env | grep -vE "^(_|PWD)="; sort -n ../numbers | head -n 1 >/dev/null'
SH

row busybox busybox <<'SH'
busybox seq 3 | busybox tac
busybox sh -c 'sort -n ../numbers | head -n 1; exit 3'; echo $?
SH

for trace in "${traces[@]}"; do
	# shellcheck disable=SC2086 # NAME HOW [PROGRAMS]
	whole $trace
done
if [[ -s busybox.raw.t.json ]] && ! readelf -l "$(command -v busybox)" 2>/dev/null | grep -q INTERP; then
	like "$(ask busybox.raw.t '.capture.uninstrumented | map(.program) | join(" ")')" busybox 'a static busybox is named'
fi
finish
