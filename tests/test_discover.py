"""Discovery: its sweep agrees with the reference, its search finds what is planted and nothing in noise."""

import json

import discover_criteria
import numpy as np
import pytest
from discover_criteria import Problem, learn, parser, shuffled, split
from discovery_world import planted
from harness import MODELS_ONLY, environment
from pql_tools.discovery_search import Outcomes, Rule, jaccard, search, shortlist
from pql_tools.discovery_sweep import Frame, sweep
from pql_tools.discovery_yaml import Names, as_yaml, criteria_of, name_of, words
from pql_tools.statistics import DAY, account_times, matched_rate
from pql_tools.warehouse import open_warehouse
from reference.oracle import evaluate
from reference.worlds import random_world
from ruamel.yaml import YAML

OBSERVE = 40


def options(project, warehouse, *arguments):
    command = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder), *arguments]
    return parser().parse_args(command)


@pytest.mark.parametrize("seed", [3, 11])
def test_sweep_agrees_with_the_reference(project, seed):
    """Each simple criterion starts at the very moment at which the reference says that it does."""
    world = random_world(seed, accounts=6, rows=400, criteria=2, definitions=1)
    warehouse = project.build(world, command=MODELS_ONLY)
    far, soon = np.datetime64("2100-01-01T00:00:00", "us"), np.datetime64("1900-01-01T00:00:00", "us")
    frame = Frame(far, far, soon, OBSERVE)
    place = {"PQL_DUCKDB_PATH": warehouse.path, "DBT_TARGET_PATH": project.folder / "target"}
    given = options(project, warehouse, "--vars", json.dumps(world.variables, default=str))
    with environment(PQL_DATA_DIR="no_data", **place), open_warehouse(given) as opened:
        accounts = opened.columns(
            f"with frame as ({frame.sql()}) select * from frame order by account_number"
        )
        candidates, ages = sweep(opened, frame, accounts, [], lambda *_: None)
    assert candidates
    kept = range(0, len(candidates), max(1, len(candidates) // 60))
    criteria = [{"name": f"c{i}", **candidates[i].spec} for i in kept]
    world.variables = {**world.variables, "pql_criteria": criteria, "pql_definitions": []}
    first = {}
    for row in evaluate(world).fct_criterion_episodes:
        key = row["account_id"], row["criterion_name"]
        first[key] = min(row["started_at"], first.get(key, row["started_at"]))
    for i in kept:
        for number, account in enumerate(accounts["account_id"]):
            signup, end = accounts["signed_up_at"][number], accounts["ends_at"][number]
            expected = np.inf
            if (account, f"c{i}") in first:
                moment = np.datetime64(first[account, f"c{i}"], "us")
                if moment < end and moment - signup < np.timedelta64(OBSERVE, "D"):
                    expected = float((moment - signup).astype("timedelta64[us]").astype(int))
            assert ages[number, i] == expected, (account, candidates[i].spec)


def test_planted_rule_is_found_and_noise_is_not():
    """A planted `both of two` leads the shortlist; with fates shuffled nothing passes the null."""
    data = planted(accounts=3000, columns=40, seed=1)
    given = parser().parse_args(["--permutations", "39"])
    found, null = learn(data, given, 30, lambda: None)
    top = shortlist(found, data.columns[~data.is_test], 3)
    wanted = Rule("all_of", (0, 1)).ages(data.columns)
    assert max(jaccard(f.rule.ages(data.columns), wanted) for f in top) > 0.7
    assert top[0].score > null.max()
    noise = shuffled(data, np.random.default_rng(8))
    found, null = learn(noise, given, 30, lambda: None)
    assert (null >= found[0].score).mean() > 0.02


def test_expected_is_the_matched_base_rate():
    """To the hour, b(a) is the exact matched rate of the statistics."""
    data = planted(accounts=800, columns=5, seed=2)
    fates = Outcomes(data.converted, np.minimum(data.converted, data.closed), 30 * DAY)
    tally = fates.tally(data.columns, fates.base_rates(30 * DAY))
    for column in range(5):
        accounts = account_times(np.zeros(800), data.columns[:, column], data.converted, data.closed)
        exact = matched_rate(accounts, 60.0 * DAY, 30.0 * DAY)
        assert (tally.n[column], tally.hits[column]) == (exact.n, exact.hits)
        assert tally.expected[column] == pytest.approx(exact.base * exact.n, rel=0.02)


def test_search_leaves_out_what_too_few_meet():
    data = planted(accounts=500, columns=5, seed=3)
    fates = Outcomes(data.converted, np.minimum(data.converted, data.closed), 30 * DAY)
    assert search(data.columns, fates, fates.base_rates(30 * DAY), min_n=501) == []


def test_split_keeps_fates_apart():
    """The fate of every learning account is known before the first held-out account signs up."""
    signups = np.datetime64("2026-01-01T00:00:00", "us") + np.arange(150).astype("timedelta64[D]")
    as_of = np.datetime64("2026-06-30T00:00:00", "us")
    frame = split(signups, as_of, 20, 30)
    assert frame.train_until + np.timedelta64(50, "D") <= frame.test_from
    assert frame.test_until + np.timedelta64(50, "D") <= as_of
    with pytest.raises(Problem, match="shorten"):
        split(signups, as_of, 60, 90)
    with pytest.raises(Problem, match="No account is older"):
        split(signups, np.datetime64("2026-01-05T00:00:00", "us"), 20, 30)


def test_yaml_reads_back():
    data = planted(accounts=50, columns=3, seed=4)
    rules = [Rule("all_of", (0, 1)), Rule("one", (2,)), Rule("at_least_of", (0, 1, 2))]
    criteria, names = criteria_of(rules, data.candidates, Names({"login_2"}))
    assert (
        YAML(typ="safe").load(as_yaml(criteria, {names[0]: "why"}, "found"))["vars"]["pql_criteria"]
        == criteria
    )
    assert len({c["name"] for c in criteria} | {"login_2"}) == len(criteria) + 1


def test_words_and_names():
    spec = {
        "type": "limit_usage",
        "events": ["Message Sent!"],
        "limit": "messages",
        "window": {"calendar": "month"},
        "at_least": 0.8,
    }
    assert words(spec) == "≥ 80% of the limit of messages used by Message Sent! this month"
    assert name_of(spec) == "message_sent_messages_80_percent_calendar_month"


def test_without_conversions_says_so(project, capsys):
    world = random_world(3, accounts=6, rows=200, criteria=2, definitions=1)
    world.conversions = []
    warehouse = project.build(world, command=MODELS_ONLY)
    command = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder)]
    command += [
        "--vars",
        json.dumps(world.variables, default=str),
        "--observe-days",
        "2",
        "--horizon-days",
        "1",
    ]
    place = {"PQL_DUCKDB_PATH": warehouse.path, "DBT_TARGET_PATH": project.folder / "target"}
    with environment(PQL_DATA_DIR="no_data", **place):
        assert discover_criteria.main(command) == 2
    assert "error:" in capsys.readouterr().err
