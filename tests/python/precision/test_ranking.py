"""Scores are judged as lists are worked: by hand, week by week, and with intervals that cover."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from checking import check
from harness import CORE_MODELS
from pql_tools import statistics as st
from pql_tools.precision import holdout

LOGINS = {"type": "event_count", "events": ["login"]}
CRITERIA = [
    {"name": "three", **LOGINS, "window": {"first_days": 7}, "at_least": 3},
    {"name": "two", **LOGINS, "window": {"last_days": 7}, "at_least": 2},
    {"name": "quiet", "type": "none_of", "criteria": ["two"]},
    {"name": "points", "type": "score", "points": {"three": 20, "two": 15, "quiet": -5}, "at_least": 20},
    {"name": "parts", "type": "score", "points": {"three": 0.5, "two": 0.25}, "at_least": 0.5},
]
VARIABLES = {
    "pql_as_of": "2026-03-31 09:00:00",
    "pql_criteria": CRITERIA,
    "pql_definitions": [{"name": "pql", "qualifies_when": "three", "score": "points"}],
}
HORIZON = timedelta(days=30)


@pytest.fixture(scope="module")
def example(project, fixtures):
    return project.build(fixtures / "outcomes", VARIABLES, CORE_MODELS)


def by_hand(warehouse, score) -> list[tuple]:
    """(account, Monday, points, when it last became a lead, whether it paid) from accounts and episodes."""
    points = next(criterion["points"] for criterion in CRITERIA if criterion["name"] == score)
    episodes = warehouse.rows("fct_criterion_episodes", "account_id, criterion_name, started_at, ended_at")
    leads = warehouse.rows("fct_pql_episodes", "account_id, qualified_at")
    as_of, found = datetime(2026, 3, 31, 9), []
    for account in warehouse.rows("dim_accounts", "account_id, signed_up_at, converted_at, closed_at"):
        monday = datetime(2025, 12, 1)
        while monday + HORIZON <= as_of:
            ends = [account[name] for name in ("converted_at", "closed_at") if account[name]]
            if account["signed_up_at"] <= monday and all(end > monday for end in ends):
                total = sum(
                    points.get(episode["criterion_name"], 0)
                    for episode in episodes
                    if episode["account_id"] == account["account_id"] and episode["started_at"] <= monday
                    and (episode["ended_at"] is None or episode["ended_at"] > monday)
                )  # fmt: skip
                since = [
                    lead["qualified_at"] for lead in leads
                    if lead["account_id"] == account["account_id"] and lead["qualified_at"] <= monday
                ]  # fmt: skip
                paid = account["converted_at"] is not None and account["converted_at"] <= monday + HORIZON
                place = max(since, default=datetime.min)
                found.append((account["account_id"], monday, total, place, paid))
            monday += timedelta(days=7)
    return found


def of_score(score) -> str:
    return f"pql_score_bands where score_name = '{score}'"


def test_bands_count_every_week(example):
    """Each week that starts while an account is open and unpaid counts once, at the points it then has."""
    for score in ("points", "parts"):
        rows = by_hand(example, score)
        assert len(rows) > 30
        bands = example.rows(f"{of_score(score)} order by place")
        for band in bands:
            here = [row for row in rows if band["from_points"] <= row[2] < band["below_points"]]
            paid = [row for row in here if row[4]]
            assert (band["account_weeks"], band["paid_weeks"]) == (len(here), len(paid)), band["band"]
            assert band["accounts"] == len({row[0] for row in here})
            assert band["paying_accounts"] == len({row[0] for row in paid})
        # fewer than twenty accounts ever stood anywhere: all bands below lend their weeks
        top = bands[-1]
        assert top["score_rate"] == pytest.approx(sum(row[4] for row in rows) / len(rows))


def test_bands_depend_on_the_points_alone(example):
    names = {
        score: [row["band"] for row in example.rows(f"{of_score(score)} order by place")]
        for score in ("points", "parts")
    }
    steps = [f"{start} to {start + 4}" for start in range(5, 30, 5)]
    assert names["points"] == ["0 or less", "1 to 4", *steps, "30 or more"]
    assert names["parts"][:2] == ["0", "more than 0 to below 0.1"] and len(names["parts"]) == 9
    for account in example.rows("pql_accounts", "pql_score, pql_score_band, pql_score_rate"):
        expected = {-5: "0 or less", 15: "15 to 19", 35: "30 or more"}.get(account["pql_score"])
        assert account["pql_score_band"] == expected
        assert 0 <= account["pql_score_rate"] <= 1


def test_the_best_of_each_week_are_taken_in_the_order_of_lists(project, example):
    """By points, then by who last became a lead; the rest share what places are left."""
    code, output, _ = check(project, example, "--ranking", "--capacity", "2", "--format", "json")
    document = next(document for document in json.loads(output) if document["score"] == "points")
    assert code == 0
    taken = hits = paid = 0.0
    rows = by_hand(example, "points")
    for monday in {row[1] for row in rows}:
        here = [row for row in rows if row[1] == monday]
        for place in sorted({row[2:4] for row in here}, reverse=True):
            tied = [row for row in here if row[2:4] == place]
            given = min(max(2 - sum(row[2:4] > place for row in here), 0) / len(tied), 1)
            taken, hits = taken + given * len(tied), hits + given * sum(row[4] for row in tied)
        paid += sum(row[4] for row in here)
    best = next(best for best in document["best"] if best["best"] == "2")
    assert best["precision"]["value"] == pytest.approx(hits / taken)
    assert best["capture"]["value"] == pytest.approx(hits / paid)
    assert best["lift"]["value"] == pytest.approx(hits / taken / (paid / len(rows)))
    assert document["account_weeks"] == len(rows)


def test_a_holdout_is_planned_before_there_is_one(project, example):
    """At the precision so far, for the effect asked about, with a part of the leads that sales can spare."""
    command = ("--holdout", "--effect", "0.3", "--format", "json")
    document = json.loads(check(project, example, *command)[1])
    assert document["effect"] is None and "no effect, as sales chose them" in document["notes"][0]
    assert [plan["share"] for plan in document["plans"]] == [0.1, 0.2, 0.5]
    for plan in document["plans"]:
        assert plan["left_alone"] == 0.5 and plan["told"] == 0.8
        assert plan["held_out"] == st.holdout_size(0.8, 0.5, plan["share"])
        weeks = plan["held_out"] / plan["share"] / document["leads_a_week"] + 30 / 7
        assert plan["weeks"] == pytest.approx(weeks)


def test_arms_by_lot_tell_the_effect(project, example, monkeypatch):
    arms = {"contacted": st.Share(60, 300), "holdout": st.Share(5, 60)}
    monkeypatch.setattr(holdout, "arms_of", lambda *_: arms)
    document = json.loads(check(project, example, "--holdout", "--format", "json")[1])
    assert document["effect"] == pytest.approx(st.difference(*arms.values())._asdict())
    assert document["plans"][0]["left_alone"] == 5 / 60, "from now on what is seen in the holdout"
    assert "more often than those left alone" in document["notes"][0]


def test_ties_share_the_places_that_are_left():
    given = st.best_of([9, 5, 5, 5, 1], 2)
    assert given.tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])
    assert st.best_of([9, 5], 7).tolist() == [1, 1]
    assert st.best_of([3, 2, 1], 0.5).tolist() == [0.5, 0, 0]
    per_moment = st.best_of_each([1, 2, 3, 4], [0, 0, 1, 1], 0.5)
    assert per_moment.tolist() == [0, 1, 0, 1]


def test_intervals_take_an_account_once():
    """Accounts with ten rows that pay alike: the interval of the ten is that of one, and it covers."""
    dice = np.random.default_rng(5)
    covered = narrow = 0
    for _ in range(400):
        paid = (dice.random(150) < 0.12).astype(float)
        share = st.share_of(10 * paid, np.full(150, 10.0))
        covered += share.low <= 0.12 <= share.high
        narrow += st.wilson(int(10 * paid.sum()), 1500).low > 0.12
    assert covered / 400 == pytest.approx(0.95, abs=0.03)
    assert narrow / 400 > 0.1, "as if rows were accounts it would not cover"
    once, ten = (st.share_of(n * paid, np.full(150, n)) for n in (1.0, 10.0))
    assert once == pytest.approx(ten) and once == pytest.approx(
        (paid.mean(), *st.wilson(int(paid.sum()), 150))
    )
    assert st.share_of([0, 0], [3, 4]) == (0, *st.clopper_pearson(0, 2))
    assert st.share_of([1], [2]) == (0.5, *st.wilson(0.5, 1)), (
        "one account tells nothing of how much they differ"
    )


def test_lift_of_an_order_that_knows_nothing_covers_one():
    dice = np.random.default_rng(6)
    covered = 0
    for _ in range(300):
        moments = np.tile(np.arange(8), 200)
        accounts = np.repeat(np.arange(200), 8)
        scores, paid = np.repeat(dice.random(200), 8), np.repeat(dice.random(200) < 0.15, 8)
        given = st.best_of_each(scores, moments, 0.2)
        sums = (np.bincount(accounts, values) for values in (given, given * paid, np.ones(1600), paid))
        lift = st.cut_of(*sums).lift
        covered += lift is not None and lift.low <= 1 <= lift.high
    assert covered / 300 == pytest.approx(0.95, abs=0.035)
