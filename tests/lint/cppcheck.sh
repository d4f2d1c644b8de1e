#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
command -v cppcheck >/dev/null || skip_all 'cppcheck is not installed'

for stage in preload collector analyze tests/apps; do
	[[ -n $(find "$stage" -name '*.c' -print -quit) ]] || continue
	found=$(cppcheck --quiet --std=c11 --language=c --file-filter="*.c" --enable=warning,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=unknownMacro --suppress=preprocessorErrorDirective \
		--suppress=toomanyconfigs --suppress=internalAstError --suppress=shiftTooManyBitsSigned --suppress=nullPointerOutOfMemory --suppress=ctunullpointerOutOfMemory \
		-D_GNU_SOURCE -D__x86_64__ -DTPPROBE_VERSION='""' -I. -I"$BUILD/gen" \
		--template='{file}:{line}: {id}: {message}' "$stage" 2>&1)
	is "$found" '' "cppcheck finds nothing in $stage"
done
finish
