# What is built from what. Wildcards: a new file is picked up by being there.

# What every process runs through when it is forked and when it ends lies together: a
# child takes a page fault for each stretch of code that it comes to.
PROBE_FIRST   := $(patsubst %,preload/%.c,hook_process thread process environ_lend record \
	hook_exit hook_wait hook_fd hook_io fd_table hook_exec child environment)
PROBE_SRC     := $(PROBE_FIRST) $(filter-out $(PROBE_FIRST), \
	$(wildcard preload/*.c preload/*.S preload/patch/*.c preload/patch/*.S))
COLLECTOR_SRC := $(filter-out collector/main.c,$(wildcard collector/*.c collector/plan/*.c))
ANALYZE_SRC   := $(filter-out analyze/main.c,$(wildcard analyze/*.c analyze/*/*.c analyze/*/*/*.c))

object = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))
PROBE_OBJ     := $(call object,$(PROBE_SRC))
# One glob for all: it needs nothing of either stage.
COLLECTOR_OBJ := $(call object,$(COLLECTOR_SRC) preload/glob.c)
ANALYZE_OBJ   := $(call object,$(ANALYZE_SRC))

PROBE     := $(BUILD)/libtpprobe.so
COLLECTOR := $(BUILD)/tpprobe-collector
TPPROBE   := $(BUILD)/tpprobe
LIBCOLLECTOR := $(BUILD)/libcollector.a
LIBANALYZE   := $(BUILD)/libanalyze.a

program = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
APPS   := $(call program,tests/apps/*.c)
BENCH  := $(call program,tests/bench/micro.c tests/bench/timed.c) $(BUILD)/tests/bench/libpass.so \
	$(addprefix $(BUILD)/tests/bench/micro_,pg cyg) \
	$(if $(shell command -v g++),$(BUILD)/tests/bench/throw)
UNIT   := $(call program,tests/unit/*.c)
TOOLS  := $(call program,tests/tools/*.c)
STRESS := $(call program,tests/stress/*_tsan.c)
FUZZ   := $(call program,tests/fuzz/*.c)

FORMATTED := $(wildcard preload/*.[ch] preload/patch/*.[ch] collector/*.[ch] collector/plan/*.[ch] \
	analyze/*.[ch] analyze/*/*.[ch] analyze/*/*/*.[ch] tests/*/*.[ch] tests/apps/*/*.[ch])
