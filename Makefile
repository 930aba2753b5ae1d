# SPDX-License-Identifier: ISC
#
# The commands of this project. Each does its own set-up: it lists the packages that are missing,
# asks on a terminal, and installs them without starting any service.

BUILD ?= build

.PHONY: help run build check install-check fuzz coverage bench soak release format install clean

help:
	@echo "make run      the service, with its page on http://127.0.0.1:8245"
	@echo "make check    every test"
	@echo "make build    leaves $(BUILD)/homing"
	@echo "make fuzz     fuzzing, until stopped or FUZZ_SECONDS are over"
	@echo "make coverage the lines that tests run, room by room"
	@echo "make bench    the benchmark's tables"
	@echo "make soak     an hour under load and faults: memory and descriptors (SOAK_MINUTES=60)"
	@echo "make install-check  the Debian packages in booted containers; needs root and a mirror"
	@echo "make release  the tarball, checked in a clean system; needs root and a mirror"
	@echo "make format   clang-format over the sources"
	@echo "make install  as meson install (DESTDIR and PREFIX are respected)"

run:
	@scripts/setup build practice
	@scripts/build $(BUILD)
	@scripts/run $(BUILD)

build:
	@scripts/setup build
	@scripts/build $(BUILD)

check:
	@scripts/setup build practice check
	@scripts/check

install-check:
	@test/install/package $(SUITE)
	@test/install/takeover $(SUITE)
	@test/install/container $(SUITE)

fuzz:
	@scripts/setup build fuzz
	@scripts/fuzz

coverage:
	@scripts/setup build check coverage
	@scripts/coverage

bench:
	@scripts/setup build practice check bench
	@scripts/build $(BUILD)
	@test/bench/run $(BUILD)

release:
	@scripts/setup build check
	@scripts/release $(SUITE)

soak:
	@scripts/setup build practice check
	@scripts/build $(BUILD)
	@test/bench/soak $(BUILD)

format:
	clang-format -i $$(git ls-files 'src/*.[ch]' 'test/*.[ch]')

install:
	@scripts/setup build
	@scripts/build $(BUILD) --prefix=$(or $(PREFIX),/usr/local)
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*
