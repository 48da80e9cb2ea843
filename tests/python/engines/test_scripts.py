"""Every script on PostgreSQL, and on Spark behind a Thrift server: what it finds there, writes and says.

One world goes from test to test, in this order; each leaves it as the next one finds it.
"""

import json
import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import check_precision
import discover_criteria
import explain
import forget
import preview_change
import pytest
import report
import sync_crm
import verify
from crm_world import SECRET, declared_fields
from fake_crm import FakeCrm
from harness import MODELS_ONLY, environment
from pql_tools.config_files import as_option
from scripts_on import SCRIPTS
from small_worlds import at, event, small_world

from engines.conftest import EngineProject, started

# {what a worker of the tests shares: (the engine, the module that starts it)}
SERVERS = {"postgres": ("postgres", "postgres"), "thrift": ("spark", "spark_server")}
# names that break out of a literal which is written for another engine
ANN, BOLT = "ann's\\n", "bo'lt\\"
LOGINS = {"name": "logins", "type": "event_count", "window": {"last_days": 30}, "at_least": 2}
WORLD = small_world(
    [
        event(at(3, 9), user_id=ANN, anonymous_id="ann's phone"),
        event(at(4, 9), user_id="bob", anonymous_id="the office"),
        event(at(5, 9), anonymous_id="ann's phone"),
        event(at(9, 9), user_id="bob"),
        event(at(6, 9), account_id=BOLT, user_id="cas"),
        event(at(7, 9), account_id=BOLT, user_id="cas", anonymous_id="the office"),
        event(at(8, 9), account_id="calm", user_id="dan"),
    ],
    criteria=[LOGINS],
    users=[{"user_id": name, "account_id": "acme"} for name in (ANN, "bob")],
)
WORLD.accounts.extend({"account_id": name, "signed_up_at": at(1)} for name in (BOLT, "calm"))
WORLD.variables["pql_crm_create_records"] = True
for number in range(160):  # of the accounts of last winter, half invite somebody, and these pay
    name, first = f"winter{number:03}", datetime(2025, 12, 1) + timedelta(days=number // 2)
    does = "invite" if number % 2 else "login"
    WORLD.accounts.append({"account_id": name, "signed_up_at": first})
    WORLD.events.append(event(first + timedelta(days=2), does, event_id=name, account_id=name, user_id=name))
    if does == "invite":
        WORLD.conversions.append({"account_id": name, "converted_at": str(first + timedelta(days=4))})


@pytest.fixture(scope="module", params=SERVERS)
def place(request, tmp_path_factory):
    """A running server with the world built on it, and how scripts are told of it."""
    with started(*SERVERS[request.param]) as engine:
        project = EngineProject(tmp_path_factory.mktemp("project"), engine)
        project.build(WORLD, command=MODELS_ONLY)
        folder = str(project.folder)
        options = ["--project-dir", folder, "--profiles-dir", folder, "--target", engine.target]
        options += ["--vars", json.dumps(WORLD.variables)]
        with environment(**project.settings, PQL_THREADS="2", PQL_DATA_DIR="no_data"):
            yield SimpleNamespace(engine=engine, project=project, options=options)


def said(capsys, script, code: int, *arguments: str) -> str:
    """What a script prints that ends with this exit code."""
    capsys.readouterr()
    found = script.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert found == code, printed.out + printed.err
    return printed.out + printed.err


def values(place, table: str, column: str) -> set:
    return {row[column] for row in place.engine.rows(table)}


def test_all_scripts_are_here():
    here = {check_precision, discover_criteria, explain, forget, preview_change, report, sync_crm, verify}
    assert set(SCRIPTS) == here


def test_scripts_that_read(place, tmp_path, capsys):
    assert "logins" in said(capsys, check_precision, 0, *place.options)
    assert "Wrote" in said(capsys, report, 0, "--output", tmp_path / "report.html", *place.options)
    assert "≥ 1 invite" in said(capsys, discover_criteria, 0, *place.options)
    assert "logins" in said(capsys, explain, 0, "--account", "acme", *place.options)


def test_preview(place, tmp_path, capsys):
    """One login is enough: the account that logged in once enters."""
    proposed = tmp_path / "proposed.yml"
    changed = {"pql_criteria": [LOGINS | {"at_least": 1}]}
    with proposed.open("w") as file:
        file.write(as_option({"vars": changed}))
    found = json.loads(said(capsys, preview_change, 0, proposed, "--format", "json", *place.options))
    assert (found["enter"], found["leave"], found["stay"]) == (["calm"], [], 2)


def test_a_delivery_is_logged(place, capsys):
    """What was delivered is not sent again."""
    everybody = values(place, "crm_pql_accounts", "pql_account_id")
    with (
        FakeCrm(declared_fields(place.project, WORLD.variables)) as crm,
        environment(HUBSPOT_ACCESS_TOKEN=SECRET, HUBSPOT_API_URL=crm.url),
    ):
        dry = said(capsys, sync_crm, 0, "hubspot", "--dry-run", *place.options)
        assert f"{len(everybody)} rows would be sent" in dry
        said(capsys, sync_crm, 0, "hubspot", "--pause", "0.01", *place.options)
        assert set(crm.writes) == everybody >= {"acme", BOLT}
        again = said(capsys, sync_crm, 0, "hubspot", "--dry-run", *place.options)
    assert "0 rows would be sent" in again
    assert values(place, "crm_sync_results", "pql_account_id") == everybody


def test_who_is_forgotten_is_in_no_table(place, capsys):
    """Nor in the logs that outlive builds; the raw tables are the user's."""
    assert "Forgotten" in said(capsys, forget, 0, "--user", ANN, "--account", BOLT, *place.options)
    theirs = re.compile("|".join(re.escape(repr(name)[1:-1]) for name in (ANN, BOLT, "ann's phone")))
    raw = {"events", "accounts", "users"}
    held = {
        table for table in set(place.engine.tables()) - raw if theirs.search(str(place.engine.rows(table)))
    }
    assert held == set()
    assert not {ANN, "cas"} & values(place, "stg_product__events", "user_id")
    kept = values(place, "crm_sync_results", "pql_account_id")
    assert "acme" in kept and BOLT not in kept
    assert values(place, "forgotten", "kind") == {"user", "account", "anonymous"}


def test_verify_shows_what_drifted(place, capsys):
    """What was changed by hand, and what follows from it; built from nothing has nobody forgotten either."""
    place.engine.drift("fct_criterion_episodes")
    tables = json.loads(said(capsys, verify, 1, "--format", "json", *place.options))
    differing = {table["table"]: table for table in tables if not table["equal"]}
    assert not differing.keys() & {"stg_product__events", "dim_accounts", "fct_user_usage_daily"}
    assert {row["stands"] for row in differing["fct_criterion_episodes"]["examples"]} == {"only anew"}
    assert not [name for name in place.engine.schemas() if name.endswith("_pql_verify")]
