# What is built from what. Wildcards: a new file is picked up by being there.

PROBE_SRC     := $(wildcard preload/*.c preload/*.S preload/patch/*.c preload/patch/*.S)
COLLECTOR_SRC := $(filter-out collector/main.c,$(wildcard collector/*.c collector/plan/*.c))
ANALYZE_SRC   := $(filter-out analyze/main.c,$(wildcard analyze/*.c analyze/*/*.c analyze/*/*/*.c))

object = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))
PROBE_OBJ     := $(call object,$(PROBE_SRC))
COLLECTOR_OBJ := $(call object,$(COLLECTOR_SRC))
ANALYZE_OBJ   := $(call object,$(ANALYZE_SRC))

PROBE     := $(BUILD)/libtpprobe.so
COLLECTOR := $(BUILD)/tpprobe-collector
TPPROBE   := $(BUILD)/tpprobe
LIBCOLLECTOR := $(BUILD)/libcollector.a
LIBANALYZE   := $(BUILD)/libanalyze.a

program = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
APPS   := $(call program,tests/apps/*.c)
UNIT   := $(call program,tests/unit/*.c)
STRESS := $(call program,tests/stress/*_tsan.c)
FUZZ   := $(call program,tests/fuzz/*.c)

FORMATTED := $(wildcard preload/*.[ch] preload/patch/*.[ch] collector/*.[ch] collector/plan/*.[ch] \
	analyze/*.[ch] analyze/*/*.[ch] analyze/*/*/*.[ch] tests/*/*.[ch])
