/* SPDX-License-Identifier: MIT */
/*
 * Calls that make address space or locked memory scarce. Our mapping of the arena
 * is mostly unused: before such a call the part beyond what this process needs is
 * given back, so that the call and what follows go as they would without us.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "real.h"
#include "record.h"
#include "sys.h"

#define FEW_RINGS 4
#define PLENTY_LOCKED (64u << 20) /* of RLIMIT_MEMLOCK */

static uint64_t ring_end(uint32_t index)
{
	uint32_t bytes;
	uint64_t at = arena_ring_place(arena_rings_offset(), index, &bytes);

	return at + bytes;
}

/* Slots of this process' threads, up to the highest. */
static uint32_t own_slots(void)
{
	uint32_t high = atomic_load(&probe_header()->slot_high), own = 0;

	for (uint32_t i = 0; i < high && i < ARENA_SLOTS; i++)
		if (ARENA_OWNER_PID(atomic_load(arena_owner(probe.arena, i))) == probe.pid)
			own = i + 1;
	return own;
}

/* Keeps a prefix with `slots` rings, or as many as are in use. */
static void shrink(uint32_t slots)
{
	uint32_t own;
	uint64_t end;

	if (slots >= probe.slots)
		return;
	/* A thread that is choosing a slot in this moment may still take one beyond;
	 * it shows in the owners by the time that we look. */
	probe.slots = slots;
	atomic_thread_fence(memory_order_seq_cst);
	for (int i = 0; i < 10; i++)
		sys0(SYS_sched_yield);
	own = own_slots();
	if (own > slots)
		probe.slots = slots = own;
	end = slots ? ring_end(slots - 1) : arena_rings_offset();
	if (end < probe.mapped_bytes &&
	    sys2(SYS_munmap, probe.arena + end, probe.mapped_bytes - end) == 0)
		probe.mapped_bytes = end;
	/* and the slots that belong to the rings given back */
	end = arena_round_page(probe_header()->slots_offset + slots * sizeof(struct slot));
	sys2(SYS_munmap, probe.arena + end, arena_rings_offset() - end);
}

static void before_limit(int resource, const struct rlimit *limit)
{
	uint32_t slots = FEW_RINGS;

	if (resource != RLIMIT_AS || !limit || probe.state != PROBE_on || probe.no_syscalls)
		return;
	while (slots < probe.slots && ring_end(slots) <= limit->rlim_cur / 16)
		slots++;
	shrink(slots);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	before_limit((int)resource, limit);
	return real_setrlimit(resource, limit);
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	before_limit((int)resource, (const struct rlimit *)limit);
	return real_setrlimit64(resource, limit);
}

int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit, struct rlimit *old)
{
	if (pid == 0 || (uint32_t)pid == probe.pid)
		before_limit((int)resource, limit);
	return real_prlimit(pid, resource, limit, old);
}

int prlimit64(pid_t pid, __rlimit_resource_t resource, const struct rlimit64 *limit,
	      struct rlimit64 *old)
{
	if (pid == 0 || (uint32_t)pid == probe.pid)
		before_limit((int)resource, (const struct rlimit *)limit);
	return real_prlimit64(pid, resource, limit, old);
}

int mlockall(int flags)
{
	struct rlimit limit;

	if (probe.state == PROBE_on && !probe.no_syscalls)
		shrink(sys0(SYS_geteuid) == 0 ||
				       (sys4(SYS_prlimit64, 0, RLIMIT_MEMLOCK, NULL, &limit) == 0 &&
					limit.rlim_cur > PLENTY_LOCKED)
			       ? FEW_RINGS
			       : 1);
	return real_mlockall(flags);
}
