# Flags: common ones, the probe's own, sanitizers.

CSTD     := -std=gnu11
WARN     := -Wall -Wextra $(if $(filter 0,$(WERROR)),,-Werror)
CPPFLAGS_ALL := -D_GNU_SOURCE -DTPPROBE_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen $(CPPFLAGS)
CFLAGS   ?= -O2 -g
CFLAGS_ALL := $(CSTD) $(CFLAGS) $(WARN)
DEPFLAGS  = -MMD -MP -MT $@ -MF $(@:.o=).d

# The probe is a guest: it links libc alone, exports only what hooks.def names,
# and nothing in it may be turned into a call of a function that it hooks.
PROBE_CFLAGS := -fPIC -fvisibility=hidden -fno-builtin -fno-optimize-sibling-calls \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0 -fno-stack-protector -ftls-model=initial-exec \
	-fno-plt -fasynchronous-unwind-tables
PROBE_LDFLAGS := -shared -Wl,-z,initfirst -Wl,-z,nodelete -Wl,-z,now -Wl,-z,defs \
	-Wl,-soname,libtpprobe.so

COLLECTOR_LIBS := -lzstd -ljansson -liberty -llzma -lZydis -ldw -lelf -lpthread
ANALYZE_LIBS   := -lzstd -lsqlite3 -ljansson -lsmartcols -liberty -llzma -lZydis -ldw -lelf -lm -lpthread

# Sanitizers are for collector, analyzer and tests; a sanitized probe cannot
# enter a program that is not.
SAN_address   := -fsanitize=address
SAN_undefined := -fsanitize=undefined -fno-sanitize-recover=undefined
SAN_thread    := -fsanitize=thread
SAN_fuzzer    := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
ifneq ($(SAN),)
ifndef SAN_$(SAN)
$(error SAN=$(SAN): one of address undefined thread fuzzer)
endif
SAN_FLAGS := $(SAN_$(SAN)) -fno-omit-frame-pointer
endif
