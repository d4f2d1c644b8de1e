#!/bin/bash
# SPDX-License-Identifier: MIT
# tpprobe symbols: the functions that nm and readelf see are listed, each once, with the
# reason when it cannot be a task; what is no program gets a sentence.
# timeout: 240
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
[[ -x $TPPROBE ]] || skip_all 'tpprobe is not built'

PATH=$BUILD:$PATH

# json FILE ARG…: the answer in FILE.json, its standard error in FILE.err, $status.
json()
{
	local name=$1

	shift
	status=0
	tpprobe symbols --format json "$@" >"$name.json" 2>"$name.err" || status=$?
}

# Addresses of an object's functions, by readelf. The parts of functions that compilers move
# away are none.
functions_of()
{
	readelf -W "${2:---syms}" "$1" | awk '
		$4 == "FUNC" && $7 != "UND" && $8 !~ /[.]cold/ && !seen[$2]++ { print $2 }' | sort
}

listed()
{
	jq -r '.functions[].address' "$1.json" | xargs printf '%016x\n' | sort
}

# --- plain C -------------------------------------------------------------------

cp "$APPS/jobs" jobs
json jobs ./jobs
is "$status" 0 'jobs: status'
is "$(listed jobs)" "$(functions_of jobs)" 'jobs: the functions that readelf shows, each once'
is "$(jq -r '.functions[] | "\(.symbol) \(.size)"' jobs.json | grep -E '^(main|parse_record|usage) ' | sort)" \
	"$(readelf -sW jobs | awk '$8 ~ /^(main|parse_record|usage)$/ { print $8, $3 }' | sort)" \
	'jobs: their sizes'
is "$(jq '.functions_total == (.functions | length) and
	.tasks_total == ([.functions[] | select(.why_not == null)] | length) and
	.functions_total - .tasks_total == ([.refused[].count] | add // 0)' jobs.json)" true \
	'jobs: the sums are those of the rows'
json worker ./jobs '*_worker'
is "$(jq -c '[.functions[].name]|sort' worker.json)" '["count_worker","write_worker"]' 'a glob chooses'
is "$(jq -c '[.functions[].size] == ([.functions[].size] | sort | reverse) or
	([.functions[].why_not != null] | index(true)) != null' jobs.json)" true 'larger ones come first'
is "$(cd / && PATH=$OLDPWD:$PATH tpprobe symbols jobs main --format csv | wc -l)" 2 'a command is found in PATH'

tpprobe symbols ./jobs >text.out
like "$(tail -n 1 text.out)" "^$(jq .functions_total jobs.json) functions, $(jq .tasks_total jobs.json) can be tasks" \
	'text closes with the sum'
like "$(<text.out)" 'process_batch +[0-9]+ yes' 'text: a row'
is "$(sed '1d;/^$/,$d' text.out | wc -l)" "$(jq .functions_total jobs.json)" 'text in a pipe: a line for each'
tpprobe symbols ./jobs --format csv >jobs.csv
succeeds 'CSV says what JSON says' python3 - <<'EOF'
import csv, json
rows = list(csv.DictReader(open("jobs.csv")))
functions = json.load(open("jobs.json"))["functions"]
assert [(r["name"], r["symbol"], int(r["address"]), int(r["size"]), r["why_not"] or None) for r in rows] == \
    [(f["name"], f["symbol"], f["address"], f["size"], f["why_not"]) for f in functions]
EOF

# --- C++ -----------------------------------------------------------------------

cat >names.cc <<'EOF'
#include <map>
#include <string>
namespace work { namespace inner {
template <class T> struct Stage {
	virtual ~Stage() {}
	virtual T run(const std::map<std::string, T> &in, int n) { return in.size() * n; }
	__attribute__((noinline)) T step(T a, T b) { return a * b + 1; }
};
int over(int a) { return a + 1; }
int over(double a) { return a + 2; }
int operator+(const Stage<int> &, int b) { return b; }
} }
extern "C" int twice_a(int x) { return x * 2; }
extern "C" int twice_b(int x) __attribute__((alias("twice_a")));
static __attribute__((noinline)) int hidden(const std::map<std::string, std::string> &m) { return m.size(); }
int main(int argc, char **argv)
{
	work::inner::Stage<int> s;
	work::inner::Stage<long> t;
	std::map<std::string, int> in;
	std::map<std::string, std::string> m;
	return s.run(in, argc) + t.step(argc, 2) + work::inner::over(argc) + work::inner::over(1.5) + twice_a(0) +
	       hidden(m) + (s + 1);
}
EOF
g++ -O1 -o names names.cc
json names ./names
nm -C --defined-only names | awk '$2 ~ /^[tTwWi]$/' | cut -c 20- | sort -u >nm.names
jq -r '.functions[].full_name' names.json | sort -u >full.names
is "$(comm -23 full.names nm.names)" '' 'C++: every name is as nm -C has it'
nm --defined-only names | awk '$2 ~ /^[tTwWi]$/ && $3 !~ /^_ZT/ { print $1 }' | sort -u >nm.addresses
is "$(listed names | comm -3 - <(functions_of names))" '' 'C++: each address that readelf shows once'
json inner ./names 'work::inner::*'
is "$(jq -r '.functions[].symbol' inner.json | sort)" \
	"$(nm -C --defined-only names | awk '$2 ~ /^[tTwW]$/ && $3 ~ /^work::inner::/ { print $1 }' | sort -u | while read -r at; do
		nm --defined-only names | awk -v at="$at" '$1 == at && !n++ { print $3 }'; done | sort)" \
	'C++: a glob over a namespace finds what nm -C shows in it'
