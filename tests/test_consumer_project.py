"""The warehouse as a package of somebody else's dbt project: tests/consumer_project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parent.parent
CONSUMER = ROOT / "tests" / "consumer_project"
LEFT_BEHIND = shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml")
OF_THE_PACKAGE = ("dbt_project.yml", ".dbtignore", "macros", "models", "seeds", "tests")
NOT_DBT = shutil.ignore_patterns("consumer_project", "samples", "reference", "*.py", "__pycache__")


def dbt(project: Path, *arguments: str) -> str:
    """Run dbt in the consumer's folder, as its owner would."""
    command = Path(sys.executable).with_name("dbt")
    environment = os.environ | {
        "PQL_DUCKDB_PATH": str(project / "acme.duckdb"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run([command, *arguments], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def package(folder: Path) -> Path:
    """What the repository would be for one who installs it: no links, no environment, no data."""
    for name in OF_THE_PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=NOT_DBT)
        elif (ROOT / name).exists():
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def consumer(tmp_path) -> Path:
    return Path(shutil.copytree(CONSUMER, tmp_path / "consumer", ignore=LEFT_BEHIND))


def test_a_local_package_builds_under_the_names_schemas_and_types_of_its_host(consumer, tmp_path):
    (consumer / "packages.yml").write_text(f"packages:\n  - local: {package(tmp_path / 'package')}\n")
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


def test_a_git_package_parses(consumer, tmp_path):
    source = package(tmp_path / "package")
    git = ["git", "-C", source, "-c", "user.name=a", "-c", "user.email=a@example.test"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "One"], ["tag", "v1"]):
        subprocess.run([*git, *command], check=True)
    (consumer / "packages.yml").write_text(f'packages:\n  - git: "file://{source}"\n    revision: v1\n')
    dbt(consumer, "deps")
    dbt(consumer, "parse")
