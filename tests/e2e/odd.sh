#!/bin/bash
# SPDX-License-Identifier: MIT
# What few programs do and interposers break: the same letters with and without us.
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

for what in pointers auxv filtered environment memory cancelled nested; do
	"$APPS/odd" $what >plain.$what 2>&1
	plain=$?
	capture $what "$APPS/odd" $what
	is "$status" $plain "$what: status"
	same plain.$what $what.out "$what: output"
	preload raw.$what "$APPS/odd" $what
	same plain.$what raw.$what.out "$what: output with the probe alone"
	lossless $what
done
# a raw child: only TPPROBE_SESSION is added to what the user exported
TPPROBE_OUT=auxv.raw LD_PRELOAD=$PROBE sh -c "exec env \"$APPS/odd\" auxv" >auxv.child
same plain.auxv auxv.child 'auxv of a child of the probe'
wait_complete auxv.raw
is "$(total cancelled thread_count)" 1001 'cancelled inside hooks: every thread is there'
is "$(total nested thread_count)" 1 'nested vfork: one thread, no new one at each return'

if command -v "${CC:-gcc}" >/dev/null; then
	cat >threads.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static void *work(void *n) { void *volatile p = malloc(100); free(p); return n; }
int main(void)
{
	for (long i = 0; i < 5; i++) {
		pthread_t t;
		pthread_create(&t, NULL, work, (void *)i);
		pthread_join(t, NULL);
	}
	free(calloc(3, 7));
	puts("fine");
	return 0;
}
C
	for kind in address leak thread undefined; do
		gcc -g -fsanitize=$kind -o with.$kind threads.c -lpthread 2>/dev/null || continue
		./with.$kind >/dev/null 2>&1 || continue # does not run here at all
		capture san.$kind ./with.$kind
		is "$status $(<san.$kind.out)" '0 fine' "-fsanitize=$kind: runs as without us"
		compares "$(total san.$kind memory_allocations)" '>=' 6 "-fsanitize=$kind: allocations are counted"
	done
fi
finish