json over ./names 'work::inner::over(int)'
is "$(jq -r '.functions[].symbol' over.json)" _ZN4work5inner4overEi 'C++: with parameters it is one overload'
json over ./names work::inner::over
is "$(jq -r '.functions|length' over.json)" 2 'C++: without them it is both'
json alias ./names twice_b
is "$(jq -c '.functions|map([.name, .aliases])' alias.json)" '[["twice_b",["twice_a"]]]' 'an alias is a name of the same function'

# On a terminal long names lose their middle and lines stay short; nowhere else.
cat >terminal.py <<'EOF'
import os, pty, sys
with open(sys.argv[1], "wb") as out:
    def read(fd):
        data = os.read(fd, 65536)
        out.write(data)
        return data
    sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read)))
EOF
succeeds 'on a terminal' python3 terminal.py tty.out "$TPPROBE" symbols ./names
is "$(tr -d '\r' <tty.out | sed '/^$/,$d' | awk 'length > 80')" '' 'terminal: no row is wider than 80 columns'
like "$(<tty.out)" 'hidden\(std::.*\.\.\..*' 'terminal: a long name loses its middle'
like "$(tpprobe symbols ./names)" 'hidden\(std::map<.*std::less<.*allocator.*\)' 'pipe: a long name is whole'
python3 terminal.py tty.json "$TPPROBE" symbols ./names --format json
is "$(tr -d '\r' <tty.json)" "$(<names.json)" 'terminal: JSON is as in a pipe'

# --- stripped, and debug files --------------------------------------------------

strip -o stripped jobs
json stripped ./stripped main
is "$status" 1 'stripped: status 1'
like "$(<stripped.err)" 'stripped' 'stripped: says so'
gcc -O1 -rdynamic -w -DTPTEST -I"$TPTEST_TOP" -D_GNU_SOURCE -o exporting "$TPTEST_TOP/tests/apps/jobs.c" -lpthread
strip -o exporting.stripped exporting
json exporting ./exporting.stripped
is "$(listed exporting)" "$(functions_of exporting.stripped --dyn-syms)" 'stripped: what is exported has names'
like "$(tpprobe symbols ./exporting.stripped)" 'exporting.stripped is stripped' 'and a line says that others have none'
json exporting ./exporting.stripped parse_record
is "$status" 1 'stripped: a static function is not found'
like "$(<exporting.err)" 'stripped.*debug symbols' 'stripped: what to do about it'

