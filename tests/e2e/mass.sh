#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Hundreds and thousands of functions at once: all of SQLite's, all of CPython's, all of the C++ library's.
# The programs print the same, and every task that began has ended.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# mass NAME SPECS COMMAND…: run plain and with the functions as tasks.
mass()
{
	local name=$1 spec specs plain begins ends running functions mistakes

	read -r -a specs <<<"$2"
	shift 2
	RECORD=()
	for spec in "${specs[@]}"; do
		RECORD+=(--task "$spec")
	done
	"$@" >"$name.plain" 2>"$name.plain.err"
	plain=$?
	capture "$name" "$@"
	is "$status" "$plain" "$name: status"
	same "$name.plain" "$name.out" "$name: output"
	same "$name.plain.err" "$name.err" "$name: errors"
	is "$(jq '[.lost[]] | add' "$name/manifest.json")" 0 "$name: no event was lost"
	read -r begins ends running functions mistakes patched < <("$TPPROBE" dump "$name" |
		gawk -f "$TPTEST_TOP/tests/e2e/balance.awk")
	is "$mistakes" 0 "$name: every end has its begin"
	is "$running" 0 "$name: $begins tasks of $functions functions began, all ended"
	compares "$ends" '>' 1000 "$name: they are many"
}

# dynamic FILE REGEX: how many functions of that name it exports
dynamic()
{
	nm -D --defined-only "$1" | grep -cE " [TWi] ($2)"
}

# --- sqlite3 -----------------------------------------------------------------

library=$(ldd "$(command -v sqlite3)" 2>/dev/null | awk '/libsqlite3/ { print $3 }')
if [[ -n $library ]]; then
	cat >script.sql <<'SQL'
CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c REAL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO t SELECT i, 'text of row ' || i, i / 7.0 FROM n;
CREATE INDEX tb ON t (b);
SELECT a, printf('%s %.3f', b, c), upper(substr(b, 3)) FROM t WHERE b LIKE '%9%' ORDER BY c DESC;
SELECT json_group_array(a), avg(c), group_concat(b, '|') FROM t GROUP BY a % 7;
UPDATE t SET b = replace(b, 'row', 'line') WHERE a % 3 = 0;
DELETE FROM t WHERE a > 250;
SELECT count(*), sum(length(b)) FROM t;
SELECT no_such_column FROM t;
.tables
.dump t
SQL
	mass sqlite 'libsqlite3.so*!sqlite3_*' sqlite3 -init /dev/null -batch :memory: '.read script.sql'
	compares "$patched" '>' "$(($(dynamic "$library" sqlite3_) * 9 / 10))" \
		"sqlite: $patched of $(dynamic "$library" sqlite3_) functions are patched"
	if command -v gdb >/dev/null; then
		# gdb counts for us
		names='sqlite3_prepare_v2 sqlite3_step sqlite3_column_text sqlite3_free sqlite3_finalize'
		{
			echo 'set breakpoint pending on'
			for name in $names; do
				printf 'break %s\nignore $bpnum 1000000\n' "$name"
			done
			printf 'run\ninfo breakpoints\n'
		} >count.gdb
		gdb -nx -batch -x count.gdb --args sqlite3 -init /dev/null -batch :memory: '.read script.sql' \
			>gdb.out 2>&1
		for name in $names; do
			hits=$(awk -v n="$name" '/ in | <.*>/ && /breakpoint/ { hit = index($0, n) } hit && /already hit/ { print $4; exit }' gdb.out)
			is "$(ask sqlite "[.profiles[] | select(.name == \"$name\").count] | add // 0")" "${hits:-0}" \
				"sqlite: $name was called as often as gdb counts"
		done
	fi
else
	skip 'sqlite3' 'there is none with a shared library'
fi

# --- python3 -----------------------------------------------------------------

cat >script.py <<'PY'
import threading

results = [None] * 4

class Thing:
    def __init__(self, n):
        self.n = n
    def __lt__(self, other):
        return self.n < other.n

def work(k):
    counts = {}
    text = ", ".join("%s: %.3f" % (chr(97 + i % 26), i / 7) for i in range(100))
    for word in text.replace(":", " ").split():
        counts[word] = counts.get(word, 0) + k + 1
    try:
        {}["missing"]
    except KeyError as e:
        counts[str(e)] = [*reversed(e.args)]
    things = sorted(Thing((i * 7919) % 101) for i in range(100))
    gen = (t.n ** 5 for t in things)
    code = compile("lambda x: [y * x for y in range(5) if y & 1]", "<text>", "eval")
    results[k] = (sorted(map(str, counts.items()))[:20], sum(gen), eval(code)(k), 2 ** 300 % 10007,
                  text.encode("utf-16")[-9:], frozenset(range(5)), f"{k:>08x}", (k + 1.5j) ** 2)

threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for r in results:
    print(r)
PY
# A python3 that names as many: the one of the system, stripped, exports fewer.
python='' most=0
while read -r candidate; do
	program=$("$candidate" -c 'import sys; print(sys.executable)' 2>/dev/null) || continue
	library=$(ldd "$program" 2>/dev/null | awk '/libpython/ { print $3 }')
	n=$(nm "${library:-$program}" 2>/dev/null | grep -cE ' [Tt] _?Py')
	m=$(dynamic "${library:-$program}" '_?Py')
	((n < m)) && n=$m
	((n > most)) && most=$n python=$program python_library=$library
done < <(type -ap python3)
prefix=${python_library:+libpython*!}
mass python "${prefix}Py* ${prefix}_Py*" env PYTHONHASHSEED=0 "$python" -I -S script.py
compares "$patched" '>' "$((most * 9 / 10))" "python: $patched of $most functions are patched"
if ((most >= 2000)); then
	compares "$patched" '>=' 2000 'python: that is 2,000'
else
	skip 'python: 2,000 functions' "$python names only $most"
fi

# --- libstdc++ ---------------------------------------------------------------

if command -v g++ >/dev/null && g++ -O1 -std=c++17 -o streams.bin "$TPTEST_TOP/tests/apps/torture/streams.cc" -pthread 2>/dev/null; then
	mass streams 'libstdc++.so*!std::*' ./streams.bin
	compares "$patched" '>' 1000 "streams: $patched functions are patched"
else
	skip 'libstdc++' 'no g++ here'
fi
finish
