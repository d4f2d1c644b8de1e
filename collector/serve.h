/* SPDX-License-Identifier: MIT */
/* The mode in which `tpprobe run` starts us: trace_dir.h has the protocol. */
#ifndef TPPROBE_SERVE_H
#define TPPROBE_SERVE_H

/* DIR [NAME=value …] [-- COMMAND [ARG…]]; returns the exit status. */
int serve_main(int argc, char **argv);

#endif
