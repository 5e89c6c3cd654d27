# The two commands a stranger needs: `make demo` and `make test`. Uses uv where it is installed, else venv and pip.

.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

HOST ?= 127.0.0.1
PORT ?= 8069
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PYTEST := $(BIN)/python -m pytest
# A process for each core, each with a PostgreSQL of its own; a file's tests stay together. Files in their order: those
# with few and long tests are not left to the end, where one process would wait for the other.
PARALLEL := -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
export UV_PYTHON_DOWNLOADS := never
# Tests start hundreds of processes: each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# What the environment is made of: a newer one of these means installing again.
RECIPE := setup.cfg pyproject.toml setup.py package.json package-lock.json assets.json

.PHONY: help install demo test test-fast language check bench browser clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(STAMP) ## Create .venv with everything needed to run and test
	@:

$(STAMP): $(RECIPE)
	@echo "Installing into $(VENV)"
	@python=""; \
	for candidate in $${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	[ -n "$$python" ] || { echo "Tessera needs Python 3.11 or newer (set PYTHON=/path/to/python3)" >&2; exit 1; }; \
	if command -v uv >/dev/null; then \
	  [ -x $(BIN)/python ] || uv venv --quiet --python "$$python" $(VENV); \
	  uv pip install --quiet --python $(BIN)/python --editable '.[test,check]'; \
	else \
	  [ -x $(BIN)/python ] || "$$python" -m venv $(VENV) || \
	    { rm -rf $(VENV); echo "Python's venv is missing: install it (Debian: python3-venv), or uv" >&2; exit 1; }; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'; \
	fi
	@touch $@

demo: install demo.db ## Serve a pipeline with demo data, on a SQLite file of its own
	@echo "Sign in at http://$(HOST):$(PORT)"
	@echo "  ines, tomas or mira, password demo: a manager, one who sees all leads, one who sees their own"
	@echo "  admin, password admin: everything, settings included"
	@echo "Mail is sent nowhere: each message becomes a file in demo-mail/"
	@$(BIN)/tessera serve --db sqlite:///demo.db --host $(HOST) --port $(PORT) --mail-url "file://$(CURDIR)/demo-mail"

demo.db: | $(STAMP)
	@$(BIN)/tessera init --db sqlite:///demo.db --addons crm --demo --admin-password admin

test: install browser ## Run everything: checks, both engines, the browser
	@$(MAKE) --no-print-directory -j2 check language
	$(PYTEST) $(PARALLEL) --ignore=tests/core/lang

language: install
	$(BIN)/coverage run --branch --source=core.lang -m pytest tests/core/lang
	$(BIN)/coverage report --fail-under=100

test-fast: install ## Run the tests that need neither PostgreSQL nor a browser
	$(PYTEST) $(PARALLEL) --engine sqlite -m "not browser and not slow and not postgresql"

check: install ## Run formatter, linter, types, layers, budgets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -q tests/test_layers.py tests/test_budgets.py tests/test_words.py

bench: install ## Measure speed against hand-written SQL, in one run
	$(BIN)/python -m bench

browser: install
	@for program in chromium chromium-browser google-chrome; do ! command -v "$$program" >/dev/null || exit 0; done; \
	$(BIN)/playwright install --only-shell chromium || echo "No Chromium: tests in the browser are skipped" >&2

clean: ## Remove what was built, measured and cached; .venv stays
	rm -rf build dist ./*.egg-info .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf core/web/static/vendor tests/vendor demo.db demo.db-journal demo.db-shm demo.db-wal demo-mail
	find core addons tests -name __pycache__ -type d -prune -exec rm -rf {} +
