"""The reference reproduces the fixtures, and a few small cases say in the open what the words mean."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from harness import FIXTURES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference.leads import outcome
from reference.oracle import World, evaluate
from reference.worlds import TYPES, random_world, read_world, without_corrections, worlds, write_world

slow_but_sure = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))

COUNTS = {
    "criteria_utc": {"raw": 5928, "accepted": 5698, "unattributed": 65},
    "criteria_zones": {"raw": 6088, "accepted": 5858, "unattributed": 70},
}
SAME_COUNTS = {
    "duplicates": 120,
    "conflicting": 60,
    "rejected": {
        "future_occurred_at": 50,
        "missing_event_id": 20,
        "missing_event_name": 20,
        "missing_occurred_at": 20,
    },
}


def read_csv(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def as_csv(rows: list[dict], header: list[str]) -> list[tuple]:
    return sorted(tuple("" if row[key] is None else str(row[key]) for key in header) for row in rows)


@pytest.mark.parametrize("name", COUNTS)
def test_fixture(name):
    """Every episode and every count of the inputs with known answers."""
    answers = evaluate(read_world(FIXTURES / name))
    for expected_file, rows in (
        ("expected_episodes.csv", answers.fct_criterion_episodes),
        ("expected_pql_episodes.csv", answers.fct_pql_episodes),
    ):
        expected = read_csv(FIXTURES / name / expected_file)
        header = list(expected[0])
        assert as_csv(rows, header) == as_csv(expected, header)
    assert answers.quality.items() >= (COUNTS[name] | SAME_COUNTS).items()


def test_outcomes_fixture():
    """The states and moments of the worked example of the precision check."""
    folder = FIXTURES / "outcomes"
    tables = {name: read_csv(folder / f"{name}.csv") for name in ("events", "accounts", "conversions")}
    criteria = [
        {"name": name, "type": "event_count", "window": {"first_days": days}, "at_least": at_least}
        for name, days, at_least in (("C1", 7, 3), ("C2", 3, 2))
    ]
    variables = {"pql_as_of": "2026-03-31 09:00:00", "pql_criteria": criteria}
    answers = evaluate(World(**tables, variables=variables))
    expected = {
        (row["criterion"], row["account_id"], row["metric"]): row["value"]
        for row in read_csv(folder / "expected.csv")
        if row["metric"] in ("state", "qualified_at")
    }
    found = {
        (row["criterion_name"], row["account_id"], metric): str(row[metric])
        for row in answers.fct_criterion_outcomes
        for metric in ("state", "qualified_at")
        if row[metric] is not None
    }
    assert found == expected


# Small cases. One account signs up on Monday 2 March 2026 at noon; days and hours are of that March.


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute)


def event(moment: datetime, name: str = "login", **columns) -> dict:
    return {
        "event_id": str(moment),
        "occurred_at": moment,
        "event_name": name,
        "account_id": "acme",
    } | columns


def judge(events, *criteria, as_of=None, definition=None, account=(), **tables):
    """The answers for one account, as of the end of March unless told otherwise."""
    named = [{"name": f"c{number}"} | criterion for number, criterion in enumerate(criteria)]
    variables = {
        "pql_as_of": as_of or at(31),
        "pql_criteria": named,
        "pql_definitions": [{"name": "pql", "qualifies_when": "c0"} | definition] if definition else [],
    }
    accounts = [{"account_id": "acme", "signed_up_at": at(2, 12)} | dict(account)]
    return evaluate(World(events=events, accounts=accounts, variables=variables, **tables))


def episodes(answers, name: str = "c0") -> list[tuple]:
    rows = [row for row in answers.fct_criterion_episodes if row["criterion_name"] == name]
    return [(row["started_at"], row["ended_at"]) for row in rows]


def leads(answers) -> list[tuple]:
    return [(row["qualified_at"], row["ended_at"], row["end_reason"]) for row in answers.fct_pql_episodes]


TWO_IN_THREE_DAYS = {"type": "event_count", "window": {"last_days": 3}, "at_least": 2}
ACTIVE_TODAY = {"type": "event_count", "window": {"last_days": 1}, "at_least": 1}


def test_starts_at_the_event_and_lapses_at_the_midnight_that_closes_the_first_day_below():
    answers = judge([event(at(3, 9)), event(at(5, 10))], TWO_IN_THREE_DAYS)
    assert episodes(answers) == [(at(5, 10), at(7))]


def test_lapse_after_days_counts_days_in_a_row():
    patient = ACTIVE_TODAY | {"lapse_after_days": 2}
    answers = judge([event(at(day, 9)) for day in (3, 5, 8)], patient)
    assert episodes(answers) == [(at(3, 9), at(8)), (at(8, 9), at(11))]


def test_an_event_at_the_midnight_of_the_end_continues_the_episode():
    answers = judge([event(at(3, 9)), event(at(5))], ACTIVE_TODAY)
    assert episodes(answers) == [(at(3, 9), at(6 + 1))]


def test_the_day_of_sign_up_counts_from_its_first_event_but_starts_nothing_before_sign_up():
    ever = {"type": "event_count", "at_least": 2}
    assert episodes(judge([event(at(2, 1)), event(at(2, 2))], ever)) == [(at(2, 12), None)]
    assert episodes(judge([event(at(1, 23)), event(at(2, 2))], ever)) == []


def test_what_happens_at_the_as_of_is_visible():
    """An event there starts an episode, and a day that closes there has closed."""
    assert episodes(judge([event(at(3, 9))], ACTIVE_TODAY, as_of=at(3, 9))) == [(at(3, 9), None)]
    assert episodes(judge([event(at(3, 9))], ACTIVE_TODAY, as_of=at(5))) == [(at(3, 9), at(5))]


def test_growth_holds_from_the_first_moment_of_a_day_whose_base_has_shrunk():
    """On the 6th it is 2 logins in two days against 5 in the two before; on the 7th 2 against 1."""
    doubled = {"type": "growth", "window": {"last_days": 2}, "at_least": 2}
    logins = [event(at(3, hour)) for hour in (8, 9, 10, 11)] + [
        event(at(4)),
        event(at(6, 1)),
        event(at(6, 2)),
    ]
    assert episodes(judge(logins, doubled)) == [(at(7), at(9))]


def test_a_ratio_rises_at_midnight_where_what_it_is_per_fades():
    """Five logins in a week, per active day of the two up to the day before: one of those on the 7th."""
    busy = {
        "type": "ratio",
        "of": {"measure": "event_count", "window": {"last_days": 7}},
        "per": {"measure": "active_days", "window": {"last_days": 2}},
        "at_least": 5,
    }
    logins = [event(at(day, hour)) for day, hour in ((3, 9), (3, 10), (4, 9), (4, 10), (5, 9))]
    assert episodes(judge(logins, busy)) == [(at(7), at(9))]


def test_a_decayed_sum_loses_a_part_of_every_event_each_day():
    """Three logins on the 3rd are worth 3, 2, 1 points; one more on the 4th makes them 3 again."""
    fresh = {"type": "decayed_sum", "fades_over_days": 3, "at_least": 3}
    logins = [event(at(3, hour)) for hour in (8, 9, 10)] + [event(at(4, 9))]
    assert episodes(judge(logins, fresh)) == [(at(3, 10), at(6))]


def test_billing_months_begin_on_the_day_of_the_first_date_known_and_count_what_came_before_it():
    """Billed on the 31st, which is the 28th in February; known at noon of the 5th, so from the 6th on."""
    monthly = {"type": "event_count", "window": {"billing": "renews_at"}, "at_least": 2}
    known = [
        {"account_id": "acme", "attribute": "renews_at", "value": value, "changed_at": moment}
        for value, moment in (("soon", at(3)), ("2026-01-31", at(5, 12)), ("2026-01-15", at(7)))
    ]
    answers = judge([event(at(2, 13)), event(at(4))], monthly, account_changes=known, as_of=at(31, 1))
    assert episodes(answers) == [(at(6), None)]
    assert answers.pql_account_criteria[0]["observed_value"] == 0  # a month began on the 31st


def test_ordered_steps_are_strictly_later_than_one_another():
    steps = {"type": "milestones", "steps": ["create", "invite"], "ordered": True}
    same_moment = [event(at(3), "create", event_id="1"), event(at(3), "invite", event_id="2")]
    assert episodes(judge(same_moment, steps)) == []
    assert episodes(judge([*same_moment, event(at(4), "invite")], steps)) == [(at(4), None)]


def test_a_plan_changed_during_a_day_counts_from_the_next():
    usage = {"type": "limit_usage", "limit": "seats", "at_least": 0.5}
    answers = judge(
        [event(at(3, 9))],
        usage,
        plan_limits=[{"plan": "free", "limit_name": "seats", "limit_value": "2"}],
        account_changes=[
            {"account_id": "acme", "attribute": "plan", "value": "free", "changed_at": at(5, 8)},
            {"account_id": "acme", "attribute": "plan", "value": "pro", "changed_at": at(9, 8)},
        ],
    )
    assert episodes(answers) == [(at(6), at(11))]


def test_a_streak_not_yet_continued_today_shows_yesterdays():
    streak = {"type": "consecutive_days", "at_least": 2}
    answers = judge([event(at(3, 9)), event(at(4, 9))], streak, as_of=at(5, 8))
    assert [(row["is_met"], row["observed_value"]) for row in answers.pql_account_criteria] == [(True, 2)]


def test_none_of_is_met_from_sign_up_on():
    answers = judge([event(at(3, 9))], ACTIVE_TODAY, {"type": "none_of", "criteria": ["c0"]})
    assert episodes(answers, "c1") == [(at(2, 12), at(3, 9)), (at(5), None)]


def test_a_date_opens_and_closes_at_local_midnights():
    """A trial that ends on the evening of the 10th in Kolkata, where midnight is at 18:30."""
    last_day = {"type": "account_date", "attribute": "trial_ends_at", "from_days": 0, "to_days": 0}
    answers = judge([], last_day, account={"trial_ends_at": at(10, 15), "time_zone": "Asia/Kolkata"})
    assert episodes(answers) == [(at(9, 18, 30), at(10, 18, 30))]


def test_a_midnight_that_the_clock_skips_is_the_first_instant_after_it():
    """In Havana 8 March 2026 begins at one o'clock, which is 05:00 in UTC, and the 9th at 04:00."""
    answers = judge([event(at(7, 12))], ACTIVE_TODAY, account={"time_zone": "America/Havana"})
    assert episodes(answers) == [(at(7, 12), at(9, 4))]


