#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# The benchmark runs and every row gets its numbers. Nothing about speed: that
# depends on who else uses the machine.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
[[ -x $BUILD/tests/bench/micro ]] || skip_all 'the benchmark is not built'
[[ $BUILD == */asan || $BUILD == */ubsan ]] && skip_all 'sanitized'

# The peers need daemons of their own: `make bench` is the place for them.
QUICK=1 VARIANTS=pass,counters,trace "$TPTEST_TOP/tests/bench/bench.py" >out 2>err
is "$?" 0 'make bench, quickly'
note "$(head -n 5 err)"
is "$(<err)" '' 'every run gave a number'
results=$BUILD/bench/results.json
is "$(jq -r .schema "$results")" tpprobe.bench/1 'results.json'
while read -r row; do
	is "$(jq -r --arg row "$row" '[.rows[] | select(.name == $row) | .variants[] |
		.median, .q1, .q3 | numbers] | length' "$results")" 9 "row $row"
done < <("$BUILD/tests/bench/micro" | grep -vxE 'flood2|churn2?'; printf '%s\n' task_all malloc_all churn_all churn2_all write_all start sqlite3 python3 cc1 perl gawk mean mean_cpu)
is "$(jq -r '[.rows[] | select(.group == "real")] | length >= 7' "$results")" true 'real programs'
is "$(jq -r '[.extra[] | select(.value == null)] | length' "$results")" 0 'and the rows of the collector'
is "$(jq -r '.extra[] | select(.name == "lost_wait") | .value' "$results")" 0 'no event lost with wait'
is "$(jq -r '.extra[] | select(.name == "drop_difference") | .value' "$results")" 0 \
	'recorded and lost are what was done with drop'
is "$(awk -F'\t' 'NR > 1 && NF != 9' "$BUILD/bench/results.tsv")" '' 'results.tsv has a value in each field'
is "$(awk 'length($0) > 120' out)" '' 'the table is at most 120 columns wide'
finish
