# Everything starts here. It needs Python 3.11 or newer, make, and package registries; uv, Node and
# all else come from those, at the versions in uv.lock and the package-lock.json files.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
PORT ?= 8000
# The database of long load runs: sqlite, or postgresql for a server of their own.
ENGINE ?= sqlite
BESIDE = $(if $(filter postgresql,$(ENGINE)),scripts/with-postgresql $(BIN))

export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(PYTHON)
# Certificates that the machine trusts are trusted, so that a company's own registry can be used.
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
unexport VIRTUAL_ENV

# A uv on the machine's own path is never used: its version would not be ours.
UV := .tools/uv/bin/uv
BIN := .venv/bin
# npm looks for node on the path; this one is of the locked version.
NPM_IN := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix
NPM := $(NPM_IN) frontend
NPM_CI := ci --no-audit --no-fund --loglevel=error

PAGES := frontend/dist/index.html
PAGE_SOURCES := $(shell find frontend/src frontend/public 2>/dev/null) \
	$(wildcard frontend/*.json frontend/*.ts frontend/*.html)

.PHONY: help run dev build check test tests-only types faults soak replay bench bench-browser bench-telemetry bench-cold kiosk-day \
	screenshots loadtest loadtest-capacity loadtest-soak loadtest-compare loadtest-faults gate-load audit secrets sbom fuzz compose-env clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.stamp-run $(PAGES) ## From a fresh clone to http://127.0.0.1:8000/dashboard with demo data
	@exec $(BIN)/execdash serve --demo --port $(PORT)

build: $(PAGES) ## Build the pages

dev: .venv/.stamp-all frontend/node_modules/.stamp ## Run API and pages with reload, on http://127.0.0.1:5173
	$(BIN)/execdash db upgrade
	@trap 'kill 0' INT TERM EXIT; \
	EXECDASH_API=http://127.0.0.1:$(PORT) $(NPM) run dev & \
	$(BIN)/uvicorn --factory api.server:app_from_environment --port $(PORT) --no-access-log \
		--reload --reload-dir api --reload-dir slo --reload-dir telemetry

check: .venv/.stamp-all frontend/node_modules/.stamp ## Format, lint, types, import rules, API types of the pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(NPM) run lint
	$(NPM) run types
	@mkdir -p .cache
	$(BIN)/execdash openapi > .cache/openapi.json
	$(NPM) run --silent generate -- "$(CURDIR)/.cache/openapi.json" -o "$(CURDIR)/.cache/schema.d.ts"
	@diff -u frontend/src/api/schema.d.ts .cache/schema.d.ts || { \
		echo "make check: frontend/src/api/schema.d.ts differs from the API; run: make types" >&2; exit 1; }

types: .venv/.stamp-all frontend/node_modules/.stamp ## Write the pages' API types anew from the OpenAPI document
	@mkdir -p .cache
	$(BIN)/execdash openapi > .cache/openapi.json
	$(NPM) run --silent generate -- "$(CURDIR)/.cache/openapi.json" -o src/api/schema.d.ts

test: ## Everything that proves it works, real browser and real PostgreSQL included
	$(MAKE) --no-print-directory check
	$(NPM) run test
	$(MAKE) --no-print-directory tests-only

tests-only: .venv/.stamp-all $(PAGES) tests/contract/node_modules/.stamp tests/provider/node_modules/.stamp
	scripts/with-test-tools $(BIN)/pytest --numprocesses=2 --dist=loadfile $(PYTEST_OPTIONS)

soak: .venv/.stamp-all ## Kill the service 50 times in mid-load on each database (10 minutes)
	SOAK_ROUNDS=50 $(BIN)/pytest tests/integration/ingest/test_sudden_death.py -s --timeout=0

faults: .venv/.stamp-all tests/provider/node_modules/.stamp ## Break all that the service stands on, with its real time limits (7 minutes)
	FAULTS_AS_IT_IS=1 $(BIN)/pytest tests/faults tests/integration/ingest/test_sudden_death.py -s

replay: .venv/.stamp-all ## Replay a million events in random order with repeats on each database (5 minutes)
	REPLAY_EVENTS=1000000 $(BIN)/pytest tests/integration/ingest/test_replay.py -k random_order -s --timeout=0

bench: .venv/.stamp-all ## Measure ingest and percentiles beside the least they can cost (10 minutes)
	$(BIN)/python -m tests.performance $(BENCH_OPTIONS)

bench-browser: .venv/.stamp-all $(PAGES) ## Time the first screen beside a plain static page, in Chromium (3 minutes)
	@scripts/with-test-tools $(BIN)/python -m tests.performance_browser $(BENCH_OPTIONS)

bench-telemetry: .venv/.stamp-all ## Measure what telemetry costs the two busiest routes (5 minutes)
	$(BIN)/python -m tests.performance.telemetry $(BENCH_OPTIONS)

bench-cold: .venv/.stamp-all ## Time the database at the first answer of a cold start, with a million orders (2 minutes; ENGINE=postgresql)
	$(BIN)/python -m tests.performance.cold_read $(ENGINE) $(BENCH_OPTIONS)

kiosk-day: .venv/.stamp-all $(PAGES) ## A day of a wall that nobody touches, on a fake clock (5 minutes)
	@scripts/with-test-tools env KIOSK_HOURS=24 $(BIN)/pytest tests/e2e/test_kiosk_day.py -s --timeout=0

screenshots: .venv/.stamp-all $(PAGES) ## Pictures of every page and what opens on it in both themes, at 360 to 3840 px
	@scripts/with-test-tools scripts/with-demo-service $(BIN) $(BIN)/python -m tests.screenshots test-results/screenshots $(SCREENSHOTS_OPTIONS)

loadtest: .venv/.stamp-all $(PAGES) ## Load a fresh service with demo data, a browser among it (6 minutes at most)
	@scripts/with-test-tools scripts/with-demo-service $(BIN) scripts/loadtest $(BIN) test-results/loadtest.json $(LOCUST_OPTIONS)

loadtest-capacity: .venv/.stamp-all $(PAGES) ## Find the highest load at which all objectives pass (two hours; ENGINE=postgresql)
	@scripts/with-test-tools $(BESIDE) $(BIN)/python -m loadtests.capacity \
		--keep docs/benchmarks/capacity-$(ENGINE).json $(CAPACITY_OPTIONS)

loadtest-soak: .venv/.stamp-all $(PAGES) ## An hour of load; nothing may grow meanwhile (ENGINE=postgresql)
	@scripts/with-test-tools $(BESIDE) $(BIN)/python -m loadtests.soak \
		--keep docs/benchmarks/soak-$(ENGINE).json $(SOAK_OPTIONS)

loadtest-compare: .venv/.stamp-all $(PAGES) ## Load this and the previous tag in turns; fail when this is slower (8 minutes)
	@scripts/with-test-tools $(BIN)/python -m loadtests.compare \
		--keep test-results/compare.json --markdown test-results/compare.md $(COMPARE_OPTIONS)

loadtest-faults: .venv/.stamp-all $(PAGES) ## Break the service in four ways under load, with its real targets (20 minutes)
	@scripts/with-test-tools env LOAD_FAULTS_AS_IT_IS=1 $(BIN)/pytest -s --timeout=0 \
		tests/integration/loadtests/test_faults.py tests/integration/loadtests/test_against_k6.py

gate: .venv/.stamp-all $(PAGES) ## Judge this page in a real browser: 220 views and switches on demo data
	@scripts/with-test-tools scripts/with-demo-service $(BIN) \
		scripts/gate $(BIN) test-results/browser.json $(GATE_OPTIONS)

gate-load: .venv/.stamp-all $(PAGES) ## Judge the API under a light load, without browsers (3 minutes)
	@scripts/with-demo-service $(BIN) scripts/gate-load $(BIN) test-results/load.json $(LOCUST_OPTIONS)

audit: .venv/.stamp-all frontend/node_modules/.stamp ## Look for known holes in what is used, and for bad habits in our own code
	@scripts/audit $(BIN)

secrets: .venv/.stamp-all ## Look for keys, tokens and passwords in every file of the project
	$(BIN)/pytest tests/architecture/test_no_secrets.py

sbom: .venv/.stamp-run ## Write what the product is made of to dist/sbom-*.json (CycloneDX)
	@mkdir -p dist
	$(UV) export --quiet --locked --no-default-groups --format cyclonedx1.5 \
		--preview-features sbom-export -o dist/sbom-service.json > /dev/null
	$(NPM) sbom --silent --omit dev --package-lock-only --sbom-format cyclonedx > dist/sbom-pages.json

# A case that hangs ends the run with all stacks, after FUZZ_SECONDS of its test.
fuzz: .venv/.stamp-all tests/provider/node_modules/.stamp ## Try the API on each database, signing in, and every reader with much that is wrong (two hours; FUZZ_EXAMPLES=2000)
	FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),2000) $(BIN)/pytest -p tests.fuzz.tally tests/fuzz \
		tests/contract/test_conformance.py tests/contract/test_workflows.py tests/contract/test_hostile_values.py \
		--timeout=$(or $(FUZZ_SECONDS),3600) $(FUZZ_OPTIONS)

compose-env: ## Write .env with random secrets for compose.yaml, once
	@scripts/compose-env .env

clean: ## Remove what was built and fetched; data in var/ stay
	rm -rf .venv .tools .cache frontend/node_modules frontend/dist tests/contract/node_modules tests/provider/node_modules

$(UV):
	scripts/get-uv $(PYTHON) .tools/uv

# --inexact: what the tests need stays installed when the service is run in between.
.venv/.stamp-run: uv.lock pyproject.toml | $(UV)
	$(UV) sync --quiet --locked --inexact --no-default-groups --group frontend
	@touch $@

.venv/.stamp-all: uv.lock pyproject.toml | $(UV)
	$(UV) sync --quiet --locked --all-groups
	@touch $@ .venv/.stamp-run

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json | .venv/.stamp-run
	$(NPM) $(NPM_CI)
	@touch $@

tests/contract/node_modules/.stamp: tests/contract/package.json tests/contract/package-lock.json | .venv/.stamp-run
	$(NPM_IN) tests/contract $(NPM_CI)
	@touch $@

tests/provider/node_modules/.stamp: tests/provider/package.json tests/provider/package-lock.json | .venv/.stamp-run
	$(NPM_IN) tests/provider $(NPM_CI)
	@touch $@

$(PAGES): $(PAGE_SOURCES) frontend/node_modules/.stamp
	$(NPM) run --silent build -- --logLevel warn
	@touch $@
