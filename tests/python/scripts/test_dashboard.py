"""The dashboard for Superset: every panel's query runs, and the export holds together."""

import io
import zipfile
from pathlib import Path

import dashboard
import duckdb
import pytest
import yaml
from harness import MODELS_ONLY, environment
from pql_tools.warehouse import open_warehouse
from small_worlds import at, event, small_world


@pytest.fixture(scope="module")
def exported(project, tmp_path_factory):
    """A small warehouse, the panels as queries of it, and the files of the export."""
    events = [event(at(day)) for day in (3, 4)]
    built = project.build(small_world(events), command=MODELS_ONLY)
    given = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder)]
    output = tmp_path_factory.mktemp("export") / "deep" / "pql.zip"
    with environment(PQL_DUCKDB_PATH=built.path):
        assert dashboard.main([*given, "--output", str(output)]) == 0
        with open_warehouse(dashboard.make_parser().parse_args(given)) as warehouse:
            panels = dashboard.ready_panels(warehouse)
    bundle = zipfile.ZipFile(io.BytesIO(output.read_bytes()))
    files = {name.partition("/")[2]: yaml.safe_load(bundle.read(name)) for name in bundle.namelist()}
    return built, panels, files


def test_every_panel_asks_tables_that_there_are_for_columns_that_they_have(exported):
    built, panels, _ = exported
    assert len(panels) == 8
    with duckdb.connect(str(built.path), read_only=True) as connection:
        for panel in panels:
            found = [column[0] for column in connection.execute(panel["sql"]).description]
            assert {*panel["values"], panel.get("by", panel["values"][0])} <= set(found), panel["name"]


def test_every_part_of_the_export_finds_the_others(exported):
    _, panels, files = exported
    database = next(content for name, content in files.items() if name.startswith("databases/"))
    datasets = [content for name, content in files.items() if name.startswith("datasets/")]
    charts = [content for name, content in files.items() if name.startswith("charts/")]
    whole = next(content for name, content in files.items() if name.startswith("dashboards/"))
    assert files["metadata.yaml"]["type"] == "Dashboard"
    assert database["sqlalchemy_uri"].startswith("duckdb:////") and "read_only" in database["sqlalchemy_uri"]
    assert {dataset["database_uuid"] for dataset in datasets} == {database["uuid"]}
    assert {chart["dataset_uuid"] for chart in charts} == {dataset["uuid"] for dataset in datasets}
    shown = {
        part["meta"]["uuid"]
        for part in whole["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert shown == {chart["uuid"] for chart in charts} and len(shown) == len(panels)


def test_a_warehouse_on_a_server_needs_its_address(capsys, monkeypatch):
    monkeypatch.setattr(dashboard, "open_warehouse", lambda options: NotHere())
    assert dashboard.main([]) == 2
    assert "--uri" in capsys.readouterr().err


class NotHere:
    """A warehouse of which only the engine is known."""

    reads_files = False
    project_dir = Path("nowhere")

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def relation(self, name: str) -> str:
        return name
