# Everything starts from a machine with Python 3.11 and make: each target sets up what it needs, once.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8080
HOST ?= 127.0.0.1
WORKERS ?= 2
BIN := .venv/bin
SOURCES := pyproject.toml uv.lock scripts/bootstrap.py scripts/airflow_metadata.py scripts/build_ui.py ui/hatch_build.py
UI_TOOLS := $(BIN)/python scripts/ui_tools.py
# AIRFLOW__* of the caller's shell would point our server at somebody else's database.
CLEAN_ENV = env $$(env | sed -n 's/^\(AIRFLOW__[A-Za-z0-9_]*\)=.*/-u \1/p') -u AIRFLOW_CONFIG -u TRADEWIND_HOME

DB ?= sqlite
.PHONY: help setup run ui build-ui browser test test-all conformance lint format bench bench-ui screenshots clean

help:
	@echo "make run       start tradewind at http://$(HOST):$(PORT) (PORT= changes it)"
	@echo "make ui        the user interface as it is written, with the data of make run (TRADEWIND_URL= of another)"
	@echo "make build-ui  build the user interface, when its sources changed"
	@echo "make test      all tests that a change must pass"
	@echo "make test-all  the long ones too"
	@echo "make conformance  answers of the REST API beside Airflow's (DB=postgres: over PostgreSQL)"
	@echo "make lint      format, lint, types, imports"
	@echo "make format    write what lint would ask of the format"
	@echo "make bench     measure"
	@echo "make bench-ui  measure the user interface in Chromium"
	@echo "make screenshots  take pictures of every view (VIEWS='home dag' of these)"
	@echo "make clean     remove what the targets made"

setup: .venv/.ready-dev

.venv/.ready-run: $(SOURCES)
	@$(PYTHON) scripts/bootstrap.py run
	@touch $@

.venv/.ready-dev: $(SOURCES)
	@$(PYTHON) scripts/bootstrap.py dev
	@touch $@ .venv/.ready-run

# Does nothing when what is built is made of these sources; without it the server says how to build.
build-ui: .venv/.ready-run
	@$(BIN)/python scripts/build_ui.py || true

run: .venv/.ready-run build-ui
	@mkdir -p .tradewind/dags
	@exec $(CLEAN_ENV) AIRFLOW_HOME="$(CURDIR)/.tradewind" AIRFLOW__CORE__LOAD_EXAMPLES=True \
		$(BIN)/tradewind standalone --host $(HOST) --port $(PORT)

# Needs Node.js; for those who change the interface. The page comes from Vite, everything else from the server.
ui/node_modules/.package-lock.json: ui/package-lock.json
	@cd ui && npm ci --ignore-scripts

ui: ui/node_modules/.package-lock.json
	@cd ui && TRADEWIND_URL="$${TRADEWIND_URL:-http://$(HOST):$(PORT)}" npm run dev

# Chromium and what drives it: installed once, where the tests' own set-up can.
browser: .venv/.ready-dev
	@$(UI_TOOLS) browser || true

# A file of tests goes to one worker whole: what its tests share is then made once.
test: .venv/.ready-dev build-ui browser
	@$(UI_TOOLS) test
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q -m "not slow" tests

test-all: .venv/.ready-dev build-ui browser
	@$(UI_TOOLS) test
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q tests

conformance: .venv/.ready-dev
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python tests/conformance/measure.py $(DB)

lint: .venv/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports --no-cache
	$(UI_TOOLS) lint

format: .venv/.ready-dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# Pictures of the user interface, over made data: docs/screenshots has the best, .cache/screenshots all.
screenshots: .venv/.ready-dev build-ui browser
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python scripts/screenshots.py $(VIEWS)

bench-ui: .venv/.ready-dev build-ui browser
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python -m bench.ui $(BENCH)

bench: .venv/.ready-dev
	@$(CLEAN_ENV) -u AIRFLOW_HOME $(BIN)/python -m bench $(BENCH)

clean:
	rm -rf .venv .tradewind src/tradewind/web/dist ui/node_modules .cache dist build .mypy_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
