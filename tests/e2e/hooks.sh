#!/bin/bash
# SPDX-License-Identifier: MIT
# Every row of hooks.def: the programs tests/apps/hooks*.c call each function and
# keep a ledger of it; the trace of that program says the same. A ledger line is
# `NAME=calls`, or `NAME=calls` and `NAME.bytes=sum of what it returned` (IO, IO_AT).
# What a program does beside its ledger is not compared.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# Their records have no id, or there is none: tested in threads.sh and locks.sh.
NO_LEDGER='pthread_create thrd_create pthread_mutex_trylock'

# Lines of: program name=calls
: >ledger
: >calls
for source in "$TPTEST_TOP"/tests/apps/hooks*.c; do
	app=${source##*/} app=${app%.c}
	LEDGER=$PWD/ledger.$app capture "$app" "$APPS/$app"
	is "$status" 0 "$app ends well"
	((status == 0)) || note "$(tail -n 3 "$app.err")"
	lossless "$app"
	"$APPS/$app" >"$app.plain" 2>&1
	same "$app.plain" "$app.out" "$app prints the same as without the probe"
	"$TPPROBE" dump "$app" >"$app.dump" 2>"$app.dump.err"
	# What the dump has of each call: how often, and the sum of its results.
	awk -v app="$app" '
		{
			call = ""; bytes = 0
			for (i = 4; i <= NF; i++) {
				if ($i ~ /^call=/) call = substr($i, 6)
				if ($3 ~ /^IO/ && $i ~ /^result=[0-9]/) bytes = substr($i, 8)
			}
			# system() leaves a WAIT too; it is the FORK that counts
			if (call == "" || call == "system" && $3 == "WAIT") next
			n[call]++; sum[call] += bytes
		}
		END { for (c in n) print app, c, n[c], sum[c] }' "$app.dump" >>calls
	[[ ! -e ledger.$app ]] || sed "s/^/$app /" "ledger.$app" >>ledger
done

# ledger NAME: what all programs say; empty when none does.
ledger() { awk -F '[ =]' -v name="$1" '$2 == name { n += $3; seen = 1 } END { if (seen) print n }' ledger; }

# seen NAME COLUMN [BY]: what the traces say, of the programs whose ledger has BY.
seen()
{
	awk -v name="$1" -v column="$2" -v by="${3:-}" '
		NR == FNR { split($2, part, "="); told[$1 " " part[1]] = 1; next }
		$2 == name && (by == "" || ($1 " " by) in told) { n += $column }
		END { print n + 0 }' ledger calls
}

while read -r name does; do
	case $does in
	PASS | HEAP) continue ;; # what they mean is tested elsewhere
	esac
	told=$(ledger "$name") bytes=$(ledger "$name.bytes")
	[[ " ${NO_LEDGER//[$'\n\t']/ } " == *" $name "* ]] && continue
	if [[ -z $told ]]; then
		compares "$(seen "$name" 3)" '>' 0 "$does $name is in the trace"
	else
		is "$(seen "$name" 3 "$name")" "$told" "$does $name: as many calls as in the ledger"
		[[ -z $bytes ]] || is "$(seen "$name" 4 "$name.bytes")" "$bytes" "$does $name: as many bytes"
	fi
done < <(sed -nE 's/^HOOK\( *[0-9]+, *[a-z]+, *([A-Z]+), *"[^"]*", *[^(]*[ *]([a-z_A-Z0-9]+), \(.*/\2 \1/p' "$TPTEST_TOP/preload/hooks.def")
finish
