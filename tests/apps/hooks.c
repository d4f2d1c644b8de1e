/* SPDX-License-Identifier: MIT */
/*
 * hooks: calls every function of hooks.def (ids 1 to 155) that does not end the
 * process, and in children those that do. Prints a line for each group that did
 * what it should, and keeps a ledger of the calls (tests/e2e/hooks.sh).
 *
 * The shells that it starts do nothing that a hook would see: what they do is not
 * in the ledger.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger.h"

/* Names that headers keep for the compiler's use. */
ssize_t __read(int fd, void *buf, size_t n);
ssize_t __write(int fd, const void *buf, size_t n);
ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t room);
ssize_t __pread64(int fd, void *buf, size_t n, off64_t at);
ssize_t __pwrite64(int fd, const void *buf, size_t n, off64_t at);
int __open(const char *path, int flags, ...);
int __open64(const char *path, int flags, ...);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);
int __close(int fd);
int __dup2(int fd, int to);
int __connect(int fd, const struct sockaddr *address, socklen_t length);
int __poll(struct pollfd *fds, nfds_t n, int timeout);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
pid_t __wait(int *status);
pid_t __waitpid(pid_t pid, int *status, int options);

extern char **environ;
static char buffer[256];
static const char *const file = "hooks.tmp";

/* How often each function was called, and what it moved. */
static struct tally {
	const char *name;
	uint64_t calls, bytes;
	bool moves;
} tallies[128];

static struct tally *tally_of(const char *name)
{
	struct tally *t = tallies;

	while (t->name && strcmp(t->name, name))
		t++;
	CHECK(t < tallies + sizeof(tallies) / sizeof(tallies[0]) - 1);
	t->name = name;
	return t;
}

static long moved(const char *name, long got)
{
	struct tally *t = tally_of(name);

	t->calls++;
	t->moves = true;
	t->bytes += got > 0 ? got : 0;
	return got;
}

static void tell(void)
{
	for (struct tally *t = tallies; t->name; t++) {
		char name[64];

		ledger_add(t->name, t->calls);
		snprintf(name, sizeof(name), "%s.bytes", t->name);
		if (t->moves)
			ledger_add(name, t->bytes);
	}
	ledger_close();
}

/* A call that the ledger has; one that moves bytes. */
#define DID(name, ...) (tally_of(#name)->calls++, name(__VA_ARGS__))
#define MOVED(name, ...) moved(#name, name(__VA_ARGS__))

static void memory(void)
{
	void *block[12];
	int n = 0;

	block[n++] = malloc(10);
	block[n++] = calloc(2, 10);
	block[n] = malloc(5);
	block[n] = realloc(block[n], 500);
	n++;
	block[n++] = reallocarray(NULL, 3, 30);
	CHECK(!posix_memalign(&block[n++], 32, 40));
	block[n++] = aligned_alloc(64, 64);
	block[n++] = memalign(64, 50);
	block[n++] = valloc(60);
	block[n++] = pvalloc(70);
	for (int i = 0; i < n; i++) {
		CHECK(block[i] && malloc_usable_size(block[i]) >= 10);
		free(block[i]);
	}
}

