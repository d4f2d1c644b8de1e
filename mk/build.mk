# Rules for the three stages.

# Objects are made again when compiler or flags change.
$(BUILD)/gen/flags: FORCE
	@mkdir -p $(@D)
	@f='$(subst ','\'',$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(PROBE_CFLAGS) $(SAN_FLAGS) $(LDFLAGS))'; \
	[ "$$(cat $@ 2>/dev/null)" = "$$f" ] || printf '%s\n' "$$f" >$@
.PHONY: FORCE
FORCE:

# The names that the probe exports come from its own table.
$(BUILD)/gen/export.map: preload/hooks.def $(wildcard preload/exports.def) mk/export_map
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)CC='$(CC)' mk/export_map $(filter %.def,$^) >$@

# A text file as a C array: analyze/store/schema.sql becomes schema_sql[].
$(BUILD)/gen/schema.sql.h: analyze/store/schema.sql mk/text_to_c
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)mk/text_to_c schema_sql $< >$@
GENERATED := $(if $(wildcard analyze/store/schema.sql),$(BUILD)/gen/schema.sql.h)

# Under a sanitizer the heap's hooks must leave no frame: see the file.
$(BUILD)/obj/preload/hook_mem.o: PROBE_CFLAGS += -foptimize-sibling-calls
# Unlocking, waking and throwing jump on to the real functions.
$(BUILD)/obj/preload/hook_sync.o $(BUILD)/obj/preload/hook_rwlock.o \
$(BUILD)/obj/preload/hook_sem.o $(BUILD)/obj/preload/hook_cond.o $(BUILD)/obj/preload/hook_c11.o \
$(BUILD)/obj/preload/hook_exception.o: PROBE_CFLAGS += -foptimize-sibling-calls

# What runs at every call of a task: the vector registers are the program's.
$(BUILD)/obj/preload/patch/task_function.o: PROBE_CFLAGS += -mgeneral-regs-only

$(BUILD)/obj/preload/%.o: preload/%.c $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(PROBE_CFLAGS) -c -o $@ $<

$(BUILD)/obj/preload/%.o: preload/%.S $(BUILD)/gen/flags
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) -g -fPIC -c -o $@ $<

$(BUILD)/obj/%.o: %.c $(BUILD)/gen/flags | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DEPFLAGS) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SAN_FLAGS) -c -o $@ $<

$(PROBE): $(PROBE_OBJ) $(BUILD)/gen/export.map
	$(call say,LD,$@)
	$(Q)$(CC) $(PROBE_LDFLAGS) -Wl,--version-script=$(BUILD)/gen/export.map $(LDFLAGS) \
		-o $@ $(PROBE_OBJ)

$(LIBCOLLECTOR): $(COLLECTOR_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIBANALYZE): $(ANALYZE_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# A sanitizer that finds something writes it into a file: the collector has no
# standard error, and its environment is empty.
SAN_OBJ := $(if $(SAN),$(BUILD)/obj/tests/sanitizer.o)
$(BUILD)/obj/tests/sanitizer.o: CPPFLAGS_ALL += -DSANITIZER_LOG='"$(abspath $(BUILD))/sanitizer.log"'

$(COLLECTOR): $(BUILD)/obj/collector/main.o $(SAN_OBJ) $(LIBCOLLECTOR)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(COLLECTOR_LIBS)

$(TPPROBE): $(BUILD)/obj/analyze/main.o $(SAN_OBJ) $(LIBANALYZE) $(LIBCOLLECTOR)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(ANALYZE_LIBS)

-include $(patsubst %.o,%.d,$(PROBE_OBJ) $(COLLECTOR_OBJ) $(ANALYZE_OBJ) \
	$(call object,collector/main.c analyze/main.c tests/sanitizer.c))