def test_an_inferred_sign_up_is_the_first_event():
    answers = judge(
        [event(at(4, 9))],
        {"type": "none_of", "criteria": ["c1"]},
        ACTIVE_TODAY,
        account={"signed_up_at": None},
    )
    assert answers.dim_accounts[0]["is_signup_inferred"]
    assert episodes(answers) == [(at(6), None)]


def test_the_duplicate_received_first_wins_and_a_different_one_conflicts():
    first = event(at(3, 9), event_id="e", received_at=at(3, 10))
    later = event(at(3, 8), event_id="e", received_at=at(3, 11))
    answers = judge([later, first, dict(first)])
    assert answers.accepted == [first]
    assert answers.rejected == [(later, "conflicting_duplicate")]
    assert answers.quality.items() >= {"raw": 3, "accepted": 1, "duplicates": 2, "rejected": {}}.items()


def test_attribution_never_looks_ahead():
    device = {"anonymous_id": "phone", "account_id": None, "user_id": None}
    events = [
        event(at(3), **device, event_id="before"),
        event(at(4), **device | {"user_id": "ann", "event_id": "seen"}),
        event(at(5), **device, event_id="after"),
    ]
    users = [{"user_id": "ann", "account_id": "acme"}]
    memberships = [{"user_id": "ann", "account_id": "other", "joined_at": at(3), "left_at": at(5)}]
    answers = judge(events, users=users, memberships=memberships)
    assert answers.attribution == {
        "before": (None, None),
        "seen": ("ann", "other"),
        "after": ("ann", "acme"),
    }


