# install and uninstall: the places that the commands look in.

bindir      := $(PREFIX)/bin
libdir      := $(PREFIX)/lib
libexecdir  := $(PREFIX)/libexec/tpprobe
includedir  := $(PREFIX)/include
mandir      := $(PREFIX)/share/man
completions := $(PREFIX)/share/bash-completion/completions
MAN         := $(wildcard docs/man/*.[1-8])
HEADER      := $(wildcard preload/tpprobe.h)

$(BUILD)/gen/tpprobe.pc: mk/tpprobe.pc.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< >$@

.PHONY: install
install: all $(BUILD)/gen/tpprobe.pc
	$(Q)install -D -m 755 $(TPPROBE) $(DESTDIR)$(bindir)/tpprobe
	$(Q)install -D -m 755 $(PROBE) $(DESTDIR)$(libdir)/libtpprobe.so
	$(Q)install -D -m 755 $(COLLECTOR) $(DESTDIR)$(libexecdir)/tpprobe-collector
	$(Q)install -D -m 644 $(BUILD)/gen/tpprobe.pc $(DESTDIR)$(libdir)/pkgconfig/tpprobe.pc
	$(Q)install -D -m 644 mk/tpprobe.bash $(DESTDIR)$(completions)/tpprobe
	$(Q)for page in $(MAN); do \
		install -D -m 644 $$page $(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/} || exit 1; \
	done
	$(Q)for header in $(HEADER); do \
		install -D -m 644 $$header $(DESTDIR)$(includedir)/$${header##*/} || exit 1; \
	done
	$(Q)if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi

.PHONY: uninstall
uninstall:
	$(Q)rm -f $(DESTDIR)$(bindir)/tpprobe $(DESTDIR)$(libdir)/libtpprobe.so \
		$(DESTDIR)$(libexecdir)/tpprobe-collector $(DESTDIR)$(libdir)/pkgconfig/tpprobe.pc \
		$(DESTDIR)$(completions)/tpprobe $(DESTDIR)$(includedir)/tpprobe.h \
		$(foreach page,$(MAN),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	$(Q)rmdir $(DESTDIR)$(libexecdir) 2>/dev/null || true
	$(Q)if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi
