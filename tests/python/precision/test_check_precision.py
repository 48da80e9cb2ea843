"""The precision check through the whole pipeline: dbt build on a fixture, then the script."""

import csv
import json
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from checking import CHECKED, check, results
from pql_tools import statistics as st
from reference.world import World

AS_OF = "2026-03-31 09:00:00"
CRITERIA = [
    {"name": name, "type": "event_count", "window": {"first_days": days}, "at_least": at_least}
    for name, days, at_least in (("c1", 7, 3), ("c2", 3, 2), ("s1", 7, 1), ("s2", 7, 2))
]
DEFINITIONS = [
    {"name": "pql", "qualifies_when": "c1"},
    {"name": "either", "qualifies_when": "c1_or_c2"},
]
VARIABLES = {
    "pql_as_of": AS_OF,
    "pql_criteria": [*CRITERIA, {"name": "c1_or_c2", "type": "any_of", "criteria": ["c1", "c2"]}],
    "pql_definitions": DEFINITIONS,
}
IN_RECORD = {
    "qualified": "qualified",
    "converted_before_qualification": "converted_before",
    "converted_at_qualification": "converted_at",
    "immature": "immature",
    "n_mature": "mature",
    "hits": "hits",
    "late_conversions": "miss_late",
    "precision": "precision",
    "precision_wilson95_low": "precision_wilson_low",
    "precision_wilson95_high": "precision_wilson_high",
    "precision_cp95_low": "precision_exact_low",
    "precision_cp95_high": "precision_exact_high",
    "precision_cp_one_sided95_lower": "bound_lower",
    "precision_cp_one_sided95_upper": "bound_upper",
    "recall": "recall",
    "recall_flagged_before": "flagged_before",
    "base_rate_matched_age": "base_rate",
    "lift": "lift",
    "base_rate_not_yet_qualified": "not_yet_qualified_rate",
    "relative_rate_vs_not_yet_qualified": "relative_rate",
    "naive_precision_do_not_use": "naive_precision_do_not_use",
    "median_lead_days_of_hits": "median_days_to_convert",
}


@pytest.fixture(scope="module")
def example(project, fixtures):
    """The worked example, built."""
    return project.build(fixtures / "outcomes", VARIABLES, CHECKED)


