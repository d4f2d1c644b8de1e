/* SPDX-License-Identifier: MIT */
/*
 * Where things lie: the data directory of the user, and our own programs beside
 * this one (build folder) or installed (bin, lib, libexec/tpprobe).
 */
#ifndef TPPROBE_PATHS_H
#define TPPROBE_PATHS_H

#include <stddef.h>

/* $XDG_DATA_HOME/tpprobe/NAME, else ~/.local/share/tpprobe/NAME. 0 or -errno. */
int path_data_home(char *path, size_t size, const char *name);
/* Makes the directories above `path`, 0700. */
int path_make_parents(const char *path);
/* tpprobe-collector and libtpprobe.so. -ENOENT: not found. */
int path_collector(char *path, size_t size);
int path_probe(char *path, size_t size);
/* Absolute path of what may not exist yet. Caller frees; NULL: out of memory. */
char *path_absolute(const char *path);
/* A program as a shell finds it. 0; -ENOENT; -EACCES: found, but cannot be run. */
int path_program(const char *name, char *path, size_t size);

#endif
