#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make demo: profiles a pipeline of Debian programs and prints its report. Takes
# some seconds, needs no network, and writes below build/demo only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-$(realpath "$here/../../build")}
demo=$BUILD/demo
rm -rf "$demo"
mkdir -p "$demo/work"
export TPPROBE_STORE=$demo/store.db XDG_DATA_HOME=$demo/data LC_ALL=C.UTF-8

cd "$demo/work"
echo "profiling tests/demo/pipeline.sh: web-shop orders, from raw lines to an archive"
"$BUILD/tpprobe" run --name demo --stage demo -- "$here/pipeline.sh" >"$demo/output.txt"

echo
"$BUILD/tpprobe" report demo
trace=$(find "$XDG_DATA_HOME/tpprobe/traces" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort | tail -n 1)
echo
echo "trace:  ${trace:-not kept}"
echo "store:  $TPPROBE_STORE"
echo "again:  $BUILD/tpprobe report --store $TPPROBE_STORE demo"
echo "JSON:   $BUILD/tpprobe report --store $TPPROBE_STORE demo --format json"
echo "HTML:   not built yet; this version reports as text and JSON"
