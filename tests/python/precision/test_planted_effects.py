"""A simulated product in which PQLs, MQLs and SQLs have known effects, and customers known lifetimes."""

import math
import shutil

import pytest
import simulate_events
from checking import CHECKED, results
from pql_tools.simulator.customers import CUSTOMERS
from pql_tools.simulator.hazard import HAZARD


@pytest.fixture(scope="module")
def planted(project, tmp_path_factory):
    """Three thousand accounts over eight months, of which some 180 pay."""
    data = tmp_path_factory.mktemp("planted") / "data"
    asked = "--accounts 3000 --events-per-account 60 --days 240 --seed 4 --workers 1"
    assert simulate_events.main([*asked.split(), "--out", str(data)]) == 0
    shutil.copy(data / "seeds" / "plan_limits.csv", data)
    criteria = [criterion for rule in HAZARD.rules for criterion in rule.criteria]
    rules = [rule.name for rule in HAZARD.rules]
    variables = {
        "pql_conversions_from": "source",
        "pql_criteria": [*criteria, {"name": "planted", "type": "any_of", "criteria": rules}],
        "pql_definitions": [{"name": "pql", "qualifies_when": "planted"}],
    }
    return project.build(data, variables, command=CHECKED)


@pytest.fixture(scope="module")
def checked(project, planted):
    return results(project, planted, "pql", "mql", "sql")


def test_the_check_tells_what_predicts_from_what_does_not(checked):
    """Leads of marketing are drawn without regard to use; those of sales follow the planted rules."""
    assert checked["mql"]["lift_low"] < 1 < checked["mql"]["lift_high"]
    assert checked["pql"]["lift_low"] > 2 and checked["sql"]["lift_low"] > 1.5
    assert checked["pql"]["precision_wilson_low"] > checked["mql"]["precision_wilson_high"]


def test_the_naive_comparison_does_not(planted, checked):
    """Customers are called MQLs as well, when they have paid: of those ever called so, many ever paid."""
    [share] = planted.rows("dim_accounts", "count(converted_at) / count(*) as paid")
    assert checked["mql"]["naive_precision_do_not_use"] > 1.6 * share["paid"]


def test_what_each_finds_alone_is_as_planted(planted):
    """Whether an account is an MQL has nothing to do with whether it is a PQL."""
    [row] = planted.rows("pql_stage_overlap where criterion_name = 'pql' and other_name = 'mql'")
    of_pqls = row["in_both"] / (row["in_both"] + row["only_this"])
    everybody = planted.rows("fct_criterion_outcomes where criterion_name = 'mql'")
    ever = sum(account["qualified_at"] is not None for account in everybody) / len(everybody)
    assert abs(of_pqls - ever) < 0.12
    # sales comes after the product has told
    [row] = planted.rows("pql_stage_overlap where criterion_name = 'pql' and other_name = 'sql'")
    assert row["this_first"] > 5 * row["other_first"] > 0 or row["other_first"] == 0 < row["this_first"]


@pytest.mark.parametrize("customers", ["flagged_before", "not_flagged_before"])
def test_retention_is_as_planted(planted, customers):
    lifetime = CUSTOMERS.months_if_met if customers == "flagged_before" else CUSTOMERS.months_if_not
    for months in (2, 4):
        [row] = planted.rows(
            f"pql_retention where criterion_name = 'pql' and customers = '{customers}' "
            f"and months_since_conversion = {months - 1}"
        )
        # lifetimes are drawn in months of 30 days
        planted_share = math.exp(-months * 30.4 / 30 / lifetime)
        assert row["still_paying_low"] < planted_share < row["still_paying_high"]
