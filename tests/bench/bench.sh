#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make bench: what the probe costs, here and now. Each row is the median of ROUNDS
# rounds; plain and probed runs take turns, so that a slow moment hits both.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-$(realpath "$here/../../build")}
rounds=${ROUNDS:-7}
work=$(mktemp -d "${TMPDIR:-/tmp}/tpbench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# probed LEVEL COMMAND…
probed()
{
	local level=$1

	shift
	rm -rf t t.[0-9]*
	LD_PRELOAD=$BUILD/libtpprobe.so TPPROBE_OUT=$work/t TPPROBE_LEVEL=$level "$@"
	for ((wait = 0; wait < 300; wait++)); do
		[[ -L t/session ]] || break
		sleep 0.02
	done
}

seconds()
{
	local begin=$EPOCHREALTIME

	"$@" >/dev/null
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

echo "$(nproc) CPUs, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $rounds rounds, median"
printf '%-34s %10s %12s %12s\n' 'one call, ns' plain 'counters' 'trace'
while read -r what count title; do
	for ((i = 0; i < rounds; i++)); do
		"$BUILD/tests/apps/bench" "$what" "$count" >>"$what.plain"
		probed counters "$BUILD/tests/apps/bench" "$what" "$count" >>"$what.counters"
		probed trace "$BUILD/tests/apps/bench" "$what" "$count" >>"$what.trace"
	done
	awk -v title="$title" -v p="$(median <"$what.plain")" -v c="$(median <"$what.counters")" \
		-v t="$(median <"$what.trace")" \
		'BEGIN { printf "%-34s %10.1f %+12.1f %+12.1f\n", title, p, c - p, t - p }'
done <<'ROWS'
malloc 3000000 malloc + free pair
write 1000000 write to /dev/null
mutex 5000000 mutex lock + unlock
thread 5000 thread create + join
spawn 300 posix_spawn of /bin/true + wait
ROWS

echo
printf '%-34s %10s %12s %12s\n' 'real programs, s' plain 'x counters' 'x trace'
seq 1 400000 | awk '{ print ($1 * 7919) % 400009, "line", $1 }' >lines
cat >script.sql <<'SQL'
CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
INSERT INTO t SELECT i, 'text of row ' || i FROM n;
CREATE INDEX tb ON t (b);
SELECT count(*), sum(length(b)) FROM t WHERE b LIKE '%9%';
SQL
seconds_probed()
{
	local level=$1 begin=$EPOCHREALTIME

	shift
	rm -rf t t.[0-9]*
	LD_PRELOAD=$BUILD/libtpprobe.so TPPROBE_OUT=$work/t TPPROBE_LEVEL=$level "$@" >/dev/null
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
	for ((wait = 0; wait < 300; wait++)); do
		[[ -L t/session ]] || break
		sleep 0.02
	done
}
while read -r title command; do
	for ((i = 0; i < rounds; i++)); do
		seconds bash -c "$command" >>"$title.plain"
		seconds_probed counters bash -c "$command" >>"$title.counters"
		seconds_probed trace bash -c "$command" >>"$title.trace"
	done
	awk -v title="$title" -v p="$(median <"$title.plain")" -v c="$(median <"$title.counters")" \
		-v t="$(median <"$title.trace")" \
		'BEGIN { printf "%-34s %10.2f %12.3f %12.3f\n", title, p, c / p, t / p }'
done <<'ROWS'
sqlite3 sqlite3 -init /dev/null -batch :memory: '.read script.sql'
sort sort --parallel=2 -k 2 lines
perl perl -ne '@f = split; $h{$f[0]} .= $f[2]; END { print scalar(keys %h) }' lines
gawk gawk '{ s[$1 % 1000] = s[$1 % 1000] $3 } END { print length(s) }' lines
pipeline seq 1 300000 | sort -rn | gzip -1 | zcat | sha256sum
ROWS