@pytest.fixture(scope="module")
def expected(fixtures):
    with (fixtures / "outcomes" / "expected.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def microseconds(rows, column):
    return np.array([row[column] for row in rows], dtype="datetime64[us]")


def test_every_number_of_the_worked_example(project, example, expected):
    """Each row of expected.csv; how it was told by the script says `seen`."""
    records = results(project, example)
    seen = set()
    for row in expected:
        name, metric, value = row["criterion"].lower(), row["metric"], row["value"]
        if row["account_id"] or metric not in IN_RECORD:
            continue
        found = records[name][IN_RECORD[metric]]
        if value == "undefined":
            assert found is None, (name, metric)
        else:
            exact = int(row["numerator"]) / int(row["denominator"]) if row["numerator"] else float(value)
            assert found == pytest.approx(exact, abs=6e-7), (name, metric)
        seen.add(metric)
    assert seen == set(IN_RECORD)
    at_risk = {row["criterion"].lower(): int(row["value"]) for row in expected if row["metric"] == "at_risk"}
    for name, n in at_risk.items():
        assert records[name]["mature"] + records[name]["immature"] + records[name]["closed_before"] == n
    assert {record["recall_days"] for record in records.values()} == {37}


def test_states_and_moments_of_the_worked_example(example, expected):
    rows = example.rows("fct_criterion_outcomes", "criterion_name, account_id, state, qualified_at")
    found = {(row["criterion_name"], row["account_id"]): row for row in rows}
    for row in expected:
        if row["metric"] in ("state", "qualified_at"):
            assert str(found[row["criterion"].lower(), row["account_id"]][row["metric"]]) == row["value"]


def test_curve_and_landmark_of_the_worked_example(example, expected):
    """The statistics of the report, from the table of outcomes."""
    rows = [row for row in example.rows("fct_criterion_outcomes") if row["criterion_name"] == "c1"]
    columns = ("signed_up_at", "qualified_at", "converted_at", "closed_at")
    accounts = st.account_times(*(microseconds(rows, column) for column in columns))
    as_of = float(np.datetime64(AS_OF, "us").astype(np.int64))
    durations, causes = st.waiting_times(accounts, as_of)
    curve = st.aalen_johansen(durations, causes)
    naive = st.aalen_johansen(durations, np.where(causes == st.CLOSED, st.CENSORED, causes))
    marks = st.landmark(accounts, as_of, 30 * st.DAY, 7 * st.DAY)
    at_30 = np.searchsorted(curve.times, 30 * st.DAY, side="right") - 1
    found = {
        "aj_cumulative_incidence_30d": st.incidence_at(curve, 30 * st.DAY).value,
        "aj_variance_30d": curve.variance[at_30],
        "km_closure_as_censoring_30d_do_not_use": st.incidence_at(naive, 30 * st.DAY).value,
        "landmark7_rate_qualified": marks.qualified.rate,
        "landmark7_rate_not_qualified": marks.not_qualified.rate,
    }
    wanted = {row["metric"]: float(row["value"]) for row in expected if row["metric"] in found}
    assert wanted == pytest.approx(found, abs=6e-7)


def test_two_criteria_on_the_same_accounts(project, example, expected):
    code, output, _ = check(project, example, "--compare", "c1", "c2", "--format", "json")
    found = json.loads(output)
    flat = {
        "precision_difference": found["difference"]["value"],
        "precision_difference_se": found["difference_se"],
        "precision_difference_ci95_low": found["difference"]["low"],
        "precision_difference_ci95_high": found["difference"]["high"],
        "wgs_statistic": found["statistic"],
        "wgs_p": found["p_value"],
        "swap_set_first_only": found["swaps"]["first_only"]["rate"],
        "swap_set_second_only": found["swaps"]["second_only"]["rate"],
    }
    wanted = {row["metric"]: float(row["value"]) for row in expected if row["criterion"] == "C1-C2"}
    assert code == 0 and flat == pytest.approx(wanted, abs=6e-7)


@pytest.mark.long
def test_other_settings_count_like_a_build_with_them(project, fixtures, example):
    """--as-of and --horizon-days against builds with those settings: the statistics against the SQL."""
    for variables, flag in (
        ({"pql_horizon_days": 10}, ["--horizon-days", "10"]),
        ({"pql_horizon_days": "none"}, ["--horizon-days", "none"]),
        ({"pql_as_of": "2026-02-20 09:00:00"}, ["--as-of", "2026-02-20 09:00:00"]),
    ):
        rebuilt = project.build(fixtures / "outcomes", VARIABLES | variables, CHECKED)
        assert differences(results(project, rebuilt), results(project, example, *flag)) == []
    assert differences(results(project, example), results(project, example, "--horizon-days", "30")) == []


def differences(built, asked):
    """Where two sets of results differ by more than rounding; not_qualified may count later sign-ups."""
    return [
        (name, key, value, asked[name][key])
        for name, record in built.items()
        for key, value in record.items()
        if key != "not_qualified" and not same(value, asked[name][key])
    ]


def same(value, other):
    return value == (pytest.approx(other, rel=1e-6) if isinstance(other, float) else other)


@pytest.mark.parametrize(
    ("arguments", "code", "verdict"),
    [
        (["c1", "--min-precision", "0.1", "--min-n", "5"], 0, "PASS"),
        (["c1", "--min-precision", "0.9", "--min-n", "5"], 1, "FAIL"),
        (["c1", "--min-precision", "0.25", "--min-n", "5"], 3, "INCONCLUSIVE"),
        (["c1", "--min-precision", "0.25", "--min-n", "5", "--on-inconclusive", "warn"], 0, "INCONCLUSIVE"),
        (["c1", "--min-precision", "0.25"], 3, "INSUFFICIENT"),
        (["c1", "--min-precision", "0.25", "--horizon-days", "400"], 3, "INSUFFICIENT"),
        (["c1", "--min-precision", "0.25", "--min-n", "5", "--sequential"], 3, "INCONCLUSIVE"),
        (["c1", "--min-lift", "9", "--min-n", "5"], 1, "FAIL"),
        (["c1"], 0, None),
    ],
)
def test_verdicts_and_exit_codes(project, example, arguments, code, verdict):
    found, output, _ = check(project, example, *arguments, "--format", "json")
    document = json.loads(output)
    assert (found, document["results"][0]["verdict"]) == (code, verdict)
    assert document["exit_code"] == code


def test_formats(project, example):
    arguments = ["--min-precision", "0.9", "--min-n", "5"]
    for output_format, words in {"table": "c1", "markdown": "| c1 | FAIL |", "csv": "c1,criterion"}.items():
        code, output, _ = check(project, example, *arguments, "--format", output_format)
        assert code == 1 and words in output
    suite = ET.fromstring(check(project, example, *arguments, "--format", "junit")[1])
    assert (
        suite.get("tests") == "7" and len(suite.findall("testcase/failure")) == int(suite.get("failures")) > 0
    )


def test_groups_add_up(project, example):
    _, output, _ = check(project, example, "c1", "--by", "cohort", "--format", "json")
    whole, *groups = json.loads(output)["results"]
    assert [group["group"] for group in groups] == ["2025-12", "2026-01", "2026-03"]
    assert sum(group["mature"] for group in groups) == whole["mature"]


def test_attribution_names_what_adds_nothing(project, example):
    code, output, _ = check(project, example, "--attribution", "either", "--format", "json")
    parts = {part["part"]: part for part in json.loads(output)["parts"]}
    assert code == 0 and set(parts) == {"c1", "c2"}
    assert parts["c1"]["alone"]["hits"] == 3 and parts["c1"]["left_out"] == parts["c2"]["alone"]


def world(accounts=30, paid=20, **variables):
    """Accounts that log in once on their second day, of which some pay ten days later."""
    start = datetime(2026, 1, 1)
    names = [f"a{number:02}" for number in range(accounts)]
    return World(
        accounts=[{"account_id": name, "signed_up_at": start, "employees": 9} for name in names],
        events=[
            {"event_id": name, "account_id": name, "event_name": "login", "occurred_at": start + timedelta(1)}
            for name in names
        ],
        conversions=[{"account_id": name, "converted_at": start + timedelta(11)} for name in names[:paid]],
        variables={
            "pql_as_of": "2026-06-01",
            "pql_criteria": [
                {"name": "used", "type": "event_count", "at_least": 1, "min_precision": 0.2},
                {
                    "name": "large",
                    "type": "account_attribute",
                    "attribute": "employees",
                    "at_least": 5,
                    "min_precision": 0.2,
                },
                {
                    "name": "used_and_large",
                    "type": "all_of",
                    "criteria": ["used", "large"],
                    "min_precision": 0.2,
                },
            ],
            "pql_definitions": [{"name": "pql", "qualifies_when": "used"}],
        }
        | variables,
    )


def test_a_current_value_never_passes_and_its_history_does(project):
    given = world()
    records = results(project, project.build(given, command=CHECKED))
    verdicts = {name: record["verdict"] for name, record in records.items()}
    assert verdicts == {
        "used": "PASS",
        "large": "INCONCLUSIVE",
        "used_and_large": "INCONCLUSIVE",
        "pql": None,
    }
    assert "present value of employees" in records["large"]["reason"]
    given.account_changes = [
        {
            "account_id": row["account_id"],
            "attribute": "employees",
            "value": "9",
            "changed_at": row["signed_up_at"],
        }
        for row in given.accounts
    ]
    assert results(project, project.build(given, command=CHECKED))["large"]["verdict"] == "PASS"


def test_checkout_events_are_pointed_out(project):
    given = world()
    for row in given.conversions:
        row["converted_at"] = datetime(2026, 1, 2, 1)
    [warning] = results(project, project.build(given, command=CHECKED))["used"]["warnings"]
    assert "less than a day" in warning


def test_payments_of_the_same_day_leave_a_range_open(project):
    """Five of thirty are only known to have paid on a day, on which four of them qualified."""
    given = world(paid=20)
    for row in given.conversions[:5]:
        row["converted_at"] = "2026-01-02"
    given.accounts[0]["time_zone"] = "America/New_York"  # where it was the first still
    warehouse = project.build(given, command=CHECKED)
    record = results(project, warehouse)["used"]
    assert (record["same_day"], record["hits"], record["mature"]) == (4, 16, 26)
    assert (record["precision"], record["precision_at_most"]) == (16 / 26, 20 / 30)
    _, table, _ = check(project, warehouse, "used")
    assert "same day" in table and "4 (61.5%–66.7%)" in table
    earlier = results(project, warehouse, "--as-of", "2026-05-01")["used"]
    assert (earlier["same_day"], earlier["precision_at_most"]) == (4, 20 / 30)


def test_one_account(project):
    code, output, _ = check(project, project.build(world(1, 1), command=CHECKED), "used")
    assert code == 3 and "1 account is mature" in output


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"conversions": []}, "No account has converted"),
        (
            {"conversions": [{"account_id": "who", "converted_at": datetime(2026, 1, 9)}]},
            "not in accounts (who)",
        ),
        ({"accounts": []}, "There are no accounts"),
    ],
)
def test_inputs_that_cannot_be_checked(project, change, sentence):
    given = world()
    for name, rows in change.items():
        setattr(given, name, rows)
    code, _, errors = check(project, project.build(given, command=CHECKED))
    assert code == 2 and sentence in " ".join(errors.split())


