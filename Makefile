# centrala: one non-recursive makefile. `make help` lists what there is.
#
# Rooms are folders; what a room may see is written in tools/floors.txt and checked by `make check`.
# MODE=release (default) | dev (address and undefined-behaviour sanitizers) | tsan | fuzz (clang)
# O=build directory (default build for release, build/MODE otherwise)

MODE ?= release
ifeq ($(MODE),release)
O ?= build
else
O ?= build/$(MODE)
endif

CC ?= gcc
ifeq ($(MODE),fuzz)
CC := clang
endif
VERSION := 0.1.0
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wformat=2 -Wundef -Werror
CFLAGS_release := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS_dev := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_dev := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
# pointer-overflow: clang alone objects to NULL + 0, the walk over an empty view (allowed since N3322)
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined
# Debian keeps libpq's header in a folder of its own
INCLUDE := -I. -isystem $(shell pg_config --includedir 2>/dev/null || echo /usr/include/postgresql)
CFLAGS := -std=gnu11 -D_GNU_SOURCE -DCENTRALA_VERSION='"$(VERSION)"' $(INCLUDE) -ffp-contract=off $(WARN) $(CFLAGS_$(MODE)) $(EXTRA_CFLAGS)
LDFLAGS := $(LDFLAGS_$(MODE)) $(EXTRA_LDFLAGS)
LIBS := -ljansson -lsodium -lsqlite3 -lssl -lcrypto -lcares -lopus -lm -lpthread

ROOMS := base os core objects phrase audio sip stir ws rtp media acd flow call watch report live crm plan sim store web channel/voice crowd demo app
# a room may have folders of its own
room_files = $(sort $(wildcard $(1)/*.c $(1)/*/*.c))
SOURCES := $(filter-out %_test.c %_fuzz.c,$(foreach r,$(ROOMS),$(call room_files,$(r))))
OBJECTS := $(SOURCES:%.c=$(O)/obj/%.o)

# What each room's unit tests are linked with, besides the room itself.
NEEDS_base :=
NEEDS_os := base
NEEDS_core := base os
NEEDS_objects := base os core
NEEDS_audio := base
NEEDS_phrase := base
NEEDS_sip := base
NEEDS_stir := base
NEEDS_ws := base
NEEDS_rtp := base
NEEDS_media := base os audio rtp
NEEDS_acd := base os core
NEEDS_flow := base os core
NEEDS_call := base os core
NEEDS_watch := base os core
NEEDS_report := base os core
NEEDS_live := base os core
NEEDS_crm := base os core objects
NEEDS_plan := base
NEEDS_sim := base os core acd report plan
NEEDS_store := base os core objects report crm
NEEDS_web := base os core objects report live ws crm store flow
NEEDS_channel/voice := base os core phrase sip stir audio rtp media
NEEDS_crowd := base os sip audio rtp
NEEDS_demo := base os core objects acd flow call report crowd sip audio rtp
NEEDS_app := base os core objects phrase sip stir ws audio rtp media acd flow call watch report live crm plan sim store web channel/voice crowd demo

