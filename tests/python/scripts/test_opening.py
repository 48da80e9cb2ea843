"""Scripts open a plain file of DuckDB without dbt while the project is as it was, never as it was before."""

import argparse
import json
import os
from pathlib import Path

import duckdb
import pytest
import yaml
from harness import ROOT, environment
from pql_tools import dbt_internals
from pql_tools.warehouse import Warehouse, open_warehouse, remembered
from pql_tools.warehouse.place import Place
from pql_tools.warehouse.remembered import Remembered

PROFILES = {
    "pql_warehouse": {
        "target": "dev",
        "outputs": {
            "dev": {"type": "duckdb", "path": "{{ env_var('PQL_DUCKDB_PATH', 'pql.duckdb') }}"},
            "other": {"type": "duckdb", "path": "other.duckdb", "schema": "elsewhere"},
            "server": {"type": "postgres", "host": "there", "password": "{{ env_var('A_PASSWORD') }}"},
        },
    }
}


@pytest.fixture
def folder(tmp_path):
    """A small project, with a package in it."""
    files = {
        "dbt_project.yml": "{name: host, profile: pql_warehouse, version: '1.0'}",
        "profiles.yml": yaml.safe_dump(PROFILES),
        "vars.yml": "vars: {pql_horizon_days: 30}",
        "./macros/deep/text.sql": "{% macro text() %}{{ env_var(\"PQL_DATA_DIR\", '') }}{% endmacro %}",
        "./analyses/report.sql": "select 1",
        "./models/model.sql": "select 1",
        "./models/model.yml": "models: []",
        "dbt_packages/ours/dbt_project.yml": "{name: ours, macro-paths: [pieces]}",
        "dbt_packages/ours/pieces/text.sql": "{% macro piece() %}1{% endmacro %}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def is_asked(folder, target=None, variables=None) -> bool:
    """Whether dbt has to be asked for something, rather than that it is remembered."""
    asked = []
    Remembered(folder, folder, target, variables or {}).told("where", lambda: asked.append(1) or {"at": 1})
    return bool(asked)


def test_nothing_is_remembered_of_a_project_that_changed(folder, monkeypatch):
    """Contents count, not clocks: each file is put back to the time that it had."""
    assert is_asked(folder) and not is_asked(folder)
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and "target" not in f.parts):
        before, at = file.read_text(), file.stat()
        file.write_text(before.replace("1", "2") if "1" in before else before + "\n")
        os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
        assert is_asked(folder), file
        file.write_text(before)
        assert is_asked(folder) and not is_asked(folder), file
    new = folder / "macros" / "new.sql"
    new.write_text("")
    assert is_asked(folder)
    new.unlink()
    assert is_asked(folder)
    for name in ("PQL_DUCKDB_PATH", "PQL_DATA_DIR", "DBT_TARGET"):
        monkeypatch.setenv(name, "changed")
        assert is_asked(folder) and not is_asked(folder), name
    monkeypatch.setattr(remembered, "version", lambda package: "9.9")
    assert is_asked(folder) and not is_asked(folder)


def test_what_the_file_of_the_environment_says_counts(folder, monkeypatch):
    """dbt reads .env before it reads the project; each turn is another process."""
    for path in ("a.duckdb", "b.duckdb"):
        (folder / ".env").write_text(f"PQL_DUCKDB_PATH={path}\n")
        for expected in (True, False):
            monkeypatch.setenv("PQL_DUCKDB_PATH", "")  # so that it is put back in the end
            monkeypatch.delenv("PQL_DUCKDB_PATH")
            assert is_asked(folder) is expected
            assert os.environ["PQL_DUCKDB_PATH"] == path


def test_other_options_have_a_memory_of_their_own(folder):
    assert not [is_asked(folder) for _ in range(2)][1]
    assert is_asked(folder, target="other") and not is_asked(folder, target="other")
    for days in (60, "60"):
        assert is_asked(folder, variables={"pql_horizon_days": days})
    assert not is_asked(folder), "what others asked for changes nothing"


def profile(dev: str) -> str:
    """A profile of one target."""
    return f"pql_warehouse: {{target: dev, outputs: {{dev: {dev}}}}}"


def project(more: str) -> str:
    """A project that says one thing more."""
    return f"{{name: host, profile: pql_warehouse, version: '1.0', {more}}}"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("./macros/named.sql", "{{ env_var('A_' ~ name) }}"),
        ("./macros/named.sql", "{{ env_var(name) }}"),
        ("./macros/secret.sql", "{{ env_var('DBT_ENV_SECRET_X') }}"),
        ("profiles.yml", profile("{type: duckdb, path: '{{ run_started_at.date() }}.duckdb'}")),
        ("profiles.yml", profile("{type: duckdb, secrets: [{type: s3}]}")),
        ("profiles.yml", profile("{type: duckdb, path: 'md:x?token=1'}")),
        ("profiles.yml", profile("{type: duckdb, settings: {azure_storage_connection: x}}")),
        ("profiles.yml", profile("{type: duckdb, config_options: {threads: 2, custom_user_agent: x}}")),
        ("profiles.yml", profile("{type: duckdb, path: 'x?apikey=1'}")),
        ("profiles.yml", profile("{type: postgres, host: there}")),
        ("profiles.yml", "["),
        ("dbt_project.yml", project("macro-paths: [\"{{ env_var('A') }}\"]")),
        ("dbt_project.yml", project("target-path: '{{ target.name }}'")),
        ("dbt_project.yml", project("models: {+schema: '{{ run_started_at.date() }}'}")),
    ],
)
def test_what_cannot_be_told_from_files_is_asked_every_time(folder, file, text):
    Path(folder, file).write_text(text)
    assert [is_asked(folder), is_asked(folder)] == [True, True]
    assert not list(folder.rglob("pql_remembered"))


