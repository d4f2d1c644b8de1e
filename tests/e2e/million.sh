#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 600
# Very many tasks inside processes: 100,000 of 1,000 names, a million of 10,000 with TPTEST_LONG. What the
# store and the reports say, against the ledger of the program that wrote the trace; and how much memory it takes.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"

[[ -x /usr/bin/time ]] || skip_all 'needs GNU time'
tasks=100000 names=1000 limit=$((100 * 1024))
[[ -z ${TPTEST_LONG:-} ]] || tasks=1000000 names=10000 limit=$((300 * 1024))
case $BUILD in *asan* | *ubsan*) limit= ;; esac

# measured NAME COMMAND…: its largest resident size is bounded; how long it took is told.
measured()
{
	local name=$1 kib

	shift
	/usr/bin/time -o used -f '%M %e' "$@" >measured.out || fail "$name: exit status $?"
	read -r kib seconds <used
	echo "# $name: $seconds s, $kib KiB"
	[[ -z $limit ]] || compares "$kib" '<=' "$limit" "$name takes at most $((limit / 1024)) MiB"
}

"$BUILD/tests/tools/many_tasks" trace "$tasks" "$names" >ledger || skip_all 'no trace'
is "$(awk '{ n += $2 } END { print n }' ledger)" "$tasks" 'a trace with that many tasks'
measured import "$TPPROBE" runs import trace

sql()
{
	sqlite3 "$TPPROBE_STORE" "$@"
}

is "$(sql "SELECT count(*) FROM tasks WHERE kind IN ('function', 'api')")" "$tasks" 'all of them are in the store'
is "$(sql 'SELECT tasks_total - processes - (SELECT count(*) FROM tasks WHERE kind = "thread") FROM runs')" "$tasks" \
	'and counted'

# Sums by name: NAME count failed runtime_ns allocations bytes read
of_metric()
{
	echo "(SELECT m.sum FROM profile_metrics m WHERE m.name = p.name AND m.kind = p.kind AND m.metric = '$1')"
}
sql -separator ' ' "SELECT name, count, failed, printf('%.0f', $(of_metric runtime_seconds) * 1e9),
	printf('%.0f', $(of_metric memory_allocations)), printf('%.0f', $(of_metric memory_allocated_bytes)),
	printf('%.0f', $(of_metric file_read_bytes)) FROM profiles p WHERE kind IN ('function', 'api')" | sort >store.sums
sort ledger >ledger.sums
same store.sums ledger.sums 'count, failures, time, allocations and bytes of every name are those of the ledger'
is "$(sql "SELECT sum(kind = 'function') = sum(CAST(substr(name, 13) AS INTEGER) % 2 = 0),
	count(*) FROM profiles WHERE kind IN ('function', 'api')")" "1|$(wc -l <ledger)" 'names of even number are functions'

measured 'text report' "$TPPROBE" report
like "$(<measured.out)" 'work::stage_[0-9]+::transform' 'it names them'
measured 'JSON report' "$TPPROBE" report --format json -o report.json
is "$(jq '[.tasks_total, .schema]' -c report.json)" "[$(sql 'SELECT tasks_total FROM runs'),\"tpprobe.report/1\"]" \
	'is one'
# The longest tasks: as the store has them, and nobody without a parent that is there.
compares "$(jq '.tasks | length' report.json)" '>=' 10000 'the 10,000 longest are in it'
compares "$(jq '.tasks | length' report.json)" '<' 13000 'and what is above them, but not all'
is "$(jq '[.tasks[].id] as $ids | ([.tasks[].parent | values] | unique) - $ids | length' report.json)" 0 \
	'every parent is there'
is "$(jq '[.tasks[].metrics.runtime_seconds] | sort | .[-10000]' report.json)" \
	"$(sql "SELECT printf('%.9g', runtime_seconds) FROM tasks ORDER BY runtime_seconds DESC LIMIT 1 OFFSET 9999" | jq .)" \
	'no longer one is missing'
is "$(jq '.profiles | map(select(.kind != "process" and .kind != "thread").count) | add' report.json)" "$tasks" \
	'profiles are of all'

# --all: one line per task, read without taking it in whole.
measured 'JSON report of all' "$TPPROBE" report --format json --all -o all.json
is "$(grep -c '^    {"id": [0-9]*, "parent": ' all.json)" "$(sql 'SELECT tasks_total FROM runs')" 'has a line for each'
# Of what tasks did themselves, these metrics, summed up over all lines.
self_sums()
{
	awk -v first="\"$1\": " -v second="\"$2\": " '
		/^    {"id": / {
			self = substr($0, index($0, "\"self\": "))
			a += substr(self, index(self, first) + length(first), 24) + 0
			b += substr(self, index(self, second) + length(second), 24) + 0
		}
		END { printf "%d %d", a, b }' all.json
}
is "$(self_sums memory_allocations file_read_bytes)" \
	"$(jq -r '.totals | "\(.memory_allocations) \(.file_read_bytes)"' report.json)" \
	'what tasks did themselves adds up to the whole'
rm all.json
measured 'text report of all' "$TPPROBE" report --all -o all.txt
name=$(sort -k2nr ledger | sed -n '1s/ .*//p')
measured "report of one name" "$TPPROBE" report --format json --task "$name" -o one.json
is "$(jq --arg name "$name" '[.tasks[] | select(.name == $name)] | [length, (map(.metrics.runtime_seconds) | add * 1e9 | round)]' -c one.json)" \
	"$(awk -v name="$name" '$1 == name { print "[" $2 "," $4 "]" }' ledger)" 'has all of that name'
measured 'tasks list' "$TPPROBE" tasks list
is "$(grep -c 'work::stage' measured.out)" "$(wc -l <ledger)" 'names all'
finish
