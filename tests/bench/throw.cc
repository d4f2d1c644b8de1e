// SPDX-License-Identifier: MIT
// throw COUNT BURST: throws and catches as micro does other things.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

__attribute__((noinline)) static void thrower(int value)
{
	throw value;
}

static long run(long count)
{
	long caught = 0;

	while (count--) {
		try {
			thrower(1);
		} catch (int value) {
			caught += value;
		}
	}
	return caught;
}

static double now_ns()
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 20000, burst = argc > 2 ? atol(argv[2]) : 100;
	std::vector<double> took;

	run(count / 10 + 1);
	for (long i = 0; i <= count / burst; i++) {
		timespec pause = { 0, 1000000 };

		nanosleep(&pause, nullptr);
		run(5);
		double begin = now_ns();

		if (run(burst) != burst)
			return 1;
		took.push_back((now_ns() - begin) / burst);
	}
	std::sort(took.begin(), took.end());
	printf("%.2f\n", took[took.size() / 2]);
}
