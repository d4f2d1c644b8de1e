/* SPDX-License-Identifier: MIT */
/*
 * The collector's view of the arena. Programs may scribble on it at any time:
 * what never changes is copied when it is opened, places are computed from the
 * constants of arena.h, and nothing is read that is not known to be present.
 */
#ifndef TPPROBE_ARENA_VIEW_H
#define TPPROBE_ARENA_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "../preload/arena.h"

struct arena_view {
	char *base;
	struct arena_header *header; /* shared: only its atomic fields are looked at */
	struct arena_header facts;   /* the copy; its strings are closed */
	char dir[ARENA_PATH_SIZE];   /* the session directory */
};

/* Maps SESSION_DIR/arena. -EBADMSG: not an arena of this build. */
int arena_view_open(struct arena_view *v, const char *session_dir);
void arena_view_close(struct arena_view *v);

/* Becomes the collector of this session. -EBUSY: it has one, or (unless
 * `inherit`) had one. */
int arena_view_claim(struct arena_view *v, bool inherit);

struct slot *arena_view_slot(const struct arena_view *v, uint32_t index);
_Atomic uint64_t *arena_view_owner(const struct arena_view *v, uint32_t index);
struct ring_cell *arena_view_ring(const struct arena_view *v, uint32_t index, uint32_t *cells);
/* No slot from here on was ever claimed. */
uint32_t arena_view_high(const struct arena_view *v);

/* Makes sure that these bytes can be read without a SIGBUS. 0 or -errno. */
int arena_view_touch(const void *at, uint64_t bytes);

/* Ticks since the session's base. */
uint64_t arena_view_now(const struct arena_view *v);
/* The clocks, read together; the best of some tries. */
struct clock_triple {
	uint64_t ticks, raw_ns, real_ns;
};
struct clock_triple clock_triple_get(uint32_t clock);

/* Wakes whoever waits for this word of the arena. */
void arena_view_wake(_Atomic uint32_t *word);

#endif
