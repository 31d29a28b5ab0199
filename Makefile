# gifthorse: a thin front on Meson. `make demo` shows what it does, `make check` tests it all.
# Both install the Debian packages of packages.txt that are missing.

MESON   = meson
JOBS   ?= $(shell nproc)
SANE    = -Db_sanitize=address,undefined -Db_lundef=false
# build folders: name, compiler, options
CONFIG_gcc        = CC=gcc   $(MESON) setup -Dbuildtype=release -Db_ndebug=false -Dwerror=true
CONFIG_clang      = CC=clang $(MESON) setup -Dbuildtype=release -Db_ndebug=false -Dwerror=true
CONFIG_gcc-asan   = CC=gcc   $(MESON) setup -Dbuildtype=debugoptimized -Dwerror=true $(SANE)
CONFIG_clang-asan = CC=clang $(MESON) setup -Dbuildtype=debugoptimized -Dwerror=true $(SANE)
CONFIG_torture    = CC=gcc   $(MESON) setup -Dbuildtype=debugoptimized -Dwerror=true -Dtorture=true
CONFIG_fuzz       = CC=clang $(MESON) setup -Dbuildtype=debugoptimized -Dlibfuzzer=true $(SANE)
CONFIG_analyzer   = CC=gcc   $(MESON) setup -Dbuildtype=debug -Dwerror=true -Dc_args=-fanalyzer
CHECKED = gcc clang gcc-asan clang-asan torture

.PHONY: all demo check lint fuzz bench install packages clean $(CHECKED:%=test-%)

all: build/gcc/build.ninja
	ninja -C build/gcc

packages:
	@tools/packages.sh packages.txt

build/%/build.ninja: | packages
	$(CONFIG_$*) build/$*

demo: packages build/gcc/build.ninja
	@ninja -C build/gcc >build/gcc/build.log || { cat build/gcc/build.log; exit 1; }
	@tools/demo.sh build/gcc

test-%: packages build/%/build.ninja
	@ninja -C build/$* >build/$*/build.log || { grep -v '^\[' build/$*/build.log; exit 1; }
	@echo "== tests, build/$*"
	@$(MESON) test -C build/$* --no-rebuild --num-processes $(JOBS) --print-errorlogs --quiet || true

# Every test, with every compiler and under the sanitizers, then one line: N passed, N failed.
check: packages
	@rm -f build/*/meson-logs/testlog.json
	@for b in $(CHECKED); do $(MAKE) --no-print-directory test-$$b || touch build/$$b.broken; done
	@tools/count.sh $(CHECKED:%=build/%)

lint: packages build/analyzer/build.ninja build/clang/build.ninja
	@tools/lint.sh build/clang build/analyzer

# Long fuzzing: FUZZ_TIME seconds for each target, crashes are left in build/fuzz/crashes.
FUZZ_TIME ?= 600
fuzz: packages build/fuzz/build.ninja
	ninja -C build/fuzz
	tools/fuzz.sh build/fuzz $(FUZZ_TIME) $(FUZZ_TARGETS)

bench: packages build/gcc/build.ninja
	ninja -C build/gcc
	bench/run build/gcc

install: all
	$(MESON) install -C build/gcc --no-rebuild

clean:
	rm -rf build demo
