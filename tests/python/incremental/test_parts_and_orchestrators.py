"""Builds in parts, as orchestrators and CI jobs make them: right, or refused with what to do."""

import shutil

import duckdb
import pytest
from conftest import asked_for
from deliveries import CORE, CROWD, WITH_EVALUATION, Deliveries, delivered_twice
from harness import MODELS_ONLY, Project, Warehouse
from reference.worlds import random_world
from warehouse_differences import table_differences

pytestmark = pytest.mark.long

# of every CRM's tables, what is left to send
DELTAS = {
    "crm_attio_companies_delta",
    "crm_attio_people_delta",
    "crm_hubspot_companies_delta",
    "crm_hubspot_contacts_delta",
    "crm_nudges_delta",
    "crm_salesforce_accounts_delta",
    "crm_salesforce_contacts_delta",
}

STOPPED_AT = """
{% macro duckdb__gather_statistics(relation, materialized) %}
    {% if execute and env_var('PQL_STOP_AT', '') == relation.identifier %}
        {% do exceptions.raise_compiler_error('stopped') %}
    {% endif %}
{% endmacro %}
"""


def unchanged(warehouse) -> set[str]:
    results = warehouse.run.result.results
    return {each.node.name for each in results if each.message == "UNCHANGED"}


def made(warehouse) -> set[str]:
    results = warehouse.run.result.results
    return {each.node.name for each in results if each.node.resource_type == "model"} - unchanged(warehouse)


# made by every build: they say what there is, and what was new to it
OF_EVERY_BUILD = {"base_product__events", "int_event_batches", "int_affected_events", "pql_build"}


def test_nothing_new_makes_no_other_table_anew(project, tmp_path):
    deliveries = Deliveries(random_world(71, **CROWD), tmp_path / "data", 71)
    deliveries.step(0, 2)
    variables, build = deliveries.variables | {"pql_as_of": None}, MODELS_ONLY
    for _ in range(3):
        quiet = project.run_in(tmp_path / "home", deliveries.folder, variables, build)
        assert quiet.run.success, quiet.run.output
    kinds = {each.node.name: each.node.config.materialized for each in quiet.run.result.results}
    assert {name for name in made(quiet) if kinds[name] != "incremental"} == OF_EVERY_BUILD
    # others write this log between builds: what reads it is made anew
    with duckdb.connect(str(quiet.path)) as connection:
        connection.execute("insert into crm_sync_results (target, pql_account_id) values ('hubspot', 'a1')")
    synced = project.run_in(tmp_path / "home", deliveries.folder, variables, build)
    assert made(synced) - made(quiet) == {"crm_reconciliation", *DELTAS}


def test_a_build_of_some_rows_is_refused_over_all_of_them(project, tmp_path):
    deliveries = Deliveries(random_world(72, **CROWD), tmp_path / "data", 72)
    deliveries.step(0, 2)

    def build(home: str, *flag: str) -> Warehouse:
        return project.run_in(tmp_path / home, deliveries.folder, deliveries.variables, (*CORE, *flag))

    nothing, whole, anew = build("home", "--empty"), build("home"), build("anew")
    assert nothing.run.success and whole.run.success, whole.run.output
    assert table_differences(whole.path, anew.path) == []  # what it left was no state to go on from
    for flag in (("--empty",), ("--sample", "3 days")):
        some = build("home", *flag)
        assert not some.run.success
        assert f"{flag[0]} would take the rows that it leaves out for gone" in some.run.output
        assert "schema of its own" in some.run.output
    assert table_differences(whole.path, anew.path) == []


def in_turn(models: list[str]) -> list[list[str]]:
    """What each invocation builds: one model, in the suite a few; what says what was built stands alone."""
    size, invocations = 1 if asked_for else 8, []
    for name in models:
        if not invocations or name.startswith("manifest") or len(invocations[-1]) == size:
            invocations.append([])
        invocations[-1].append(name)
        if name.startswith("manifest"):
            invocations.append([])
    return [names for names in invocations if names]


def test_models_one_by_one_give_what_one_build_gives(project, tmp_path):
    """In the order of the DAG; with PQL_EXAMPLES each in an invocation of its own, as Cosmos runs them."""
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=73)
    models = [
        each.node.name for each in anew.run.result.results if each.node.resource_type in ("model", "seed")
    ]
    for names in in_turn(models):
        some = ("build", "--exclude-resource-types", "test unit_test", "--select", *names)
        one = project.run_in(before.parent, deliveries.folder, deliveries.variables, some)
        assert one.run.success, one.run.output
    assert table_differences(before, anew.path) == []
    again = project.run_in(before.parent, deliveries.folder, deliveries.variables, CORE)
    assert {"dim_accounts", "pql_accounts"} <= unchanged(again)
    assert table_differences(before, anew.path) == []


