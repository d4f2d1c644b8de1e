#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs and surroundings that interposers are known to break in.
# timeout: 240
# shellcheck source=tests/lib.sh
. "${TPTEST_TOP:=$(dirname "$0")/../..}/tests/lib.sh"
need_probe

# same_with NAME COMMAND…: output and status as without the probe.
same_with()
{
	local name=$1 slug=${1//[^a-z0-9]/_} code=0

	shift
	timeout 30 "$@" >"$slug.plain" 2>&1 || code=$?
	status=0
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/$slug.t timeout 30 "$@" >"$slug.probed" 2>&1 || status=$?
	is "$status" "$code" "$name: status"
	same "$slug.plain" "$slug.probed" "$name: output"
	wait_complete "$slug.t"
}

cc() { gcc -O1 -w -fno-builtin -D_GNU_SOURCE "$@" -lpthread -ldl; }

# Threads on the smallest stacks that there are.
cat >tiny.c <<'C'
#include <pthread.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
static int fd;
static void *work(void *a) { for (int i = 0; i < 100; i++) { free(malloc(10 + i)); write(fd, "x", 1); } return a; }
int main(void)
{
	pthread_attr_t attr; pthread_t t[20];
	fd = open("/dev/null", O_WRONLY);
	pthread_attr_init(&attr); pthread_attr_setstacksize(&attr, 16384);
	for (int i = 0; i < 20; i++) if (pthread_create(&t[i], &attr, work, 0)) return 1;
	for (int i = 0; i < 20; i++) pthread_join(t[i], 0);
	puts("tiny stacks"); return 0;
}
C
cc -o tiny tiny.c
same_with 'threads with 16 KiB of stack' ./tiny
is "$(ask threads_with_16__i__of_stack.t '[.tasks[] | select(.kind == "thread").self.io_write_count] | add')" 2000 'and all their writes'

# Handlers on a small alternate stack.
cat >altstack.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
static int fd; static volatile int n;
static void on(int s) { for (int i = 0; i < 10; i++) write(fd, "x", 1); n++; }
int main(void)
{
	static char small[4096];
	stack_t st = { .ss_sp = small, .ss_size = sizeof(small) };
	struct sigaction a = { .sa_handler = on, .sa_flags = SA_ONSTACK };
	fd = open("/dev/null", O_WRONLY);
	sigaltstack(&st, 0); sigaction(SIGUSR1, &a, 0);
	for (int i = 0; i < 1000; i++) raise(SIGUSR1);
	printf("%d handled\n", n); return 0;
}
C
cc -o altstack altstack.c
same_with 'a handler on a 4 KiB stack' ./altstack

# A library whose constructor allocates, a plugin that is bound deeply, opened and closed.
cat >lib.c <<'C'
#include <stdlib.h>
static void *early;
__attribute__((constructor)) static void up(void) { early = malloc(100); setenv("SET_EARLY", "yes", 1); }
__attribute__((destructor)) static void down(void) { free(early); }
char *work(int n) { char *p = malloc(n); p[0] = 'a'; return p; }
C
gcc -shared -fPIC -o libearly.so lib.c && cp libearly.so plugin.so
cat >uses.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
char *work(int n);
int main(void)
{
	free(work(10));
	for (int i = 0; i < 20; i++) {
		void *h = dlopen("./plugin.so", RTLD_NOW | RTLD_LOCAL | (i & 1 ? RTLD_DEEPBIND : 0));
		char *(*w)(int) = (char *(*)(int))dlsym(h, "work");
		free(w(20)); dlclose(h);
	}
	puts(getenv("SET_EARLY")); return 0;
}
C
cc -o uses uses.c ./libearly.so
same_with 'constructors that allocate, plugins' ./uses

# Another preloaded allocator wrapper, before us and behind us.
cat >other.c <<'C'
#include <dlfcn.h>
#include <stddef.h>
void *malloc(size_t n) { static void *(*next)(size_t); if (!next) next = dlsym(RTLD_NEXT, "malloc"); return next(n); }
void free(void *p) { static void (*next)(void *); if (!next) next = dlsym(RTLD_NEXT, "free"); next(p); }
C
gcc -shared -fPIC -D_GNU_SOURCE -o other.so other.c -ldl
for order in "$PROBE:$PWD/other.so" "$PWD/other.so:$PROBE"; do
	n=$((++n))
	is "$(LD_PRELOAD=$order TPPROBE_OUT=$PWD/order$n ./tiny)" 'tiny stacks' "another interposer of malloc, order $n"
	wait_complete order$n
	compares "$(total order$n memory_allocations)" '>=' 2000 'its calls are still seen'
done

# Coroutines.
cat >coroutine.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
static ucontext_t a, b; static int sum;
static void co(void) { for (int i = 0; ; i++) { void *p = malloc(i + 1); sum += i; free(p); swapcontext(&b, &a); } }
int main(void)
{
	getcontext(&b); b.uc_stack.ss_sp = malloc(65536); b.uc_stack.ss_size = 65536; makecontext(&b, co, 0);
	for (int i = 0; i < 1000; i++) swapcontext(&a, &b);
	printf("%d\n", sum); return 0;
}
C
cc -o coroutine coroutine.c
same_with 'coroutines' ./coroutine

if command -v g++ >/dev/null; then
	cat >cxx.cc <<'C'
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <future>
int main()
{
	std::vector<std::thread> ts; std::vector<std::string> v(4);
	for (int i = 0; i < 4; i++) ts.emplace_back([i, &v] { for (int k = 0; k < 1000; k++) v[i] += std::to_string(k); });
	for (auto &t : ts) t.join();
	int caught = 0;
	for (int i = 0; i < 100; i++) try { throw std::runtime_error("x"); } catch (std::exception &) { caught++; }
	auto f = std::async(std::launch::async, [] { return 7; });
	std::cout << v[0].size() << ' ' << caught << ' ' << f.get() << std::endl;
	thread_local std::string at_exit(100, 'x');
	return 0;
}
C
	g++ -O1 -o cxx cxx.cc -lpthread && same_with 'C++ with threads, exceptions, futures' ./cxx
fi
same_with 'perl forks' perl -e 'for (1..5) { my $p = fork; if (!$p) { exit $_ } waitpid $p, 0; print $? >> 8, "\n" }'
same_with 'python with threads and children' python3 -c '
import subprocess, threading, sys
print(subprocess.run(["sort"], input=b"b\na\n", capture_output=True).stdout)
out = []
ts = [threading.Thread(target=lambda i=i: out.append(i)) for i in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(out)); sys.exit(3)'
same_with 'gcc, its passes and its linker' gcc -O2 -o out.bin tiny.c -w -D_GNU_SOURCE -lpthread
printf 'all: a b c\na b c:\n\t@/bin/true\n' >jobs.mk
same_with 'make with jobs' make -s -j4 -f jobs.mk
same_with 'bash with job control' bash -c 'set -m; sleep 0.1 & (exit 4); echo $?; wait; trap "echo bye" EXIT; kill -0 $$ && echo alive'
same_with 'tar and its child' tar --use-compress-program=gzip -cf out.tgz tiny.c
same_with 'find executes' find . -maxdepth 1 -name '*.c' -newer /nonexistent

# Other observers.
if command -v valgrind >/dev/null; then
	is "$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/vg valgrind -q --trace-children=no ./coroutine 2>&1 | grep -v '^==')" "$(./coroutine)" 'below valgrind'
	sleep 0.5
fi
if strace -o /dev/null true 2>/dev/null; then
	LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/st strace -f -o st.out ./tiny >st.printed 2>&1
	is "$(cat st.printed)" 'tiny stacks' 'below strace'
	wait_complete st
fi
is "$("$TPPROBE" run -- "$TPPROBE" --version 2>/dev/null)" "$("$TPPROBE" --version)" 'tpprobe below tpprobe'

# Namespaces, chroot, read-only and vanished directories.
if unshare -pf --mount-proc true 2>/dev/null; then
	got=$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/pidns unshare -pf --mount-proc sh -c './tiny; sort tiny.c | head -n 1; exit 5' 2>&1; echo $?)
	is "$got" "$(./tiny; sort tiny.c | head -n 1; echo 5)" 'a PID namespace inside the session'
	wait_complete pidns
	got=$(unshare -pf --mount-proc env LD_PRELOAD="$PROBE" TPPROBE_OUT="$PWD/pid1" sh -c './tiny; exit 6' 2>&1; echo $?)
	is "$got" "$(echo 'tiny stacks'; echo 6)" 'a program that is PID 1'
	for ((i = 0; i < 40; i++)); do [[ -L pid1/session ]] || break; sleep 0.1; done
	session=$(readlink pid1/session)
	[[ $session == /dev/shm/tpprobe-* ]] && rm -rf "$session" # the namespace took the collector with it
	got=$(LD_PRELOAD=$PROBE TPPROBE_OUT=$PWD/netns unshare -n ./tiny 2>&1)
	is "$got" 'tiny stacks' 'a network namespace'
	wait_complete netns
fi
mkdir gone && cd gone && rmdir ../gone
is "$(LD_PRELOAD=$PROBE /bin/echo fine 2>&1)" fine 'a working directory that was removed'
cd ..
is "$(cd /proc && LD_PRELOAD=$PROBE /bin/echo fine 2>&1)" fine 'a working directory that cannot be written'
finish
