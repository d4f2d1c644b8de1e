# Tests, checks, lint, bench.

FUZZ_SECONDS ?= 20
RUN := BUILD=$(abspath $(BUILD)) tests/run

.PHONY: apps units tools tests
apps: $(APPS)
units: $(UNIT)
tools: $(TOOLS)
tests: all apps units tools benches

.PHONY: test
test:
	$(Q)mk/deps build test
	$(Q)$(MAKE) -j$(JOBS) tests
	$(Q)$(RUN) unit e2e lint/includes lint/probe lint/ids lint/aliases

# TPTEST_LONG: tests that repeat or load do so at full length.
.PHONY: check-long
check-long:
	$(Q)mk/deps build test
	$(Q)$(MAKE) -j$(JOBS) tests
	$(Q)TPTEST_LONG=1 $(RUN) unit e2e stress

.PHONY: check-asan check-ubsan
check-asan:  SANITIZER := address
check-ubsan: SANITIZER := undefined
check-asan check-ubsan:
	$(Q)mk/deps build test
	$(Q)$(MAKE) -j$(JOBS) BUILD=$(BUILD)/$(@:check-%=%) SAN=$(SANITIZER) tests
	$(Q)BUILD=$(abspath $(BUILD)/$(@:check-%=%)) tests/run unit e2e

.PHONY: check-tsan stress
check-tsan:
	$(Q)mk/deps build test
	$(Q)$(MAKE) -j$(JOBS) BUILD=$(BUILD)/tsan SAN=thread stress
	$(Q)BUILD=$(abspath $(BUILD)/tsan) tests/run stress
stress: $(STRESS)

.PHONY: fuzz fuzzers
fuzz:
	$(Q)mk/deps build test lint
	$(Q)$(MAKE) -j$(JOBS) BUILD=$(BUILD)/fuzz SAN=fuzzer CC=clang fuzzers
	$(Q)BUILD=$(abspath $(BUILD)/fuzz) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz
fuzzers: $(FUZZ)

.PHONY: lint
lint:
	$(Q)mk/deps build lint
	$(Q)$(MAKE) -j$(JOBS) all
	$(Q)$(RUN) lint

.PHONY: bench benches
bench:
	$(Q)mk/deps build demo test
	$(Q)mk/deps bench || echo 'bench: goes on without the peers that are missing' >&2
	$(Q)$(MAKE) -j$(JOBS) all benches
	$(Q)BUILD=$(abspath $(BUILD)) tests/bench/bench.py
benches: $(BENCH)

# The programs that are profiled: plain, unoptimised enough to call what they say.
$(BUILD)/tests/apps/%: tests/apps/%.c $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) -D_GNU_SOURCE -I. $(CSTD) -O1 -g -fno-builtin $(WARN) -o $@ $< -lpthread

# What is measured: optimised, but no call taken away.
$(BUILD)/tests/bench/%: tests/bench/%.c $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) -D_GNU_SOURCE -I. $(CSTD) -O2 -g -fno-builtin $(WARN) -o $@ $< -lpthread

# The same for uftrace, which sees no functions otherwise.
$(addprefix $(BUILD)/tests/bench/micro_,pg cyg): tests/bench/micro.c $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(DEPFLAGS) -D_GNU_SOURCE -I. $(CSTD) -O2 -g -fno-builtin $(WARN) \
		$(if $(filter %_pg,$@),-pg,-finstrument-functions) -o $@ $< -lpthread

$(BUILD)/tests/bench/lib%.so: tests/bench/%.c $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) -D_GNU_SOURCE -I. $(CSTD) -O2 -g $(WARN) -fPIC -shared -Wl,-z,initfirst \
		-Wl,-z,now -o $@ $<

$(BUILD)/tests/bench/throw: tests/bench/throw.cc
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)g++ -O2 -g -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(SAN_OBJ) $(LIBANALYZE) $(LIBCOLLECTOR)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SAN_FLAGS) -o $@ $< $(filter %.o %.a,$^) \
		-lcmocka $(ANALYZE_LIBS)

# Programs that tests run: they write traces.
$(BUILD)/tests/tools/%: tests/tools/%.c $(SAN_OBJ) $(LIBANALYZE) $(LIBCOLLECTOR)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SAN_FLAGS) -o $@ $< $(filter %.o %.a,$^) \
		-lcmocka $(ANALYZE_LIBS)

$(BUILD)/tests/stress/%: tests/stress/%.c $(SAN_OBJ) $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SAN_FLAGS) -o $@ $< $(filter %.o,$^) -lpthread

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(LIBANALYZE) $(LIBCOLLECTOR)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SAN_FLAGS) -fsanitize=fuzzer -o $@ \
		$< $(filter %.a,$^) $(ANALYZE_LIBS)

-include $(addsuffix .d,$(APPS) $(BENCH) $(UNIT) $(TOOLS) $(STRESS) $(FUZZ))
