#!/bin/bash
# SPDX-License-Identifier: MIT
# Waiting of all kinds: how long and how often, against the program's own ledger;
# cancelled waits; exceptions by their type; names; libraries that come and go.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

ledger() { sed -n "s/^$1=//p" ledger; }
dump() { "$TPPROBE" dump "$1"; }
# column NAME of the records that match
values() { grep -oE " $1=[^ ]*" | cut -d= -f2-; }
records() { dump "$1" | grep -cE " $2 .*call=$3( |$)"; }

# --- times: within 5 % or 5 ms of the ledger, the best of three -----------------

within()
{
	awk -v a="$1" -v us="$2" 'BEGIN {
		d = a * 1e6 - us; if (d < 0) d = -d
		exit !(d <= us * 0.05 || d <= 5000)
	}'
}

# waits KIND METRIC WAITS: the metric is what the program says, and nobody else's
waits()
{
	local kind=$1 metric=$2 try seen

	for try in 1 2 3; do
		rm -rf ledger "$kind"*
		LEDGER=$PWD/ledger capture "$kind" "$APPS/waits" "$kind" 5 20
		seen=$(total "$kind" "$metric")
		within "$seen" "$(ledger waited_us)" && break
	done
	is "$status" 0 "$kind: ends well"
	if within "$seen" "$(ledger waited_us)"; then
		pass "$kind: $metric is what the program says ($try)"
	else
		fail "$kind: $metric is what the program says"
		note "$seen seconds; ledger: $(ledger waited_us) us"
	fi
	lossless "$kind"
}

for kind in mutex mtx read write; do
	waits $kind lock_wait_seconds
	is "$(ask $kind '[.locks[].contended] | add')" "$(ledger waits)" "$kind: contended as often as in the ledger"
	compares "$(dump $kind | grep -c UNLOCK_WAKE)" '>=' "$(ledger waits)" "$kind: each unlock that somebody waited for is told"
done
for kind in cond cnd sem barrier once futex join; do
	waits $kind sync_wait_seconds
	is "$(ask $kind .totals.lock_wait_seconds)" 0 "$kind: is no waiting for a lock"
done
for kind in cond cnd sem futex; do
	# each wake comes before the end of the wait, for the same object
	is "$(dump $kind | awk '
		/ WAKE / { for (i = 4; i <= NF; i++) if ($i ~ /^object=/) woken[substr($i, 8)]++ }
		/ WAIT / { for (i = 4; i <= NF; i++) if ($i ~ /^object=/ && woken[substr($i, 8)]-- > 0) n++ }
		END { print n + 0 }')" 5 "$kind: each wait has its wake before it"
done
waits sleep sleep_seconds

capture queue "$APPS/waits" queue 5 5
is "$(dump queue | grep -c ' WAIT .*call=msgrcv reason=4 ')" 5 'queue: waiting for messages is I/O'
capture spin "$APPS/waits" spin 5 20
compares "$(total spin lock_wait_seconds)" '==' 0 'spin: burns CPU time, and waits for nothing'
compares "$(ask spin '[.locks[].contended] | add')" '>=' 4 'spin: and is contended'
capture free "$APPS/waits" free 3 0
is "$(dump free | grep -cE ' (WAIT|LOCK_WAIT|UNLOCK_WAKE|WAKE) ')" 0 'free: what nobody waits for leaves no record'

# --- cancelled ----------------------------------------------------------------

capture cancels "$APPS/cancels" 200
is "$status" 0 'cancels: ends well'
lossless cancels
is "$(total cancels thread_count)" 601 'cancels: every thread is there'
is "$(ask cancels '[.tasks[] | select(.kind == "thread").status] | unique | tostring')" '["completed"]' \
	'cancels: each has told its end'
is "$(jq .torn_cells cancels/manifest.json)" 0 'cancels: no record is torn'

# --- C11 threads, names --------------------------------------------------------

capture c11 "$APPS/hooks_sync"
is "$(dump c11 | grep -c ' THREAD_CREATE ')" "$(($(records c11 WAIT pthread_join) + $(records c11 WAIT thrd_join)))" \
	'thrd_create and pthread_create: each thread that is joined was told'
# pthread_t >> 6, its low half
handles=$(dump c11 | grep ' THREAD_CREATE ' | values handle | sort -u)
joined=$(dump c11 | grep -E ' WAIT .*call=(pthread|thrd)_join ' | values object |
	while read -r thread; do echo $((thread >> 6 & 0xffffffff)); done | sort -u)
is "$joined" "$handles" 'a join leads to its thread'
capture names "$APPS/hooks_sleep"
is "$(dump names | grep ' TEXT ' | grep -aoE 'named_[a-z_]*' | paste -sd ' ')" \
	'named_by_prctl named_itself named_by_other' 'names of threads are told'

