# make run     builds the server and runs the demo
# make test    builds and tests everything, with a real Asterisk and real phones where they can be had
# make check   format and warnings, as CI does
# make format  formats all sources
# make fuzz    feeds what reads bytes from outside with mutations, a minute each
# make bench   measures, in release mode
# make benchmarks  builds what measures

SWIFT ?= swift
FORMATTED = Package.swift Sources Tests examples Fuzzing Benchmarks/Package.swift Benchmarks/Sources

.PHONY: run build test lint warnings check format fuzz bench dependencies lab benchmarks

run: build
	@exec .build/debug/ringside serve

build: dependencies
	@$(SWIFT) build --product ringside

test: dependencies lab
	@SWIFT=$(SWIFT) Scripts/test.sh

check: lint warnings

lint:
	@$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED) && echo "format: in order"

warnings: dependencies
	@SWIFT=$(SWIFT) Scripts/warnings.sh

format:
	@$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

fuzz: dependencies
	@Scripts/fuzz.sh

benchmarks: dependencies
	@$(SWIFT) build --package-path Benchmarks --configuration release

bench: dependencies
	@$(SWIFT) run --package-path Benchmarks --configuration release RingsideBenchmarks

dependencies:
	@SWIFT=$(SWIFT) Scripts/dependencies.sh

# Tests that need the lab are skipped without it. LAB=no leaves it out.
lab:
	@LAB=$(LAB) Scripts/lab.sh
