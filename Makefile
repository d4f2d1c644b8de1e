# tpprobe: plain GNU make, out of tree in build/. `make help` lists the targets.
#
#	CC=clang        another compiler             V=1       show the commands
#	WERROR=0        warnings do not stop it      BUILD=DIR build somewhere else
#	PREFIX DESTDIR  for install and uninstall    SAN=…     sanitizer, used by the check-* targets

.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

ifeq ($(origin CC),default)
CC := gcc
endif
AR      ?= ar
BUILD   ?= build
# One spelling of the folder, or the dependency files name other targets than the rules.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?= 0
WERROR  ?= 1
SAN     ?=
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
VERSION := $(shell cat VERSION 2>/dev/null || echo 0.1.0)

ifeq ($(V),0)
Q   := @
say  = @printf '  %-8s%s\n' $(1) $(2:$(CURDIR)/%=%)
endif

include mk/flags.mk
include mk/files.mk

.PHONY: all
all: $(PROBE) $(COLLECTOR) $(TPPROBE)

include mk/build.mk
include mk/test.mk
include mk/install.mk

.PHONY: deps
deps:
	$(Q)mk/deps build demo test lint

.PHONY: demo
demo:
	$(Q)mk/deps build demo
	$(Q)$(MAKE) -j$(JOBS) all
	$(Q)BUILD=$(abspath $(BUILD)) tests/demo/demo.sh

.PHONY: fmt
fmt:
	$(Q)clang-format -i $(FORMATTED)

.PHONY: clean
clean:
	$(Q)rm -rf $(BUILD)

.PHONY: help
help:
	@echo 'all          libtpprobe.so, tpprobe-collector, tpprobe (in $(BUILD)/)'
	@echo 'demo         profile a real pipeline and print its report'
	@echo 'test         unit and end-to-end tests; tests/run PATTERN runs some'
	@echo 'check-long   the same, with the slow ones at full length'
	@echo 'check-asan   tests with collector and analyzer under AddressSanitizer'
	@echo 'check-ubsan  the same under UndefinedBehaviorSanitizer'
	@echo 'check-tsan   ring, arena and counters under ThreadSanitizer'
	@echo 'fuzz         each fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'lint         format, static checks, borders, the shape of the probe'
	@echo 'fmt          settle the format of all C files'
	@echo 'bench        measure overhead'
	@echo 'install      into PREFIX=$(PREFIX), below DESTDIR; uninstall removes it again'
	@echo 'deps         install the Debian packages that are missing'
	@echo 'clean        remove $(BUILD)/'
