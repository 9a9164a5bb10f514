# `make demo` and `make test` need Python 3.11 or newer, make and a package index; everything else is installed here.

PYTHON ?= python3
WORKERS ?= 2

# The project's own folder first, and nothing of the caller's Python.
export PYTHONPATH :=
export PYTHONNOUSERSITE := 1

BIN := .venv/bin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint format prove bench docs shots chromium lock sbom audit-dependencies clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/hearth.stamp ## Create .venv from the lock, with the command .venv/bin/hearth

demo: setup ## Build the demo community, publish it and open the dashboard
	$(BIN)/hearth demo

test: lint chromium ## Lint, types, import contracts, then every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: setup ## Style, types, import contracts and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/codespell

format: setup ## Put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

prove: setup chromium ## Long proofs and property tests with a thousand inputs; writes docs/reference/trust.md
	rm -f .proof.jsonl
	HEARTH_PROFILE=prove HEARTH_PROOF=$(CURDIR)/.proof.jsonl $(BIN)/python -m pytest -m "prove or hypothesis or figure" -n $(WORKERS) --dist loadfile
	HEARTH_PROOF=$(CURDIR)/.proof.jsonl $(BIN)/python -m bench.viewers
	$(BIN)/python -m docs.trust .proof.jsonl

bench: setup ## Measure against raw DuckDB, pandas and a peer
	$(BIN)/python -m bench
	$(BIN)/python -m bench.odd_files

docs: setup ## Write the generated pages of docs/reference
	$(BIN)/python -m docs.generate

shots: setup chromium ## Photograph every page, light and dark, wide and narrow, into shots/
	$(BIN)/python -m tests.shots

chromium: setup
	@.ci/chromium

lock: ## Renew requirements.lock.txt from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --fork-strategy fewest --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade --output-file requirements.lock.txt

sbom: setup ## List every library of the lock as CycloneDX, in sbom.json
	$(BIN)/cyclonedx-py requirements requirements.lock.txt --pyproject pyproject.toml --output-reproducible --output-file sbom.json

audit-dependencies: setup ## Ask whether a weakness is known in a library of the lock (asks the advisory database on the net)
	@.ci/audit-dependencies

clean: ## Remove .venv and what the tools left behind; data is kept
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis hearth.egg-info shots sbom.json

# Two stamps: a changed lock makes a new environment, a changed pyproject.toml only installs the project again.
.venv/lock.stamp: requirements.lock.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Hearth needs Python 3.11 or newer and '$(PYTHON)' is not. Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Creating .venv; the first time takes a minute or two."
	@$(PYTHON) -m venv --clear .venv || { \
		echo "Python cannot create environments here. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock.txt
	@touch $@

.venv/hearth.stamp: .venv/lock.stamp pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@
