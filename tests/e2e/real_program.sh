#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# A real program, built from Debian's source package, with functions of its inside as tasks, static ones
# and clones too. A second clock, which the compiler puts into every function, counts the same calls and
# measures the same times in the same run.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe
command -v gcc >/dev/null || skip_all 'no compiler here'

# The source, kept beside the build: one download is enough.
cache=$BUILD/debian-source
if ! compgen -G "$cache/bzip2_*.orig.tar.*" >/dev/null; then
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	[[ -n $suite && -x /usr/bin/apt-get ]] || skip_all 'this is not Debian'
	mkdir -p "$cache" lists/partial
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" >sources.list
	own=(-qq -o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$PWD/lists"
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
	timeout 60 apt-get "${own[@]}" update >/dev/null 2>&1
	(cd "$cache" && timeout 60 apt-get "${own[@]}" source --download-only bzip2 >/dev/null 2>&1)
	compgen -G "$cache/bzip2_*.orig.tar.*" >/dev/null || skip_all 'the source package of bzip2 cannot be had'
fi
mkdir source
tar -C source --strip-components=1 -xf "$cache"/bzip2_*.orig.tar.* || skip_all 'the source package is damaged'
names='BZ2_blockSort BZ2_compressBlock sendMTFValues generateMTFValues mainSort mainQSort3 BZ2_hbMakeCodeLengths compressStream'
# The clock goes to the beginning of each of them: behind the brace after its name.
for file in source/*.c; do
	awk -v names=" $names " '
		/^[A-Za-z].*\(/ { name = $0; sub(/ *\(.*/, "", name); sub(/.*[ *]/, "", name) }
		{ print }
		/^{/ && index(names, " " name " ") { print "STOPWATCH"; name = "" }' "$file" >new.c && mv new.c "$file"
done
# Functions stay functions, of their own or as clones.
files=(bzip2 blocksort huffman crctable randtable compress decompress bzlib)
(cd source && gcc -w -O2 -fno-inline -D_FILE_OFFSET_BITS=64 -include "$TPTEST_TOP/tests/apps/torture/stopwatch.h" \
	-o ../bz "${files[@]/%/.c}") || skip_all 'bzip2 does not compile'

# Something to press: the compiler's own output, always the same.
seq 1 150000 | awk '{ print ($1 * 7919) % 400009, "line", $1 }' >input
RECORD=()
for name in $names; do
	RECORD+=(--task "$name")
done

./bz -1 -k -c input >plain
# Best of three: how far the two clocks are apart.
far=''
for i in 1 2 3; do
	STOPWATCH=$PWD/watch capture t$i ./bz -1 -k -c input
	is "$status" 0 "run $i: status"
	same plain t$i.out "run $i: output"
	"$TPPROBE" report t$i --format json >t$i.json
	lossless t$i
	sort watch >watched
	ask t$i '.profiles[] | select(.kind == "function") | "\(.name) \(.count) \(.metrics.runtime_seconds.sum * 1e9)"' | sort >profiled
	is "$(cut -d' ' -f1,2 profiled)" "$(cut -d' ' -f1,2 watched)" "run $i: both counted the same calls"
	now=$(join watched profiled | awk '{ d = $5 - $3; d = d < 0 ? -d : d; m = $3 * 0.05 > 5e6 ? $3 * 0.05 : 5e6
		if (d / m > worst) { worst = d / m; who = $1 " " $3 / 1e6 " ms, profile " $5 / 1e6 " ms" } }
		END { print worst + 0, who }')
	note "run $i: farthest apart: ${now#* }"
	[[ -z $far ]] && far=$now
	far=$(printf '%s\n%s\n' "$far" "$now" | sort -g | head -n 1)
	awk -v f="${far%% *}" 'BEGIN { exit !(f <= 1) }' && break
done
compares "$(wc -l <profiled)" '==' "$(wc -w <<<"$names")" 'all functions were called'
compares "${far%% *}" '<=' 1 'the two clocks agree within 5 % or 5 ms'
finish
