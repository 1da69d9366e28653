# What one does with Gerbang. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run demo operate test torture check bench fmt sqlx docs clean-state

# Builds take the queries' descriptions from .sqlx; no database is needed.
export SQLX_OFFLINE ?= true

GERBANG := cargo run --quiet --locked --
# cargo-nextest where it is installed. Building it takes longer than it saves.
NEXTEST := $(shell command -v cargo-nextest >/dev/null && echo yes)
NEXTEST_PROFILE ?= default
ifeq ($(NEXTEST),yes)
TEST_BUILD := cargo nextest run --locked --no-run
TEST_RUN := cargo nextest run --locked --profile $(NEXTEST_PROFILE)
else
TEST_BUILD := cargo test --locked --no-run
TEST_RUN := cargo test --locked --no-fail-fast
endif

# The tree that is checked out; nothing where the work differs from it, or is in no repository.
TREE := [ -n "$$(git status --porcelain 2>&1)" ] || git rev-parse 'HEAD^{tree}'

# Where the story keeps its data; a check tells it anew, whatever an earlier state of the work left here.
DEMO_FOLDER := .gerbang

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install what is missing on this machine; nothing where nothing is
	@tools/setup

run: setup ## Build and start the whole gateway here, tell its story, serve until Ctrl-C
	cargo build --locked
	@$(GERBANG) dev

demo: setup ## As run, but end after the story; fails unless every step held
	cargo build --locked
	@$(GERBANG) dev --demo --folder $(DEMO_FOLDER)

operate: setup ## Follow docs/operate.md to the letter: two gateways, a signer, a backup put back
	cargo build --locked
	tools/operate

test: ## All tests, on a throw-away Postgres
	@tools/setup test
	cargo build --locked
	$(TEST_BUILD)
	tools/with-postgres $(TEST_RUN)

# One test without nextest, whose patience is for all tests; what it prints is of interest.
torture: ENTRIES ?= 100000
torture: KILLS ?= 200
# Drawn once, so that both say the same.
torture: SEED := $(or $(SEED),$(shell echo $$RANDOM$$RANDOM))
torture: ## The race for the ledger's order, ENTRIES=100000, and a push that is killed, KILLS=200; SEED=… for what failed
	@tools/setup test
	cargo test --locked --test it --no-run
	RACE_ENTRIES=$(ENTRIES) RACE_SEED=$(SEED) tools/with-postgres cargo test --locked --test it -- --nocapture \
		--exact sequence::race::each_reader_is_told_each_entry_once_whatever_becomes_of_the_sequencers
	KILL_CYCLES=$(KILLS) KILL_SEED=$(SEED) tools/with-postgres cargo test --locked --test it -- --nocapture \
		--exact push::series::killed::whatever_is_killed_under_a_series_nothing_is_lost_and_nothing_doubled

check: ## What .ci/run does: format, lints, contract, dependencies, queries, tests, demo, docs/operate.md
	@tools/setup check
	@mkdir -p target
	@{ $(TREE); } >target/checking
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	tools/deny
	cargo build --locked
	rm -rf target/contract
	$(GERBANG) contract export target/contract
	tools/buf target/contract
	$(GERBANG) contract reasons | diff -u docs/errors.md - \
		|| { echo "docs/errors.md is stale; type: make docs" >&2; exit 1; }
	tools/sqlx-prepare --check
	$(MAKE) test NEXTEST_PROFILE=ci
	rm -rf target/demo
	$(MAKE) demo DEMO_FOLDER=target/demo
	$(MAKE) operate
	@# Nobody has checked a tree that changed meanwhile.
	@{ $(TREE); } | cmp -s - target/checking || : >target/checking
	@mv target/checking target/checked

bench: ## What calls cost, beside their limits on this machine, which wants to be idle: ten minutes after the build, or QUICK=1: two
	@tools/setup
	cargo bench --locked --bench exchange -- $(if $(QUICK),--quick)

fmt: ## Format the code
	cargo fmt

sqlx: setup ## Write .sqlx anew, after a change to a query or a migration
	tools/sqlx-prepare

docs: setup ## Write docs/errors.md anew, after a change to the table of reasons
	@mkdir -p docs
	$(GERBANG) contract reasons >target/errors.md
	mv target/errors.md docs/errors.md

.PHONY: pages
pages: ## Follow the pages that are typed by tests, and write into them what is printed now
	@tools/setup test
	cargo build --locked
	for page in tour partners administration id/mulai; do tests/pages/run.py target/debug/gerbang docs/$$page.md --write; done

clean-state: ## Throw away .gerbang, all that `make run` keeps
	@pid_file=$$(find .gerbang -name postmaster.pid 2>/dev/null | head -1 || true); \
	if [ -n "$$pid_file" ] && kill -0 "$$(head -1 "$$pid_file")" 2>/dev/null; then \
		echo "the gateway of this folder is running; stop it first" >&2; exit 1; \
	fi
	rm -rf .gerbang