objcopy --only-keep-debug jobs linked.debug
strip -o linked jobs && objcopy --add-gnu-debuglink=linked.debug linked
json linked ./linked
is "$(listed linked)" "$(functions_of jobs)" 'a debug file gives the names back'
gcc -O0 -w -Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567 -I"$TPTEST_TOP" -D_GNU_SOURCE -o other \
	"$TPTEST_TOP/tests/apps/jobs.c" -lpthread
objcopy --only-keep-debug other linked.debug
json linked ./linked main
is "$status" 1 'the debug file of another build is not believed'

cat >inlined.c <<'EOF'
static inline __attribute__((always_inline)) int folded_in(int x) { return x * 3 + 1; }
int main(int argc, char **argv) { return folded_in(argc); }
EOF
gcc -O2 -g -o inlined inlined.c
json inlined ./inlined 'folded_*'
is "$status" 1 'inlined: status 1'
like "$(<inlined.err)" 'folded_in was inlined' 'inlined: what debug information knows is said'

# --- libraries ------------------------------------------------------------------

mkdir -p own
cat >lib.c <<'EOF'
int lib_work(int x)
{
	int s = 0;
	for (int i = 0; i < x; i++)
		for (int j = i; j < x; j++)
			s += i % (j + 1) ? i * x : s ^ j;
	return s;
}
static __attribute__((noinline)) int lib_hidden(int x) { return x * 3 + 1; }
int lib_more(int x) { return lib_hidden(x) + 1; }
EOF
gcc -O1 -shared -fPIC -Wl,-soname,libown.so.1 -o own/libown.so.1 lib.c
cat >uses.c <<'EOF'
int lib_work(int); int lib_more(int);
int use(int x) { int s = 0; for (int i = 0; i < x; i++) s += lib_work(i); return s + lib_more(x); }
int main(int argc, char **argv) { return use(argc); }
EOF
gcc -O1 -Wl,-rpath,"\$ORIGIN/own" -o uses uses.c own/libown.so.1
json uses ./uses 'lib_*'
is "$(jq -c '[.functions[].symbol]|sort' uses.json)" '["lib_hidden","lib_more","lib_work"]' 'a library of its own is searched'
is "$(jq -r '.functions[].module' uses.json | sort -u | xargs realpath)" "$(realpath own/libown.so.1)" 'it is found by $ORIGIN'
json uses ./uses 'libown.so!*work'
is "$(jq -c '[.functions[].spec]' uses.json)" '["libown.so!lib_work"]' 'lib! narrows, and the spec says it'
json uses ./uses 'use*'
is "$(jq -c '[.functions[].symbol]' uses.json)" '["use"]' 'the program itself'
is "$(jq '[.modules[].path|select(test("/libc[.]"))]|length' uses.json)" 0 'libc is not meant without lib!'
json libc ./uses 'libc.so.6!qsort*'
is "$(jq -r '.functions[].symbol' libc.json | sort | head -n 1)" qsort 'libc is, with it'
json whole own/libown.so.1
is "$(listed whole)" "$(functions_of own/libown.so.1)" 'a library by itself'
mv own away
like "$(tpprobe symbols ./uses)" 'libown.so.1' 'a library that is missing is named'
like "$(LD_LIBRARY_PATH=$PWD/away tpprobe symbols ./uses)" 'lib_work' 'LD_LIBRARY_PATH is looked into'
mv away own

# --- what cannot be a task --------------------------------------------------------

cat >refused.s <<'EOF'
	.text
	.macro function name
	.globl \name
	.type \name, @function
\name:
	.endm
function tiny
	ret
	.size tiny, .-tiny
	lea 2(%rdi), %eax
	ret
function neighbour
	lea 1(%rdi), %eax
	ret
	.size neighbour, .-neighbour
	.p2align 4
