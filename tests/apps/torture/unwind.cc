/* SPDX-License-Identifier: MIT */
/*
 * C++: exceptions through many functions, caught in one of them, thrown again, carried
 * to other threads; destructors, virtual functions, templates, coroutines of C++20.
 */
#include <algorithm>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<coroutine>) && defined(__cpp_impl_coroutine) && !defined(__clang__)
#include <coroutine>
#define COROUTINES 1
#endif

#include "ledger.h"

static volatile long zero;
static long destroyed;

struct t_Guard {
	long n;
	explicit t_Guard(long n) : n(n) {}
	OWN ~t_Guard();
};

t_Guard::~t_Guard()
{
	destroyed += n;
}

/* --- ten frames ------------------------------------------------------------ */

template <int N> struct t_Level {
	OWN static long down(long n);
};

template <int N> long t_Level<N>::down(long n)
{
	t_Guard guard(N);
	return t_Level<N - 1>::down(n + N) + zero;
}

template <> OWN long t_Level<0>::down(long n)
{
	if (n % 2)
		throw std::runtime_error("odd " + std::to_string(n));
	return n;
}

OWN static long t_catches(long n)
{
	try {
		return t_Level<9>::down(n);
	} catch (const std::runtime_error &e) {
		return -(long)std::string(e.what()).size();
	}
}

static void frames()
{
	long sum = 0;

	for (long i = 0; i < 100; i++)
		sum += t_catches(i);
	tally("t_catches", RETURN, 100);
	tally("t_Level<9>::down", RETURN, 50);
	tally("t_Level<9>::down", EXCEPTION, 50);
	tally("t_Level<0>::down", RETURN, 50);
	tally("t_Level<0>::down", EXCEPTION, 50);
	tally("t_Guard::~t_Guard", RETURN, 900);
	printf("frames %ld destroyed %ld\n", sum, destroyed);
}

/* --- again, and nested ----------------------------------------------------- */

OWN static void t_throws(int n)
{
	if (n % 3 == 0)
		throw n;
	if (n % 3 == 1)
		throw std::string("one");
	throw std::make_unique<int>(n);
}

OWN static int t_rethrows(int n)
{
	try {
		t_throws(n);
	} catch (const std::string &) {
		throw;
	} catch (int k) {
		std::throw_with_nested(std::logic_error("was " + std::to_string(k)));
	}
	return 0;
}

/* A function whose whole body is tried; inside the handler another one is thrown and caught. */
OWN static int t_handles(int n)
try {
	return t_rethrows(n);
} catch (const std::logic_error &e) {
	try {
		std::rethrow_if_nested(e);
	} catch (int k) {
		return k + 1000;
	}
	return 1;
} catch (const std::string &s) {
	try {
		t_throws(3);
	} catch (int k) {
		return (int)s.size() * 10000 + k;
	}
	return 2;
} catch (std::unique_ptr<int> &p) {
	return *p + 7;
}

static void again()
{
	long sum = 0;

	for (int i = 0; i < 30; i++)
		sum += t_handles(i);
	tally("t_handles", RETURN, 30);
	tally("t_rethrows", EXCEPTION, 30);
	tally("t_throws", EXCEPTION, 40);
	printf("again %ld uncaught %d\n", sum, std::uncaught_exceptions());
}

/* --- other threads --------------------------------------------------------- */

OWN static int t_in_future(int n)
{
	if (n & 1)
		throw std::out_of_range("future");
	return n;
}

OWN static std::exception_ptr t_current(int n)
{
	try {
		t_in_future(n);
	} catch (...) {
		return std::current_exception();
	}
	return nullptr;
}

