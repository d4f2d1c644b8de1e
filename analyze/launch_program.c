/* SPDX-License-Identifier: MIT */
/*
 * Running a program under capture: the program itself, its environment and the
 * signals that are meant for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

extern char **environ;

static volatile sig_atomic_t program_pid;

static void forward(int signal)
{
	if (program_pid > 0)
		kill(program_pid, signal);
}

/* Signals while the program runs: the terminal sends INT and QUIT to it as well,
 * so we ignore them as a shell does; TERM and HUP come to us alone. */
static const struct {
	int signal;
	void (*handler)(int);
} while_running[] = {
	{ SIGINT, SIG_IGN }, { SIGQUIT, SIG_IGN }, { SIGTERM, forward }, { SIGHUP, forward }
};
enum { SIGNALS = sizeof(while_running) / sizeof(while_running[0]) };

/* The program's environment: ours (a colon behind it when there was one before, even an
 * empty one), and the session. Borrowed texts, but for the
 * new ones at fresh[]. TPPROBE_PAD keeps what the probe takes out again an even number
 * (preload/session.h). */
static char **environment(const struct launch *l, char *fresh[2])
{
	const char *before = getenv("LD_PRELOAD");
	size_t n = 0, count = 0;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + 4, sizeof(char *));
	/* A colon behind ours tells the probe that there was one before, be it empty. */
	if (!env || asprintf(&fresh[0], "LD_PRELOAD=%s%s%s", l->preload, before ? ":" : "",
			     before ? before : "") < 0) {
		free(env);
		return NULL;
	}
	fresh[1] = strdup(l->session);
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "LD_PRELOAD=", 11) &&
		    strncmp(environ[i], "TPPROBE_SESSION=", 16))
			env[n++] = environ[i];
	env[n++] = fresh[0];
	env[n++] = fresh[1];
	if (before)
		env[n++] = (char *)"TPPROBE_PAD=";
	return env;
}

/* In the child: becomes the program, or tells why not. */
static void exec_program(const char *path, char *const *command, char **env, int tell)
{
	int err;

	execve(path, command, env);
	if (errno == ENOEXEC) { /* a script without #!: the shell's business */
		char *shell[258] = { "sh", (char *)path };

		for (int i = 1; i < 255 && command[i]; i++)
			shell[i + 1] = command[i];
		execve("/bin/sh", shell, env);
	}
	err = errno;
	if (write(tell, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(127);
}

static int wait_for(pid_t pid, int *status, struct rusage *usage)
{
	while (wait4(pid, status, 0, usage) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int launch_run(struct launch *l, const char *path, char *const *command, int *wait_status,
	       struct fault *fault)
{
	struct sigaction before[SIGNALS];
	char *fresh[2] = { NULL, NULL };
	char **env = l ? environment(l, fresh) : environ;
	int tell[2], why = 0, err = 0;
	sigset_t ours, old;
	pid_t pid;

	if (!env)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (pipe2(tell, O_CLOEXEC)) {
		err = fault_set(fault, -errno, "pipe: %s", strerror(errno));
		goto out;
	}
	/* Blocked until the child is there to forward to. */
	sigemptyset(&ours);
	for (int i = 0; i < SIGNALS; i++)
		sigaddset(&ours, while_running[i].signal);
	sigprocmask(SIG_BLOCK, &ours, &old);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		exec_program(path, command, env, tell[1]);
	}
	close(tell[1]);
	if (pid < 0) {
		err = fault_set(fault, -errno, "fork: %s", strerror(errno));
		close(tell[0]);
		sigprocmask(SIG_SETMASK, &old, NULL);
		goto out;
	}
	program_pid = pid;
	for (int i = 0; i < SIGNALS; i++) {
		struct sigaction action = { .sa_handler = while_running[i].handler };

		sigaction(while_running[i].signal, &action, &before[i]);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	while (read(tell[0], &why, sizeof(why)) < 0 && errno == EINTR)
		;
	close(tell[0]);
	err = wait_for(pid, wait_status, l ? &l->usage : NULL);
	program_pid = 0;
	for (int i = 0; i < SIGNALS; i++)
		sigaction(while_running[i].signal, &before[i], NULL);
	if (why)
		err = fault_set(fault, -why, "%s: %s", path, strerror(why));
	else if (err)
		fault_set(fault, err, "wait: %s", strerror(-err));
out:
	if (l)
		free(env);
	free(fresh[0]);
	free(fresh[1]);
	return err;
}