def test_duplicate_conversions_count_once_and_unknown_accounts_can_be_ignored(project):
    given = world()
    given.conversions.append({"account_id": "a00", "converted_at": datetime(2026, 3, 1)})
    given.conversions.append({"account_id": "who", "converted_at": datetime(2026, 3, 1)})
    warehouse = project.build(given, command=CHECKED)
    code, output, _ = check(project, warehouse, "used", "--ignore-unknown-accounts")
    assert code == 0 and "1 account(s) have several conversions" in output and "20/30" in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--as-of", "2027-01-01"], "later than the data"),
        (["nobody"], "There is no criterion or definition 'nobody'"),
        (["--target", "nowhere"], "does not have a target named 'nowhere'"),
        (["--by", "segment:colour"], "no attribute 'colour'"),
        (["--attribution", "pql"], "has no parts"),
    ],
)
def test_usage_errors(project, example, arguments, sentence):
    code, _, errors = check(project, example, *arguments)
    assert code == 2 and sentence in " ".join(errors.split())


def test_a_warehouse_that_is_not_built_yet(project, tmp_path):
    code, output, errors = check(project, tmp_path / "pql.duckdb", "--format", "junit")
    assert code == 2 and "not built yet" in " ".join(errors.split()) and "<error" in output
    assert not (tmp_path / "pql.duckdb").exists()


