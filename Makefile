# make demo   everything from a bare clone to a PQL mart on demo data
# make test   everything from a bare clone to a tested project
# Both are safe to run again: each step is skipped while nothing it depends on has changed.
.DEFAULT_GOAL := help
.PHONY: help setup setup-engines demo docs links test test-duckdb2 test-engines test-snowflake test-bigquery test-delta test-iceberg test-dbt2 verify lint lock clean

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export UV_LINK_MODE ?= copy
BIN := .venv/bin
UV  := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
INSTALLED := .venv/.installed
ENGINES_INSTALLED := .venv-engines/.installed
engines := postgres spark
apt := DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=30
apt-install = { $(apt) update && $(apt) install $(1); } >/dev/null 2>&1

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9%-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## install the pinned dependencies into .venv

demo: setup  ## build the PQL mart on demo data and show it
	@$(BIN)/python scripts/demo.py

test: setup  ## all tests but those that take longer
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pytest -n auto

test-long: setup  ## those that take longer: more random worlds, builds stopped, changed and in parts, tutorials typed in
	$(BIN)/pytest -n auto -m long

test-duckdb2: export PYTHONPATH = $(CURDIR)/.duckdb2
test-duckdb2: setup .duckdb2  ## a part of the tests and a build of the demo on DuckDB 2.0.0
	@$(BIN)/python -c "import duckdb; print('DuckDB', duckdb.__version__); assert duckdb.__version__ == '2.0.0'"
	$(BIN)/pytest -n auto tests/python/leads/test_fixtures.py tests/python/leads/test_properties.py
	@mkdir -p target
	PQL_DUCKDB_PATH=target/duckdb2.duckdb $(BIN)/python scripts/demo.py

docs: export NO_MKDOCS_2_WARNING = 1
docs: .venv-docs/.installed  ## this documentation as a site, in site/
	@.venv-docs/bin/mkdocs build --quiet && echo "site/index.html"

links: setup  ## whether the pages of others that ours link to are still there (needs the network)
	PQL_ASK_LINKS=yes $(BIN)/pytest -n 0 -rs tests/python/project/test_external_links.py

verify: setup  ## prove that the kept tables are those of a build from nothing
	@$(BIN)/python scripts/verify.py

test-engines: setup-engines  ## the same answers from PostgreSQL and Spark (engines=postgres: from one)
	PQL_ENGINES="$(engines)" .venv-engines/bin/pytest -n 2 tests/python/engines $(if $(only),-k $(only))

test-delta: .venv-delta/.installed  ## the same on Delta tables, which Databricks and most lakes have
test-iceberg: .venv-delta/.installed  ## the same on Iceberg tables
test-delta test-iceberg:
	PQL_ENGINES=$(@:test-%=%) .venv-delta/bin/pytest -p no:cacheprovider \
		$(addprefix tests/python/engines/,test_engines.py test_deliveries.py test_values.py) $(if $(only),-k $(only))

# in an environment of its own: the adapter and the emulator want other versions than ours of what they share
test-snowflake: | $(UV)  ## the same on an emulated Snowflake, and every statement before an analyser of its SQL
	@test -d .venv-snowflake || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-snowflake
	@$(UV) pip install --quiet --python .venv-snowflake/bin/python --override .overrides.txt \
		--override tests/python/engines/snowflake.txt -r pyproject.toml --extra snowflake --extra crm -r tests/python/engines/snowflake.txt
	@test -d .venv-snowflake/node_modules || npm install --silent --no-audit --no-fund --ignore-scripts --prefix .venv-snowflake \
		@fivetrandevelopers/zetasql-snowflake@0.11.0 || echo "The analyser cannot be installed here (it needs npm)."
	.venv-snowflake/bin/pytest -p no:cacheprovider tests/python/engines/test_snowflake.py

test-bigquery: .venv-bigquery/.installed  ## the same on an emulated BigQuery, and every statement before Google's analyser
	.venv-bigquery/bin/pytest -p no:cacheprovider tests/python/engines/test_bigquery.py

test-dbt2: setup .venv-dbt2/.installed  ## the inputs with known answers built by dbt v2, a release candidate of it
	$(BIN)/pytest -p no:cacheprovider -n 0 tests/python/engines/test_dbt_v2.py

# a server or a Java that is not here and cannot be installed is no failure: its tests are skipped, and say so
setup-engines: $(ENGINES_INSTALLED)
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
		|| $(call apt-install,postgresql) || echo "PostgreSQL cannot be installed here (apt-get install postgresql)."
	@test -n "$$JAVA_HOME" || command -v java >/dev/null \
		|| $(call apt-install,openjdk-17-jre-headless) || echo "Java 17 cannot be installed here (Spark needs it)."

