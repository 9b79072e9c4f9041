# `make help` lists what there is. CI runs `make test`.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Recipes write the same directories, and cargo and npm use every processor by themselves.
.NOTPARALLEL:

# Where cargo builds, whether an environment variable or a configuration file says so: one answer for every recipe.
TARGET := $(or $(shell cargo metadata --no-deps --format-version 1 2>/dev/null | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'),target)
export CARGO_TARGET_DIR := $(TARGET)
export PATH := $(TARGET)/tools/bin:$(PATH)

# Binaries that print an example of their settings, each in its service.
CONFIGURED := standalone/antiphon turn-credentials/antiphon-turn-credentials turn-relay/antiphon-turn-relay

GENERATED := crates/protocol/src/generated sdk/typescript/src/gen docs/openapi.json $(CONFIGURED:%=services/%.example.toml)

.PHONY: help
help: ## Lists the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

.PHONY: run
run: console ## Starts the development server; ARGS="--listen 0.0.0.0:7880 --https" passes flags
	cargo run --quiet --package antiphon -- $(ARGS)

.PHONY: test
test: tools check test-rust test-node test-examples test-browser test-rest test-chaos ## Everything: what CI runs

.PHONY: test-rust
test-rust: node_modules ## The Rust tests
	cargo test --workspace --quiet

.PHONY: test-node
test-node: node_modules ## The TypeScript tests
	npm test --workspace @antiphon/client
	npm test --workspace console

.PHONY: test-examples
test-examples: tools node_modules ## The examples that sign tokens, each on a real server
	cargo build --quiet --package antiphon --package antiphon-token-example
	cd examples/tokens/go && GOMODCACHE=$(abspath $(TARGET))/tools/go-mod GOFLAGS=-modcacherw \
		go build -o $(abspath $(TARGET))/tools/bin/token-example-go .
	npm test --workspace @antiphon/token-examples

.PHONY: test-browser
test-browser: console ## The tests in real browsers
	cargo build --quiet --package antiphon
	npm test --workspace @antiphon/browser-tests

.PHONY: test-rest
test-rest: tools console ## Sends the REST API what its description allows and what it does not
	cargo build --quiet --package antiphon
	scripts/test-rest.sh

.PHONY: test-chaos
test-chaos: ## Breaks a real server in turn for half a minute, and proves that no message is lost
	cargo build --quiet --package antiphon --package antiphon-loadtest
	$(TARGET)/debug/antiphon-loadtest chaos --rooms 12 --clients 120 --duration 30s --calm 3s --stay 20s --cut 15s --end-room 1m \
		--lease 1s --resume-window 3s

.PHONY: check
check: tools generate console docs ## Formatting, lints, types, licences, and that generated files are up to date
	@git diff --exit-code -- $(GENERATED) && new=$$(git ls-files --others --exclude-standard -- $(GENERATED)) \
		&& { [[ -z $$new ]] || { echo "$$new"; false; }; } \
		|| { echo "generated files differ: commit what 'make generate' wrote"; exit 1; }
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	@said=$$(cargo deny --all-features --workspace check bans licenses sources 2>&1) || { echo "$$said"; exit 1; }; tail -n 1 <<< "$$said"
	npm run lint:proto
	npm run breaking
	npm run check --workspace @antiphon/client
	npm run check --workspace console
	npm run check --workspace @antiphon/example-react

.PHONY: generate
generate: node_modules ## Writes the files that are generated from others
	cargo run --quiet --package antiphon-protocol-codegen
	npm run generate
	cargo build --quiet $(addprefix --package ,$(notdir $(CONFIGURED)))
	@write() { "$${@:2}" > $(TARGET)/generated && { cmp --silent $(TARGET)/generated "$$1" || cp $(TARGET)/generated "$$1"; }; }; \
		for binary in $(CONFIGURED); do write "services/$$binary.example.toml" "$(TARGET)/debug/$${binary##*/}" config --example; done; \
		write docs/openapi.json $(TARGET)/debug/antiphon openapi

.PHONY: bench
bench: ## Compares the server with the floor, and the relay with coturn; BENCH="--quick" for a first look
	cargo build --release --quiet --package antiphon --package antiphon-loadtest \
		--package antiphon-turn-credentials --package antiphon-turn-relay
	$(TARGET)/release/antiphon-loadtest bench $(BENCH)

.PHONY: chaos
chaos: DURATION ?= 20m
chaos: SEED ?= 1
chaos: ## Breaks real servers in turn under 3,000 clients, and proves that no message is lost; DURATION=5m SEED=7, CHAOS="--rooms 30"
	cargo build --release --quiet --package antiphon --package antiphon-loadtest
	$(TARGET)/release/antiphon-loadtest chaos --rooms 300 --clients 3000 --pace 5s --lease 1s --resume-window 3s \
		--duration $(DURATION) --seed $(SEED) $(CHAOS)

.PHONY: console
console: node_modules ## Builds the SDK and the page
	npm run build --workspace @antiphon/client
	npm run build --workspace console

.PHONY: docs
docs: node_modules ## Writes the SDK's API reference to sdk/reference/dist; what is exported without a comment fails it
	npm run build --workspace @antiphon/reference

.PHONY: fuzz
fuzz: TARGET_NAME ?= client_frame
fuzz: FUZZ_SECONDS ?= 60
fuzz: ## Fuzzes one target for a minute; TARGET_NAME=client_frame, server_frame, room_commands, turn_relay or rest_credentials
	@command -v cargo-fuzz > /dev/null \
		|| { echo "cargo-fuzz is missing: cargo install --locked cargo-fuzz (libFuzzer also needs a C++ compiler)"; exit 1; }
	@mkdir -p fuzz/corpus/$(TARGET_NAME)
	cargo fuzz run -s none $(TARGET_NAME) fuzz/corpus/$(TARGET_NAME) crates/*/corpus/$(TARGET_NAME) -- -max_total_time=$(FUZZ_SECONDS)

.PHONY: tools
tools: ## Sees to it that what the tests need is there
	@scripts/ensure-tools.sh

# What stands in node_modules is what this copy of the lock says; `npm ci` begins by removing both.
.PHONY: node_modules
node_modules:
	@cmp --silent package-lock.json node_modules/.installed-lock.json \
		|| { npm ci --no-audit --no-fund && cp package-lock.json node_modules/.installed-lock.json; }
