# Every target sets itself up: a virtual environment in .venv from the pinned, hashed lock, and nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

$(READY): requirements.lock pyproject.toml
	@echo "Setting up .venv (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with make PYTHON=..."; exit 2; }
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --use-pep517 --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 $(BIN)/../lib >/dev/null || true
	@touch $(READY)

# dbt-bouncer needs an older DuckDB than the project, so it has an environment of its own; it reads the manifest alone.
BOUNCER := .venv-bouncer/bin

.venv-bouncer/.ready: requirements-bouncer.lock
	@$(PYTHON) -m venv --clear .venv-bouncer
	@$(BOUNCER)/python -m pip install --quiet --disable-pip-version-check --no-deps --use-pep517 --require-hashes -r $<
	@touch $@

.PHONY: help setup scoreboard test test-all pytest check parity parity-spark engine-postgres engine-postgres-stop engine-spark bench bench-refresh faults fuzz clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make the virtual environment

scoreboard: $(READY) ## Make the sample company, build everything from its extracts and draw the scoreboard
	@test -d sample || $(BIN)/metrics-py sample --out sample
	@$(BIN)/metrics-py build --extracts sample || test $$? -eq 1

# Lint and types run beside the tests, which leave room for them while they wait for browsers and servers.
test: $(READY) ## Run the tests: lint, types, library, dbt unit tests, end to end, browser
	@$(MAKE) --no-print-directory -j 2 check pytest PYTEST_MARKS='-m "not nightly"'

test-all: $(READY) ## Run these and what takes minutes: five past days, planted restatements and data faults, a huge site
	@$(MAKE) --no-print-directory -j 2 check pytest

pytest: $(READY)
	@$(BIN)/python -m pytest -n 3 --dist loadfile $(PYTEST_MARKS)

check: $(READY) .venv-bouncer/.ready ## Lint, types, SQL lint, a dbt parse and the hygiene of its manifest
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --nocolor --processes 2 models tests/dbt
	@mkdir -p .build && cp profiles.example.yml .build/profiles.yml
	@$(BIN)/dbt --quiet --warn-error parse --profiles-dir .build
	@$(BOUNCER)/dbt-bouncer run

parity: $(READY) ## Compare every mart and metric of DuckDB and PostgreSQL, row by row, on three deliveries
	@$(BIN)/python -m pytest -m parity tests/e2e

engine-postgres: $(READY) ## Start a PostgreSQL server in .postgres/ and print the variables that lead to it
	@$(BIN)/python -m metrics_py.engines.postgres_server start .postgres

engine-postgres-stop: $(READY) ## Stop it; its data stay
	@$(BIN)/python -m metrics_py.engines.postgres_server stop .postgres

SPARK := .venv-spark/bin

.venv-spark/.ready: requirements-spark.lock pyproject.toml
	@command -v java >/dev/null || { echo "Spark needs Java 17 and H2; on Debian: apt-get install openjdk-17-jre-headless libh2-java"; exit 2; }
	@$(PYTHON) -m venv --clear .venv-spark
	@$(SPARK)/python -m pip install --quiet --disable-pip-version-check --no-deps --use-pep517 --require-hashes -r $<
	@$(SPARK)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

engine-spark: .venv-spark/.ready ## Make an environment with Spark and Iceberg, and say how to build with it
	@echo "$(SPARK)/metrics-py build --target spark --extracts sample"

parity-spark: .venv-spark/.ready ## Compare every mart and metric of DuckDB and Spark, on demand: it takes minutes
	@$(SPARK)/python -m pytest tests/unit/engines/test_spark.py tests/e2e/test_parity_spark.py

bench: $(READY) ## Measure speed and memory; prints the figures the README quotes
	@$(BIN)/python -m tests.benchmarks

bench-refresh: $(READY) ## Measure a whole build and a refresh at scale 1,000: an hour and a half, 40 GB of disk
	@$(BIN)/python -m tests.benchmarks.bench_refresh --scale 1000 --teams 10 --compare

faults: $(READY) ## Break it on purpose: kills, full disks, hostile extracts; writes docs/reliability.md
	@$(BIN)/python -m tests.faults

fuzz: $(READY) ## Fuzz landing for ten minutes, with atheris in an environment of its own
	@test -x .venv-fuzz/bin/python || $(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@PYTHONPATH=.:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
		.venv-fuzz/bin/python tests/fuzz/fuzz_landing.py -max_total_time=600

clean: ## Remove everything a command made
	@test ! -d .postgres -o ! -x $(BIN)/python || $(BIN)/python -m metrics_py.engines.postgres_server stop .postgres
	@rm -rf .postgres .engines .venv .venv-bouncer .venv-fuzz .venv-spark .build target logs sample published site as_of warehouse.duckdb warehouse.duckdb.wal
