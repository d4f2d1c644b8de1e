/* SPDX-License-Identifier: MIT */
/*
 * Running a program under capture: the talk with the collector.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "paths.h"

#define START_MS 15000
#define DONE_MS 120000
#define LEAVE_MS 10000

int launch_find(const char *program, char *path, size_t size, struct fault *fault)
{
	switch (path_program(program, path, size)) {
	case 0:
		return 0;
	case -EACCES:
		fault_set(fault, 0, "%s: cannot be executed (a directory, or no permission)",
			  program);
		return EXIT_NOT_RUN;
	default:
		fault_set(fault, 0, "%s: command not found", program);
		return EXIT_NOT_FOUND;
	}
}

/* Becomes the collector. Only async-signal-safe calls, as after any fork. */
static void exec_collector(const char *path, char **argv, int in, int out)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	setsid(); /* Ctrl-C is for the program, not for the collector */
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1) {
		if (null >= 0)
			dup2(null, 2);
		execv(path, argv);
	}
	_exit(EXIT_OURS);
}

/* The collector's next line, without its newline. 1; 0: it has gone; -ETIMEDOUT. */
static int next_line(struct launch *l, char *line, size_t size, int timeout_ms)
{
	for (;;) {
		char *end = memchr(l->pending, '\n', l->pending_bytes);
		struct pollfd fd = { .fd = l->from, .events = POLLIN };
		ssize_t got;

		if (end) {
			size_t n = (size_t)(end - l->pending);

			snprintf(line, size, "%.*s", (int)n, l->pending);
			l->pending_bytes -= n + 1;
			memmove(l->pending, end + 1, l->pending_bytes);
			return 1;
		}
		if (l->pending_bytes == sizeof(l->pending))
			return 0;
		got = poll(&fd, 1, timeout_ms);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -ETIMEDOUT;
		got = read(l->from, l->pending + l->pending_bytes,
			   sizeof(l->pending) - l->pending_bytes);
		if (got <= 0)
			return 0;
		l->pending_bytes += (size_t)got;
	}
}

static int greet(struct launch *l, struct fault *fault)
{
	char line[PATH_MAX + 64];

	while (!*l->session || !*l->preload) {
		int got = next_line(l, line, sizeof(line), START_MS);

		if (got <= 0)
			return fault_set(fault, got ? got : -EPIPE, "the collector %s",
					 got ? "does not answer" : "ended before it was ready");
		if (!strncmp(line, "error ", 6))
			return fault_set(fault, -EIO, "%s", line + 6);
		if (!strncmp(line, "ready ", 6))
			snprintf(l->session, sizeof(l->session), "%.*s", PATH_MAX - 1, line + 6);
		else if (!strncmp(line, "preload ", 8))
			snprintf(l->preload, sizeof(l->preload), "%.*s", PATH_MAX - 1, line + 8);
	}
	return 0;
}

static char **collector_arguments(const char *dir, char **settings, char *const *command)
{
	size_t n = 0, count = 8;
	char **argv;

	for (char **s = settings; *s; s++)
		count++;
	for (char *const *c = command; *c; c++)
		count++;
	argv = calloc(count, sizeof(char *));
	if (!argv)
		return NULL;
	argv[n++] = "tpprobe-collector";
	argv[n++] = "--serve";
	argv[n++] = (char *)dir;
	while (*settings)
		argv[n++] = *settings++;
	argv[n++] = "--";
	while (*command)
		argv[n++] = *command++;
	return argv;
}

static void free_all(char **text)
{
	for (char **t = text; t && *t; t++)
		free(*t);
	free(text);
}

int launch_start(struct launch *l, const char *dir, const struct capture *capture,
		 char *const *command, struct fault *fault)
{
	char **settings = capture_settings(capture), **argv = NULL, path[PATH_MAX];
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err = -ENOMEM;

	*l = (struct launch){ .to = -1, .from = -1 };
	if (!settings || !(argv = collector_arguments(dir, settings, command))) {
		fault_set(fault, err, "out of memory");
		goto out;
	}
	err = path_collector(path, sizeof(path));
	if (err) {
		fault_set(fault, err,
			  "tpprobe-collector cannot be found or run (beside tpprobe, in "
			  "../libexec/tpprobe, or where TPPROBE_COLLECTOR says)");
		goto out;
	}
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		err = fault_set(fault, -errno, "pipe: %s", strerror(errno));
		goto out;
	}
	l->collector = fork();
	if (l->collector == 0)
		exec_collector(path, argv, in[0], out[1]);
	if (l->collector < 0) {
		err = fault_set(fault, -errno, "fork: %s", strerror(errno));
		goto out;
	}
	l->to = in[1];
	l->from = out[0];
	in[1] = out[0] = -1;
	close(in[0]);
	close(out[1]);
	in[0] = out[1] = -1;
	err = greet(l, fault);
	if (err)
		launch_close(l);
out:
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0)
			close(in[i]);
		if (out[i] >= 0)
			close(out[i]);
	}
	free(argv);
	free_all(settings);
	return err;
}

static long long micros(const struct timeval *t)
{
	return t->tv_sec * 1000000ll + t->tv_usec;
}

int launch_finish(struct launch *l, int wait_status, uint64_t *live, struct fault *fault)
{
	char line[128];
	int got = 0;

	*live = 0;
	if (dprintf(l->to, "ended %d %lld %lld %ld\n", wait_status, micros(&l->usage.ru_utime),
		    micros(&l->usage.ru_stime), l->usage.ru_maxrss) > 0)
		while ((got = next_line(l, line, sizeof(line), DONE_MS)) > 0 &&
		       strncmp(line, "done", 4))
			;
	if (got <= 0)
		return fault_set(fault, -EPIPE,
				 "the collector %s; `tpprobe finish` may save the trace",
				 got ? "does not answer" : "has gone");
	*live = strtoull(line + 4, NULL, 10);
	close(l->to);
	l->to = -1;
	/* With nobody left it finishes now; the trace is complete when it has gone. */
	if (!*live)
		while (next_line(l, line, sizeof(line), LEAVE_MS) > 0)
			;
	return 0;
}

void launch_close(struct launch *l)
{
	if (l->to >= 0)
		close(l->to);
	if (l->from >= 0)
		close(l->from);
	l->to = l->from = -1;
	if (l->collector > 0)
		waitpid(l->collector, NULL, WNOHANG);
}

int launch_exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