static void transfers(void)
{
	struct iovec iov[2] = { { buffer, 10 }, { buffer + 10, 10 } };
	int fd = DID(open, file, O_RDWR | O_CREAT | O_TRUNC, 0644);
	struct stat st;

	CHECK(fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) == 0644);
	CHECK(MOVED(write, fd, buffer, 100) == 100 && MOVED(__write, fd, buffer, 100) == 100);
	CHECK(MOVED(writev, fd, iov, 2) == 20);
	CHECK(MOVED(pwrite, fd, "a", 1, 0) == 1 && MOVED(pwrite64, fd, "b", 1, 1) == 1);
	CHECK(MOVED(__pwrite64, fd, "c", 1, 2) == 1);
	CHECK(MOVED(pread, fd, buffer, 3, 0) == 3 && !memcmp(buffer, "abc", 3));
	CHECK(MOVED(pread64, fd, buffer, 3, 0) == 3 && MOVED(__pread64, fd, buffer, 3, 0) == 3);
	CHECK(MOVED(__pread_chk, fd, buffer, 3, 0, sizeof(buffer)) == 3);
	CHECK(MOVED(__pread64_chk, fd, buffer, 3, 0, sizeof(buffer)) == 3);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(MOVED(read, fd, buffer, 3) == 3 && MOVED(__read, fd, buffer, 3) == 3 &&
	      MOVED(readv, fd, iov, 2) == 20);
	CHECK(MOVED(__read_chk, fd, buffer, 3, sizeof(buffer)) == 3);
	CHECK(!DID(close, fd));
	errno = 0;
	CHECK(MOVED(read, fd, buffer, 1) == -1 && errno == EBADF);
}

static void opens(void)
{
	int mode = 0600, flags = O_RDWR | O_CREAT, fd;
	FILE *stream;
	DIR *dir;
	struct stat st;

#define OPENED(call)                                                                               \
	do {                                                                                       \
		fd = (call);                                                                       \
		CHECK(fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) == 0600 &&                 \
		      !DID(close, fd));                                                            \
	} while (0)
#define CREATED(call)                                                                              \
	do {                                                                                       \
		unlink(file);                                                                      \
		OPENED(call);                                                                      \
	} while (0)
	CREATED(DID(open, file, flags, mode));
	CREATED(DID(open64, file, flags, mode));
	CREATED(DID(openat, AT_FDCWD, file, flags, mode));
	CREATED(DID(openat64, AT_FDCWD, file, flags, mode));
	CREATED(DID(creat, file, mode));
	CREATED(DID(creat64, file, mode));
	CREATED(DID(__open, file, flags, mode));
	CREATED(DID(__open64, file, flags, mode));
	OPENED(DID(open, ".", O_RDWR | O_TMPFILE, mode));
	OPENED(DID(__open_2, file, O_RDONLY));
	OPENED(DID(__open64_2, file, O_RDONLY));
	OPENED(DID(__openat_2, AT_FDCWD, file, O_RDONLY));
	OPENED(DID(__openat64_2, AT_FDCWD, file, O_RDONLY));
	errno = 0;
	CHECK(DID(open, "/nonexistent/file", O_RDONLY) == -1 && errno == ENOENT);
	fd = DID(open, file, O_RDONLY);
	CHECK(!DID(__close, fd));
	stream = fopen(file, "r");
	CHECK(stream && !fclose(stream));
	dir = opendir(".");
	CHECK(dir && readdir(dir) && !closedir(dir));
	CHECK(syscall(SYS_getpid) == getpid());
}

static void descriptors(void)
{
	int fd = DID(open, file, O_RDWR), ends[2], cwd = DID(open, ".", O_RDONLY);

	CHECK(DID(dup, fd) >= 0 && DID(dup2, fd, 100) == 100 &&
	      DID(dup3, fd, 101, O_CLOEXEC) == 101);
	CHECK(DID(__dup2, fd, 102) == 102);
	CHECK(!DID(pipe, ends) && !DID(pipe2, ends, O_CLOEXEC));
	CHECK(!chdir("/") && !fchdir(cwd));
	CHECK(!DID(close_range, 100, 101, 0));
	DID(closefrom, 100);
	errno = 0;
	CHECK(fcntl(102, F_GETFD) == -1 && errno == EBADF);
}