def test_the_evaluation_may_be_left_out_from_the_first_build_on(project, tmp_path):
    """What reads outcomes has none until they are there, and then those of one whole build."""
    world = Deliveries(random_world(3, **CROWD), tmp_path / "data", 3)
    world.step(0, 1)
    without = project.run_in(
        tmp_path / "home", world.folder, world.variables, (*MODELS_ONLY, "--exclude", "tag:evaluation")
    )
    assert without.run.success, without.run.output
    evaluated = (*MODELS_ONLY, "--select", "tag:evaluation+")
    built = project.run_in(tmp_path / "home", world.folder, world.variables, evaluated)
    assert built.run.success, built.run.output
    whole = project.run_in(tmp_path / "whole", world.folder, world.variables, MODELS_ONLY)
    for table in ("mart_pql_accounts", "pql_sales_precision", "pql_criterion_precision"):
        assert sorted(map(str, built.rows(table))) == sorted(map(str, whole.rows(table))), table


def test_retry_builds_what_is_left(tmp_path):
    project = Project(tmp_path / "project")
    (project.folder / "macros" / "stopped_at.sql").write_text(STOPPED_AT)
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=74)
    place = {"path": before, "data": deliveries.folder, "variables": deliveries.variables}
    project.settings = {"PQL_STOP_AT": "int_criterion_runs"}
    stopped = project.dbt(*WITH_EVALUATION, **place)
    assert not stopped.success and "stopped" in stopped.output
    project.settings = {"PQL_STOP_AT": ""}
    retried = project.dbt("retry", **place)
    assert retried.success, retried.output
    whole = project.run_in(before.parent, deliveries.folder, deliveries.variables, CORE)
    assert whole.run.success, whole.run.output
    assert table_differences(before, anew.path) == []


PROFILES = """
pql_warehouse:
  target: dev
  outputs:
    dev: &dev {type: duckdb, path: "{{ env_var('PQL_DUCKDB_PATH') }}", threads: 2}
    ours: {<<: *dev, schema: ours}
"""


def test_a_schema_beside_production_defers_to_it_or_is_a_clone_of_it(tmp_path):
    """What is not built here is read there, as it is now; a clone is built on like any warehouse."""
    project = Project(tmp_path / "project")
    (project.folder / "profiles.yml").unlink()
    (project.folder / "profiles.yml").write_text(PROFILES)
    deliveries = Deliveries(random_world(75, **CROWD), tmp_path / "data", 75)
    place = {
        "path": tmp_path / "pql.duckdb",
        "data": deliveries.folder,
        "variables": deliveries.variables | {"pql_as_of": None},
    }
    project.replace_seeds(deliveries.folder)
    there = ("--state", str(tmp_path / "state"))
    marts = ("pql_accounts", "fct_criterion_episodes", "fct_account_usage_daily", "pql_account_criteria")

    def in_both(table: str) -> list:
        warehouse = Warehouse(place["path"], None)
        return [warehouse.rows(f"{schema}.{table} order by all") for schema in ("main", "ours")]

    for step in range(2):
        deliveries.step(step, 3)
        project.target = "dev"
        built = project.dbt(*CORE, **place)
        assert built.success, built.output
        shutil.copytree(project.folder / "target", tmp_path / "state", dirs_exist_ok=True)
        project.target = "ours"
        part = ("run", "--select", "int_account_next_steps", "pql_accounts", "--defer", *there)
        deferred = project.dbt(*part, **place)
        assert deferred.success, deferred.output
        production, ours = in_both("pql_accounts")
        assert production == ours and ours
    what_is_there = (*CORE[CORE.index("--exclude") :], "resource_type:seed")
    cloned = project.dbt("clone", "--full-refresh", *what_is_there, *there, **place)
    assert cloned.success, cloned.output
    deliveries.step(2, 3)
    for target in ("ours", "dev"):
        project.target = target
        built = project.dbt(*CORE, **place)
        assert built.success, built.output
    for table in marts:
        production, ours = in_both(table)
        assert production == ours, table
