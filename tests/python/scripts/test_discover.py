"""Discovery: its sweep agrees with the reference, its search finds what is planted and nothing in noise."""

import json
from types import SimpleNamespace

import discover_criteria
import numpy as np
import pytest
import simulate_events
from discover_criteria import parser
from discovery_world import planted
from harness import MODELS_ONLY, environment
from pql_tools.config_files import load_yaml
from pql_tools.discovery import days
from pql_tools.discovery import score as points
from pql_tools.discovery.days import Candidate, Held, Lives, Usage, Uses, seen, together
from pql_tools.discovery.frame import frame_of, read, shuffled
from pql_tools.discovery.judging import candidates_of, caught_in_time, first_met
from pql_tools.discovery.moments import Moments
from pql_tools.discovery.output import heading_of
from pql_tools.discovery.run import find
from pql_tools.discovery.score import Wanted, fit_score
from pql_tools.discovery.search import (
    Rule,
    chance_of_as_many,
    draw_sets,
    log_rates,
    shares_met,
    tally,
)
from pql_tools.discovery.written import Names, as_yaml, criteria_of, name_of, rule_words, words
from pql_tools.problems import Problem
from pql_tools.warehouse import open_warehouse
from reference.clock import DAY
from reference.oracle import evaluate
from reference.verdicts import Behaviour
from reference.worlds import random_world

OBSERVE = 30
READ = (
    "+int_account_attribute_days +int_events_attributed +fct_user_usage_daily +pql_rules"
    " +stg_billing__plan_limits"
)
SWEPT = (*MODELS_ONLY, "--select", *READ.split())


def command_for(project, *arguments):
    return ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder), *arguments]


def place(project, warehouse):
    """The warehouse, as the environment names it."""
    return environment(
        PQL_DUCKDB_PATH=warehouse.path, DBT_TARGET_PATH=project.folder / "target", PQL_DATA_DIR="no_data"
    )


@pytest.fixture(scope="module", params=[3, 11])
def random_one(project, request):
    """A random world of six accounts, and its warehouse."""
    world = random_world(request.param, accounts=6, rows=400, criteria=2, definitions=1)
    return world, project.build(world, command=SWEPT)


def test_too_few_conversions_say_so(project, random_one, capsys):
    world, warehouse = random_one
    with place(project, warehouse):
        given = ["--horizon-days", "9", "--vars", json.dumps(world.variables, default=str)]
        command = command_for(project, *given)
        assert discover_criteria.main(command) == 2
    assert "accounts have converted within 60 days" in " ".join(capsys.readouterr().err.split())


