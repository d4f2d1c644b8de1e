#!/bin/bash
# SPDX-License-Identifier: MIT
# C files look as `make fmt` leaves them.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
command -v clang-format >/dev/null || skip_all 'clang-format is not installed'

while read -r file; do
	if clang-format --dry-run -Werror "$file" >/dev/null 2>&1; then
		pass "$file"
	else
		fail "$file"
		note "$(clang-format "$file" | diff -u "$file" - | sed -n '4,24p')"
	fi
done < <(find preload collector analyze tests -name '*.[ch]' | sort)
finish
