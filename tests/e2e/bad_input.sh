#!/bin/bash
# SPDX-License-Identifier: MIT
# Bad input: one clear sentence that says what to do, the promised exit status,
# nothing destroyed.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

PATH=$BUILD:$PATH

# What the rows talk about.
capture good "$APPS/heap" 1000 1
tpprobe run --name stored -- true 2>run.err || note "$(<run.err)"
segment=good/segments/0001.tps
mkdir empty nottrace && echo hello >nottrace/file
echo '{ "schema": "other/1" }' >nottrace/manifest.json
cp -r good cut && truncate -s -100 cut/segments/0001.tps
cp -r good foreign && head -c 5000 /dev/urandom >foreign/segments/0001.tps
cp -r good zero && : >zero/segments/0001.tps
cp -r good newer
printf '\377' | dd of=newer/segments/0001.tps bs=1 seek=16 conv=notrunc status=none # version, after magic
cp -r good manifest && echo 'not json' >manifest/manifest.json
cp -r good future && sed -i 's|tpprobe.trace/1|tpprobe.trace/9|' future/manifest.json
echo 'this is not a database, but it is long enough to look at' >text.db
sqlite3 other.db 'CREATE TABLE somebody (s TEXT); INSERT INTO somebody VALUES (1);'
cp "$TPPROBE_STORE" newer.db 2>/dev/null && sqlite3 newer.db 'PRAGMA user_version = 9999;'
cp "$TPPROBE_STORE" locked.db 2>/dev/null
mkdir unwritable && chmod 500 unwritable
printf 'int main(void) { return 0; }' >noexec && chmod 644 noexec

before=$(find good nottrace text.db other.db -type f -exec sha256sum {} + | sort)

# status | regex for its standard error | command
check()
{
	local want=$1 regex=$2 command=$3 code=0

	timeout 30 bash -c "$command" >row.out 2>row.err </dev/null || code=$?
	if ((code != want)); then
		fail "$command: status $want"
		note "got $code: $(head -c 500 row.err)"
	elif ! grep -qE -- "$regex" row.err; then
		fail "$command: says why"
		note "expected to match: $regex"
		note "              got: $(head -c 500 row.err)"
	elif ((want == 2 || want == 125)) && (($(wc -l <row.err) > 2)); then
		fail "$command: one sentence"
		note "$(<row.err)"
	elif grep -qE 'Assert|Sanitizer|core dumped|Segmentation' row.err; then
		fail "$command: does not break"
		note "$(<row.err)"
	else
		pass "$command: $want, $(head -n 1 row.err | cut -c 1-100)"
	fi
}

