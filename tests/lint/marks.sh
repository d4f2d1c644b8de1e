#!/bin/bash
# SPDX-License-Identifier: MIT
# Size and marks: a file is about one thing; what is to be done is an issue.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2

files=$(git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './build/*' -not -path './.git/*')
code=$(grep -E '\.([chS]|sh|def|sql|mk)$|^Makefile$|^tests/run$|^\.ci/run$|^mk/' <<<"$files")

mapfile -t list <<<"$code"
marks=$(grep -nE 'TO''DO|FIX''ME|XX''X:|HA''CK' "${list[@]}" 2>/dev/null)
is "$marks" '' 'there are no marks of unfinished work'
long=$(wc -l "${list[@]}" 2>/dev/null | awk '$1 > 600 && $2 != "total"')
is "$long" '' 'no file is longer than 600 lines'
license=$(grep -E '\.[chS]$' <<<"$code" | xargs -r grep -L 'SPDX-License-Identifier: MIT')
is "$license" '' 'every C file names its licence'
spaces=$(grep -nE '[ 	]+$' "${list[@]}" 2>/dev/null | head)
is "$spaces" '' 'no line ends in white space'
finish