def test_the_first_reason_of_several_ends_at_one_instant():
    answers = judge(
        [event(at(3, 9))],
        ACTIVE_TODAY,
        definition={"audience": "unconverted"},
        account={"closed_at": at(5)},
        conversions=[{"account_id": "acme", "converted_at": at(5)}],
    )
    assert leads(answers) == [(at(3, 9), at(5), "converted")]
    assert answers.pql_accounts[0]["pql_status"] == "converted"


def test_an_expired_episode_starts_again_only_after_its_conditions_have_failed():
    daily = [event(at(day, 9)) for day in (3, 4, 5, 6, 7, 10)]
    answers = judge(daily, ACTIVE_TODAY, definition={"expires_after_days": 2})
    assert leads(answers) == [(at(3, 9), at(6), "expired"), (at(10, 9), at(12), "lapsed")]


def test_an_exclusion_interrupts():
    busy = {"type": "event_count", "window": {"last_days": 1}, "at_least": 2}
    events = [event(at(3, 9)), event(at(3, 10))]
    answers = judge(events, ACTIVE_TODAY, busy, definition={"excluded_when": ["c1"]})
    assert leads(answers) == [(at(3, 9), at(3, 10), "excluded")]


@pytest.mark.parametrize(
    ("q", "c", "x", "state"),
    [
        (None, at(5), None, "not_qualified"),
        (at(6), at(5), None, "converted_before"),
        (at(5), at(5), at(4), "converted_at"),
        (at(5), None, at(5), "closed_before"),
        (at(22), at(23), None, "immature"),
        (at(5), at(15), None, "hit"),
        (at(5), at(16), at(15), "miss_closed"),
        (at(5), at(16), at(16), "miss_late"),
        (at(5), None, None, "miss"),
    ],
)
def test_outcome(q, c, x, state):
    """With a horizon of ten days, judged at the end of March."""
    assert outcome(q, c, x, horizon=10, judged_at=at(31)) == state


