#!/bin/bash
# SPDX-License-Identifier: MIT
# What a second reader of the probe found: the same letters with and without us.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

for what in waiting nothing detached; do
	"$APPS/second" $what >plain.$what 2>&1
	plain=$?
	is $plain 0 "$what: runs to its end without us"
	capture $what "$APPS/second" $what
	is "$status" $plain "$what: status"
	same plain.$what $what.out "$what: output"
	lossless $what
done
finish
