/* SPDX-License-Identifier: MIT */
/*
 * tpprobe-collector: drains the rings of a session into segments. Started by the
 * probe or by `tpprobe run`, never by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finish.h"
#include "independent.h"
#include "serve.h"
#include "session.h"

#define EXIT_USAGE 2

static int session_main(const char *session_dir)
{
	static struct session session; /* too large for a stack */
	char why[256];
	int err;

	become_independent();
	err = session_open(&session, session_dir, NULL, false, why);
	if (!err)
		err = session_run(&session);
	else
		fprintf(stderr, "tpprobe-collector: %s\n", why);
	session_close(&session);
	return err ? EXIT_USAGE : 0;
}

static int usage(const char *what)
{
	fprintf(stderr,
		"tpprobe-collector: %s; it is started by libtpprobe.so and by `tpprobe "
		"run`, see `tpprobe help`\n",
		what);
	return EXIT_USAGE;
}

static int help(void)
{
	puts("tpprobe-collector --session DIR   drain the session in DIR\n"
	     "tpprobe-collector --serve DIR [NAME=value ...] [-- COMMAND [ARG ...]]\n"
	     "                                  make a session that writes its trace to DIR\n"
	     "tpprobe-collector --finish DIR    finish the trace DIR, whose collector has died\n"
	     "tpprobe-collector --version\n"
	     "Started by libtpprobe.so and by `tpprobe run`; by hand only with --finish.");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage("nothing to do");
	if (!strcmp(argv[1], "--session") && argc == 3)
		return session_main(argv[2]);
	if (!strcmp(argv[1], "--serve") && argc >= 3)
		return serve_main(argc - 2, argv + 2);
	if (!strcmp(argv[1], "--finish") && argc == 3)
		return finish_main(argv[2]);
	if (!strcmp(argv[1], "--help"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("tpprobe-collector " TPPROBE_VERSION);
		return 0;
	}
	return usage("unknown arguments");
}
