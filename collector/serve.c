/* SPDX-License-Identifier: MIT */
/* Talks to the launcher over standard input and output; the session runs meanwhile. */
#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "independent.h"
#include "new_session.h"
#include "session.h"
#include "trace_dir.h"

#define EXIT_FAILED 125

static struct session_launcher launcher;

static int fail(const char *why)
{
	printf("error %s\n", why);
	fflush(stdout);
	return EXIT_FAILED;
}

static void ring(void)
{
	atomic_fetch_add(launcher.doorbell, 1);
	arena_view_wake(launcher.doorbell);
}

/* Reads the launcher's lines: the session's loop sleeps on the doorbell, so this
 * thread only passes on what was said. */
static void *listen_to_launcher(void *unused)
{
	char line[256];
	unsigned status;

	(void)unused;
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long long usage[3];
		int got = sscanf(line, "ended %u %llu %llu %llu", &status, &usage[0], &usage[1],
				 &usage[2]);

		if (got < 1)
			continue;
		for (int i = 0; got == 4 && i < 3; i++)
			launcher.usage[i] = usage[i];
		launcher.has_usage = got == 4;
		launcher.status = status;
		launcher.ended = 1;
		ring();
	}
	launcher.closed = 1;
	ring();
	return NULL;
}

static void answer(uint32_t live)
{
	printf("done %u\n", live);
	fflush(stdout);
}

/* DIR as an absolute path, made when it is not there. 0 or -errno with why. */
static int prepare_dir(const char *dir, char *absolute, char *why)
{
	enum trace_state state;
	int err = mkdir(dir, 0700) && errno != EEXIST ? -errno : 0;

	if (!err)
		err = trace_dir_state(dir, &state);
	if (err) {
		snprintf(why, 256, "%.180s: %s", dir,
			 err == -ENOENT ? "its parent directory does not exist" : strerror(-err));
		return err;
	}
	if (state != TRACE_empty) {
		snprintf(why, 256, "%.180s: exists and is not empty", dir);
		return -EEXIST;
	}
	char *path = realpath(dir, NULL);

	if (!path || strlen(path) >= ARENA_PATH_SIZE) {
		snprintf(why, 256, "%.180s: %s", dir,
			 path ? "the path is too long" : strerror(errno));
		free(path);
		return -ENAMETOOLONG;
	}
	strcpy(absolute, path);
	free(path);
	return 0;
}

static int run_session(struct new_session *n)
{
	static struct session session; /* too large for a stack */
	pthread_t thread;
	char why[256];
	int err = session_open(&session, n->dir, &launcher, false, why);

	if (err) {
		session_close(&session);
		return fail(why);
	}
	launcher.doorbell = &session.arena.header->doorbell;
	launcher.answer = answer;
	printf("ready TPPROBE_SESSION=1;p;0;%s\npreload %s\n", n->dir, n->probe);
	fflush(stdout);
	err = pthread_create(&thread, NULL, listen_to_launcher, NULL);
	if (err)
		launcher.closed = 1;
	else
		pthread_detach(thread);
	err = session_run(&session);
	/* The listener may still ring the doorbell: the mapping goes with the process. */
	return err ? EXIT_FAILED : 0;
}

int serve_main(int argc, char **argv)
{
	char dir[ARENA_PATH_SIZE], cwd[4096], why[256];
	char runtime_dir[ARENA_PATH_SIZE] = "";
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct new_session n = { .trace_dir = dir, .options = argv + 1 };

	while (1 + n.count < argc && strcmp(argv[1 + n.count], "--"))
		n.count++;
	if (1 + n.count < argc)
		launcher.command = argv + 1 + n.count + 1;
	launcher.cwd = getcwd(cwd, sizeof(cwd));
	if (runtime && strlen(runtime) < sizeof(runtime_dir))
		strcpy(runtime_dir, runtime);
	if (prepare_dir(argv[0], dir, why))
		return fail(why);
	setsid();
	become_independent();
	n.runtime_dir = *runtime_dir ? runtime_dir : NULL;
	if (new_session_make(&n, why))
		return fail(why);
	return run_session(&n);
}