# --- exceptions, libraries ------------------------------------------------------

# types DIR: how often each was thrown
types()
{
	dump "$1" | awk '
		/ TEXT .*kind=12 / { for (i = 4; i <= NF; i++) { if ($i ~ /^id=/) id = substr($i, 4); if ($i ~ /^text=/) name[id] = substr($i, 6) } }
		/ EXCEPTION / { for (i = 4; i <= NF; i++) if ($i ~ /^text=/) n[name[substr($i, 6)]]++ }
		END { for (t in n) print n[t], t }' | sort -k2 | paste -sd ' '
}

cat >thrower.cc <<'C'
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
namespace app { struct oops { int n; }; }
static int deep(int n, int kind)
{
	std::string guard(100, 'x');
	if (n)
		return deep(n - 1, kind) + 1;
	switch (kind % 3) {
	case 0: throw app::oops{ kind };
	case 1: throw std::runtime_error("one");
	default: throw 5;
	}
}
extern "C" int throw_some(int n)
{
	int caught = 0;
	for (int i = 0; i < n; i++) {
		try {
			try { deep(5, i); }
			catch (const std::runtime_error &) { throw; } // no new one
		}
		catch (const app::oops &) { caught++; }
		catch (const std::exception &) { caught++; }
		catch (int) { caught++; }
	}
	std::exception_ptr p;
	try { throw app::oops{ 1 }; } catch (...) { p = std::current_exception(); }
	try { std::rethrow_exception(p); } catch (const app::oops &) { caught++; }
	return caught;
}
#ifndef PLUGIN
int main() { std::printf("%d\n", throw_some(300)); }
#endif
C
cat >host.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	char *error = dlerror();

	printf("%s\n", error ? error : "no error");
	for (int i = 1; i < argc; i++) {
		void *plugin = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		int (*f)(int) = (int (*)(int))dlsym(plugin, "throw_some");

		printf("%d\n", f(300));
		dlclose(plugin);
		error = dlerror();
		printf("%s\n", error ? error : "no error");
	}
	return 0;
}
C
for compiler in g++ clang++; do
	command -v $compiler >/dev/null || continue
	gcc -o host host.c || break
	for link in '' -static-libstdc++; do
		name=$compiler$link
		# shellcheck disable=SC2086 # one option or none
		succeeds "$name: builds" $compiler -O1 $link -o "thrower.$name" thrower.cc || continue
		# shellcheck disable=SC2086
		succeeds "$name: builds a library" $compiler -O1 $link -shared -fPIC -DPLUGIN -o "plugin.$name.so" thrower.cc || continue
		capture "cxx.$name" "./thrower.$name"
		is "$status $(<"cxx.$name.out")" '0 301' "$name: every exception is caught where it should be"
		is "$(types "cxx.$name")" '101 "N3app4oopsE" 100 "St13runtime_error" 100 "i"' "$name: exceptions by type"
		capture "host.$name" ./host "./plugin.$name.so" "./plugin.$name.so"
		is "$status $(paste -sd ' ' <"host.$name.out")" '0 no error 301 no error 301 no error' \
			"$name: so in a library that a C program loads for itself"
		is "$(types "host.$name" | tr ' ' '\n' | awk '/^[0-9]/ { n += $1 } END { print n }')" 602 "$name: and all are told"
		base=$(dump "host.$name" | grep ' MODULE_GONE ' | values base | head -n 1)
		like "$(dump "host.$name" | grep ' MODULE ' | values base)" "$base" "$name: the library that went away was told before"
	done
done
if command -v rustc >/dev/null; then
	cat >panics.rs <<'R'
fn main() {
	std::panic::set_hook(Box::new(|_| {}));
	let n = (0..100).filter(|i| std::panic::catch_unwind(|| { if i % 2 == 0 { panic!("even") } }).is_err()).count();
	println!("{}", n);
}
R
	if rustc -O panics.rs >/dev/null 2>&1; then
		capture rust ./panics
		is "$status $(<rust.out)" '0 50' 'rust: panics are caught'
		is "$(types rust)" '50 "panic"' 'rust: and told'
	fi
fi

# --- other wrappers behind us ----------------------------------------------------

for kind in thread address; do
	gcc -g -fsanitize=$kind -I"$TPTEST_TOP" -D_GNU_SOURCE -o "with.$kind" "$TPTEST_TOP/tests/apps/waits.c" -lpthread 2>/dev/null || continue
	for what in cond read sem barrier; do
		"./with.$kind" $what 2 2 >/dev/null 2>&1 || continue # does not run here at all
		capture "san.$kind.$what" "./with.$kind" $what 5 5
		is "$status" 0 "-fsanitize=$kind: $what as without us"
	done
done
finish