while IFS='|' read -r want regex command; do
	[[ -z $want || $want == \#* ]] && continue
	read -r want <<<"$want"
	read -r regex <<<"$regex"
	read -r command <<<"$command"
	check "$want" "${regex//¦/|}" "$command"
done <<'ROWS'
# usage
2   | help                              | tpprobe
2   | frobnicate.*help                  | tpprobe frobnicate
2   | --frobnicate                      | tpprobe report --frobnicate good
2   | --frobnicate                      | tpprobe run --frobnicate -- true
2   | --format.*xml                     | tpprobe report good --format xml
2   | needs¦takes¦value¦argument        | tpprobe report good --format
2   | command¦program                   | tpprobe run
2   | command¦program                   | tpprobe record -o x --
2   | level.*loud                       | tpprobe record --level loud -o x -- true
2   | sample-ms.*x                      | tpprobe record --sample-ms x -o x -- true
2   | when-full                         | tpprobe record --when-full later -o x -- true
2   | label                             | tpprobe record --label novalue -o x -- true
# functions: what is wrong and what is right
2   | --task.*function                  | tpprobe record --task '' -o x -- true
2   | --task.*0 to 64                   | tpprobe record --task f:args=99 -o x -- true
2   | --task.*ret<0                     | tpprobe record --task 'f:fail=less' -o x -- true
2   | --task.*parse_                    | tpprobe record --task 'libz.so!' -o x -- true
2   | --task.*Python.*yet               | tpprobe run --task py:a.b -- true
2   | --task.*0 to 64                   | tpprobe run --task 'good;f:args=x' -- true
2   | --event.*option                   | tpprobe record --event f:depth=2 -o x -- true
2   | --metric.*NAME=arg                | tpprobe record --metric load -o x -- true
2   | --metric.*arg1                    | tpprobe record --metric 'n=arg0(f)' -o x -- true
2   | --metric.*type.*f64               | tpprobe record --metric 'n=ret/int(f)' -o x -- true
# the program
127 | /nonexistent                      | tpprobe record -o p1 -- /nonexistent
127 | no-such-program                   | tpprobe run -- no-such-program-at-all
126 | noexec                            | tpprobe record -o p2 -- ./noexec
126 | unwritable¦directory              | tpprobe record -o p3 -- ./unwritable
# traces
2   | empty.*not a trace                | tpprobe report ./empty
2   | nottrace.*not a trace             | tpprobe report ./nottrace
2   | no-such                           | tpprobe report ./no-such-dir
2   | text.db                           | tpprobe report ./text.db
2   | manifest                          | tpprobe report ./manifest
2   | future.*(version¦newer)           | tpprobe report ./future
2   | newer.*version                    | tpprobe report ./newer
2   | foreign.*0001.tps                 | tpprobe report ./foreign
2   | not a trace                       | tpprobe dump ./nottrace
2   | not a trace                       | tpprobe runs import ./nottrace
# runs
2   | 4711                              | tpprobe report 4711
2   | no-such-name                      | tpprobe report no-such-name
1   | .                                 | tpprobe runs show 4711
1   | .                                 | tpprobe runs rm --yes 4711
2   | latest                            | tpprobe report latest~99
# the store
2   | text.db.*not                      | tpprobe runs list --store text.db
2   | other.db.*not                     | tpprobe runs list --store other.db
2   | other.db.*not                     | tpprobe report latest --store other.db
2   | newer.db.*(newer¦version)         | tpprobe runs list --store newer.db
2   | /nonexistent/dir                  | tpprobe runs import ./good --store /nonexistent/dir/x.db
# captures
125 | good.*--force                     | tpprobe record -o good -- true
125 | nottrace                          | tpprobe record --force -o nottrace -- true
125 | text.db                           | tpprobe record -o text.db -- true
125 | /proc/nowhere                     | tpprobe record -o /proc/nowhere/t -- true
125 | /dev/null                         | tpprobe record -o /dev/null/t -- true
125 | collector                         | TPPROBE_COLLECTOR=/nonexistent tpprobe record -o nocol -- true
ROWS

# Files that are cut off or hold nothing are read as far as they go, and say so.
for dir in cut zero; do
	"$TPPROBE" report ./$dir --format json >$dir.json 2>$dir.err
	is "$?" 0 "$dir: is read as far as it goes"
	like "$(jq -r '.capture.notes | join(" ")' $dir.json)" 'cut|whole|truncated|end|empty|missing' "$dir: and says so"
done

# A store that somebody else has locked.
if [[ -s locked.db ]]; then
	python3 -c 'import sqlite3, sys, time
c = sqlite3.connect("locked.db", isolation_level=None)
c.execute("BEGIN EXCLUSIVE")
open("is_locked", "w").close()
time.sleep(60)' &
	locker=$!
	for ((i = 0; i < 100; i++)); do
		[[ -e is_locked ]] && break
		sleep 0.1
	done
	check 2 'locked.db.*(locked|busy)' 'tpprobe runs import ./good --store locked.db'
	kill $locker
	wait $locker 2>/dev/null
fi

# As somebody who may not: unwritable directory, unreadable trace.
if (($(id -u) == 0)) && command -v setpriv >/dev/null && chmod o+x . .. ../.. 2>/dev/null &&
	setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$TPPROBE"; then
	as="setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent"
	chmod 755 .
	check 125 'unwritable' "$as tpprobe record -o unwritable/t -- true"
	check 2 'good' "$as tpprobe report $PWD/good"
else
	skip 'as another user' 'needs root and setpriv'
fi

# A disk that is full.
if unshare -m true 2>/dev/null; then
	mkdir small
	cat >fill.sh <<'SH'
mount -t tmpfs -o size=100k none small || exit 77
head -c 90k /dev/zero >small/ballast
tpprobe runs import ./good --store small/s.db
SH
	check 2 'small/s.db|space|full' 'unshare -m bash ./fill.sh'
else
	skip 'a full disk' 'no mount namespaces here'
fi

is "$(find good nottrace text.db other.db -type f -exec sha256sum {} + | sort)" "$before" 'nothing was destroyed'
is "$(sqlite3 other.db 'SELECT count(*) FROM sqlite_schema')" 1 'not even added to'
[[ -e $segment ]]
is "$?" 0 'the good trace is still there'

# Closed or full output.
"$TPPROBE" report good >/dev/full 2>full.err
is "$?" 2 'output that cannot be written is an error'
like "$(<full.err)" '[Ss]pace|write' 'and says so'
"$TPPROBE" report good 2>pipe.err | head -c 1 >/dev/null
is "$(cat pipe.err)" '' 'a reader that leaves early is none'
finish
