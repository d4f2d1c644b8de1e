#!/bin/bash
# SPDX-License-Identifier: MIT
# Counts and bytes of a program that calls read and write itself are what strace
# sees, and what the program's ledger says.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v strace >/dev/null || skip_all 'strace is not installed'

app=$APPS/io_direct
export LEDGER=$PWD/ledger
capture t "$app" 25
lossless t
ledger() { sed -n "s/^$1=//p" ledger; }

is "$(total t io_read_count)" "$(ledger file_reads)" 'reads of files and pipes, as in the ledger'
is "$(total t io_write_count)" "$(ledger file_writes)" 'writes'
is "$(total t file_read_bytes)" "$(ledger file_read_bytes)" 'bytes read'
is "$(total t file_write_bytes)" "$(ledger file_write_bytes)" 'bytes written'
is "$(total t network_data_received_bytes)" "$(ledger net_read_bytes)" 'bytes received from sockets'
is "$(total t network_data_sent_bytes)" "$(ledger net_write_bytes)" 'bytes sent to sockets'

unset LEDGER
if ! strace -f -o strace.out -e trace=read,write,pread64,pwrite64,readv,writev,getppid "$app" 25 2>strace.err; then
	skip 'the same as strace' "strace cannot trace here: $(head -n 1 strace.err)"
	finish
fi
# Calls after getppid(): what comes before is the dynamic loader's.
read -r reads read_bytes writes write_bytes < <(awk '
	/getppid/ { own = 1; next }
	!own { next }
	/ = [0-9]+$/ {
		if ($0 ~ / p?readv?(64)?\(/) { r++; rb += $NF }
		if ($0 ~ / p?writev?(64)?\(/) { w++; wb += $NF }
	}
	END { print r, rb, w, wb }' strace.out)
sum() { ask t ".totals | .$1 + .$2"; }
net_reads=$(sed -n 's/^net_reads=//p' ledger) net_writes=$(sed -n 's/^net_writes=//p' ledger)
is "$(($(total t io_read_count) + net_reads))" "$reads" 'as many reads as strace sees'
is "$(($(total t io_write_count) + net_writes))" "$writes" 'as many writes'
is "$(sum file_read_bytes network_data_received_bytes)" "$read_bytes" 'as many bytes read'
is "$(sum file_write_bytes network_data_sent_bytes)" "$write_bytes" 'as many bytes written'

# What each file was read and written, by name.
is "$(ask t '[.files[] | select(.path | endswith("io_direct.tmp"))] | map(.write_bytes) | add')" \
	"$(($(ledger file_write_bytes) - 25 * 4096))" 'the file has its bytes under its name'
is "$(ask t '[.files[] | select(.kind == "pipe")] | map(.read_bytes) | add')" $((25 * 4096)) 'and the pipes theirs'
is "$(ask t '[.files[] | select(.path | endswith("io_direct.tmp"))] | map(.opens) | add')" 25 'it was opened 25 times'
finish