function spin
	dec %edi
	jnz spin
	ret
	.size spin, .-spin
	.p2align 4
function through
	call *%rdi
	nop
	ret
	.size through, .-through
	.p2align 4
function fine
	mov %edi, %eax
	add $1, %eax
	add $2, %eax
	ret
	.size fine, .-fine
	.p2align 4
function fine.cold
	mov %edi, %eax
	add $1, %eax
	ret
	.size fine.cold, .-fine.cold
	.section .note.GNU-stack
EOF
gcc -shared -o librefused.so refused.s
json refused ./librefused.so
why()
{
	jq -r --arg f "$1" '.functions[]|select(.symbol == $f)|.why_not' refused.json
}
like "$(why tiny)" 'short' 'refused: too short'
like "$(why spin)" 'loop|jump' 'refused: a jump to its beginning'
like "$(why through)" 'call' 'refused: a call through a register at once'
is "$(why fine.cold)" '' 'not listed: a part of another function'
is "$(why fine)" null 'not refused: an ordinary one'
like "$(tpprobe symbols ./librefused.so | tail -n 1)" '[0-9]+ cannot: ' 'the last line counts the reasons'
if gcc -static -O1 -o static uses.c -xc - <<<'int lib_work(int x){return x;} int lib_more(int x){return x;}' 2>/dev/null; then
	json static ./static use
	is "$(jq -c '[.tasks_total, (.functions[0].why_not|test("static"))]' static.json)" '[0,true]' 'static: none can be, and why'
else
	skip 'static' 'no static libc'
fi

# --- many -----------------------------------------------------------------------

{
	printf '\t.text\n\t.altmacro\n'
	for ((i = 0; i < 100; i++)); do
		printf '\t.set n, 0\n\t.rept 1000\n\tmake %d, %%n\n\t.set n, n + 1\n\t.endr\n' "$i"
	done
} >rest.s
cat >many.s - rest.s <<'EOF'
	.macro make a, b
	.type f_\a\()_\b, @function
f_\a\()_\b:
	mov %edi, %eax
	add $\b, %eax
	ret
	.size f_\a\()_\b, .-f_\a\()_\b
	.p2align 4
	.endm
EOF
succeeds 'many: made' gcc -shared -Wl,-z,noexecstack -o libmany.so many.s
json many ./libmany.so
is "$(jq '[.functions[].symbol|select(startswith("f_"))]|length' many.json)" 100000 'many: 100,000 functions are listed'
json many ./libmany.so 'f_99_99?'
is "$(jq .functions_total many.json)" 10 'many: a glob finds ten of them'
like "$(tpprobe symbols ./libmany.so 'F_99_999' 2>&1)" 'did you mean f_99_999' 'many: the nearest name'
is "$(tpprobe symbols ./libmany.so --suggest 2>&1 >/dev/null | grep -c 'stands out')" 1 'many: none stands out'

# --- bad input --------------------------------------------------------------------

printf '#!/bin/sh\necho\n' >script.sh
printf '#!/usr/bin/env -S python3 -u\nprint()\n' >script.py
printf 'just text, long enough to be an ELF header if it were one, but it is not one at all\n' >text.txt
head -c 40 jobs >cut.short
head -c 3000 jobs >cut.long
cp jobs bits32 && printf '\001' | dd of=bits32 bs=1 seek=4 conv=notrunc status=none
cp jobs arm && printf '\267\000' | dd of=arm bs=1 seek=18 conv=notrunc status=none
: >empty
mkfifo fifo
echo 'int f(void) { return 1; }' | gcc -xc -c -o object.o -
chmod +x script.sh script.py