def test_measures_agree_with_the_reference(project, random_one):
    """Each simple criterion is met on the very days on which the reference says that it is."""
    world, warehouse = random_one
    options = parser().parse_args(command_for(project, "--vars", json.dumps(world.variables, default=str)))
    with place(project, warehouse), open_warehouse(options) as opened:
        lives, _ = read(opened)
        usage = Usage(opened, lives.signed_up_on, OBSERVE, lambda _: None)
        accounts = opened.rows(
            "select account_id from {{ ref('int_accounts') }} "
            "where signed_up_at is not null order by account_id"
        )
    swept = [
        ({**spec, "at_least": at_least}, usage.measure(spec) >= at_least)
        for spec, thresholds in usage.specs()
        for at_least in thresholds
    ]
    swept = [(spec, met) for spec, met in swept if met.any()]
    assert {spec["type"] for spec, _ in swept} >= {"event_count", "distinct_values", "event_sum"}
    limits = [(spec, met) for spec, met in swept if spec["type"] == "limit_usage"]
    swept = swept[:: max(1, len(swept) // 60)] + limits[:: max(1, len(limits) // 20)]
    account, day = (axis.ravel() for axis in np.indices((len(accounts), OBSERVE)))
    moments = usage.moments(account, day)
    for kind in ("event_count", "event_sum", "active_days", "distinct_users", "decayed_sum", "ratio"):
        of_kind = [
            (spec | {"at_least": at_least}, moments.met(spec | {"at_least": at_least}).reshape(-1, OBSERVE))
            for spec, thresholds in usage.ranking_specs()
            for at_least in thresholds
            if spec["type"] == kind
        ]
        of_kind = [(spec, met) for spec, met in of_kind if met.any()]
        assert of_kind, kind
        swept += of_kind[:: max(1, len(of_kind) // 5)]
    # by the day, not by episodes: one that starts at the midnight that ended another goes on, and hides a day
    number = {row["account_id"]: i for i, row in enumerate(accounts)}
    for account in evaluate(world).accounts:
        if account.account_id in number and account.has_signed_up:
            days = [day for day in account.days() if day < account.today][:OBSERVE]
            for spec, met in swept:
                asked = Behaviour(account, spec)
                ends = [account.calendar.midnight(day + DAY) for day in days]
                expected = [
                    asked.is_reached(*at) for at in zip(days, map(asked.events_before, ends), strict=True)
                ]
                assert met[number[account.account_id], : len(days)].tolist() == expected, spec


@pytest.mark.parametrize("seed", range(3))
def test_rows_and_parts_measure_what_days_do(seed, monkeypatch):
    """Looked up where they are asked for, or of some accounts at once, measures are those of every day."""
    monkeypatch.setattr(days, "ACCOUNTS_AT_ONCE", 7)
    dice = np.random.default_rng(seed)
    usage = Usage.__new__(Usage)
    usage.days, usage.signed_up_on = 30, np.datetime64("2026-01-05") + dice.integers(0, 40, 40)

    def uses():
        key = np.unique(dice.integers(0, 40 * 60, 300))
        return Uses(key // 60, key % 60, dice.integers(1, 4, len(key)) * 0.37)

    usage.uses = {event: uses() for event in ("a", "b")}
    usage.kinds = together([seen(its) for its in usage.uses.values()])
    usage.people = seen(uses())
    usage.sums, usage.values = {("a", "mb"): uses(), ("b", "mb"): uses()}, {("a", "app"): seen(uses())}
    account, limit = np.repeat(np.arange(40), 2), dice.choice([2.2, 3, 5], 80)
    starts, ends = np.tile([0, 12], 40), np.tile([12, 10**6], 40)
    changes = np.tile(account, 2), np.concatenate([starts, ends]), np.concatenate([limit, -limit])
    usage.limit_changes = {"seats": Uses(*changes)}
    usage.limits = {"seats": np.cumsum(usage._by_day(*changes), axis=1)}
    moments = usage.moments(*(axis.ravel() for axis in np.indices((40, 30))))
    for spec, _ in usage.specs():
        if spec["type"] not in ("growth", "consecutive_days"):
            assert moments.measure(spec) == pytest.approx(usage.measure(spec).ravel(), abs=1e-6), spec
        in_parts = np.concatenate([part.measure(spec) for _, part in usage.parts])
        assert in_parts == pytest.approx(usage.measure(spec), abs=1e-9), spec


@pytest.fixture(scope="module")
def simulated(project, tmp_path_factory):
    """A simulated world with its planted rules, and its daily use."""
    folder = tmp_path_factory.mktemp("simulated")
    size = ["--accounts", "12000", "--events-per-account", "200", "--seed", "4", "--workers", "2"]
    assert simulate_events.main([*size, "--out", str(folder), "--seeds-dir", str(folder)]) == 0
    warehouse = project.build(folder, command=SWEPT)
    options = parser().parse_args(command_for(project))
    with place(project, warehouse), open_warehouse(options) as opened:
        lives, as_of_on = read(opened)
        return lives, as_of_on, Usage(opened, lives.signed_up_on, 60, lambda _: None)


def found_in(lives, as_of_on, usage, *arguments):
    options = parser().parse_args(arguments)
    return find(usage, frame_of(lives, as_of_on, usage.days), options, 30, lambda: None)


@pytest.mark.long
def test_planted_rules_of_the_simulator_are_the_top_three(simulated):
    """All three to their thresholds, each told from the others and confirmed on held-out accounts."""
    data, findings = found_in(*simulated)
    said = {rule_words(result.rule, data.candidates) for result in findings.signals[:3]}
    assert said == {
        "≥ 2 integration_connected and ≥ 3 invite_sent in the last 7 days",
        "≥ 80% of the limit of messages used by message_sent this month",
        "active on ≥ 10 days in the last 14 days",
    }
    assert findings.chosen == findings.signals[:3], "they and nothing else are recommended"


@pytest.mark.long
def test_nothing_is_recommended_with_outcomes_permuted(simulated):
    lives, as_of_on, usage = simulated
    for seed in range(2):
        _, findings = found_in(shuffled(lives, np.random.default_rng(seed)), as_of_on, usage)
        assert findings.chosen == []


def test_planted_pair_is_found_and_noise_is_not():
    """`all_of` the two that matter leads and is confirmed; with fates dealt anew nothing is, in 9 of 10."""
    usage, lives, as_of_on = planted()
    _, findings = found_in(lives, as_of_on, usage, "--permutations", "39")
    assert findings.chosen and findings.chosen[0].rule == Rule("all_of", (0, 1))
    false = 0
    for seed in range(10):
        noise = shuffled(lives, np.random.default_rng(seed))
        false += bool(found_in(noise, as_of_on, usage, "--permutations", "19")[1].chosen)
    assert false <= 1


def test_score_is_the_likelihood_ratio():
    """With every other account as a control, all is as counted by hand: met by one of two that convert."""
    converted, last = np.array([2.0, 3, np.inf, np.inf]), np.array([2, 3, 3, 9])
    sets = draw_sets(converted, last, np.random.default_rng(0))
    assert sets.account[:, 0].tolist() == [0, 1] and sets.day[:, 0].tolist() == [1, 2]
    at_risk = [sorted(a[w > 0].tolist()) for a, w in zip(sets.account, sets.weight, strict=True)]
    assert at_risk == [[0, 1, 2, 3], [1, 2, 3]]
    met = np.isin(sets.account, (0, 3))[None]
    shares = shares_met(met, sets.weight)
    assert shares[0] == pytest.approx([2 / 4, 1 / 3])
    counted = tally(met, shares, np.zeros(2, dtype=int))
    assert (counted.hits[0], counted.expected[0]) == (1, pytest.approx(5 / 6))
    log_rates = np.linspace(-5, 5, 100_001)
    chances = [*shares[0], 1 / 2, 1 / 2]
    gained = 2 * log_rates - sum(np.log(1 + chance * (np.exp(log_rates) - 1)) for chance in chances)
    assert counted.score[0] == pytest.approx(np.sqrt(2 * gained.max()), rel=1e-4)


def test_rates_given_each_other_are_those_that_made_the_data():
    """The second criterion only goes with the first: its own rate is 1, whatever it seems alone."""
    dice = np.random.default_rng(3)
    first = dice.random((4000, 21)) < 0.2
    second = np.where(dice.random(first.shape) < 0.7, first, dice.random(first.shape) < 0.2)
    weight = np.where(first, 5.0, 1.0)
    case = (dice.random((4000, 1)) * weight.sum(1, keepdims=True) >= weight.cumsum(1)).sum(1)
    rows = np.arange(4000)
    states = np.stack([first, second])
    states[:, rows, 0], states[:, rows, case] = states[:, rows, case], states[:, rows, 0].copy()
    assert np.exp(log_rates(states, np.ones(first.shape))) == pytest.approx([5, 1], rel=0.15)
    assert np.exp(log_rates(states[1:], np.ones(first.shape)))[0] > 2


def test_exact_chance_of_hits():
    assert chance_of_as_many(2, np.array([0.5, 0.5, 0.5])) == pytest.approx(0.5)
    assert chance_of_as_many(0, np.array([0.2])) == 1
    above = np.nextafter(np.float32(1), np.float32(2))  # as sums of many shares can be
    assert chance_of_as_many(2, np.array([above, 0.5])) == pytest.approx(0.5)


def test_what_happens_from_the_end_on_is_not_seen():
    """An account that meets it on its last day or later has not met it."""
    met = np.array([[False, True, True], [False, False, True], [True, True, True]])
    assert first_met(met, np.array([2, 2, 0])).tolist() == [1, np.inf, np.inf]


def test_candidates_are_met_by_enough_accounts():
    usage, lives, as_of_on = planted(accounts=500, columns=5)
    frame = frame_of(lives, as_of_on, usage.days)
    sets = draw_sets(lives.converted, frame.side(is_test=False), np.random.default_rng(0))
    assert candidates_of(frame, usage, sets, min_n=501)[0] == []


def test_split_keeps_fates_apart():
    """Nothing of the earlier accounts is seen from the day on which the first of the later ones signed up."""
    _, lives, as_of_on = planted()
    frame = frame_of(lives, as_of_on, 40)
    until = lives.signed_up_on + np.maximum(frame.followed, 0)
    assert (until[~frame.is_test] < frame.split_on).all()
    assert (lives.signed_up_on[frame.is_test] >= frame.split_on).all() and (until <= as_of_on).all()
    early = lives.signed_up_on[0] + np.timedelta64(5, "D")
    with pytest.raises(Problem, match="accounts have converted within 40 days"):
        frame_of(lives, early, 40)
    at_once = Lives(
        lives.signed_up_on, np.where(np.isfinite(lives.converted), 120, np.inf), lives.closed * np.inf
    )
    with pytest.raises(Problem, match="Split by sign-up"):
        frame_of(at_once._replace(signed_up_on=np.full(len(until), lives.signed_up_on[0])), as_of_on, 130)


def test_too_few_permutations_say_so():
    usage, lives, as_of_on = planted(accounts=1000, columns=3)
    with pytest.raises(Problem, match="--permutations"):
        found_in(lives, as_of_on, usage, "--alpha", "0.01", "--permutations", "50")


def test_yaml_reads_back():
    specs = [{"type": "event_count", "events": [f"event_{i}"], "at_least": 2} for i in range(3)]
    rules = [Rule("all_of", (0, 1)), Rule("one", (2,)), Rule("any_of", (0, 1, 2))]
    criteria, names = criteria_of(rules, [Candidate(spec) for spec in specs], Names({"login_2"}))
    assert load_yaml(as_yaml(criteria, {names[0]: "why"}, "found"))["vars"]["pql_criteria"] == criteria
    assert len({c["name"] for c in criteria} | {"login_2"}) == len(criteria) + 1


@pytest.mark.parametrize(
    ("spec", "said", "name"),
    [
        (
            {"type": "limit_usage", "events": ["Message Sent!"], "limit": "messages",
             "window": {"calendar": "month"}, "at_least": 0.8},
            "≥ 80% of the limit of messages used by Message Sent! this month",
            "message_sent_messages_80_percent_calendar_month",
        ),
        (
            {"type": "event_sum", "events": ["upload"], "property": "mb", "window": {"last_days": 7},
             "at_least": 1000},
            "≥ 1,000 mb in upload in the last 7 days",
            "upload_mb_1000_last_7",
        ),
        (
            {"type": "growth", "window": {"last_days": 7}, "min_base": 10, "at_least": 1.5},
            "≥ 1.5 times as many events as before in the last 7 days",
            "growth_growth_1_5_last_7",
        ),
        (
            {"type": "decayed_sum", "events": ["export"], "fades_over_days": 28, "at_least": 2},
            "≥ 2 export, fading over 28 days",
            "export_2_fading_28",
        ),
        (
            {"type": "ratio", "of": {"measure": "event_count", "window": {"last_days": 28}},
             "per": {"measure": "distinct_users"}, "at_least": 5},
            "≥ 5 events per person in the last 28 days",
            "ratio_per_person_5_last_28",
        ),
        (
            {"type": "account_attribute", "attribute": "size", "in": ["6 to 10", "11 to 25"]},
            "size is 6 to 10 or 11 to 25",
            "size_6_to_10_11_to_25",
        ),
        (
            {"type": "account_attribute", "attribute": "rank", "at_most": 1200},
            "rank ≤ 1,200",
            "rank_at_most_1200",
        ),
        (
            {"type": "distinct_values", "property": "event_name", "at_least": 5},
            "≥ 5 different kinds of events",
            "distinct_values_5",
        ),
    ],
)  # fmt: skip
def test_words_and_names(spec, said, name):
    assert (words(spec), name_of(spec)) == (said, name)


# -- the points score --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted_world():
    usage, lives, as_of_on = planted(accounts=3000, columns=12)
    return usage, lives, as_of_on, frame_of(lives, as_of_on, usage.days)


def scored(world, wanted=Wanted(), horizon=30, lives=None):  # noqa: B008
    """The score where it is proved that the two first columns matter together."""
    usage, _, as_of_on, frame = world
    frame = frame if lives is None else frame_of(lives, as_of_on, usage.days)
    candidates = [Candidate({**spec, "at_least": 1}) for spec, _ in usage.specs()]
    return fit_score(frame, usage, candidates, [Rule("all_of", (0, 1))], horizon, wanted)


def test_points_go_to_what_matters_and_rank_as_a_model_does(planted_world):
    """Two of twelve columns decide together; the best tenth pays far more often, on later sign-ups too."""
    score, why = scored(planted_world)
    assert score is not None, why
    assert max(score.points, key=score.points.get) == Rule("all_of", (0, 1))
    assert len(score.points) <= 12 and min(score.points.values()) >= 1
    assert score.best["10%"].lift.low > 1.5
    for share in ("5%", "10%", "20%"):
        assert score.best[share].precision.value >= 0.9 * score.model[share].precision.value
    assert score.totals[-1].paid.value > 2 * score.base.value


def test_points_for_one_criterion_that_is_recommended_are_not_given(planted_world, monkeypatch):
    monkeypatch.setattr(points, "MOST_LINES", 1)
    score, why = scored(planted_world)
    assert score is None and "no more than it does" in why


def test_points_are_not_given_for_noise(planted_world):
    """With fates dealt anew within a week of sign-up nothing is ranked, ten times of ten."""
    for seed in range(10):
        noise = shuffled(planted_world[1], np.random.default_rng(seed))
        score, why = scored(planted_world, lives=noise)
        assert score is None and ("chance" in why or "later sign-ups" in why)


def test_nothing_gets_points_for_being_there_in_better_times():
    """A signal that exists only from day 60 on, in a market that then pays four times as often."""
    dice = np.random.default_rng(2)
    usage, lives, as_of_on = planted(accounts=4000, columns=3, seed=4)
    day = (lives.signed_up_on - lives.signed_up_on.min()).astype(int)[:, None] + np.arange(usage.days)
    usage.met[:] = dice.random(usage.met.shape[:2])[..., None] < 0.5
    usage.met[2] &= day >= 60
    hazard = np.where(day >= 60, 0.008, 0.002)
    converts = dice.random(hazard.shape) < hazard
    converted = np.where(converts.any(axis=1), converts.argmax(axis=1), np.inf)
    lives = Lives(lives.signed_up_on, converted, np.full(len(converted), np.inf))
    assert fit_score(frame_of(lives, as_of_on, usage.days), usage, [], [], 20, Wanted())[0] is None


def test_the_threshold_is_what_sales_can_work_or_a_precision(planted_world):
    few, many = (scored(planted_world, Wanted(capacity=capacity))[0] for capacity in (20.0, 1000.0))
    assert few.weekly <= 20 and many.at_least == min(many.points.values()) and few.at_least > many.at_least
    assert scored(planted_world, Wanted(min_precision=0.2))[0].at_least > many.at_least


def test_accounts_a_week_are_those_of_all_where_only_some_are_looked_at(planted_world, monkeypatch):
    """Whoever is there after the first week has its points from then on; a third of them is looked at."""

    def weekly() -> tuple[float, int]:
        rows = points.rows_of(planted_world[3], None, 0, np.random.default_rng(1))
        return points.weekly_of((rows.week > 0).astype(int), rows, every=1)(1), len(rows.week)

    of_all, rows = weekly()
    monkeypatch.setattr(points, "MOST_ROWS", rows // 15)
    of_some, fewer = weekly()
    assert fewer < rows / 2 and of_some == pytest.approx(of_all, rel=0.15)


def test_of_many_that_pay_some_stand_for_all(planted_world, monkeypatch):
    def paying() -> tuple[int, float]:
        rows = points.rows_of(planted_world[3], False, 20, np.random.default_rng(1))
        return int(rows.pays.sum()), float(rows.weight @ rows.pays)

    everyone, weight = paying()
    assert weight == everyone
    monkeypatch.setattr(points, "MOST_ROWS", 200)
    some, weight = paying()
    assert some < everyone / 2 and weight == pytest.approx(everyone, rel=0.35)


def test_a_value_that_few_accounts_hold_tells_little():
    """Three of six that hold it paid, seen for ten weeks each; of a hundred others twenty."""
    value = np.repeat(["rare", "large", "small"], (6, 100, 294))
    pays = np.concatenate([np.arange(n) < paid for n, paid in ((6, 3), (100, 20), (294, 15))])
    account = np.repeat(np.arange(400), 10)
    rows = points.Rows(account, account, account, np.repeat(pays, 10), np.ones(4000))
    world = SimpleNamespace(attributes={"size": None}), SimpleNamespace(held=lambda _: np.repeat(value, 10))
    found = [spec["in"] for spec in points.what_accounts_are(*world, rows)]
    assert ["large"] in found and ["rare"] not in found and found[-1] == ["rare", "large"]


def test_what_is_in_force_has_a_recall_of_the_same_conversions(planted_world):
    frame = planted_world[3]
    at_once, never = np.zeros(len(frame.last)), np.full(len(frame.last), np.inf)
    caught = caught_in_time(frame, at_once, 30)
    converted = frame.lives.converted
    soon = frame.is_test & (converted >= 1) & (converted <= np.minimum(30, frame.last))
    assert caught.hits == soon.sum() > 0
    assert caught_in_time(frame, never, 30) == (0, caught.n) and caught.n > caught.hits


def test_what_is_written_says_how_many_were_looked_at(planted_world):
    some, every_one = (heading_of(planted_world[3], 30, every) for every in (3, 1))
    assert some == f"{every_one}\nOne in 3 accounts was looked at, in the order of their ids."


@pytest.mark.parametrize(
    ("horizon", "wanted", "said"),
    [
        (3000, Wanted(), "10 each are needed"),
        (30, Wanted(min_precision=0.99), "at no total of points do 99%"),
        (30, Wanted(capacity=0.01), "more than 0.01 accounts a week"),
    ],
)
def test_why_there_is_no_score_is_said(planted_world, horizon, wanted, said):
    score, why = scored(planted_world, wanted, horizon)
    assert score is None and said in why


def test_what_an_account_was_is_what_it_had_by_then():
    """The value in force as a day ended; before the first none."""
    held = Held(np.array([0, 1, 1]), np.array([0, 3, 8]), np.array(["small", "10", "250"], dtype=object))
    usage = SimpleNamespace(attributes={"size": held})
    moments = Moments(usage, np.array([0, 1, 1, 1, 2]), np.array([5, 2, 3, 9, 9]))
    assert moments.held("size").tolist() == ["small", "", "10", "250", ""]
    of = {"type": "account_attribute", "attribute": "size"}
    assert moments.met({**of, "in": ["small"]}).tolist() == [True, False, False, False, False]
    assert moments.met({**of, "at_least": 100}).tolist() == [False, False, False, True, False]


def test_what_the_configuration_says_already_is_not_written_again():
    """However it is called, and whatever else is asked of it."""
    specs = [{"type": "event_count", "events": [name], "at_least": 2} for name in ("invite", "export")]
    in_force = [
        {"name": "invites", "min_precision": 0.1, "description": "two of them"} | specs[0],
        {"name": "exports_by_admins", "where": {"role": "admin"}} | specs[1],
    ]
    rules = [Rule("one", (0,)), Rule("all_of", (0, 1))]
    criteria, names = criteria_of(rules, [Candidate(spec) for spec in specs], Names(set()), in_force)
    assert names == ["invites", "found_all_of"]
    assert [c["name"] for c in criteria] == ["export_2", "found_all_of"]
    assert criteria[1]["criteria"] == ["invites", "export_2"]
    pasted = criteria_of(rules, [Candidate(spec) for spec in specs], Names(set()), [*in_force, *criteria])
    assert pasted == ([], names), "nor what joins others"


def test_a_file_of_an_earlier_run_does_not_outlive_it():
    assert load_yaml(as_yaml([], {}, discover_criteria.NOTHING_FOUND)) == {"vars": {"pql_criteria": []}}