HUBSPOT = [
    {"name": "actions", "type": "event_sum", "property": "actions", "at_least": 100},
    {"name": "users", "type": "event_max", "property": "users", "events": ["crm_contacts"], "at_least": 2},
    {"name": "email", "type": "event_count", "events": ["email"], "at_least": 1},
    {"name": "days", "type": "active_days", "at_least": 4},
]


def test_freemium_data_of_others(project, third_party_data):
    """The four precisions of its README, without a horizon and with 90 days, and the wrong ones."""
    warehouse = project.build(
        third_party_data / "hubspot_freemium",
        {
            "pql_as_of": "2020-08-18",
            "pql_horizon_days": "none",
            "pql_conversions_from": "source",
            "pql_criteria": HUBSPOT,
            "pql_definitions": [{"name": "pql", "qualifies_when": "actions"}],
        },
        CHECKED,
    )
    keys = ("qualified", "converted_before", "mature", "hits")
    found = results(project, warehouse)
    assert {
        name: tuple(found[name][key] for key in keys) for name in ("actions", "users", "email", "days")
    } == {
        "actions": (462, 72, 390, 104),
        "users": (455, 62, 393, 115),
        "email": (314, 65, 249, 65),
        "days": (627, 81, 546, 103),
    }
    naive = [
        round(found[name]["naive_precision_do_not_use"], 4) for name in ("actions", "users", "email", "days")
    ]
    assert naive == [0.381, 0.389, 0.414, 0.2935]
    found = results(project, warehouse, "--horizon-days", "90")
    shares = [(found[name]["hits"], found[name]["mature"]) for name in ("actions", "users", "email", "days")]
    assert shares == [(46, 345), (48, 331), (25, 202), (40, 466)]