def test_no_password_is_looked_at(folder, monkeypatch):
    assert is_asked(folder)
    monkeypatch.setenv("A_PASSWORD", "sesame")
    assert not is_asked(folder)
    [kept] = folder.rglob("pql_remembered/*")
    assert kept.stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def opening(tmp_path_factory):
    """A way to open the real project on files of one number each, with a target folder of its own."""
    home = tmp_path_factory.mktemp("opening")
    for number in (1, 2):
        with duckdb.connect(str(home / f"{number}.duckdb")) as connection:
            connection.execute(f"create table numbers as select {number} as number")

    def opened(number=1, **variables):
        place = {"PQL_DUCKDB_PATH": home / f"{number}.duckdb", "DBT_TARGET_PATH": home / "target"}
        options = argparse.Namespace(project_dir=ROOT, profiles_dir=ROOT, target=None, vars=variables)
        with environment(**place), open_warehouse(options) as warehouse:
            found = warehouse.rows("select number from numbers")[0]["number"]
            horizon = warehouse.rendered("pql_raw_config")["pql_horizon_days"]
            return found, horizon, warehouse.variable("pql_horizon_days")

    return opened


def test_the_second_opening_needs_no_dbt_and_reads_what_is_there_now(opening, monkeypatch):
    """The file that the environment names, and the variables of the command line, as dbt says them."""
    assert [opening(), opening(2), opening()] == [(1, 30, 30), (2, 30, 30), (1, 30, 30)]
    assert opening(1, pql_horizon_days=60) == (1, 60, 60)

    def refuse(*given, **options):
        raise AssertionError("dbt is asked")

    for name in ("read_config", "make_adapter", "load_macros", "invoke"):
        monkeypatch.setattr(dbt_internals, name, refuse)
    assert opening() == (1, 30, 30)
    assert opening(1, pql_horizon_days=60) == (1, 60, 60)
    with pytest.raises(Exception, match="dbt is asked"):
        opening(2)


def test_what_is_no_file_of_this_machine_is_left_to_dbt():
    place = Place("dev", "duckdb", "pql", "main", "pql.duckdb", {}, {}, [], {}, "target")
    assert place.is_file and place._replace(path=r"C:\data\pql.duckdb").is_file
    for path in (":memory:", None, "md:pql", "ducklake:pql.ducklake", "s3://bucket/pql.duckdb"):
        assert not place._replace(path=path).is_file
    assert not place._replace(type="postgres").is_file


def test_the_file_goes_from_the_project_or_from_ones_home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    place = Place("dev", "duckdb", "pql", "main", "pql.duckdb", {}, {}, [], {}, "target")
    for path, file in (
        ("a.duckdb", "/project/a.duckdb"), ("~/a.duckdb", "/home/me/a.duckdb"), ("/a.duckdb", "/a.duckdb"),
    ):  # fmt: skip
        assert place._replace(path=path).file(Path("/project")) == Path(file)


@pytest.mark.parametrize(
    ("schema", "own", "is_taken"),
    [
        ("pql", None, True),
        ("pql_mart", " mart ", True),
        ("pql_prod", None, False),
        ("pql_prod_mart", "mart", False),
    ],
)
def test_what_dbt_wrote_of_another_target_is_not_taken_for_this_one(tmp_path, schema, own, is_taken):
    """The schema of one target may begin as that of another does."""
    node = {
        "resource_type": "model", "package_name": "pql_warehouse", "name": "x", "alias": "x", "database": "d",
        "schema": schema, "relation_name": f"d.{schema}.x", "config": {"schema": own},
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {"model.pql_warehouse.x": node}}))
    warehouse = Warehouse.__new__(Warehouse)
    warehouse.project_dir = tmp_path
    warehouse.place = Place("dev", "postgres", "d", "pql", None, {}, {}, [], {}, ".")
    assert bool(warehouse.built_manifest()) is is_taken


def test_a_write_that_was_cut_short_leaves_nothing(folder, monkeypatch):
    assert is_asked(folder)
    [kept] = folder.rglob("pql_remembered/*")
    old, new = kept.with_name("old.part"), kept.with_name("new.part")
    for file in (old, new):
        file.touch()
    os.utime(old, (0, 0))
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", lambda *names: os.listdir("/nowhere"))
        assert is_asked(folder, target="other")
    assert sorted(kept.parent.iterdir()) == sorted([kept, old, new])
    assert is_asked(folder, target="other") and not old.exists() and new.exists()


def test_yaml_is_read_as_dbt_reads_it():
    from dbt.clients.yaml_helper import SafeLoader

    assert dbt_internals.SafeLoader is SafeLoader