static void sockets(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int ends[2], server = DID(socket, AF_INET, SOCK_STREAM, 0), client, peer;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(server >= 0 && !bind(server, (struct sockaddr *)&address, length));
	CHECK(!listen(server, 5) && !getsockname(server, (struct sockaddr *)&address, &length));
	for (int i = 0; i < 2; i++) {
		client = DID(socket, AF_INET, SOCK_STREAM, 0);
		CHECK(!(i ? DID(__connect, client, (struct sockaddr *)&address, length)
			  : DID(connect, client, (struct sockaddr *)&address, length)));
		peer = i ? DID(accept4, server, NULL, NULL, SOCK_CLOEXEC)
			 : DID(accept, server, NULL, NULL);
		CHECK(peer >= 0 && MOVED(write, client, "hello", 5) == 5 &&
		      MOVED(read, peer, buffer, 9) == 5);
		DID(close, client);
		DID(close, peer);
	}
	DID(close, server);
	CHECK(!DID(socketpair, AF_UNIX, SOCK_STREAM, 0, ends));
	DID(close, ends[0]);
	DID(close, ends[1]);
}

static void *locker(void *arg)
{
	pthread_mutex_lock(arg);
	pthread_mutex_unlock(arg);
	return arg;
}

static void *leaver(void *arg)
{
	pthread_exit(arg);
}

static void waits(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	struct timespec ms = { 0, 1000000 }, soon;
	struct pollfd none = { -1, 0, 0 };
	pthread_t thread;
	void *value;

	CHECK(!pthread_mutex_lock(&m) && pthread_mutex_trylock(&m) == EBUSY);
	clock_gettime(CLOCK_REALTIME, &soon);
	CHECK(DID(pthread_mutex_timedlock, &m, &soon) == ETIMEDOUT);
	CHECK(DID(pthread_mutex_clocklock, &m, CLOCK_REALTIME, &soon) == ETIMEDOUT);
	CHECK(!pthread_mutex_unlock(&m));
	CHECK(!DID(nanosleep, &ms, NULL) && DID(poll, &none, 1, 1) == 0 &&
	      DID(__poll, &none, 1, 1) == 0);
	CHECK(DID(__poll_chk, &none, 1, 1, sizeof(none)) == 0);

	/* One that waits, until its neighbour has seen so in the futex word. Both
	 * unlocks wake: who has waited leaves the word as if there were more. */
	pthread_mutex_lock(&m);
	CHECK(!pthread_create(&thread, NULL, locker, &m));
	while (__atomic_load_n(&m.__data.__lock, __ATOMIC_ACQUIRE) != 2)
		sched_yield();
	pthread_mutex_unlock(&m);
	tally_of("pthread_mutex_lock")->calls = 1;
	tally_of("pthread_mutex_unlock")->calls = 3; /* the timed ones left it so too */
	CHECK(!DID(pthread_join, thread, &value) && value == &m);
	CHECK(!pthread_create(&thread, NULL, leaver, &m));
	soon.tv_sec += 5;
	CHECK(!DID(pthread_timedjoin_np, thread, &value, &soon) && value == &m);
	CHECK(!pthread_create(&thread, NULL, leaver, &m));
	CHECK(!DID(pthread_clockjoin_np, thread, &value, CLOCK_REALTIME, &soon) && value == &m);
	CHECK(!pthread_create(&thread, NULL, leaver, &m));
	while (DID(pthread_tryjoin_np, thread, &value) == EBUSY)
		sched_yield();
}

static void jumps(void)
{
	static jmp_buf plain;
	static sigjmp_buf with_signals;
	static volatile int landed;

	if (!setjmp(plain))
		longjmp(plain, 1);
	landed++;
	if (!_setjmp(plain))
		_longjmp(plain, 1);
	landed++;
	if (!sigsetjmp(with_signals, 1))
		siglongjmp(with_signals, 1);
	landed++;
	CHECK(landed == 3);
}

static int in_clone(void *arg)
{
	(void)arg;
	return 5;
}

