/* SPDX-License-Identifier: MIT */
/*
 * All registers survive into a function and out of it: what the caller put there is
 * what the function sees, and what the function left is what the caller sees, the
 * callee-saved ones as they were. The moves are in registers_x86_64.S.
 */
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

struct state {
	uint64_t gpr[16]; /* the last one: the stack pointer's low four bits */
	uint64_t flags;
	uint32_t mxcsr;
	uint16_t fpucw, unused;
	_Alignas(16) long double x87;
	_Alignas(64) uint8_t ymm[16][32];
	uint8_t zmm[32][64];
	uint64_t k[8];
};
_Static_assert(offsetof(struct state, x87) == 144 && offsetof(struct state, ymm) == 192 &&
		       offsetof(struct state, k) == 2752,
	       "as registers_x86_64.S has it");

struct state want, give, at_entry, at_return;
int wide; /* 1 SSE, 2 AVX, 3 AVX-512 */

void drive(void);

static const char *const name[] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
				    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rsp" };
#define RBP 6
#define CALLEE_SAVED (1 << 1 | 1 << RBP | 0xf << 11 | 1 << 15)

static int differences;

static void compare(const char *what, int n, const void *a, const void *b, size_t bytes)
{
	if (!memcmp(a, b, bytes))
		return;
	printf("%s %d differs\n", what, n);
	differences++;
}

static void fill(struct state *s, unsigned seed)
{
	uint8_t *at = (uint8_t *)s;

	for (size_t i = 0; i < sizeof(*s); i++)
		at[i] = (uint8_t)(seed = seed * 1103515245 + 12345, seed >> 16);
	for (int i = 0; i < 8; i++)
		s->k[i] &= 0xffff;
	s->mxcsr = 0x1f80 | 0x2000 | 0x8000; /* rounds down, flushes to zero */
	s->fpucw = 0x0f7f;		     /* rounds to zero */
	s->x87 = 3.25L + seed % 100;
}

static void compare_vectors(const char *what, const struct state *a, const struct state *b)
{
	for (int i = 0; i < 16; i++)
		compare(what, i, a->ymm[i], b->ymm[i], wide > 1 ? 32 : 16);
	for (int i = 0; wide > 2 && i < 32; i++)
		compare(what, i, a->zmm[i], b->zmm[i], 64);
	for (int i = 0; wide > 2 && i < 8; i++)
		compare(what, i, &a->k[i], &b->k[i], 8);
}

int main(void)
{
	ledger_open();
	wide = __builtin_cpu_supports("avx512f") ? 3 : __builtin_cpu_supports("avx") ? 2 : 1;
	for (unsigned round = 0; round < 500; round++) {
		fill(&want, round * 2 + 1);
		fill(&give, round * 2 + 2);
		if (wide > 2)
			for (int i = 0; i < 16; i++) {
				memcpy(want.zmm[i], want.ymm[i], 32);
				memcpy(give.zmm[i], give.ymm[i], 32);
			}
		want.gpr[15] = 8; /* at an entry, of a stack that is aligned at the call */
		drive();
		for (int i = 0; i < 16; i++)
			if (i != RBP) /* no argument: a frame may lie between */
				compare(name[i], 0, &want.gpr[i], &at_entry.gpr[i], 8);
		compare_vectors("vector at entry", &want, &at_entry);
		compare("x87 at entry", 0, &want.x87, &at_entry.x87, 10);
		want.gpr[15] = 0;
		for (int i = 0; i < 16; i++)
			compare(name[i], 1, CALLEE_SAVED >> i & 1 ? &want.gpr[i] : &give.gpr[i],
				&at_return.gpr[i], 8);
		compare_vectors("vector at return", &give, &at_return);
		compare("x87 at return", 0, &want.x87, &at_return.x87, 10);
		compare("mxcsr", 0, &want.mxcsr, &at_entry.mxcsr, 4);
		compare("mxcsr", 1, &want.mxcsr, &at_return.mxcsr, 4);
		compare("fpucw", 0, &want.fpucw, &at_entry.fpucw, 2);
		compare("fpucw", 1, &want.fpucw, &at_return.fpucw, 2);
		if ((at_entry.flags | at_return.flags) & 0x400) {
			printf("direction flag\n");
			differences++;
		}
	}
	printf("%d differences\n", differences);
	tally("t_regs", RETURN, 500);
	return ledger_close() || differences;
}
