"""One account's story: the same measures and standings as the tables, now and at any moment before."""

from datetime import datetime, timedelta

import explain
import golden
import pytest
from harness import CORE_MODELS, environment
from pql_tools.account.story import OTHER_RULES, moment_of, tell
from pql_tools.warehouse import open_warehouse
from small_worlds import small_world

FURTHER = [
    {
        "name": "per_person",
        "type": "ratio",
        "of": {"measure": "event_count", "window": {"last_days": 7}},
        "per": {"measure": "distinct_users"},
        "at_least": 2,
    },
    {"name": "lately", "type": "decayed_sum", "fades_over_days": 10, "at_least": 3},
]
SAMPLE = 6  # every so many accounts
BEFORE = timedelta(days=9, hours=5)
HOSTILE = "<script>alert(1)</script> [bold]\x1b[2J"


def options(project, *given: str):
    return explain.make_parser().parse_args(
        [
            "--project-dir",
            str(project.folder),
            "--profiles-dir",
            str(project.folder),
            "--account",
            "-",
            *given,
        ]
    )


def explained(project, warehouse, *given, variables=None) -> int:
    places = ["--project-dir", project.folder, "--profiles-dir", project.folder]
    with environment(PQL_DUCKDB_PATH=warehouse, PQL_DATA_DIR="no_data"):
        return explain.main([*map(str, places), *map(str, given), "--vars", str(variables or {})])


@pytest.fixture(scope="module")
def world():
    return golden.variables() | {"pql_criteria": golden.variables()["pql_criteria"] + FURTHER}


@pytest.fixture(scope="module")
def built(project, world):
    return project.build(golden.INPUTS, world, CORE_MODELS)


def assert_told_as_built(project, told_by, built, variables, moment=None):
    """Stories that one warehouse tells of a moment are what the tables of another say."""
    ledger = {(row["account_id"], row["criterion_name"]): row for row in built.rows("pql_account_criteria")}
    statuses = {row["account_id"]: row["pql_status"] for row in built.rows("pql_accounts")}
    with (
        environment(PQL_DUCKDB_PATH=told_by.path),
        open_warehouse(options(project, "--vars", str(variables))) as at_hand,
    ):
        for account in sorted(statuses)[::SAMPLE]:
            story = tell(at_hand, account, moment)
            assert story.status.replace("not signed up yet", "never") == statuses[account], account
            for criterion in story.criteria:
                row = ledger[account, criterion.name]
                told = (
                    criterion.is_met,
                    criterion.is_in_grace,
                    criterion.observed,
                    criterion.progress,
                    criterion.times_met,
                )
                kept = (
                    row["is_met"],
                    row["is_in_grace"],
                    row["observed_value"],
                    row["progress"],
                    row["times_met"],
                )
                assert told == pytest.approx(tuple(map(number, kept)), abs=1e-6), (account, criterion.name)
                assert criterion.since == (row["last_started_at"] if row["is_met"] else None)
                assert criterion.last_ended_at == row["last_ended_at"]


def number(value):
    return value if value is None or isinstance(value, bool) else float(value)


def test_a_story_says_what_the_tables_say(project, world, built):
    assert_told_as_built(project, built, built, world)


def test_a_story_of_the_past_is_what_the_tables_were(project, world, built):
    """Measures of the past are in no table; they are taken anew, from what had happened by then."""
    then = built.row("pql_build", "as_of")["as_of"] - BEFORE
    past = project.build(golden.INPUTS, world | {"pql_as_of": str(then)}, CORE_MODELS)
    assert_told_as_built(project, built, past, world, then)


