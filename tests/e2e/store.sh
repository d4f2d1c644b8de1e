#!/bin/bash
# SPDX-License-Identifier: MIT
# Stores of older versions: brought up to date when they are opened, with all that was in them.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"

# Columns and keys of every table, however its statement is written.
shape()
{
	sqlite3 "$1" "SELECT m.name, c.name, c.type, c.pk, c.\"notnull\" FROM sqlite_schema m,
		pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		ORDER BY m.name, c.cid"
}

# All values that the first version had.
content()
{
	local table

	for table in runs labels notes tasks task_metrics profiles curves; do
		sqlite3 "$1" "SELECT * FROM $table ORDER BY 1, 2, 3" | cut -d '|' -f "1-$(awk -v t=$table '
			$1 == t { print $2 }' columns)"
	done
	sqlite3 "$1" 'SELECT name, kind, metric, sum, mean, median, stdev, min, max, p95, p99 FROM profile_metrics'
}

sqlite3 old.db <"$TPTEST_TOP/tests/golden/store_v1.sql"
is "$(sqlite3 old.db 'PRAGMA user_version')" 1 'a store of version 1'
sqlite3 old.db "SELECT m.name, count(*) FROM sqlite_schema m, pragma_table_info(m.name) WHERE m.type = 'table'
	GROUP BY m.name" | tr '|' ' ' >columns
content old.db >before
compares "$(wc -l <before)" '>' 100 'with a run in it'

is "$("$TPPROBE" report --store old.db old --format json | jq -r .run.labels.by)" hand 'its run can be reported'
is "$(sqlite3 old.db 'PRAGMA user_version')" "$(sed -n 's/^PRAGMA user_version = \(.*\);/\1/p' "$TPTEST_TOP/analyze/store/schema.sql")" \
	'then it is of the newest version'
content old.db >after
same before after 'all that was in it is as it was'
is "$("$TPPROBE" report --store old.db old --format json | jq -c '[.wakes, .workers, .workers_summary.peak]')" '[[],[],null]' \
	'what it did not have is empty'
"$TPPROBE" runs import --store new.db "$TPTEST_TOP/tests/golden/v1/trace" >/dev/null 2>&1
shape new.db >new.shape
shape old.db >old.shape
same new.shape old.shape 'its tables have the columns of a new store'
"$TPPROBE" runs import --store old.db "$TPTEST_TOP/tests/golden/v1/trace" >/dev/null 2>&1
is "$(sqlite3 old.db 'SELECT count(*) > 0 FROM profile_metrics WHERE histogram IS NOT NULL')" 1 'new runs go into it'
is "$(sqlite3 old.db 'PRAGMA integrity_check')" ok 'it is sound'

# Half-way is nothing: a step that cannot be done leaves the old version.
sqlite3 broken.db <"$TPTEST_TOP/tests/golden/store_v1.sql"
sqlite3 broken.db 'CREATE TABLE wakes (x)'
"$TPPROBE" report --store broken.db old >out 2>err
is "$?" 2 'a store that cannot be brought up to date is refused'
is "$(sqlite3 broken.db 'PRAGMA user_version') $(sqlite3 broken.db "SELECT count(*) FROM pragma_table_info('runs') WHERE name = 'workers_peak'")" \
	'1 0' 'and stays as it was'

# Many at once: one does it, all can read.
sqlite3 many.db <"$TPTEST_TOP/tests/golden/store_v1.sql"
for i in 1 2 3 4; do
	"$TPPROBE" runs list --store many.db --format json >"many.$i" 2>&1 &
done
wait
is "$(cat many.? | sort | uniq -c | awk '{ print $1 }' | sort -u)" 4 'four commands open an old store at the same time'
finish
