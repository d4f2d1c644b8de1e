#!/bin/bash
# SPDX-License-Identifier: MIT
# memory_allocations and memory_allocated_bytes are what valgrind memcheck calls
# "total heap usage".
# timeout: 300
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v valgrind >/dev/null || skip_all 'valgrind is not installed'

# Valgrind adds variables to the environment, which perl and gawk copy: the probe
# gets as many of the same length (not the very LD_PRELOAD: Valgrind's library
# wants to be initialised first, as the probe does, and there can be one).
mapfile -t same_environment < <(valgrind -q env 2>/dev/null | sed 's/^LD_PRELOAD=/LD_PRELOA_=/')

# equal NAME COMMAND…; $tls: bytes by which the probe's own thread-local storage
# makes the blocks larger that libc allocates for threads.
equal()
{
	local name=$1 line allocs frees bytes

	shift
	# Without the frees that valgrind has libc do at the very end.
	valgrind --tool=memcheck --leak-check=no --run-libc-freeres=no --run-cxx-freeres=no \
		--log-file="$name.vg" "$@" >"$name.vg.out" 2>&1
	line=$(grep 'total heap usage' "$name.vg" | tr -d ,)
	read -r allocs frees bytes < <(sed -E 's/.*: ([0-9]+) allocs ([0-9]+) frees ([0-9]+) bytes.*/\1 \2 \3/' <<<"$line")
	status=0
	env -i "${same_environment[@]}" "$TPPROBE" record -o "$name" -- "$@" >"$name.out" 2>"$name.err" || status=$?
	wait_complete "$name"
	same "$name.out" "$name.vg.out" "$name: same output"
	lossless "$name"
	is "$(total "$name" memory_allocations)" "$allocs" "$name: $allocs allocations, as valgrind counts"
	is "$(($(total "$name" memory_allocated_bytes) - ${tls:-0}))" "$bytes" "$name: $bytes bytes, as valgrind counts"
	is "$(total "$name" memory_frees)" "$frees" "$name: $frees frees, as valgrind counts"
}

seq 1 20000 | awk '{ print ($1 * 7919) % 20011, "line", $1 }' >lines
cat >script.sql <<'SQL'
CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO t SELECT i, 'text of row ' || i FROM n;
CREATE INDEX tb ON t (b);
SELECT count(*), sum(length(b)) FROM t WHERE b LIKE '%9%';
SQL
awk 'BEGIN { print "[" } { printf "%s{\"n\": %d, \"t\": \"%s\"}\n", (NR > 1 ? "," : ""), $1, $2 } END { print "]" }' lines >rows.json

equal heap "$APPS/heap" 30000 1
equal sqlite sqlite3 -init /dev/null -batch :memory: '.read script.sql'
equal gawk gawk '{ seen[$1 % 100] = seen[$1 % 100] " " $3 } END { for (k in seen) n += length(seen[k]); print n }' lines
export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0
same_environment+=(PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0)
equal perl perl -e 'my %h; while (<>) { my @f = split; $h{$f[0]} .= $f[2] } print scalar(keys %h), "\n"' lines
equal jq jq -c 'map(select(.n % 7 == 0)) | group_by(.n % 10) | map({k: .[0].n, c: length})' rows.json
tls=$((20 * 16)) equal threads "$APPS/threads" join 20 50 20
finish
