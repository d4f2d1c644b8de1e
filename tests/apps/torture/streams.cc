// SPDX-License-Identifier: MIT
// Much of libstdc++: streams, locales, regular expressions, threads, exceptions. Prints
// the same every time.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory_resource>
#include <mutex>
#include <numeric>
#include <random>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

static long count_words(const std::string &text)
{
	static const std::regex word("([a-z]+)([0-9]*)");
	long sum = 0;

	for (std::sregex_iterator i(text.begin(), text.end(), word), end; i != end; ++i)
		sum += (*i)[1].length() * 3 + (*i)[2].length();
	return sum;
}

static std::string format(int n)
{
	std::ostringstream out;

	out << std::setw(8) << std::setfill('0') << std::hex << n << ' ' << std::fixed
	    << std::setprecision(3) << n / 7.0 << ' ' << std::boolalpha << (n > 3) << ' '
	    << std::scientific << n * 1.5L;
	return out.str();
}

static int throws(int n)
{
	switch (n % 5) {
	case 0:
		return std::stoi("x" + std::to_string(n));
	case 1:
		return std::string("short").at(100);
	case 2:
		return std::map<int, int>{}.at(n);
	case 3:
		throw std::ios_base::failure("made up");
	}
	return n;
}

static long catches(int n)
{
	try {
		return throws(n);
	} catch (const std::exception &e) {
		return static_cast<long>(std::string(e.what()).size());
	}
}

int main()
{
	std::ios::sync_with_stdio(false);
	std::string text;
	long sum = 0;

	for (int i = 0; i < 60; i++)
		text += "word" + std::to_string(i) + ' ' + format(i) + '\n';
	std::cout << text << count_words(text) << std::endl;

	std::vector<std::future<long>> results;
	for (int t = 0; t < 4; t++)
		results.push_back(std::async(std::launch::async, [t, &text] {
			long n = 0;
			for (int i = 0; i < 30; i++)
				n += catches(i + t) + static_cast<long>(format(i).size());
			return n + count_words(text.substr(0, 300));
		}));
	for (auto &r : results)
		sum += r.get();
	std::cout << "futures " << sum << '\n';

	{
		std::ofstream out("streams.tmp");
		for (int i = 0; i < 200; i++)
			out << i << '\t' << i * 0.25 << '\n';
	}
	std::ifstream in("streams.tmp");
	std::wostringstream wide;
	double x, all = 0;
	int k;
	while (in >> k >> x)
		all += k * x;
	wide << L"wide " << all;
	std::cout << wide.str().size() << ' ' << all << '\n';

	std::mt19937 random(5);
	std::uniform_int_distribution<int> pick(0, 999);
	std::deque<int> queue;
	for (int i = 0; i < 500; i++)
		queue.push_back(pick(random));
	std::cout << std::accumulate(queue.begin(), queue.end(), 0) << '\n';

	std::pmr::monotonic_buffer_resource pool;
	std::pmr::vector<std::pmr::string> strings(&pool);
	for (int i = 0; i < 50; i++)
		strings.emplace_back("a string that is too long to be kept in place");
	std::mutex mutex;
	std::condition_variable ready;
	bool is_ready = false;
	std::thread waiter([&] {
		std::unique_lock<std::mutex> lock(mutex);
		ready.wait(lock, [&] { return is_ready; });
	});
	{
		std::lock_guard<std::mutex> lock(mutex);
		is_ready = true;
	}
	ready.notify_all();
	waiter.join();
	std::this_thread::sleep_for(std::chrono::milliseconds(1));
	try {
		std::locale nowhere("no_SUCH.locale");
	} catch (const std::runtime_error &e) {
		std::cout << e.what() << '\n';
	}
	std::cout << strings.size() << " done" << std::endl;
	return std::remove("streams.tmp");
}
