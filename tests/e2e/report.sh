#!/bin/bash
# SPDX-License-Identifier: MIT
# From run to report: the store, run names, the JSON that is promised, the text.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

PATH=$BUILD:$PATH
seq 1 200000 >numbers

tpprobe run --name first --env ci --stage sorting --label commit=abc --label n=1 -- sort -rn numbers >out 2>err
is "$?" 0 'tpprobe run: the status of the program'
is "$(head -n 1 out)" 200000 'its output on standard output'
like "$(<err)" 'sort' 'the summary on standard error'
tpprobe run -- sh -c 'sort numbers | gzip -1 | wc -c; exit 3' >out 2>err
is "$?" 3 'a program that fails: its status'
tpprobe run -- sh -c 'kill -9 $$' >out 2>err
is "$?" 137 'one that is killed: 128 + signal'

tpprobe report first --format json >first.json
keys() { jq -r "$1 | keys | join(\" \")" first.json; }
is "$(jq -r .schema first.json)" 'tpprobe.report/1' 'schema'
while read -r path wanted; do
	missing=
	for key in $wanted; do
		[[ " $(keys "$path") " == *" $key "* ]] || missing+=" $key"
	done
	is "$missing" '' "$path has the keys that are promised"
done <<'KEYS'
. schema run capture totals tasks_total tasks profiles files peers locks exceptions wakes curves workers workers_summary functions graph bottlenecks
.run id name command env stage labels host started runtime_seconds status exit_code signal cpu_cores cwd
.capture events lost trace_bytes raw_bytes processes threads probe_seconds level time_source estimated uninstrumented unattributed notes
.workers_summary average peak cores memory_limit_mb
.workers[0] pid tid name start_seconds last_seen_seconds cpu_seconds occupancy peak_rss_mb
.curves seconds rss threads cpu processes memory_limit live_workers running_workers
.files[0] path kind opens read_count read_bytes write_count write_bytes seconds metadata_count sequential_share
.tasks[0] id parent created_by name kind pid tid start_seconds status metrics self command cwd exit_code signal
.totals runtime_seconds cpu_cores cpu_user_seconds cpu_system_seconds cpu_user_utilization cpu_system_utilization run_delay_seconds io_wait_time_seconds network_wait_seconds lock_wait_seconds sync_wait_seconds sleep_seconds other_seconds thread_seconds
.totals memory_usage_peak_mb memory_usage_peak_process_mb memory_virtual_peak_mb memory_delta_mb memory_allocations memory_frees memory_allocated_bytes memory_temporary_allocations heap_peak_bytes heap_delta_bytes heap_leaked_bytes
.totals file_read_bytes file_write_bytes io_read_count io_write_count disk_read_bytes disk_write_bytes network_data_sent_bytes network_data_received_bytes bytes_read_compressed bytes_read_uncompressed bytes_write_compressed bytes_write_uncompressed compression_ratio
.totals exceptions_raised thread_count context_switches context_switches_involuntary page_faults_major events_processed event_rate_hz core_efficiency speedup_factor
KEYS
is "$(jq -r '.run | "\(.name) \(.env) \(.stage) \(.labels.commit) \(.labels.n) \(.status) \(.exit_code)"' first.json)" \
	'first ci sorting abc 1 completed 0' 'name, env, stage, labels, status'
