#!/bin/bash
# SPDX-License-Identifier: MIT
# Numbers in the tables are permanent: unique, increasing, pinned in every row.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2

# check MACRO LOWEST HIGHEST FILE…
check()
{
	local macro=$1 low=$2 high=$3 wrong

	shift 3
	wrong=$(awk -v macro="$macro" -v low="$low" -v high="$high" '
		$0 ~ "^" macro "\\(" {
			id = $0
			sub("^" macro "\\([ \t]*", "", id)
			sub(/,.*/, "", id)
			if (id !~ /^[0-9]+$/) { print FILENAME ":" FNR ": id is not a number: " id; next }
			if (id + 0 <= last && rows) print FILENAME ":" FNR ": " id " does not increase"
			if (id + 0 < low + 0 || id + 0 > high + 0) print FILENAME ":" FNR ": " id " is outside " low ".." high
			last = id + 0; rows++
		}
		END { if (!rows) print "no rows" }' "$@")
	is "$wrong" '' "$macro ids of $* are unique and increase"
}

check HOOK 1 1023 preload/hooks.def
check EVENT 1 63 preload/events.def collector/collected.def
check COUNTER 0 61 preload/counters.def
is "$(sed -n 's/^EVENT(\([0-9]*\),.*/\1/p' preload/events.def | awk '$1 > 39')" '' "the probe's events stay below 40"

twice=$(sed -nE 's/^HOOK\([^,]*,[^,]*,[^,]*,[^,]*,[^,]*, *([a-z_A-Z0-9]+),.*/\1/p' preload/hooks.def | sort | uniq -d)
is "$twice" '' 'no function is hooked twice'
finish