# sqlfluff lints what dbt compiles: models that read files need some, and a warehouse in use must not be in the way
lint: setup  ## ruff for Python, sqlfluff for SQL
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	PQL_DATA_DIR=tests/golden/inputs PQL_DUCKDB_PATH=target/lint.duckdb $(BIN)/sqlfluff lint --processes 0 models analyses tests/sql

lock: $(UV)  ## resolve the dependencies anew
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--override .overrides.txt --no-header --no-annotate --output-file requirements.lock $(LOCK_FLAGS)
	$(UV) pip compile pyproject.toml --group dev --extra postgres --extra spark --universal --python-version 3.11 \
		--constraints requirements.lock --generate-hashes --override .overrides.txt --no-header --no-annotate \
		--output-file requirements-engines.lock $(LOCK_FLAGS)

engine-%: setup  ## install the adapter of another engine: engine-postgres, engine-snowflake, …
	$(UV) pip install --quiet --python $(BIN)/python --override .overrides.txt -r pyproject.toml --extra $*

clean:  ## remove everything that can be made again
	rm -rf .venv .venv-engines .venv-delta .venv-snowflake .venv-bigquery .venv-crucible .venv-dbt2 .venv-docs .uv .duckdb2 target logs site demo_data reports pql.duckdb pql.duckdb.wal

# the adapter and the analyser in one environment, the emulator in another: it wants a DuckDB of its own
.venv-bigquery/.installed: tests/python/engines/bigquery.txt pyproject.toml | $(UV)
	@test -d .venv-bigquery || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-bigquery
	@$(UV) pip install --quiet --python .venv-bigquery/bin/python --override .overrides.txt \
		-r pyproject.toml --extra bigquery --extra crm -r $<
	@test -d .venv-crucible || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-crucible
	@$(UV) pip install --quiet --prerelease allow --python .venv-crucible/bin/python 'crucible-emulator[server]==0.1.0a2'
	@touch $@

# Delta and Iceberg are made for one release of Spark, and come from Maven
.venv-delta/.installed: tests/python/engines/delta.txt pyproject.toml | $(UV)
	@test -d .venv-delta || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-delta
	@$(UV) pip install --quiet --python .venv-delta/bin/python --override .overrides.txt \
		-r pyproject.toml --extra crm -r $<
	@for jar in io.delta:delta-spark_4.1_2.13:4.1.0 io.delta:delta-storage:4.1.0 \
			org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0; do \
		mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
			-Dartifact=$$jar -DoutputDirectory=.venv-delta/jars || exit 1; done
	@touch $@

# the last release of dbt v2 that is a wheel; its driver of DuckDB is DuckDB's own library, of which npm has a package
.venv-dbt2/.installed: | $(UV)
	@test -d .venv-dbt2 || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-dbt2
	@$(UV) pip install --quiet --prerelease allow --python .venv-dbt2/bin/python --no-deps dbt==2.0.0rc196
	@mkdir -p .venv-dbt2/driver && cd .venv-dbt2/driver && npm pack --silent @duckdb/node-bindings-linux-x64@1.5.5-r.1 >/dev/null \
		&& tar -xzf duckdb-node-bindings-linux-x64-*.tgz package/libduckdb.so && rm duckdb-node-bindings-linux-x64-*.tgz
	@printf 'name = "DuckDB"\nversion = "1.5.5"\n[Driver]\nentrypoint = "duckdb_adbc_init"\n[Driver.shared]\nlinux_amd64 = "%s"\n' \
		"$(CURDIR)/.venv-dbt2/driver/package/libduckdb.so" > .venv-dbt2/driver/duckdb.toml
	@touch $@

$(INSTALLED): requirements.lock | $(UV)
	@test -d .venv || $(UV) venv --quiet --python ">=3.11,<3.14" .venv
	@echo "Installing the pinned dependencies into .venv"
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock
	@touch $@

.venv-docs/.installed: pyproject.toml | $(UV)
	@test -d .venv-docs || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-docs
	@$(UV) pip install --quiet --python .venv-docs/bin/python --group docs
	@touch $@

# laid over .venv, which has the default version
.duckdb2: | $(INSTALLED)
	@$(UV) pip install --quiet --python $(BIN)/python --target .duckdb2 --no-deps duckdb==2.0.0 \
		|| { rm -rf .duckdb2; false; }

$(ENGINES_INSTALLED): requirements-engines.lock | $(UV)
	@test -d .venv-engines || $(UV) venv --quiet --python ">=3.11,<3.14" .venv-engines
	$(UV) pip sync --quiet --python .venv-engines/bin/python requirements-engines.lock
	@touch $@

.uv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	python3 -m venv .uv && .uv/bin/pip install --quiet uv==0.13.9
