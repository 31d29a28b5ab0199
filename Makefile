# gifthorse: a thin front on Meson. `make demo` shows what it does, `make check` tests it all.
# Both first install the Debian packages of packages.txt that are missing.

MESON   = meson
JOBS   ?= $(shell nproc)
SANE    = -Db_sanitize=address,undefined -Db_lundef=false
# build folders: name, compiler, options
CONFIG_demo       = CC=gcc   $(MESON) setup -Dbuildtype=release -Dtests=false
CONFIG_gcc        = CC=gcc   $(MESON) setup -Dbuildtype=release -Db_ndebug=false -Dwerror=true
CONFIG_clang      = CC=clang $(MESON) setup -Dbuildtype=release -Db_ndebug=false -Dwerror=true
# gcc warns of what cannot be once it instruments: its warnings are errors in the plain build
CONFIG_gcc-asan   = CC=gcc   $(MESON) setup -Dbuildtype=debugoptimized $(SANE)
CONFIG_clang-asan = CC=clang $(MESON) setup -Dbuildtype=debugoptimized -Dwerror=true $(SANE)
CONFIG_torture    = CC=gcc   $(MESON) setup -Dbuildtype=debugoptimized -Dwerror=true -Dtorture=true
CONFIG_fuzz       = CC=clang $(MESON) setup -Dbuildtype=debugoptimized -Dlibfuzzer=true $(SANE)
CONFIG_analyzer   = CC=gcc   $(MESON) setup -Dbuildtype=debug -Dwerror=true -Dc_args=-fanalyzer
CHECKED = gcc gcc-asan clang-asan torture
SUITE_torture = --suite torture

HAVE    = have-build have-test have-bench
TESTS   = $(CHECKED:%=test-%)

.PHONY: all demo check lint fuzz bench install clean $(HAVE) $(TESTS)

all: build/demo/build.ninja
	ninja -C build/demo

$(HAVE): have-%:
	@tools/packages.sh packages.txt build $*

build/demo/build.ninja: | have-build
	$(CONFIG_demo) build/demo

build/%/build.ninja: | have-test
	$(CONFIG_$*) build/$*

demo: build/demo/build.ninja
	@ninja -C build/demo >build/demo/build.log || { cat build/demo/build.log; exit 1; }
	@tools/demo.sh build/demo

$(TESTS): test-%: build/%/build.ninja
	@ninja -C build/$* >build/$*/build.log || { grep -v '^\[' build/$*/build.log; exit 1; }
	@echo "== tests, build/$*"
	@$(MESON) test -C build/$* $(SUITE_$*) --no-rebuild --num-processes $(JOBS) --print-errorlogs --quiet || true

# Every test, with every compiler and under the sanitizers, then one line: N passed, N failed.
check: have-test
	@rm -f build/*/meson-logs/testlog.json
	@for b in $(CHECKED); do $(MAKE) --no-print-directory test-$$b || touch build/$$b.broken; done
	@tools/count.sh $(CHECKED:%=build/%)

lint: build/analyzer/build.ninja build/clang/build.ninja
	@tools/lint.sh build/clang build/analyzer

# Long fuzzing: FUZZ_TIME seconds for each target, crashes are left in build/fuzz/crashes.
FUZZ_TIME ?= 600
fuzz: build/fuzz/build.ninja
	ninja -C build/fuzz
	tools/fuzz.sh build/fuzz $(FUZZ_TIME) $(FUZZ_TARGETS)

bench: have-bench build/demo/build.ninja
	ninja -C build/demo
	bench/run build/demo

install: all
	$(MESON) install -C build/demo --no-rebuild

clean:
	rm -rf build demo
