"""What the rules name and the data do not have is said by name, with what was probably meant."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import Warehouse
from reference.worlds import write_world
from small_worlds import at, event, small_world

WITH_WARNINGS = ("build", "--exclude", "tag:crm", "test_type:generic", "test_type:unit", "tag:logic")
EVENTS = [
    event(
        at(3, 9),
        "file uploaded",
        properties='{"sizeMb": 7, "target": {"kind": "team"}, "plan": "Pro", "v": 1.1}',
    ),
    event(at(4, 9), "Login", properties='{"device": "iOS", "by": "staff"}', account_id="zoo"),
    event(at(4, 10), "paid", properties='{"price": "1,250", "seats": 3}'),
    event(at(4, 11), "paid", properties='{"price": 99, "seats": null}'),
    event(at(5, 9), "search", account_id="park"),
    event(at(5, 10), "invited"),
    event(at(5, 11), "Invited "),
]
UPLOADS = {"type": "event_count", "events": ["file uploaded"], "at_least": 1}
# criteria, and what is said about each: words of one warning, or None where there is nothing to say
CRITERIA = [
    (
        UPLOADS
        | {"name": "fine", "where": {"plan": ["Pro", "max"], "sizeMb": "*"}, "where_not": {"by": "staff"}},
        None,
    ),
    (
        {"name": "beside", "type": "event_count", "events": ["invited"], "at_least": 1},
        "'invited' and not 'Invited '",
    ),
    (
        {"name": "missed", "type": "event_count", "events": ["login"], "at_least": 1},
        "'login'",
        "'Login' meant",
    ),
    (
        {"name": "unknown", "type": "event_count", "events": ["xyz"], "at_least": 1},
        "'xyz'",
        "as the tracker spells",
    ),
    (UPLOADS | {"name": "sum", "type": "event_sum", "property": "size_mb"}, "'size_mb'", "'sizeMb' meant"),
    (UPLOADS | {"name": "inner", "where": {"kind": "team"}}, "'kind'", "inside of 'target'"),
    (UPLOADS | {"name": "path", "where": {"target.kind": "*"}}, "'target.kind'", "inside of 'target'"),
    (UPLOADS | {"name": "odd", "where": {"zzz": 1}}, "'zzz'", "no event carries"),
    (UPLOADS | {"name": "value", "where": {"plan": ["pro"]}}, "to be 'pro'", "'Pro' meant"),
    (UPLOADS | {"name": "values", "where": {"plan": ["max", "mini"]}}, "to be 'max' or 'mini'"),
    (UPLOADS | {"name": "version", "where": {"v": "1.10"}}, "to be '1.10'", "'1.1' meant"),
    (UPLOADS | {"name": "left_out", "where_not": {"Target": "*"}}, "'Target'", "'target' meant"),
    (UPLOADS | {"name": "not_the_value", "where_not": {"plan": "pro "}}, "to be 'pro '", "'Pro' meant"),
    (
        {"name": "prices", "type": "event_sum", "events": ["paid"], "property": "price", "at_least": 1},
        "'1,250'",
        "count for nothing",
    ),
    ({"name": "seats", "type": "event_max", "events": ["paid"], "property": "seats", "at_least": 1}, None),
    (
        {"name": "sorts", "type": "distinct_values", "events": ["paid"], "property": "price", "at_least": 1},
        None,
    ),
    ({"name": "attr", "type": "account_attribute", "attribute": "Industri", "in": ["x"]}, "'industry' meant"),
    (
        {"name": "nulls", "type": "account_attribute", "attribute": "city", "in": ["x"]},
        "'city'",
        "null for every",
    ),
    (
        {"name": "fits", "type": "account_attribute", "attribute": "industry", "in": ["Steel"]},
        "'steel' and never 'Steel'",
    ),
    (
        {"name": "rare", "type": "account_attribute", "attribute": "industry", "in": ["steel", "none yet"]},
        None,
    ),
    (
        {"name": "limit", "type": "limit_usage", "limit": "seats", "at_least": 1},
        "the plan 'Free'",
        "'free' meant",
    ),
    (
        {"name": "no_limit", "type": "limit_usage", "limit": "Mesages", "at_least": 1},
        "'Mesages'",
        "'messages' meant",
    ),
]
ACCOUNTS = [
    {"account_id": "acme", "signed_up_at": at(1), "plan": "Free", "time_zone": "Mars/Olympus"}
    | {"closed_at": "31.12.2026", "trial_ends_at": "in May"},
    {"account_id": "zoo", "signed_up_at": at(1), "industry": "steel", "time_zone": "W. Europe Standard Time"}
    | {"closed_at": "NULL", "trial_ends_at": "2031-12-31"},
    {"account_id": "park", "signed_up_at": at(1), "plan": "free", "time_zone": "america/new_york"},
    {"account_id": "hill", "signed_up_at": at(1), "plan": "team", "closed_at": "31/12/2026"},
]
TEXTS = ("account_id", "plan", "industry", "city", "time_zone", "closed_at", "trial_ends_at")
LIMITS = [("free", "seats", 5), ("pro", "seats", 9), ("pro", "messages", 9)]


@pytest.fixture(scope="module")
def built(project, tmp_path_factory) -> Warehouse:
    """Everything odd at once."""
    world = small_world(
        EVENTS,
        [criterion for criterion, *_ in CRITERIA],
        plan_limits=[
            dict(zip(("plan", "limit_name", "limit_value"), limit, strict=True)) for limit in LIMITS
        ],
    )
    world.variables["pql_ignored_events"] = [{"events": ["search"]}, {"user_ids": ["nobody"]}]
    folder = tmp_path_factory.mktemp("odd")
    variables = write_world(world, folder, folder)
    columns = {name: pa.string() for name in TEXTS}
    accounts = pa.Table.from_pylist(
        ACCOUNTS, pa.schema([*columns.items(), ("signed_up_at", pa.timestamp("us"))])
    )
    pq.write_table(accounts, folder / "accounts.parquet")
    return project.build(folder, variables, WITH_WARNINGS)


def warnings_of(built: Warehouse, *words: str) -> list[str]:
    return [line for line in built.run.output.splitlines() if all(word in line for word in words)]


@pytest.mark.parametrize(
    "criterion, words", [(c, words) for c, *words in CRITERIA], ids=lambda x: str(x)[:40]
)
def test_what_a_criterion_names_and_nothing_has_is_said_with_what_is_near(built, criterion, words):
    said = warnings_of(built, f"Criterion '{criterion['name']}' ")
    if words == [None]:
        assert said == []
    else:
        assert any(all(word in line for word in words) for line in said), said


def test_a_plan_without_the_limit_is_said_with_those_that_have_it(built):
    assert warnings_of(built, "'limit'", "the plan 'team'", "Plans that have it: 'free', 'pro'")


def test_time_zones_that_do_not_exist_are_named_with_those_that_are_meant(built):
    assert warnings_of(built, "'zoo'", "'W. Europe Standard Time'", "The IANA zone is Europe/Berlin")
    assert warnings_of(built, "'park'", "'america/new_york'", "The IANA zone is America/New_York")
    [line] = warnings_of(built, "'acme'", "'Mars/Olympus'")
    assert "IANA" not in line


def test_a_moment_that_cannot_be_read_is_said_and_a_word_for_none_is_not(built):
    [line] = warnings_of(built, "'accounts' (accounts)", "cannot be read and count as missing")
    assert line.count("account_id=") == 2
    assert "account_id=acme: trial_ends_at=in May closed_at=31.12.2026" in line
    assert "account_id=hill: closed_at=31/12/2026" in line


def test_a_rule_that_leaves_nothing_out_is_named(built):
    assert not warnings_of(built, "pql_ignored_events[0]")
    assert warnings_of(built, "pql_ignored_events[1]", "leaves out no event")
