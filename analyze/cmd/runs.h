/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `tpprobe runs` share.
 */
#ifndef TPPROBE_CMD_RUNS_H
#define TPPROBE_CMD_RUNS_H

#include "../options.h"
#include "../store/runs.h"

struct runs_call {
	struct run_filter filter;
	struct option_list labels;
	const char *since, *format, *store_option;
	bool yes;
	struct store store;
	struct fault fault;
};

int runs_list(struct runs_call *call, char **operand, int count);

#endif
