#!/bin/bash
# SPDX-License-Identifier: MIT
# Traces of every format version give the report that they gave when they were frozen.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"

shopt -s nullglob
frozen=("$TPTEST_TOP"/tests/golden/v*)
((${#frozen[@]})) || skip_all 'nothing is frozen yet'
for dir in "${frozen[@]}"; do
	name=${dir##*/}
	"$TPTEST_TOP/tests/golden/report" "$dir/trace" >"$name.json" 2>"$name.err"
	is "$?" 0 "$name: is read"
	# Later versions add keys and fill in what was null; all that was there must be there.
	changed=$(jq -rn --slurpfile old "$dir/report.json" --slurpfile new "$name.json" '
		[$old[0] | paths(scalars)] | .[] as $p |
		select(($old[0] | getpath($p)) != null) |
		select(($new[0] | getpath($p)) != ($old[0] | getpath($p)) and $p[0:2] != ["capture", "notes"]) |
		"\($p | map(tostring) | join(".")): was \($old[0] | getpath($p)), is \($new[0] | getpath($p))"' | head -n 20)
	is "$changed" '' "$name: all values are as they were"
	is "$("$TPPROBE" dump "$dir/trace" 2>&1 | head -n 100000 | grep -c .)" \
		"$(jq .capture.events "$dir/report.json")" "$name: dump prints each event"
done
finish
