/* SPDX-License-Identifier: MIT */
/*
 * hooks_sleep: sleeps, waits for events, signals and messages in every way that the
 * hooks know, throws, and gives threads names. Its ledger says how often.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <threads.h>
#include <unwind.h>

#include "blocked.h"

int __poll(struct pollfd *fds, nfds_t n, int timeout);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask,
		size_t room);
int __nanosleep(const struct timespec *want, struct timespec *left);
int __select(int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *limit);
int __sigsuspend(const sigset_t *mask);
int __sigpause(int sig_or_mask, int is_sig);
int __xpg_sigpause(int sig);

static const struct timespec ms = { 0, 1000000 };

#define DO(name, n, condition)                                                                     \
	do {                                                                                       \
		errno = 0;                                                                         \
		CHECK(condition);                                                                  \
		ledger_add(#name, n);                                                              \
	} while (0)

static void sleeps(void)
{
	DO(nanosleep, 1, nanosleep(&ms, NULL) == 0);
	DO(__nanosleep, 1, __nanosleep(&ms, NULL) == 0);
	DO(clock_nanosleep, 2,
	   clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL) == 0 &&
		   clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ms, NULL) == EINVAL);
	DO(sleep, 1, sleep(0) == 0);
	DO(usleep, 1, usleep(1000) == 0);
	DO(thrd_sleep, 1, thrd_sleep(&ms, NULL) == 0);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void signals(void)
{
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never = { 0 };
	sigset_t none, usr1;
	siginfo_t info;
	int got;

	signal(SIGALRM, on_alarm);
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	DO(pause, 1, pause() == -1 && errno == EINTR);
	DO(sigsuspend, 1, sigsuspend(&none) == -1 && errno == EINTR);
	DO(__sigsuspend, 1, __sigsuspend(&none) == -1 && errno == EINTR);
	DO(__sigpause, 1, __sigpause(SIGALRM, 1) == -1 && errno == EINTR);
	DO(__xpg_sigpause, 1, __xpg_sigpause(SIGALRM) == -1 && errno == EINTR);
	setitimer(ITIMER_REAL, &never, NULL);
	CHECK(!kill(getpid(), SIGUSR1));
	DO(sigwait, 1, sigwait(&usr1, &got) == 0 && got == SIGUSR1);
	CHECK(!kill(getpid(), SIGUSR1));
	DO(sigwaitinfo, 1, sigwaitinfo(&usr1, &info) == SIGUSR1);
	DO(sigtimedwait, 1, sigtimedwait(&usr1, NULL, &ms) == -1 && errno == EAGAIN);
}

static void events(void)
{
	struct pollfd none = { -1, 0, 0 };
	struct epoll_event event;
	struct timeval limit = { 0, 1000 }, again = limit;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	CHECK(fd >= 0);
	DO(poll, 1, poll(&none, 1, 1) == 0);
	DO(__poll, 1, __poll(&none, 1, 1) == 0);
	DO(__poll_chk, 1, __poll_chk(&none, 1, 1, sizeof(none)) == 0);
	DO(ppoll, 1, ppoll(&none, 1, &ms, NULL) == 0);
	DO(__ppoll_chk, 1, __ppoll_chk(&none, 1, &ms, NULL, sizeof(none)) == 0);
	DO(select, 1, select(0, NULL, NULL, NULL, &limit) == 0);
	DO(__select, 1, __select(0, NULL, NULL, NULL, &again) == 0);
	DO(pselect, 1, pselect(0, NULL, NULL, NULL, &ms, NULL) == 0);
	DO(epoll_wait, 2,
	   epoll_wait(fd, &event, 1, 1) == 0 && epoll_wait(-1, &event, 1, 1) == -1 &&
		   errno == EBADF);
	DO(epoll_pwait, 1, epoll_pwait(fd, &event, 1, 1, NULL) == 0);
	DO(epoll_pwait2, 1, epoll_pwait2(fd, &event, 1, &ms, NULL) == 0);
	ledger_syscall(SYS_close, fd, 0, 0);
}

static void queues(void)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "hello" };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	struct sembuf up = { 0, 1, 0 }, down = { 0, -1, 0 };
	struct aiocb aio = { 0 };
	struct aiocb64 aio64 = { 0 };
	const struct aiocb *list[] = { &aio };
	const struct aiocb64 *list64[] = { &aio64 };
	struct timespec past = { 1, 0 };
	char name[32];
	int id;
	mqd_t queue;

	id = semget(IPC_PRIVATE, 1, 0600);
	CHECK(id >= 0);
	DO(semop, 2, semop(id, &up, 1) == 0 && semop(id, &down, 1) == 0);
	DO(semtimedop, 1, semtimedop(id, &down, 1, &ms) == -1 && errno == EAGAIN);
	semctl(id, 0, IPC_RMID);

	id = msgget(IPC_PRIVATE, 0600);
	CHECK(id >= 0);
	DO(msgsnd, 1, msgsnd(id, &message, 8, 0) == 0);
	DO(msgrcv, 2,
	   msgrcv(id, &message, 8, 0, 0) == 8 && msgrcv(id, &message, 8, 0, IPC_NOWAIT) == -1 &&
		   errno == ENOMSG);
	msgctl(id, IPC_RMID, NULL);

	snprintf(name, sizeof(name), "/tpprobe-test-%d", getpid());
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	CHECK(queue >= 0);
	mq_unlink(name);
	DO(mq_send, 1, mq_send(queue, "one", 3, 0) == 0);
	DO(mq_timedsend, 1, mq_timedsend(queue, "two", 3, 0, &past) == 0);
	DO(mq_receive, 1, mq_receive(queue, message.text, 8, NULL) == 3);
	DO(mq_timedreceive, 2,
	   mq_timedreceive(queue, message.text, 8, NULL, &past) == 3 &&
		   mq_timedreceive(queue, message.text, 8, NULL, &past) == -1 &&
		   errno == ETIMEDOUT);
	ledger_syscall(SYS_close, queue, 0, 0);

	/* requests that were never made are ready at once */
	DO(aio_suspend, 1, aio_suspend(list, 1, &ms) == 0);
	DO(aio_suspend64, 1, aio_suspend64(list64, 1, &ms) == 0);
}

