"""The warehouse as a package of somebody else's dbt project: tests/consumer_project."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from harness import ROOT

CONSUMER = ROOT / "tests" / "consumer_project"
LEFT_BEHIND = shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml")
OF_THE_PACKAGE = ("dbt_project.yml", "macros", "models", "seeds", "tests/sql")
INSTALLED = Path("dbt_packages", "pql_warehouse")


def run_dbt(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run dbt in the consumer's folder, as its owner would."""
    command = Path(sys.executable).with_name("dbt")
    environment = os.environ | {
        "PQL_DUCKDB_PATH": str(project / "acme.duckdb"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    return subprocess.run([command, *arguments], cwd=project, env=environment, capture_output=True, text=True)


def dbt(project: Path, *arguments: str) -> str:
    done = run_dbt(project, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def package(tmp_path) -> Path:
    """What the repository would be for one who installs it: no links, no environment, no data."""
    folder = tmp_path / "pql_warehouse"
    for name in OF_THE_PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        elif (ROOT / name).exists():
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def consumer(tmp_path) -> Path:
    return Path(shutil.copytree(CONSUMER, tmp_path / "consumer", ignore=LEFT_BEHIND))


@pytest.mark.long
def test_a_local_package_builds_under_the_names_schemas_and_types_of_its_host(consumer, package):
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {package}\n")
    dbt(consumer, "deps")
    dbt(consumer, "build")
    with duckdb.connect(str(consumer / "acme.duckdb")) as warehouse:
        assert warehouse.sql("select * from analytics.call_list").fetchall() == [
            ("acme", "2 events of any kind, 1 shared")
        ]
        statuses = "select account_id, pql_status from analytics_sales.pql_accounts order by 1"
        assert warehouse.sql(statuses).fetchall() == [
            ("acme", "active"),
            ("beta", "never"),
            ("paid", "converted"),
        ]
        quality = "select event_source, raw, accepted, uncounted from analytics_pql.event_quality order by 1"
        assert warehouse.sql(quality).fetchall() == [("app_log", 5, 5, 0), ("machines", 5, 5, 5)]
        tables = warehouse.sql("select table_name from information_schema.tables").fetchall()
        assert ("pql_qualification_curve",) not in tables

        assert warehouse.sql("select count(*) from analytics_pql.dim_accounts").fetchall() == [(3,)]
        inputs = "select input_name, raw from analytics_pql.input_quality where raw > 0 order by 1"
        read = [("accounts", 3), ("conversions", 1), ("crm_routing", 5), ("plan_limits", 1), ("users", 3)]
        assert warehouse.sql(inputs).fetchall() == read

    assert_what_a_catalogue_sees(json.loads((consumer / "target" / "manifest.json").read_text()))
    assert_a_changed_criterion_is_a_changed_state(consumer)
    assert_the_host_s_variables_switch_parts_off(consumer)
    log = run_dbt(consumer, "--log-level", "debug", "run", "--select", "acme_analytics.dim_accounts").stdout
    assert (
        "sql view model analytics.dim_accounts" in log
        and "TimeZone" not in log
        and "manifest_inputs" not in log
    )

    # what is wrong with the host's own variables is said in full when its project is parsed
    project = consumer / "dbt_project.yml"
    project.write_text(
        project.read_text().replace("adapter: heartbeat", "adapter: hartbeat").replace("every_event", "each")
    )
    done = run_dbt(consumer, "parse")
    assert done.returncode and "Traceback" not in done.stdout
    assert "variables of acme_analytics: the PQL configuration has 2 problem(s)" in done.stdout
    assert (
        "unknown adapter 'hartbeat'. Known adapters: amplitude, canonical, ga4, heap, heartbeat"
        in done.stdout
    )
    assert "pql_criteria[0] 'busy': unknown type 'each'" in done.stdout


def assert_what_a_catalogue_sees(manifest: dict) -> None:
    """The host's inputs are upstream, also those called as ours; groups have owners; exposures are chosen."""
    for ours, theirs in {
        "base_product__events": "model.acme_analytics.app_events",
        "stg_product__users": "model.acme_analytics.stg_product__events",
        "stg_billing__plan_limits": "seed.acme_analytics.plan_limits",
    }.items():
        assert theirs in manifest["parent_map"][f"model.pql_warehouse.{ours}"]
    owners = {group["owner"]["name"] for group in manifest["groups"].values()}
    models = [node for node in manifest["nodes"].values() if node["package_name"] == "pql_warehouse"]
    models = [node for node in models if node["resource_type"] == "model"]
    assert owners == {"Data team"} and all(node["group"] for node in models)
    assert {node["name"] for node in models if "evaluation" in node["tags"]} >= {"fct_criterion_outcomes"}
    shown = {name: (each["label"], each["owner"]["name"]) for name, each in manifest["exposures"].items()}
    assert shown == {"exposure.pql_warehouse.pql_dashboard": ("PQL cockpit", "Growth team")}


def assert_a_changed_criterion_is_a_changed_state(consumer: Path) -> None:
    """Slim CI: what a changed variable decides about is found, and nothing else."""
    shutil.copytree(consumer / "target", consumer / "before")
    command = ("--quiet", "ls", "--resource-type", "model", "--select", "state:modified", "--state", "before")
    assert dbt(consumer, *command).split() == []
    project = consumer / "dbt_project.yml"
    written = project.read_text()
    project.write_text(written.replace("type: every_event, at_least: 2", "type: every_event, at_least: 3"))
    found = {name.split(".")[-1] for name in dbt(consumer, *command).split()}
    project.write_text(written)
    assert {"int_detailed_events", "int_criterion_spans", "fct_criterion_episodes", "pql_rules"} <= found
    assert not {name for name in found if name.startswith(("stg_", "base_", "dim_", "int_events"))}


def assert_the_host_s_variables_switch_parts_off(consumer: Path) -> None:
    """Without CRM tables nothing asks for them, the log and the marts stay; no seed is loaded for nothing."""
    project = consumer / "dbt_project.yml"
    written = project.read_text()
    project.write_text(written.replace("vars:\n", "vars:\n  pql_crm_enabled: false\n"))
    types = ("--resource-types", "model", "--resource-types", "seed", "--resource-types", "test")
    found = dbt(consumer, "--quiet", "ls", "--select", "package:pql_warehouse", *types).split()
    project.write_text(written)
    names = {name.split(".")[-1] for name in found}
    of_crms = {name for name in names if name.startswith(("crm_", "int_crm_", "unique_crm_"))}
    assert of_crms == {"crm_routing"}, "the seed, which says who gets which lead"
    assert {"mart_pql_accounts", "mart_pql_weekly", "fct_pql_events", "fct_pql_sales_outcomes"} <= names
    assert not names & {"conversions", "plan_limits"}


@pytest.mark.long
def test_no_seed_is_loaded_over_a_table_of_the_host(consumer, package):
    """The seed is loaded although the host reads payments from a table of this very name."""
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {package}\n")
    project = consumer / "dbt_project.yml"
    written = project.read_text()
    text = written.replace("seeds:\n", "seeds:\n  pql_warehouse: {conversions: {+enabled: true}}\n")
    table = "adapter: table, models: {conversions: invoices}, columns:"
    text = text.replace(table, "adapter: table, schema: analytics, columns:")
    assert len({written, text, text.replace("schema: analytics", "")}) == 3
    project.write_text(text)
    with duckdb.connect(str(consumer / "acme.duckdb")) as warehouse:
        warehouse.sql("create schema analytics")
        warehouse.sql("create table analytics.conversions as select 'paid' as workspace, now() as paid_at")
    dbt(consumer, "deps")
    done = run_dbt(consumer, "seed")
    assert done.returncode and "Traceback" not in done.stdout
    assert "The seed 'conversions' would be loaded over" in done.stdout
    with duckdb.connect(str(consumer / "acme.duckdb")) as warehouse:
        assert warehouse.sql("select workspace from analytics.conversions").fetchall() == [("paid",)]


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, but for what version control keeps for itself."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path): (folder / path).read_bytes() for path in paths if path.parts[0] != ".git"}


def test_a_git_package_is_the_same_as_a_local_one(consumer, package, tmp_path):
    git = ["git", "-C", package, "-c", "user.name=a", "-c", "user.email=a@example.test"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "One"], ["tag", "v1"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", package, tmp_path / "pql.git"], check=True)
    (consumer / "packages.yml").write_text(
        f'packages:\n  - git: "file://{tmp_path}/pql.git"\n    revision: v1\n'
    )
    dbt(consumer, "deps")
    assert files(package) == files(consumer / INSTALLED)


@contextmanager
def served(folder: Path):
    """The address of a web server that serves a folder."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_tarball_package_is_the_same_as_a_local_one(consumer, package, tmp_path):
    (tmp_path / "web").mkdir()
    with tarfile.open(tmp_path / "web" / "pql_warehouse-v1.tar.gz", "w:gz") as archive:
        archive.add(package, "pql_warehouse-v1")
    with served(tmp_path / "web") as address:
        (consumer / "packages.yml").write_text(
            f"packages:\n  - tarball: {address}/pql_warehouse-v1.tar.gz\n    name: pql_warehouse\n"
        )
        dbt(consumer, "deps")
    assert files(package) == files(consumer / INSTALLED)
