#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
command -v shellcheck >/dev/null || skip_all 'shellcheck is not installed'

while read -r file; do
	if found=$(shellcheck -x -f gcc "$file" 2>&1); then
		pass "$file"
	else
		fail "$file"
		note "$found"
	fi
done < <(grep -rlE --exclude-dir=.git --exclude-dir=build '^#!/bin/(ba)?sh|^# shellcheck shell=' . | sort)
finish