static void futures()
{
	int sum = 0, thrown = 0;

	for (int i = 0; i < 20; i++) {
		auto f = std::async(std::launch::async, t_in_future, i);
		try {
			sum += f.get();
		} catch (const std::out_of_range &) {
			thrown++;
		}
	}
	for (int i = 0; i < 10; i++) {
		std::exception_ptr p = t_current(i);
		try {
			if (p)
				std::rethrow_exception(p);
		} catch (const std::exception &e) {
			thrown += (int)strlen(e.what());
		}
	}
	tally("t_in_future", RETURN, 15);
	tally("t_in_future", EXCEPTION, 15);
	tally("t_current", RETURN, 10);
	printf("futures %d thrown %d\n", sum, thrown);
}

/* --- classes --------------------------------------------------------------- */

struct t_Left {
	long left = 1;
	virtual ~t_Left() = default;
	virtual long work(long n) = 0;
};

struct t_Right {
	long right = 2;
	virtual ~t_Right() = default;
	virtual long other(long n) = 0;
};

/* Calls through t_Right go through a thunk that moves `this`. */
struct t_Both : t_Left, t_Right {
	OWN explicit t_Both(long n) { left = n + zero; }
	OWN long work(long n) override { return left * n + zero; }
	OWN long other(long n) override { return right * n + left + zero; }
	OWN t_Both operator+(const t_Both &o) const { return t_Both(left + o.left + zero); }
	OWN operator long() const { return left + zero; }
};

OWN static t_Both t_make(long n)
{
	return t_Both(n);
}

static void classes()
{
	long sum = 0;

	for (long i = 0; i < 50; i++) {
		t_Both a = t_make(i), b = t_make(2);
		t_Left *l = &a;
		t_Right *r = &b;
		std::function<long(long)> f = [&](long n) { return l->work(n) + r->other(n); };

		sum += f(i) + (long)(a + b);
	}
	tally("t_make", RETURN, 100);
	tally("t_Both::t_Both", RETURN, 150);
	tally("t_Both::work", RETURN, 50);
	tally("t_Both::operator+", RETURN, 50);
	tally("t_Both::operator long", RETURN, 50);
	printf("classes %ld\n", sum);
}

/* --- the end of it --------------------------------------------------------- */

OWN static void t_noexcept(int n) noexcept
{
	t_throws(n);
}

OWN static void t_uncaught(int n)
{
	t_throws(n);
	destroyed += zero;
}

static void ends(const char *name, void (*f)(int))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		std::set_terminate([] {
			printf("terminates with an exception: %d\n", std::current_exception() != nullptr);
			fflush(stdout);
			abort();
		});
		f(3);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("%s: signal %d\n", name, WTERMSIG(status));
}

static void terminates()
{
	ends("noexcept", t_noexcept);
	ends("uncaught", t_uncaught);
	/* Unwinding goes as far as to the function that lets nothing through; where nobody
	 * catches there is none. */
	tally("t_noexcept", RUNNING, 1);
	tally("t_uncaught", RUNNING, 1);
	tally("t_throws", EXCEPTION, 1);
	tally("t_throws", RUNNING, 1);
}

/* --- coroutines ------------------------------------------------------------ */

#ifdef COROUTINES
struct t_Task {
	struct promise_type {
		long value = 0;
		t_Task get_return_object()
		{
			return { std::coroutine_handle<promise_type>::from_promise(*this) };
		}
		std::suspend_always initial_suspend() { return {}; }
		std::suspend_always final_suspend() noexcept { return {}; }
		std::suspend_always yield_value(long n)
		{
			value = n;
			return {};
		}
		void return_void() {}
		void unhandled_exception() { value = -1; }
	};
	std::coroutine_handle<promise_type> handle;
};

OWN static t_Task t_counts(long n)
{
	for (long i = 0; i < n; i++)
		co_yield i * i + zero;
	throw 1;
}

static void coroutines()
{
	long sum = 0;
	t_Task task = t_counts(20);

	while (!task.handle.done()) {
		task.handle.resume();
		sum += task.handle.promise().value;
	}
	task.handle.destroy();
	printf("coroutines %ld\n", sum);
}
#else
static void coroutines() {}
#endif

int main()
{
	ledger_open();
	frames();
	again();
	futures();
	classes();
	terminates();
	coroutines();
	return ledger_close();
}