# status | regex for its standard error | arguments
while IFS='|' read -r want regex arguments; do
	read -r want <<<"$want"
	read -r regex <<<"$regex"
	read -r -a words <<<"$arguments"
	code=0
	timeout 30 tpprobe symbols "${words[@]}" >row.out 2>row.err </dev/null || code=$?
	is "$code $(wc -l <row.err)" "$want 1" "${words[*]}: status $want, one sentence" || note "$(<row.err)"
	like "$(<row.err)" "${regex//¦/|}" "${words[*]}: says why"
	is "$(wc -c <row.out)" 0 "${words[*]}: nothing else"
done <<'ROWS'
2 | needs a program             |
2 | one pattern                 | ./jobs a b
2 | --format.*xml               | ./jobs --format xml
2 | no such option              | ./jobs --sugest
2 | no such file.*PATH          | no-such-command-anywhere
2 | No such file                | ./no-such-file
2 | directory                   | .
2 | directory                   | ./own
2 | script.*/bin/sh             | ./script.sh
2 | script.*python3             | ./script.py
2 | not an ELF                  | ./text.txt
2 | not an ELF                  | ./empty
2 | not an ELF                  | ./cut.short
2 | 32-bit                      | ./bits32
2 | another machine             | ./arm
2 | object file                 | ./object.o
2 | regular file                | ./fifo
2 | Python.*yet                 | ./jobs py:a.b
2 | 0 to 64                     | ./jobs main:args=99
1 | did you mean process_batch  | ./jobs proces_batch
1 | did you mean process_batch  | ./jobs Process_Batch
1 | inlined                     | ./jobs zzzzzzzz*
1 | no library.*libz.so.*linked | ./jobs libz.so!*
ROWS
status=0
timeout 30 tpprobe symbols ./cut.long >row.out 2>row.err || status=$?
compares "$status" '<=' 2 'a file that is cut off: no crash'
if (($(id -u) == 0)) && command -v setpriv >/dev/null; then
	chmod 000 jobs
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$TPPROBE" symbols ./jobs 2>row.err || status=$?
	is "$status" 2 'unreadable: status 2'
	like "$(<row.err)" 'Permission denied' 'unreadable: says so'
	chmod 755 jobs
fi
is "$(tpprobe symbols ./jobs >/dev/full 2>&1; echo $?)" 2 'a full disk is told'
like "$(tpprobe symbols --help)" '--suggest' 'help'

# --- suggestions --------------------------------------------------------------------

json suggest ./jobs --suggest
is "$status" 0 'suggest: status'
is "$(jq -c '[.suggestions[].name] - ["count_worker","write_worker","process_batch","parse_record","next_field"]' suggest.json)" \
	'[]' 'suggest: no helper, getter or usage among them'
is "$(jq -c '["count_worker","write_worker","process_batch","parse_record"] - [.suggestions[].name]' suggest.json)" \
	'[]' 'suggest: the threads, the batch in the loop, the record in the loop'
is "$(jq -c '[.suggestions[]|select(.name|test("worker"))|.why|test("pthread_create")]' suggest.json)" '[true,true]' \
	'suggest: both start routines are known as such'
is "$(jq -r '.suggestions[]|select(.name == "process_batch").why|test("loop by main")' suggest.json)" true \
	'suggest: main calls it in a loop'
is "$(jq -c '[.suggestions[].score]|. == (sort|reverse)' suggest.json)" true 'suggest: best first'
tpprobe symbols ./jobs --suggest >suggest.out
line=$(tail -n 1 suggest.out)
like "$line" "^tpprobe run --task 'process_batch' .* -- ./jobs$" 'suggest: a line that can be typed'
eval "words=(${line#tpprobe run})"
for ((i = 0; i < ${#words[@]}; i++)); do
	[[ ${words[i]} == --task ]] || continue
	is "$(tpprobe symbols ./jobs "${words[i + 1]}" --format csv | wc -l)" 2 "suggest: ${words[i + 1]} names one function"
done
json suggest ./uses --suggest '*work*' # called in a loop of another module
is "$(jq -c '[.suggestions[].spec]' suggest.json)" '["libown.so!lib_work"]' 'suggest: in a library, with its name'
finish