def test_a_payment_known_to_the_day_is_that_local_day():
    """Acme is in Berlin: its 5 March begins at 23:00 UTC of the fourth."""
    for moment, state in (
        (at(4, 22, 59), "hit"),
        (at(4, 23), "same_day"),
        (at(5, 22, 59), "same_day"),
        (at(5, 23), "converted_before"),
    ):
        answers = judge(
            [event(moment)],
            ACTIVE_TODAY,
            as_of=datetime(2026, 5, 1),
            account={"time_zone": "Europe/Berlin"},
            conversions=[{"account_id": "acme", "converted_at": "2026-03-05"}],
        )
        assert {row["state"] for row in answers.fct_criterion_outcomes} == {state}
        assert answers.dim_accounts[0]["converted_at"] == at(4, 23)


# Random worlds.


def as_known_at(moment: datetime, rows: list[dict], start: str) -> list[dict]:
    """What a table of episodes must have said at an earlier moment."""
    return [reopened(row, moment) for row in rows if row[start] <= moment]


def reopened(row: dict, moment: datetime) -> dict:
    if row["ended_at"] is None or row["ended_at"] <= moment:
        return row
    return row | {"ended_at": None} | ({"end_reason": None} if "end_reason" in row else {})


@slow_but_sure
@given(worlds(), st.integers(0, 10**6))
def test_nothing_that_happens_later_changes_what_was_true_before(world, pick):
    """Judged as of the start or end of any episode, everything up to there is the same."""
    now = evaluate(without_corrections(world))
    rows = now.fct_criterion_episodes
    moments = [row[edge] for row in rows for edge in ("started_at", "ended_at") if row[edge]] or [at(1)]
    world.variables["pql_as_of"] = moment = moments[pick % len(moments)]
    before = evaluate(world)
    assert before.fct_criterion_episodes == as_known_at(moment, rows, "started_at")
    assert before.fct_pql_episodes == as_known_at(moment, now.fct_pql_episodes, "qualified_at")


@slow_but_sure
@given(worlds())
def test_every_raw_row_is_accepted_a_duplicate_or_rejected(world):
    quality = evaluate(world).quality
    assert quality["raw"] == quality["accepted"] + quality["duplicates"] + sum(quality["rejected"].values())


def test_a_written_world_reads_back_the_same(tmp_path):
    world = random_world(7)
    variables = write_world(world, tmp_path, tmp_path)
    (tmp_path / "vars.json").write_text("{}")
    copy = read_world(tmp_path)
    copy.variables = variables
    assert evaluate(copy) == evaluate(world)


def test_random_worlds_hold_every_type():
    types = Counter(c["type"] for seed in range(30) for c in random_world(seed).criteria)
    assert types.keys() == set(TYPES) and min(types.values()) >= 3
