# MechKG: make serve, make test. Python 3.11 or newer and make are all that is needed.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= data
GRAPH ?= mechanisms

BIN := .venv/bin
INSTALL := requirements/install .venv
WEB := $(shell find web -name node_modules -prune -o -type f -print)
SOURCES := $(wildcard kg/*.py kg/*/*.py ontology/*.py ontology/*/*.py ontology/*.ttl ontology/*/*.ttl)

.PHONY: help serve test coverage test-fast lint docs lowest bench rank lock sbom clean
.DELETE_ON_ERROR:

help:
	@echo "make serve   start the service on the bundled ontology (HOST, PORT, DATA)"
	@echo "make test    lint, types, layers, tests and doctests"
	@echo "make coverage   the same tests, with the lines and branches that they reach"
	@echo "make test-fast   the tests that are neither slow nor of the page (-k WORD: K=WORD)"
	@echo "make lint    lint, types and layers only"
	@echo "make docs    write the documentation as a site to build/site"
	@echo "make lowest  test the core at the lowest versions that pyproject.toml names"
	@echo "make bench   measure MechKG and its peers"
	@echo "make rank    learn the ranking table (GOLD, DATA, GRAPH: docs/ranking.md)"
	@echo "make lock    resolve the pinned requirements and their hashes (UPGRADE=--upgrade: anew)"
	@echo "make sbom    write the bill of materials of what runs to build/mechkg.cdx.json"
	@echo "make clean   remove everything that these targets made"

# The service answers at once: the page is built, and kernels are compiled, while it runs.
serve: .venv/runtime .venv/kernels
	@nice -n 10 $(MAKE) --no-print-directory --silent .venv/web &
	@exec $(BIN)/mechkg serve --host $(HOST) --port $(PORT) --data $(DATA) --graph ms-nsc

# Kernels are compiled beside the linting, which takes one processor.
test: .venv/dev .venv/kernels .venv/web
	@$(MAKE) --no-print-directory --jobs=2 lint .venv/warm
	@requirements/browser >/dev/null
	@requirements/virtuoso >/dev/null
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

coverage: .venv/dev .venv/kernels .venv/web
	@requirements/browser >/dev/null
	@requirements/virtuoso >/dev/null
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --cov --cov-report=term

test-fast: .venv/dev .venv/kernels
	$(BIN)/python -m pytest -q --numprocesses=auto --dist=loadfile --no-loadscope-reorder -m "not slow and not browser" -k "$(K)"

lint: .venv/dev .venv/kernels
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python web/build.py check

docs: .venv/docs
	$(BIN)/mkdocs build --strict --quiet

# In an environment of its own, with the oldest Python that is supported, if it is there.
lowest: .venv/runtime
	$(BIN)/python requirements/lowest.py build/lowest

bench: .venv/bench .venv/warm
	$(BIN)/python -m bench

rank: .venv/bench .venv/kernels
	$(BIN)/python -m bench.rank $(GOLD) --data $(DATA) --graph $(GRAPH)

lock: .venv/dev
	$(BIN)/python requirements/lock.py $(UPGRADE)

# In an environment of its own: what writes it is not of what is listed.
sbom:
	@$(PYTHON) -m venv build/sbom
	@requirements/install build/sbom -r requirements/sbom.txt
	build/sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file build/mechkg.cdx.json requirements/runtime.txt

clean:
	rm -rf .venv data build dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache api/http/static web/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

# Each file below says that a step was done; it lies in .venv, so that they go together.

.venv/made:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
		|| { echo "MechKG needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/runtime: .venv/made requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "Installing the pinned requirements"
	@$(INSTALL) -r requirements/build.txt -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	@echo "Installing the pinned development requirements"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

.venv/docs: .venv/runtime requirements/docs.txt
	@echo "Installing what writes the documentation"
	@$(INSTALL) -r requirements/docs.txt
	@touch $@

.venv/bench: .venv/runtime requirements/bench.txt
	@echo "Installing the pinned peers"
	@$(INSTALL) -r requirements/bench.txt
	@touch $@

.venv/web: .venv/runtime $(WEB)
	@echo "Building the page"
	@$(BIN)/python web/build.py
	@touch $@

# Compiled kernels know their own module, not what it takes from others: a change drops them all.
.venv/kernels: .venv/made $(wildcard kg/kernels/*.py kg/*/*_kernels.py)
	@find kg -name '*.nb[ic]' -delete
	@touch $@

.venv/warm: .venv/runtime .venv/kernels $(SOURCES)
	@$(BIN)/python -m compileall -q mechkg
	@$(BIN)/mechkg warm --data $(DATA)
	@touch $@
