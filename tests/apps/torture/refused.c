/* SPDX-License-Identifier: MIT */
/* Calls what refused_x86_64.S has. */
#include <stdio.h>

int t_jumped_into(int n);
int t_loops_to_entry(int n);
int t_calls_at_once(int n, int (*f)(int));
int t_cannot_move(int n);
int t_short(int n);
int t_follows(int n);
int t_returns_to(int n);

static int twice(int n)
{
	return n * 2;
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		printf("%d %d %d %d %d %d %d\n", t_jumped_into(5), t_loops_to_entry(5),
		       t_calls_at_once(5, twice), t_cannot_move(5), t_short(5), t_follows(5),
		       t_returns_to(5));
	return 0;
}
