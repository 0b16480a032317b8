# centrala: one non-recursive makefile. `make help` lists what there is.
#
# Rooms are folders; what a room may see is written in tools/floors.txt and checked by `make check`.
# MODE=release (default) | dev (address and undefined-behaviour sanitizers) | tsan
# O=build directory (default build for release, build/MODE otherwise)

MODE ?= release
ifeq ($(MODE),release)
O ?= build
else
O ?= build/$(MODE)
endif

CC ?= gcc
VERSION := 0.1.0
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wformat=2 -Wundef -Werror
CFLAGS_release := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS_dev := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_dev := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
CFLAGS := -std=gnu11 -D_GNU_SOURCE -DCENTRALA_VERSION='"$(VERSION)"' -I. -ffp-contract=off $(WARN) $(CFLAGS_$(MODE)) $(EXTRA_CFLAGS)
LDFLAGS := $(LDFLAGS_$(MODE)) $(EXTRA_LDFLAGS)
LIBS := -lwebsockets -ljansson -lsodium -lsqlite3 -lssl -lcrypto -lm -lpthread

ROOMS := base os core sip media acd flow report store web channel/voice crowd app
SOURCES := $(filter-out %_test.c,$(foreach r,$(ROOMS),$(sort $(wildcard $(r)/*.c))))
OBJECTS := $(SOURCES:%.c=$(O)/obj/%.o)

# What each room's unit tests are linked with, besides the room itself.
NEEDS_base :=
NEEDS_os := base
NEEDS_core := base os
NEEDS_sip := base
NEEDS_media := base os
NEEDS_acd := base os core
NEEDS_flow := base os core
NEEDS_report := base os core
NEEDS_store := base os core report
NEEDS_web := base os core report store
NEEDS_channel/voice := base os core sip media
NEEDS_crowd := base os sip media
NEEDS_app := base os core sip media acd flow report store web channel/voice crowd

all: $(O)/centrala

$(O)/centrala: $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# one test program a room: build/test/acd, build/test/channel_voice …
TEST_ROOMS := $(foreach r,$(ROOMS),$(if $(wildcard $(r)/*_test.c),$(r)))
test_program = $(O)/test/$(subst /,_,$(1))
room_objects = $(patsubst %.c,$(O)/obj/%.o,$(filter-out %_test.c,$(wildcard $(1)/*.c)))
test_objects = $(patsubst %.c,$(O)/obj/%.o,$(wildcard $(1)/*_test.c))
define test_rule
$(call test_program,$(1)): $(call room_objects,$(1)) $(call test_objects,$(1)) \
		$(foreach n,$(NEEDS_$(1)),$(call room_objects,$(n))) $(O)/obj/tests/test.o
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

.PHONY: all dev clean room test-programs
-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