@pytest.fixture(scope="module")
def acme(project, tmp_path_factory):
    """Two logins, a lead that lapses, a row without a name, a rejected payment, and a hostile name."""
    data = tmp_path_factory.mktemp("acme")
    events = [
        "e1,2026-03-02 09:00:00,login,ann,acme",
        "e2,2026-03-03 10:30:00,login,bob,acme",
        "e3,2026-03-20 00:00:00,export,,acme",
        "e_no_name,2026-03-05 00:00:00,,,acme",
    ]
    accounts = [f'acme,2026-03-01,"{HOSTILE}",acme.example', "other,2026-03-01,,"]
    for name, header, rows in (
        ("events", "event_id,occurred_at,event_name,user_id,account_id", events),
        ("accounts", "account_id,signed_up_at,account_name,domain", accounts),
        ("conversions", "account_id,converted_at", ["acme,soon"]),
    ):
        (data / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    variables = small_world().variables | {
        "pql_criteria": [
            {
                "name": "busy",
                "type": "event_count",
                "events": ["login"],
                "window": {"last_days": 3},
                "at_least": 2,
            },
            {"name": "never_mind", "type": "event_count", "events": ["export"], "at_least": 4},
            {"name": "ready", "type": "any_of", "criteria": ["busy", "never_mind"]},
        ],
        "pql_definitions": [{"name": "pql", "qualifies_when": "ready"}],
        "pql_conversion_sources": [{"name": "payments", "adapter": "canonical"}],
    }
    return project.build(data, variables, CORE_MODELS), variables


def test_the_story_in_words(project, acme, capsys):
    warehouse, variables = acme
    assert explained(project, warehouse.path, "--account", "ACME.example", variables=variables) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "lapsed by 'pql' as of 2026-03-31 00:00 UTC" in said
    assert "2026-03-03 10:30 lead by 'pql' begins login by bob" in said
    assert "lead by 'pql' ends: lapsed ended then: busy, ready" in said
    assert "never_mind 25% 1 export; 4 needed" in said
    assert "events: missing_event_name 1 –, e_no_name" in said
    assert "conversions: missing_converted_at 1" in said
    assert "\x1b" not in said and r"\u001b[2J" in said


def test_the_story_fits_80_columns(project, acme, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert explained(project, acme[0].path, "--account", "acme", "--all", variables=acme[1]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines()[1:])) <= 80


def test_as_it_stood_then(project, acme, capsys):
    warehouse, variables = acme
    given = ("--account", "acme", "--as-of", "2026-03-03T12:30:00+02:00")
    assert explained(project, warehouse.path, *given, variables=variables) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "active by 'pql' as of 2026-03-03 10:30 UTC" in said
    assert "export" not in said.partition("What happened")[2], "later is invisible"


def test_the_page_is_one_harmless_file(project, acme, tmp_path):
    warehouse, variables = acme
    page = tmp_path / "deep" / "acme.html"
    assert explained(project, warehouse.path, "--account", "acme", "--html", page, variables=variables) == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<script") == 1 and "\x1b" not in html and "&lt;script&gt;alert(1)" in html
    assert "<link" not in html and "lead: pql" in html and "2026-03-03 10:30" in html


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--account", "acmee"], "There is no account 'acmee'. Nearest: acme"),
        (["--account", "acme", "--as-of", "2027-01-01"], "later than what the warehouse knows"),
    ],
)
def test_what_cannot_be_told(project, acme, capsys, given, said):
    assert explained(project, acme[0].path, *given, variables=acme[1]) == 2
    output = capsys.readouterr()
    assert output.out == "" and said in " ".join(output.err.split()) and "Traceback" not in output.err


def test_rules_that_nothing_was_built_with_are_said(project, built, world, capsys):
    told = " ".join(OTHER_RULES.split())
    account = built.values("pql_accounts", "account_id")[0]
    assert explained(project, built.path, "--account", account, variables=world) == 0
    assert told not in " ".join(capsys.readouterr().out.split())
    others = world | {"pql_criteria": [*world["pql_criteria"], FURTHER[1] | {"name": "of_late"}]}
    assert explained(project, built.path, "--account", account, variables=others) == 0
    assert told in " ".join(capsys.readouterr().out.split())


def test_a_moment_that_is_none(capsys):
    with pytest.raises(SystemExit) as ended:
        explain.main(["--account", "acme", "--as-of", "yesterday"])
    assert ended.value.code == 2
    assert "must be a date or moment such as 2026-05-01" in capsys.readouterr().err


def test_moments_are_utc():
    assert (
        moment_of("2026-03-03T12:30+02:00") == moment_of("2026-03-03T10:30Z") == datetime(2026, 3, 3, 10, 30)
    )
