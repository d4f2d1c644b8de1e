/* SPDX-License-Identifier: MIT */
/* The plan of an object: from a file that is there, or asked from the collector. */
#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../record.h"
#include "../sys.h"
#include "patch.h"

#define NOBODY_TAKES_MS 1
#define PATIENCE_MS 100 /* then it is time to see whether the collector lives */

static void path_of(uint64_t key, char *into)
{
	size_t n = strlen(probe.session_dir);

	memcpy(into, probe.session_dir, n);
	memcpy(into + n, "/" PLAN_FILE_PREFIX, sizeof(PLAN_FILE_PREFIX));
	n += sizeof(PLAN_FILE_PREFIX);
	for (int shift = 60; shift >= 0; shift -= 4)
		into[n++] = "0123456789abcdef"[key >> shift & 15];
	into[n] = '\0';
}

/* Do the parts lie in the file one behind the other? */
static bool lay_out(struct plan *plan)
{
	const struct plan_header *h = plan->header;
	const char *at = (const char *)(h + 1);
	uint64_t bytes = sizeof(*h);

	if (plan->bytes < sizeof(*h) || memcmp(h->magic, PLAN_MAGIC, sizeof(h->magic)) != 0 ||
	    h->header_bytes != sizeof(*h) || h->function_bytes != sizeof(struct plan_function) ||
	    h->fixup_bytes != sizeof(struct plan_fixup) ||
	    h->metric_bytes != sizeof(struct plan_metric))
		return false;
	bytes += (uint64_t)h->functions * sizeof(struct plan_function) +
		 (uint64_t)h->fixups * sizeof(struct plan_fixup) +
		 (uint64_t)h->metrics * sizeof(struct plan_metric) + h->code_bytes;
	if (bytes > plan->bytes)
		return false;
	plan->function = (const void *)at;
	at += (uint64_t)h->functions * sizeof(struct plan_function);
	plan->fixup = (const void *)at;
	at += (uint64_t)h->fixups * sizeof(struct plan_fixup);
	plan->metric = (const void *)at;
	at += (uint64_t)h->metrics * sizeof(struct plan_metric);
	plan->code = (const void *)at;
	return true;
}

/* 1: it is there, 0: it is not, -1: it is of no use. */
static int map_plan(uint64_t key, struct plan *plan)
{
	char path[sizeof(probe.session_dir) + sizeof(PLAN_FILE_PREFIX) + 20];
	struct stat st;
	long at;
	int fd;

	path_of(key, path);
	fd = sys_open(path, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return 0;
	if (sys2(SYS_fstat, fd, &st) != 0 || st.st_size <= 0) {
		sys_close(fd);
		return -1;
	}
	at = sys6(SYS_mmap, 0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	sys_close(fd);
	if (at < 0 && at > -4096)
		return -1;
	plan->header = (const void *)at;
	plan->bytes = (uint64_t)st.st_size;
	if (lay_out(plan) && plan->header->functions)
		return 1;
	at = lay_out(plan) ? 1 : -1;
	plan_put(plan);
	return (int)at;
}

void plan_put(struct plan *plan)
{
	if (plan->header)
		sys2(SYS_munmap, plan->header, plan->bytes);
	plan->header = NULL;
}

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static void sleep_ms(unsigned ms)
{
	struct timespec t = { 0, ms * 1000000L };

	sys2(SYS_nanosleep, &t, NULL);
}

static struct plan_request *take_request(uint64_t until)
{
	struct arena_header *h = probe_header();

	do {
		for (unsigned i = 0; i < PLAN_REQUESTS; i++) {
			struct plan_request *r = &h->plan_requests[i];
			uint32_t is = PLAN_REQUEST_free;

			if (atomic_load_explicit(&r->state, memory_order_relaxed) == is &&
			    atomic_compare_exchange_strong(&r->state, &is, PLAN_REQUEST_filling))
				return r;
		}
		sleep_ms(NOBODY_TAKES_MS);
	} while (now_ms() < until && !atomic_load(&h->collector_gone));
	return NULL;
}

/* True: answered. A request that is not answered in time is the collector's to free. */
static bool ask(const struct plan_request *what, uint64_t until)
{
	struct arena_header *h = probe_header();
	struct plan_request *r = take_request(until);
	uint32_t state, heartbeat = atomic_load(&h->heartbeat);
	uint64_t begun = now_ms();

	if (!r)
		return false;
	memcpy((char *)r + sizeof(r->state), (const char *)what + sizeof(r->state),
	       sizeof(*r) - sizeof(r->state));
	atomic_store(&r->state, PLAN_REQUEST_asked);
	atomic_fetch_add(&h->plans_asked, 1);
	sys3(SYS_futex, &h->plans_asked, FUTEX_WAKE, INT32_MAX);
	while ((state = atomic_load(&r->state)) == PLAN_REQUEST_asked) {
		uint64_t now = now_ms();
		struct timespec left = { 0, PATIENCE_MS * 1000000 };

		if (now >= until || atomic_load(&h->collector_gone) ||
		    (now - begun >= PATIENCE_MS &&
		     record_reader_is_gone(&heartbeat, (now - begun) * 1000000)))
			return false;
		if (until - now < PATIENCE_MS)
			left.tv_nsec = (long)(until - now) * 1000000;
		record_doorbell(h); /* its heart beats when it lives */
		sys4(SYS_futex, &r->state, FUTEX_WAIT, PLAN_REQUEST_asked, &left);
	}
	if (state == PLAN_REQUEST_answered)
		atomic_store(&r->state, PLAN_REQUEST_free);
	return state == PLAN_REQUEST_answered;
}

enum patch_why plan_get(const struct plan_request *request, struct plan *plan, uint32_t *wait_ms)
{
	uint64_t begun, waited;
	int got = map_plan(request->key, plan);
	bool answered;

	if (got)
		return got > 0 ? PATCH_done : PATCH_bad_plan;
	if (!*wait_ms)
		return PATCH_late;
	begun = now_ms();
	answered = ask(request, begun + *wait_ms);
	waited = now_ms() - begun;
	*wait_ms = waited < *wait_ms ? *wait_ms - (uint32_t)waited : 0;
	if (!answered) {
		*wait_ms = 0;
		return PATCH_late;
	}
	got = map_plan(request->key, plan);
	return got > 0 ? PATCH_done : got < 0 ? PATCH_bad_plan : PATCH_no_plan;
}
