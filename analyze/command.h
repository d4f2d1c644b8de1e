/* SPDX-License-Identifier: MIT */
/*
 * The table of subcommands, and how commands speak.
 */
#ifndef TPPROBE_COMMAND_H
#define TPPROBE_COMMAND_H

#include "fault.h"
#include "options.h"

enum {
	EXIT_OK = 0,
	EXIT_NO = 1,	    /* a negative answer */
	EXIT_USAGE = 2,	    /* usage, or input that cannot be read */
	EXIT_OURS = 125,    /* run and record: tpprobe itself failed */
	EXIT_NOT_RUN = 126, /* found, cannot be executed */
	EXIT_NOT_FOUND = 127,
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* NULL: later */
	const char *synopsis, *summary;
};
extern const struct command commands[]; /* closed by a NULL name */

#define STATE_COMMAND_BUILT(name) int cmd_##name(int argc, char **argv);
#define STATE_COMMAND_LATER(name)
#define COMMAND(name, state, synopsis, summary) STATE_COMMAND_##state(name)
#include "commands.def"
#undef COMMAND

/* Prints "tpprobe: " and the sentence; returns `status`. */
int command_fail(int status, const struct fault *fault);
int command_fail_with(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Parses the options of the command argv[0]. The number of operands, which are
 * then argv[0] …; or -1, with the exit status in *status: --help was printed, or
 * a sentence about what is wrong. */
int command_options(const struct option_row *rows, int argc, char **argv, enum options_order order,
		    int *status);
/* 0 when all that was written to standard output went out, else a sentence and
 * EXIT_USAGE. */
int command_close_output(void);
/* The word of `words` (NULL at the end) nearest to what was typed; NULL: none is
 * near. */
const char *command_near(const char *typed, const char *const *words);

/* Edits that lead from one word to the other (Levenshtein); 64 when one of them has
 * as many bytes. */
unsigned command_distance(const char *a, const char *b);

#endif