/* A foreign exception that nobody catches: the unwinder comes back. */
static void foreign(void)
{
	static struct _Unwind_Exception exception;

	memcpy(&exception.exception_class, "\0\0TSETPT", 8);
	DO(_Unwind_RaiseException, 1, _Unwind_RaiseException(&exception) == _URC_END_OF_STACK);
}

/* A C++ one, by a runtime that was loaded for itself alone, from a program that has
 * none; what nobody catches ends in std::terminate, which we leave by a jump. */
static jmp_buf back;

static void leave(void)
{
	longjmp(back, 1);
}

static void cxx(void)
{
	void *runtime = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
	void *(*allocate)(size_t);
	void *(*set_terminate)(void (*)(void));
	void (*throw)(void *, void *, void *);
	void *type;

	CHECK(runtime);
	*(void **)&allocate = dlsym(runtime, "__cxa_allocate_exception");
	*(void **)&set_terminate = dlsym(runtime, "_ZSt13set_terminatePFvvE");
	type = dlsym(runtime, "_ZTIi");
	*(void **)&throw = dlsym(RTLD_DEFAULT, "__cxa_throw"); /* the probe's, if it is there */
	if (!throw)
		*(void **)&throw = dlsym(runtime, "__cxa_throw");
	CHECK(allocate && set_terminate && type && throw);
	set_terminate(leave);
	if (!setjmp(back))
		throw(allocate(4), type, NULL);
	ledger_add("__cxa_throw", 1);
}

static atomic_int tid;

static void *named(void *arg)
{
	prctl(PR_SET_NAME, "named_by_prctl", 0, 0, 0);
	CHECK(!pthread_setname_np(pthread_self(), "named_itself"));
	atomic_store(&tid, own_tid());
	return usleep(50000), arg;
}

static void names(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, named, NULL));
	await_blocked(&tid);
	CHECK(!pthread_setname_np(thread, "named_by_other"));
	CHECK(pthread_setname_np(thread, "a name that is too long") == ERANGE);
	CHECK(!pthread_join(thread, NULL));
	ledger_add("usleep", 1);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} groups[] = {
		{ "sleeps", sleeps }, { "signals", signals }, { "events", events },
		{ "queues", queues }, { "foreign", foreign }, { "cxx", cxx },
		{ "names", names },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		groups[i].run();
		dprintf(1, "%s: as they should be\n", groups[i].name);
	}
	ledger_close();
	return 0;
}
