# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For the scripts in tests/e2e and tests/lint: TAP, captures, questions to reports.
#
#	. "$TPTEST_TOP/tests/lib.sh"
#	capture t sort file          # trace in t, output in t.out, t.err, $status
#	is "$(total t io_read_count)" 3 'sort reads three times'
#	finish
#
# A script runs in an empty directory of its own (see tests/run). Run alone it
# makes one.

TPTEST_TOP=${TPTEST_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=$(realpath -m "${BUILD:-$TPTEST_TOP/build}")
TPPROBE=$BUILD/tpprobe
PROBE=$BUILD/libtpprobe.so
# shellcheck disable=SC2034 # for the scripts
APPS=$BUILD/tests/apps
if [[ -z ${TPTEST_ROOT:-} ]]; then
	cd "$(mktemp -d "${TMPDIR:-/tmp}/tptest.XXXXXX")" || exit 2
	echo "# in $PWD"
	export XDG_DATA_HOME=$PWD/data TPPROBE_STORE=$PWD/store.db LC_ALL=C.UTF-8
fi

test_number=0
test_failed=0
status=0

# --- TAP ---------------------------------------------------------------------

pass()
{
	echo "ok $((++test_number)) - $*"
}

fail()
{
	echo "not ok $((++test_number)) - $*"
	((++test_failed))
	return 1
}

# Lines of explanation under the last result.
note()
{
	sed 's/^/# /' <<<"$*"
}

skip()
{
	echo "ok $((++test_number)) - ${1} # SKIP ${2}"
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

finish()
{
	echo "1..$test_number"
	exit $((test_failed > 0))
}

# is GOT EXPECTED NAME
is()
{
	if [[ $1 == "$2" ]]; then
		pass "$3"
	else
		fail "$3"
		if [[ $1$2 == *$'\n'* ]]; then
			note "$(diff <(echo "$2") <(echo "$1") | head -n 20)"
		else
			note "expected: $2"
			note "     got: $1"
		fi
		return 1
	fi
}

# like GOT REGEX NAME
like()
{
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3"
		note "expected to match: $2"
		note "              got: $1"
		return 1
	fi
}

# unlike GOT REGEX NAME
unlike()
{
	if [[ ! $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3"
		note "expected not to match: $2"
		note "                  got: $1"
		return 1
	fi
}

# compares GOT OP EXPECTED NAME; OP is == != < <= > >= on numbers
compares()
{
	if [[ -n $1 && $1 != null ]] && awk -v a="$1" -v b="$3" "BEGIN { exit !(a+0 $2 b+0) }"; then
		pass "$4"
	else
		fail "$4"
		note "expected: $2 $3"
		note "     got: $1"
		return 1
	fi
}

# succeeds NAME COMMAND…
succeeds()
{
	local name=$1 output

	shift
	if output=$("$@" 2>&1); then
		pass "$name"
	else
		fail "$name"
		note "status $? of: $*"
		note "$output"
		return 1
	fi
}

# same FILE FILE NAME
same()
{
	if cmp -s "$1" "$2"; then
		pass "$3"
	else
		fail "$3"
		note "$(diff "$1" "$2" | head -n 10)"
		return 1
	fi
}

# --- captures ----------------------------------------------------------------

# capture DIR COMMAND…: by `tpprobe record`; options for it in RECORD=(…).
RECORD=()
capture()
{
	local dir=$1

	shift
	status=0
	"$TPPROBE" record "${RECORD[@]}" -o "$dir" -- "$@" >"$dir.out" 2>"$dir.err" || status=$?
	((status != 125)) || note "tpprobe record: $(<"$dir.err")"
	sed -i '${/^trace: /d}' "$dir.err" # what record itself has to say
	wait_complete "$dir"
}

# preload DIR COMMAND…: the probe alone; nothing else runs beforehand.
preload()
{
	local dir=$1

	shift
	status=0
	LD_PRELOAD=$PROBE TPPROBE_OUT=$dir "$@" >"$dir.out" 2>"$dir.err" || status=$?
	wait_complete "$dir"
}

trace_state()
{
	jq -r .state "$1/manifest.json" 2>/dev/null || echo none
}

# Waits until the collector has finished the trace.
wait_complete()
{
	local i

	for ((i = 0; i < 200; i++)); do
		[[ $(trace_state "$1") == complete && ! -L $1/session ]] && return 0
		sleep 0.05
	done
	note "trace $1 is $(trace_state "$1") after 10 seconds"
	return 1
}

# The collector of a trace, by the session that the trace links to.
collector_of()
{
	local i session pid

	for ((i = 0; i < 100; i++)); do
		session=$(readlink "$1/session") && break
		sleep 0.02
	done
	for ((i = 0; i < 100; i++)); do
		for pid in $(pgrep -f tpprobe-collector); do
			grep -qaF "$session" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid" && return
			grep -qaF "$session" "/proc/$pid/maps" 2>/dev/null && echo "$pid" && return
		done
		sleep 0.02
	done
}

# --- questions ---------------------------------------------------------------

# report DIR: its report as JSON in DIR.json, made once.
report()
{
	[[ -s $1.json ]] && return 0
	"$TPPROBE" report "$1" --all --format json >"$1.json" 2>"$1.report.err" || {
		note "report $1: $(<"$1.report.err")"
		return 1
	}
}

# ask DIR FILTER: jq over the report.
ask()
{
	report "$1" >&2 || return 1
	jq -r "$2" "$1.json"
}

# total DIR METRIC
total()
{
	ask "$1" ".totals.$2"
}

# Every event is there: none was lost.
lossless()
{
	is "$(ask "$1" .capture.lost)" 0 "${2:-$1}: no event was lost"
}

need_probe()
{
	[[ -e $PROBE && -x $BUILD/tpprobe-collector ]] || skip_all "the probe is not built"
}
