/* SPDX-License-Identifier: MIT */
/*
 * Ways to look at the stack from inside five functions: glibc's backtrace, libunwind,
 * _Unwind_Backtrace, frame pointers. Prints the program's own functions that each sees.
 */
#include <dlfcn.h>
#include <execinfo.h>
#include <stdint.h>
#include <unwind.h>

#ifdef WITH_LIBUNWIND
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#endif

#include "ledger.h"

static volatile long zero;

static void put(const void *address)
{
	Dl_info info;

	if (dladdr(address, &info) && info.dli_sname &&
	    (!strncmp(info.dli_sname, "t_", 2) || !strcmp(info.dli_sname, "main")))
		printf(" %s", info.dli_sname);
}

static _Unwind_Reason_Code put_frame(struct _Unwind_Context *context, void *unused)
{
	(void)unused;
	put((char *)_Unwind_GetIP(context) - 1);
	return _URC_NO_REASON;
}

OWN static void by_backtrace(void)
{
	void *address[64];
	int n = backtrace(address, 64);

	printf("backtrace");
	for (int i = 0; i < n; i++)
		put((char *)address[i] - 1);
	printf("\nunwinder");
	_Unwind_Backtrace(put_frame, NULL);
	putchar('\n');
}

OWN static void by_libunwind(void)
{
#ifdef WITH_LIBUNWIND
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t at;

	unw_getcontext(&context);
	unw_init_local(&cursor, &context);
	printf("libunwind");
	while (unw_step(&cursor) > 0) {
		unw_get_reg(&cursor, UNW_REG_IP, &at);
		put((char *)at - 1);
	}
	putchar('\n');
#endif
}

OWN static void by_frame_pointers(void)
{
	uintptr_t *frame = (uintptr_t *)__builtin_frame_address(0);

	printf("frames");
	for (int i = 0; i < 64 && frame; i++) {
		Dl_info info;
		uintptr_t *next = (uintptr_t *)frame[0];

		put((char *)frame[1] - 1);
		if (dladdr((char *)frame[1] - 1, &info) && info.dli_sname &&
		    !strcmp(info.dli_sname, "main"))
			break;
		if (next <= frame)
			break;
		frame = next;
	}
	putchar('\n');
}

OWN long t_walk5(long n)
{
	by_backtrace();
	by_libunwind();
	by_frame_pointers();
	return n + zero;
}

OWN long t_walk4(long n, long a, long b, long c, long d, long e, long f, long g)
{
	return t_walk5(n + a + b + c + d + e + f + g) + 1 + zero;
}

OWN long t_walk3(long n)
{
	return t_walk4(n, 1, 2, 3, 4, 5, 6, 7) + 1 + zero;
}

OWN long t_walk2(long n)
{
	long room[n + 10];

	room[n] = t_walk3(n) + zero;
	return room[n];
}

OWN long t_walk1(long n)
{
	return t_walk2(n) * 2 + zero;
}

int main(void)
{
	ledger_open();
	printf("%ld\n", t_walk1(3));
	for (int i = 1; i <= 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "t_walk%d", i);
		tally(name, RETURN, 1);
	}
	return ledger_close();
}