is "$(jq -c .run.command first.json)" '["sort","-rn","numbers"]' 'the command'
is "$(jq -r .run.cwd first.json)" "$PWD" 'the directory'
is "$(jq -r '.totals.bytes_read_compressed' first.json)" null 'what is not measured is null'
compares "$(jq '.capture.notes | length' first.json)" '>' 0 'and notes say why'
compares "$(jq '.totals.runtime_seconds' first.json)" '>' 0 'runtime'
compares "$(jq '.totals.memory_usage_peak_mb' first.json)" '>' 1 'peak memory'
compares "$(jq '.totals.cpu_user_seconds + .totals.cpu_system_seconds' first.json)" '>' 0 'CPU time'
is "$(jq '[.tasks[].metrics | select(.thread_seconds != null and .other_seconds != null) |
	((.cpu_user_seconds + .cpu_system_seconds + (.run_delay_seconds // 0) + .io_wait_time_seconds + .network_wait_seconds +
	.lock_wait_seconds + .sync_wait_seconds + .sleep_seconds + .other_seconds) - .thread_seconds) |
	select(. > 0.01 or . < -0.01)] | length' first.json)" 0 'thread_seconds is the sum of its parts'

text=$(tpprobe report latest~1)
like "$text" 'gzip' 'the text report names the tasks'
like "$text" 'wc' 'all of them'
like "$text" '[Ll]ongest|took' 'and says what took longest'
is "$(tpprobe report latest~2 --format json | jq -r .run.name)" first 'latest~2 is the first of three'
is "$(tpprobe report first --format json -o file.json && jq -r .run.name file.json)" first '-o writes a file'

is "$(tpprobe runs list --format json | jq 'if type == "array" then length else .runs | length end')" 3 'runs list'
like "$(tpprobe runs list)" 'first' 'as text'
like "$(tpprobe runs show first)" 'sort -rn numbers' 'runs show'
like "$(tpprobe tasks list)" 'gzip' 'tasks list'
trace=$(find "$XDG_DATA_HOME/tpprobe/traces" -mindepth 1 -maxdepth 1 -type d | sort | head -n 1)
[[ -e $trace/manifest.json ]]
is "$?" 0 'run keeps its trace under XDG_DATA_HOME/tpprobe/traces'

tpprobe record -o later -- sort numbers >/dev/null 2>err
like "$(tpprobe runs list)" 'later' 'runs list names a trace nearby that is not stored'
tpprobe runs import later >out 2>err
is "$?" 0 'runs import'
is "$(tpprobe report latest --format json | jq -c .run.command)" '["sort","numbers"]' 'the imported run is there'
is "$(tpprobe report later --format json | jq .totals.memory_allocations)" \
	"$(tpprobe report latest --format json | jq .totals.memory_allocations)" 'and says the same as its directory'
tpprobe runs rm --yes first >out 2>err
is "$?" 0 'runs rm'
tpprobe report first >/dev/null 2>&1
is "$?" 2 'what was removed is gone'

tpprobe doctor >doctor.out 2>&1
is "$?" 0 'doctor'
like "$(<doctor.out)" '/dev/shm' 'doctor looks at /dev/shm'
like "$(TPPROBE_NOSUCH=1 tpprobe doctor 2>&1)" TPPROBE_NOSUCH 'and at variables that mean nothing'
like "$(tpprobe --version)" '^tpprobe [0-9]+\.[0-9]+' '--version'
for command in run record report runs tasks dump doctor help; do
	like "$(tpprobe help)" "(^|[[:space:]])$command" "help names $command"
	like "$(tpprobe $command --help 2>&1)" "tpprobe $command" "$command --help"
done
is "$(sqlite3 "$TPPROBE_STORE" 'PRAGMA journal_mode')" wal 'the store is in WAL mode'
is "$(sqlite3 "$TPPROBE_STORE" "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%STRICT%'")" \
	0 'all its tables are STRICT'
is "$(stat -c %a "$TPPROBE_STORE")" 600 'and it is for its owner alone'
is "$(stat -c %a "$trace") $(stat -c %a "$trace/manifest.json" "$trace/segments/0001.tps" | sort -u)" '700 600' 'so are traces'
# Of a program that is over at once, most CPU time is older than the probe.
capture short true
is "$(ask short '.workers_summary.average <= .workers_summary.peak and .totals.cpu_user_utilization + .totals.cpu_system_utilization <= 1')" \
	true 'a short program has no more workers and CPU than there are'

finish
