"""On every engine a build that only looks at what is new gives the rows of a build from nothing."""

import re
from collections import Counter

from deliveries import CORE, CROWD, TABLES, Deliveries
from reference.worlds import random_world

from engines.conftest import queries_of

# of these deliveries the second adds events and takes some away, and the third adds more
SEED = 59
PARTITIONED = {"stg_product__events_judged": "batch_id", "fct_user_usage_daily": "local_date"}


# What any build must write to know later what it has built, and no more.
STATE = ("run", "--select", "+manifest_inputs", "+manifest_accounts")


def rows_of(engine, tables=TABLES) -> dict[str, Counter]:
    return {
        table: Counter(
            tuple((name, value) for name, value in sorted(row.items()) if name != "built_at")
            for row in engine.rows(table)
        )
        for table in tables
    }


def build(engine_project, deliveries, *more, command=CORE):
    engine_project.load(deliveries.folder)
    engine_project.replace_seeds(deliveries.folder)
    return engine_project.again(deliveries.variables, (*command, *more))


def assert_built(run) -> None:
    assert run.success, run.output


def test_incremental_equals_full(engine_project, tmp_path):
    """Three deliveries, of which the second is stopped again and again before it is built."""
    engine = engine_project.engine
    deliveries = Deliveries(random_world(SEED, **CROWD), tmp_path / "data", SEED)
    engine.empty()
    deliveries.step(0, 3)
    assert_built(build(engine_project, deliveries))
    deliveries.step(1, 3)
    states = [] if engine.has_transactions else stop_everywhere(engine_project, deliveries)
    assert_built(build(engine_project, deliveries))
    if states:
        assert_whole(states, rows_of(engine))
    deliveries.step(2, 3)
    with engine.partition_filters(tuple(PARTITIONED)) as filters:
        run = build(engine_project, deliveries)
        assert_built(run)
    if not engine.has_transactions:
        assert {table for table, column in PARTITIONED.items() if column in filters[table]} == set(
            PARTITIONED
        )
    assert engine.rows("int_affected_events")  # there are none where everything is built anew
    assert not [name for name in engine.tables() if re.search("__(new|rows|old|staged)", name)]
    kept = rows_of(engine)
    faults = engine.faults_of_design(queries_of(run), is_next=True)
    assert_built(build(engine_project, deliveries, "--full-refresh"))
    anew = rows_of(engine)
    for table in TABLES:
        assert kept[table] == anew[table], table
    assert faults == {}


def assert_incremental_equals_full(project, data) -> None:
    """Three deliveries, which also change and take away what came before."""
    deliveries = Deliveries(random_world(SEED, **CROWD), data, SEED)
    project.engine.empty()
    for number in range(3):
        deliveries.step(number, 3)
        assert_built(build(project, deliveries))
    engine = project.engine
    affected, judged = engine.rows("int_affected_events"), engine.rows("stg_product__events_judged")
    assert 0 < len(affected) < len(judged)
    kept = rows_of(engine)
    assert_built(build(project, deliveries, "--full-refresh"))
    anew = rows_of(engine)
    for table in TABLES:
        assert kept[table] == anew[table], table


def assert_whole(states, after) -> None:
    """Whoever read a table while builds were stopped has seen it as it was or as it was to be."""
    assert sum(states[-1][table] == after[table] != states[0][table] for table in TABLES) > 2
    for state in states:
        for table in TABLES:
            assert state[table] in (states[0][table], after[table]), table


def stop_everywhere(engine_project, deliveries) -> list[dict]:
    """What there is to read wherever a build was stopped, of an engine whose tables are always whole."""
    engine = engine_project.engine
    states = [rows_of(engine)] if engine.has_commits else []
    for statement in engine.weak_points:
        with engine.stopped_before(statement) as missed:
            run = build(engine_project, deliveries)
        assert missed and not run.success, f"nothing stopped before: {statement}\n{run.output}"
        if statement.startswith("insert overwrite"):
            engine.lose_partition("stg_product__events_judged", "batch_id")
        if engine.has_commits:
            states.append(rows_of(engine))
    return states


def test_criteria_may_read_other_properties(engine_project, tmp_path):
    """The column of a property that no criterion reads any more goes, or stays empty on files."""
    engine = engine_project.engine
    world = random_world(52, accounts=5, rows=400, criteria=0, definitions=0)
    deliveries = Deliveries(world, tmp_path / "data", 52)

    def built(read, *more):
        criterion = {"name": "reader", "type": "event_count", "where": read, "at_least": 2}
        deliveries.variables |= {
            "pql_criteria": [criterion],
            "pql_definitions": [{"name": "pql", "qualifies_when": "reader"}],
        }
        assert_built(build(engine_project, deliveries, *more, command=STATE))
        return rows_of(engine, ("fct_criterion_episodes", "pql_account_criteria"))

    channel, app = {"channel": "public"}, {"app": "jira"}
    engine.empty()
    deliveries.step(0, 2)
    built(channel)
    built(app)
    deliveries.step(1, 2)
    kept = [built(app), built(channel)]
    columns = [name for name in engine.rows("int_detailed_events")[0] if name.startswith("property_")]
    assert len(columns) == (1 if engine.has_transactions else 2)
    assert kept[0]["fct_criterion_episodes"] != kept[1]["fct_criterion_episodes"]
    assert kept == [built(app, "--full-refresh"), built(channel, "--full-refresh")]
