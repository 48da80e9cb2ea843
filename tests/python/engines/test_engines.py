"""What DuckDB gives, every engine gives: the same rows, to the microsecond."""

import json
import shutil

import check_precision
import golden
import pytest
import report
from comparison import disagreements
from harness import EVERYTHING, MODELS_ONLY, environment
from known_answers import COUNTS, SAME_COUNTS, expected_rows
from reference.oracle import evaluate
from reference.worlds import random_world

from engines.conftest import queries_of


@pytest.mark.parametrize("name, command", [("criteria_zones", EVERYTHING), ("criteria_utc", MODELS_ONLY)])
def test_fixture(engine_project, fixtures, name, command):
    """Once with all of dbt's own tests, unit tests included, and once without; the way of each is sound."""
    folder = fixtures / name
    warehouse = engine_project.build(folder, json.loads((folder / "vars.json").read_text()), command)
    assert_episodes(warehouse, folder)
    assert warehouse.row("event_quality").items() >= (COUNTS[name] | SAME_COUNTS).items()
    models = queries_of(warehouse.run)
    assert len(models) > 50
    assert engine_project.engine.faults_of_design(models) == {}


def test_shuffles_are_found(engine_project):
    """One is a fault where SHUFFLES allows none, and so is one more than it allows."""
    engine = engine_project.engine
    if not engine.counts_shuffles:
        pytest.skip("its shuffles are not counted")
    engine.empty()
    engine_project.load(golden.INPUTS)
    distinct = "select distinct event_id from pql.events"
    twice = f"select user_id, count(*) from pql.events where event_id in ({distinct}) group by user_id"
    assert engine.faults_of_design({"int_as_of": "select max(occurred_at) from pql.events"}) == {}
    assert len(engine.faults_of_design({"int_as_of": distinct})["int_as_of"]) == 1
    assert engine.faults_of_design({"stg_product__events_judged": distinct}) == {}
    assert "stg_product__events_judged" in engine.faults_of_design({"stg_product__events_judged": twice})


def assert_episodes(warehouse, folder) -> None:
    for table, file in (
        ("fct_criterion_episodes", "expected_episodes.csv"),
        ("fct_pql_episodes", "expected_pql_episodes.csv"),
    ):
        header, expected = expected_rows(folder / file)
        rows = warehouse.rows(table, ", ".join(header))
        found = [tuple("" if value is None else str(value) for value in row.values()) for row in rows]
        assert sorted(found) == expected


def test_golden_tables(engine_project, tmp_path):
    """Every value comes as text. A first build sees half of the events, the second finds the rest as well."""
    header, *lines = (golden.INPUTS / "events.csv").read_text().splitlines(keepends=True)
    first = shutil.copytree(golden.INPUTS, tmp_path / "first")
    (first / "events.csv").write_text(header + "".join(lines[: len(lines) // 2]))
    warehouse = engine_project.build(first, golden.variables(), MODELS_ONLY)
    engine_project.load(golden.INPUTS)
    second = engine_project.again(golden.variables(), MODELS_ONLY)
    assert second.success, second.output
    golden.assert_golden(warehouse, leaving_out=golden.REMEMBERING)


def test_the_tables_of_the_user_are_left_alone(engine_project):
    """There is a seed of this name as well, which is not read here."""
    engine = engine_project.engine
    engine.empty()
    engine.load("conversions", f"read_csv('{golden.INPUTS / 'conversions.csv'}', all_varchar = true)")
    given = engine.rows("conversions")
    run = engine_project.again({"pql_conversions_from": "source"}, ("seed",))
    assert run.success, run.output
    assert engine.rows("conversions") == given != []
    assert "plan_limits" in engine.tables()


@pytest.mark.parametrize("seed", [1, 2])
def test_random_world(engine_project, seed):
    """Worlds of the tests' own making, against the reference that computes them by brute force."""
    world = random_world(seed)
    warehouse = engine_project.build(world, command=MODELS_ONLY)
    assert disagreements(warehouse, evaluate(world), world) == []


def test_scripts_read_what_the_engine_built(engine_project, tmp_path, capsys):
    """The precision check and the report of the golden world, through the adapter of dbt."""
    engine_project.build(golden.INPUTS, golden.variables(), MODELS_ONLY)
    folder = str(engine_project.folder)
    options = ["--project-dir", folder, "--profiles-dir", folder, "--target", engine_project.target]
    options += ["--vars", json.dumps(golden.variables())]
    with environment(**engine_project.settings):
        assert check_precision.main(options) != 2  # which is a failure; the others are verdicts
        assert report.main([*options, "--output", str(tmp_path / "report.html")]) == 0
    said = capsys.readouterr()
    assert "three_logins_first_week" in said.out
    assert said.err == ""
