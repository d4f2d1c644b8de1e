#!/bin/bash
# SPDX-License-Identifier: MIT
# What the probe brings into somebody else's process.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
cd "$TPTEST_TOP" || exit 2
[[ -e $PROBE ]] || skip_all 'the probe is not built'

needed=$(readelf -dW "$PROBE" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^ld-linux' | sort)
is "$needed" libc.so.6 'the probe needs libc alone'

flags=$(readelf -dW "$PROBE" | grep FLAGS_1)
like "$flags" INITFIRST 'its constructor runs before all others (initfirst)'
like "$flags" NODELETE 'it is never unloaded (nodelete)'
like "$flags" NOW 'it is bound at once (now)'
is "$(readelf -dW "$PROBE" | grep -c TEXTREL)" 0 'it has no text relocations'

tls=$(readelf -lW "$PROBE" | awk '$1 == "TLS" { print strtonum($6) }')
compares "${tls:-0}" '<=' 64 "its thread-local storage is at most 64 bytes (${tls:-0})"
is "$(readelf -dW "$PROBE" | grep -c STATIC_TLS)" "$((${tls:-0} > 0))" 'and it is initial-exec'

tables=(preload/hooks.def)
[[ -e preload/exports.def ]] && tables+=(preload/exports.def)
mk/export_map "${tables[@]}" |
	awk '/^\t[A-Za-z_]/ { sub(/;/, ""); print $1 }' | sort >wanted.$$
readelf --dyn-syms -W "$PROBE" | awk '$7 ~ /^[0-9]+$/ && $5 != "LOCAL" && $8 { sub(/@.*/, "", $8); print $8 }' |
	sort -u >exported.$$
difference=$(diff wanted.$$ exported.$$)
is "$difference" '' 'it exports what hooks.def and exports.def name, and nothing else'
rm -f wanted.$$ exported.$$

# What a guest never calls: it would print, allocate, exit or lock.
guest=$(readelf --dyn-syms -W "$PROBE" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }' |
	grep -xE 'printf|fprintf|puts|perror|.*snprintf.*|fopen.*|exit|syslog|getenv|setenv|putenv|strdup|malloc|__libc_malloc|pthread_mutex_.*|__tls_get_addr|__stack_chk_fail|__.*_chk')
is "$guest" '' 'it calls nothing that prints, allocates, exits or locks'
finish