/* The i-th way to become /bin/true, or to end. */
static void become(int way)
{
	char *args[] = { "true", NULL };
	int fd;

	switch (way) {
	case 0:
		execve("/bin/true", args, environ);
		break;
	case 1:
		execv("/bin/true", args);
		break;
	case 2:
		execvp("true", args);
		break;
	case 3:
		execvpe("true", args, environ);
		break;
	case 4:
		execl("/bin/true", "true", "--version-is-ignored", NULL);
		break;
	case 5:
		execlp("true", "true", NULL);
		break;
	case 6:
		execle("/bin/true", "true", NULL, environ);
		break;
	case 7:
		fd = open("/bin/true", O_RDONLY);
		fexecve(fd, args, environ);
		break;
	case 8:
		execveat(AT_FDCWD, "/bin/true", args, environ, 0);
		break;
	case 9:
		_exit(0);
	case 10:
		_Exit(0);
	case 11:
		quick_exit(0);
	}
	_exit(95);
}

static void processes(void)
{
	static const char *const ways[12] = { "execve", "execv",  "execvp",  "execvpe", "execl",
					      "execlp", "execle", "fexecve", "execveat" };
	static char stack[128 << 10];
	char *args[] = { "true", NULL };
	int status;
	pid_t pid;
	siginfo_t info;
	FILE *stream;

	for (int way = 0; way < 12; way++) {
		pid = way & 1 ? DID(_Fork) : DID(fork);
		if (pid == 0)
			become(way);
		if (ways[way])
			tally_of(ways[way])->calls++;
		if (way == 7)
			tally_of("open")->calls++;
		switch (way % 5) {
		case 0:
			CHECK(DID(waitpid, pid, &status, 0) == pid);
			break;
		case 1:
			CHECK(DID(wait, &status) == pid);
			break;
		case 2:
			CHECK(DID(wait3, &status, 0, NULL) == pid);
			break;
		case 3:
			CHECK(DID(wait4, pid, &status, 0, NULL) == pid);
			break;
		case 4:
			CHECK(!DID(waitid, P_PID, pid, &info, WEXITED) && info.si_pid == pid);
			status = info.si_status;
			break;
		}
		CHECK(status == 0);
	}
	pid = DID(fork);
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		abort();
	}
	CHECK(DID(__waitpid, pid, &status, 0) == pid && WIFSIGNALED(status));
	pid = DID(vfork);
	if (pid == 0) {
		execv("/bin/true", args); /* nothing is told in a child of vfork */
		_exit(95);
	}
	CHECK(DID(__wait, &status) == pid && status == 0);
	pid = DID(clone, in_clone, stack + sizeof(stack), SIGCHLD, NULL);
	CHECK(DID(waitpid, pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
	CHECK(!DID(posix_spawn, &pid, "/bin/true", NULL, NULL, args, environ));
	CHECK(DID(waitpid, pid, &status, 0) == pid && status == 0);
	CHECK(!DID(posix_spawnp, &pid, "true", NULL, NULL, args, environ));
	CHECK(DID(waitpid, pid, &status, 0) == pid && status == 0);
	CHECK(DID(posix_spawnp, &pid, "no-such-program", NULL, NULL, args, environ) == ENOENT);
	CHECK(DID(system, "exit 4") == 4 << 8);
	stream = DID(popen, "exit 3", "r");
	CHECK(stream && !fgets(buffer, sizeof(buffer), stream));
	CHECK(DID(pclose, stream) == 3 << 8);
	errno = 0;
	CHECK(DID(execl, "/nonexistent", "nonexistent", NULL) == -1 && errno == ENOENT);
	errno = 0;
	CHECK(DID(wait, &status) == -1 && errno == ECHILD);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} groups[] = {
		{ "memory", memory }, { "transfers", transfers },     { "opens", opens },
		{ "waits", waits },   { "descriptors", descriptors }, { "sockets", sockets },
		{ "jumps", jumps },   { "processes", processes },
	};

	umask(0);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		groups[i].run();
		dprintf(1, "%s: as they should be\n", groups[i].name);
	}
	unlink(file);
	tell();
	return 0;
}
