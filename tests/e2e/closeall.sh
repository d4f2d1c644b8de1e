#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that close every descriptor: we have none that they could close.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

for way in close range closefrom raw daemon; do
	mkdir "$way.dir"
	cd "$way.dir" || exit 2
	preload "t" "$APPS/closeall" "$way"
	is "$status" 0 "$way: ends well"
	lossless t "$way"
	is "$(total t io_write_count)" 200 "$way: 200 writes"
	is "$(total t file_write_bytes)" 2000 "$way: 2000 bytes"
	compares "$(total t memory_allocations)" '>=' 50 "$way: allocations"
	is "$(ask t '[.files[] | select(.path | endswith("closeall.tmp")) | .write_bytes] | add')" 2000 "$way: all to the file by its name"
	cd ..
done
finish
