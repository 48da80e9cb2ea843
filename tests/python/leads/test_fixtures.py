"""Inputs with known answers: fixtures to the microsecond, and others' data by configuration alone."""

import json
from collections import defaultdict

import pytest
from harness import CORE_MODELS, FOR_OTHERS
from known_answers import COUNTS, SAME_COUNTS, expected_rows


@pytest.mark.parametrize("name", COUNTS)
def test_fixture(project, fixtures, name):
    """With dbt's own tests; in one build everything is made of it, in the other what leads are made of."""
    folder = fixtures / name
    left_out = ("--exclude", *FOR_OTHERS) if name == "criteria_zones" else ()
    warehouse = project.build(folder, json.loads((folder / "vars.json").read_text()), ("build", *left_out))
    for table, file in (
        ("fct_criterion_episodes", "expected_episodes.csv"),
        ("fct_pql_episodes", "expected_pql_episodes.csv"),
    ):
        header, expected = expected_rows(folder / file)
        rows = [
            tuple("" if value is None else str(value) for value in row.values())
            for row in warehouse.rows(table, ", ".join(header))
        ]
        assert sorted(rows) == expected
    assert warehouse.row("event_quality").items() >= (COUNTS[name] | SAME_COUNTS).items()


FREEMIUM = {
    "actions_100": {"type": "event_sum", "property": "actions", "at_least": 100},
    "two_users_of_contacts": {
        "type": "event_max",
        "events": ["crm_contacts"],
        "property": "users",
        "at_least": 2,
    },
    "email": {"type": "event_count", "events": ["email"], "at_least": 1},
    "four_active_days": {"type": "active_days", "at_least": 4},
}


def test_freemium_data_gives_the_known_numbers_of_qualified_accounts(project, third_party_data):
    variables = {
        "pql_as_of": "2020-08-18",
        "pql_horizon_days": "none",
        "pql_conversions_from": "source",
        "pql_criteria": [{"name": name} | criterion for name, criterion in FREEMIUM.items()],
        "pql_definitions": [{"name": "pql", "qualifies_when": "actions_100"}],
    }
    warehouse = project.build(third_party_data / "hubspot_freemium", variables)
    first = defaultdict(int)
    for row in warehouse.rows("fct_criterion_episodes", "criterion_name, episode_number"):
        first[row["criterion_name"]] += row["episode_number"] == 1
    assert first == {"actions_100": 462, "two_users_of_contacts": 455, "email": 314, "four_active_days": 627}
    accounts = warehouse.rows("pql_accounts", "account_id, converted_at")
    assert len(accounts) == 5200
    assert sum(account["converted_at"] is not None for account in accounts) == 200


def test_yammer_data_gives_the_known_numbers_of_teams(project, third_party_data):
    criteria = [
        {"name": "three_users_ever", "type": "distinct_users", "at_least": 3},
        {
            "name": "three_users_in_a_week",
            "type": "distinct_users",
            "window": {"last_days": 7},
            "at_least": 3,
        },
    ]
    variables = {
        "pql_criteria": criteria,
        "pql_definitions": [{"name": "pql", "qualifies_when": "three_users_in_a_week"}],
    }
    warehouse = project.build(third_party_data / "yammer", variables, command=CORE_MODELS)
    companies = defaultdict(set)
    for row in warehouse.rows("fct_criterion_episodes", "criterion_name, account_id"):
        companies[row["criterion_name"]].add(row["account_id"])
    assert {name: len(ids) for name, ids in companies.items()} == {
        "three_users_ever": 196,
        "three_users_in_a_week": 92,
    }