# Fuzz targets: tests/fuzz/NAME.c or ROOM/NAME_fuzz.c; linked with every room below the doors.
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*.c) $(foreach r,$(ROOMS),$(wildcard $(r)/*_fuzz.c)))

# The pages (web/ui/): built where a node of at least 18 is; `make UI=` leaves them as they are. index.html is
# written last: what is made of web/ui/dist depends on $(UI) alone, for the other names carry hashes.
ifeq ($(origin UI),undefined)
UI := $(if $(shell tools/pages.sh possible),web/ui/dist/index.html)
endif
UI_FROM := $(shell find web/ui -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
	-not -path '*/api/gen/*' -not -name '*.test.ts' -not -name 'README.md' -not -name 'shots.mjs' 2>/dev/null)

all: $(UI) $(O)/centrala

$(O)/centrala: $(OBJECTS) $(O)/obj/pages.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(OBJECTS) $(O)/obj/pages.o $(LIBS)
	$(if $(UI),,@echo 'make: the pages for browsers are left out: no node of at least 18 with npm (tools/install.sh)')

web/ui/dist/index.html: $(UI_FROM)
	@tools/pages.sh build
ui: web/ui/dist/index.html
ui-test:
	@tools/pages.sh test

# The pages live inside the program: whatever is in web/ui/dist, or none.
$(O)/obj/pages.S: $(or $(UI),$(wildcard web/ui/dist/index.html)) tools/pages_embed.py
	@python3 tools/pages_embed.py web/ui/dist $@
$(O)/obj/pages.o: $(O)/obj/pages.S
	@$(CC) -c -o $@ $<

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# one test program a room: build/test/acd, build/test/channel_voice …
TEST_ROOMS := $(foreach r,$(ROOMS),$(if $(filter %_test.c,$(call room_files,$(r))),$(r)))
test_program = $(O)/test/$(subst /,_,$(1))
room_objects = $(patsubst %.c,$(O)/obj/%.o,$(filter-out %_test.c %_fuzz.c,$(room_files)))
test_objects = $(patsubst %.c,$(O)/obj/%.o,$(filter %_test.c,$(room_files)))
define test_rule
$(call test_program,$(1)): $(filter-out $(O)/obj/app/main.o,$(call room_objects,$(1))) \
		$(call test_objects,$(1)) \
		$(foreach n,$(NEEDS_$(1)),$(call room_objects,$(n))) $(O)/obj/tests/test.o \
		$(if $(filter app,$(1)),$(O)/obj/pages.o)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach r,$(TEST_ROOMS),$(eval $(call test_rule,$(r))))

TEST_PROGRAMS := $(foreach r,$(TEST_ROOMS),$(call test_program,$(r)))
test-programs: $(TEST_PROGRAMS)

# `make room ROOM=acd MODE=dev` builds and runs the tests of one room
room: $(call test_program,$(ROOM))
	$<

dev:
	$(MAKE) MODE=dev all test-programs

clean:
	rm -rf build

list-test-programs:
	@echo $(TEST_PROGRAMS)

# -- tests and checks; CI runs exactly these (.ci/run) --

# everything in the order a failure is cheapest; the last line sums it up
test:
	@tools/install.sh test
	@python3 tools/run_tests.py --all

# the tests that need under a minute; with sanitizers unless MODE says otherwise
unit:
	@$(MAKE) -s MODE=dev run-unit
run-unit: $(TEST_PROGRAMS)
	@python3 tools/run_tests.py $(TEST_PROGRAMS)
asan: unit
tsan:
	@$(MAKE) -s MODE=tsan all run-unit

e2e: all
	@CENTRALA=$${CENTRALA:-$(abspath $(O))/centrala} python3 tests/e2e/run.py $(E2E)

FUZZ_SECONDS ?= 60
fuzz_name = $(patsubst %_fuzz,%,$(basename $(notdir $(1))))
FUZZ_PROGRAMS := $(foreach f,$(FUZZ_SOURCES),build/fuzz/bin/$(call fuzz_name,$(f)))
FUZZ_ROOMS := base os core objects phrase audio sip stir ws rtp media acd flow call report crm plan sim
FUZZ_OBJECTS := $(foreach r,$(FUZZ_ROOMS),$(call room_objects,$(r)))
define fuzz_rule
build/fuzz/bin/$(call fuzz_name,$(1)): $(O)/obj/$(1:.c=.o) $(FUZZ_OBJECTS)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
ifeq ($(MODE),fuzz)
$(foreach f,$(FUZZ_SOURCES),$(eval $(call fuzz_rule,$(f))))
endif
list-fuzz-programs:
	@echo $(FUZZ_PROGRAMS)
fuzz-programs:
	@$(MAKE) MODE=fuzz O=build/fuzz fuzz-programs-now
fuzz-programs-now: $(FUZZ_PROGRAMS)
fuzz: fuzz-programs
	@for p in $(FUZZ_PROGRAMS); do echo "$$p, $(FUZZ_SECONDS) s"; \
		tools/fuzz.sh $$p $(FUZZ_SECONDS) || exit 1; done

# Invented worlds with laws: tests/sim/*.c is one program; a broken law says how to see it again.
# sim: all laws after every step; sim-soak: behaviours.md A-7, two minutes at most.
SEED ?= 1
SIM_CONTACTS = $(if $(filter command line environment,$(origin CONTACTS)),$(CONTACTS),3000)
EVERY ?= 1
PLACES ?= 0
$(O)/sim: $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/sim/*.c)) \
		$(foreach r,base os core objects acd flow call report,$(call room_objects,$(r)))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
sim: $(O)/sim
	@$(O)/sim $(SEED) $(SIM_CONTACTS) $(EVERY) $(PLACES)
sim-soak: $(O)/sim
	@$(O)/sim $(SEED) 1000000 1000


# `centrala sim` against exact results, a million contacts a case: half an hour
CONTACTS ?= 1000000
sim-exact: all
	@CENTRALA=$${CENTRALA:-$(abspath $(O))/centrala} python3 tests/sim/exact.py --contacts $(CONTACTS)

# promised waits against the real ones (behaviours.md P-4), the base formula beside them
sim-promise: all
	@CENTRALA=$${CENTRALA:-$(abspath $(O))/centrala} python3 tests/sim/promise.py

bench: all
	@bench/run.sh

# Every C file: clang's warnings, then clang-tidy; a stamp each, so that only changes are looked at.
# Tests go on after a failed EXPECT, which clang-tidy cannot follow; the sanitizers watch them.
# TIDY_NODES: how far its analyzer follows one function; most of the time goes into the last few of them.
TIDY_NODES ?= 225000
TIDY_DEPTH := $(foreach w,-analyzer-config max-nodes=$(TIDY_NODES),--extra-arg=-Xclang --extra-arg=$(w))
CHECKED := $(filter-out %.gen.c,$(foreach r,$(ROOMS) bench tests tests/sim tests/fuzz,$(wildcard $(r)/*.c)))
CHECK_FLAGS := -std=gnu11 -D_GNU_SOURCE -DCENTRALA_VERSION='"$(VERSION)"' $(INCLUDE) $(WARN)
build/check/%.ok: %.c
	@mkdir -p $(@D)
	@clang $(CHECK_FLAGS) -fsyntax-only -MMD -MP -MT $@ -MF build/check/$*.d $<
	@$(if $(filter %_test.c %_fuzz.c,$<),,clang-tidy --quiet $(TIDY_DEPTH) $< -- $(CHECK_FLAGS) 2>/dev/null)
	@touch $@
tidy: $(CHECKED:%.c=build/check/%.ok)

# Left out: internalAstError and constStatement (cppcheck 2.10 stumbles over compound literals),
# uninitvar (does not see that a checked function fills what it is given; clang-tidy does).
# What is right but disliked is marked in the code with its reason.
cppcheck:
	@cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 -j 2 -I. -D_GNU_SOURCE -DCENTRALA_VERSION='"x"' --max-configs=1 \
		--suppress=missingIncludeSystem --suppress=preprocessorErrorDirective \
		--suppress=unknownMacro --suppress=internalAstError --suppress=constStatement \
		--suppress=uninitvar $(SOURCES)

generated:
	@python3 tools/embed.py --check
	@if [ -f tools/openapi_embed.py ]; then python3 tools/openapi_embed.py --check; fi
	@python3 tools/plain_table.py --check
	@python3 tools/charset_table.py --check
	@python3 tools/refusals.py

FORMATTED = $(filter-out %.gen.c %.gen.h bench/peer/%,$(shell git ls-files -co --exclude-standard '*.c' '*.h'))
format:
	@clang-format -i $(FORMATTED)
formatted:
	@clang-format --dry-run -Werror $(FORMATTED) 2>&1 | grep 'error:' | cut -d: -f1 | sort | uniq -c \
		| sed 's/$$/ (make format)/' | { ! grep .; }

check:
	@tools/install.sh test
	@python3 tools/check_floors.py
	@python3 tools/check_words.py
	@$(MAKE) -s generated formatted
	@$(MAKE) -s cppcheck
	@$(MAKE) -s -k -j$$(nproc) tidy
	@echo "check: clean"

# every page and state of the desk, at three sizes, light and dark: build/screenshots
screenshots: all
	@tools/install.sh browser
	@CENTRALA=$${CENTRALA:-$(abspath $(O))/centrala} tools/pages.sh shots

# -- for people --
install-tools:
	@tools/install.sh test
run:
	@tools/install.sh
	@$(MAKE) -q all 2>/dev/null || echo 'building: a minute or two the first time'
	@$(MAKE) -s -j$$(nproc) all
	@mkdir -p var
	@exec $(O)/centrala demo --data var/demo
help:
	@echo 'make            optimised build: build/centrala'
	@echo 'make run        install what is missing, build, start the living demo'
	@echo 'make test       everything; last line: N passed, N failed, N skipped'
	@echo 'make unit       unit tests with address and undefined-behaviour sanitizers, under a minute'
	@echo 'make check      floors, banned words, generated files, format, clang, cppcheck, clang-tidy'
	@echo 'make format     clang-format in place'
	@echo 'make dev        build with sanitizers in build/dev'
	@echo 'make asan tsan  unit tests with address, with thread sanitizer'
	@echo 'make fuzz       every parser, FUZZ_SECONDS=60 each'
	@echo 'make e2e        the built program against sipp, baresip and our own phones; E2E="NAME --seeds 20"'
	@echo '                with MODE=dev: the build with sanitizers'
	@echo 'make sim SEED=7 an invented world, all laws after every step; sim-soak: a million contacts'
	@echo 'make sim-exact  centrala sim against exact results; CONTACTS=1000000 a case'
	@echo 'make sim-promise promised waits against the real ones'
	@echo 'make bench      what is fast is shown here'
	@echo 'make room ROOM=acd MODE=dev   one room and its tests'
	@echo 'make ui ui-test screenshots   the pages of web/ui/; their types and tests; their pictures'

.PHONY: all dev clean room test-programs list-test-programs test unit run-unit asan tsan e2e fuzz \
	list-fuzz-programs fuzz-programs fuzz-programs-now sim sim-soak sim-exact sim-promise bench tidy cppcheck generated format \
	formatted check install-tools run help ui ui-test screenshots
-include $(shell find build/check -name '*.d' 2>/dev/null)
-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
