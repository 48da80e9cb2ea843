# make demo   everything from a bare clone to a PQL mart on demo data
# make test   everything from a bare clone to a tested project
# Both are safe to run again: each step is skipped while nothing it depends on has changed.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lock clean

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export UV_LINK_MODE ?= copy
BIN := .venv/bin
UV  := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
INSTALLED := .venv/.installed

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## install the pinned dependencies into .venv

demo: setup  ## build the PQL mart on demo data and show it
	@$(BIN)/python scripts/demo.py

test: setup lint  ## lint, all dbt tests, pytest
	$(BIN)/pytest -n auto

lint: setup  ## ruff for Python, sqlfluff for SQL
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 0 models analyses tests

lock: $(UV)  ## resolve the dependencies anew
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--override .overrides.txt --no-header --no-annotate --output-file requirements.lock $(LOCK_FLAGS)

clean:  ## remove everything that can be made again
	rm -rf .venv .uv target logs demo_data reports pql.duckdb pql.duckdb.wal

$(INSTALLED): requirements.lock | $(UV)
	@test -d .venv || $(UV) venv --quiet --python ">=3.11,<3.14" .venv
	@echo "Installing the pinned dependencies into .venv"
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock
	@touch $@

.uv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	python3 -m venv .uv && .uv/bin/pip install --quiet uv==0.13.9
