"""The dashboards: every panel's query runs, and the export for each tool holds together."""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import dashboard
import duckdb
import pytest
import yaml
from harness import MODELS_ONLY, environment
from pql_tools.dashboards import evidence, metabase, observable
from pql_tools.warehouse import WarehouseError, open_warehouse
from pql_tools.warehouse.place import Place
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
    assert {*PANELS_OF_THE_REPORT} <= {panel["name"] for panel in panels}
    with duckdb.connect(str(built.path), read_only=True) as connection:
        for panel in panels:
            found = [column[0] for column in connection.execute(panel["sql"]).description]
            assert {*panel["values"], panel.get("by", panel["values"][0])} <= set(found), panel["name"]


PANELS_OF_THE_REPORT = (
    "funnel", "weekly", "precision", "stages", "near_misses", "speed_to_lead", "scorecard", "health",
)  # fmt: skip


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


def test_metabase_finds_every_part_of_its_export_and_the_columns_it_draws(exported):
    """The form is what `npx @metabase/representations validate-schema` checks; this is about the content."""
    built, panels, _ = exported
    with tarfile.open(fileobj=io.BytesIO(metabase.export(panels, "Analytics"))) as bundle:
        parts = [yaml.safe_load(bundle.extractfile(member)) for member in bundle.getmembers()]
    of = {model: [] for model in ("Collection", "Card", "Dashboard")}
    for part in parts:
        of[part["serdes/meta"][-1]["model"]].append(part)
    assert len(of["Card"]) == len(panels)
    assert all(re.fullmatch(r"[\w-]{21}", part["entity_id"]) for part in parts)
    assert len({part["entity_id"] for part in parts}) == len(parts)
    [collection], [whole] = of["Collection"], of["Dashboard"]
    assert {p["collection_id"] for p in [*of["Card"], whole]} == {collection["entity_id"]}
    assert {placed["card_id"] for placed in whole["dashcards"]} == {card["entity_id"] for card in of["Card"]}
    places = {(placed["row"], placed["col"]) for placed in whole["dashcards"]}
    assert len(places) == len(panels)
    with duckdb.connect(str(built.path), read_only=True) as connection:
        for card in of["Card"]:
            assert card["dataset_query"]["database"] == "Analytics"
            [stage] = card["dataset_query"]["stages"]
            found = {column[0] for column in connection.execute(stage["native"]).description}
            how = card["visualization_settings"]
            drawn = [how.get("funnel.dimension"), how.get("funnel.metric")]
            drawn += how.get("graph.dimensions", []) + how.get("graph.metrics", [])
            drawn += [column["name"] for column in how.get("table.columns", [])]
            assert set(filter(None, drawn)) <= found and any(drawn), card["name"]


def test_metabase_names_columns_in_capitals_where_results_have_them_so(exported):
    _, panels, _ = exported
    with tarfile.open(fileobj=io.BytesIO(metabase.export(panels, "Analytics", in_capitals=True))) as bundle:
        parts = {member.name: yaml.safe_load(bundle.extractfile(member)) for member in bundle.getmembers()}
    for panel in panels:
        how = parts[f"pql/collections/main/pql/{panel['name']}.yaml"]["visualization_settings"]
        named = re.findall(r"'(?:name|funnel.metric|graph.dimensions)': \[?'(\w+)'", str(how))
        assert named and all(name == name.upper() for name in named), panel["name"]
        assert all(key == key.upper().replace("NAME", "name", 1) for key in how.get("column_settings", {}))


def test_evidence_has_a_query_for_each_panel_and_draws_columns_that_it_has(exported):
    built, panels, _ = exported
    bundle = zipfile.ZipFile(io.BytesIO(evidence.export(panels, "mine.duckdb")))
    queries = {Path(n).stem: bundle.read(n).decode() for n in bundle.namelist() if n.endswith(".sql")}
    page = bundle.read("pages/pql.md").decode()
    assert yaml.safe_load(bundle.read("sources/pql/connection.yaml"))["options"] == {
        "filename": "mine.duckdb"
    }
    assert re.findall(r"^select \* from pql\.(\w+)$", page, re.M) == list(queries)
    with duckdb.connect(str(built.path), read_only=True) as connection:
        for panel in panels:
            found = {column[0] for column in connection.execute(queries[panel["name"]]).description}
            [drawn] = re.findall(rf"<\w+ data={{{panel['name']}}}[^\n]*(?:\n  [^\n]+)*", page)
            named = re.findall(r"(?:nameCol|valueCol|x|id)=(\w+)", drawn) + re.findall(r"'(\w+)'", drawn)
            assert named and set(named) <= found, panel["name"]
    assert (
        "sources/pql/connection.yaml"
        not in zipfile.ZipFile(io.BytesIO(evidence.export(panels, None))).namelist()
    )


def test_the_loaders_of_observable_give_the_columns_that_its_page_draws(exported, tmp_path):
    built, panels, _ = exported
    zipfile.ZipFile(io.BytesIO(observable.export(panels, str(built.path)))).extractall(tmp_path)
    page = (tmp_path / "src" / "index.md").read_text()
    for panel in panels[:3]:
        loader = tmp_path / "src" / "pql" / f"{panel['name']}.json.py"
        rows = loaded(loader)
        assert all({*panel["values"]} <= set(row) for row in rows) and f"pql/{panel['name']}.json" in page
    assert 'interval: "monday"' in page and '"week"' not in page, "weeks begin on Monday"
    loader.write_text("from warehouse import show\n\nshow(\"select 'NaN'::double as a, 1.5 as b\")\n")
    assert loaded(loader) == [{"a": None, "b": 1.5}]
    assert "npm:" not in page and "http" not in page, "a build asks no other server"


def loaded(loader):
    """The rows that a loader prints, of the file that it names itself."""
    place = {name: value for name, value in os.environ.items() if name != "PQL_DUCKDB_PATH"}
    done = subprocess.run([sys.executable, loader], capture_output=True, text=True, env=place)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("tool", dashboard.FILES)
def test_each_tool_gets_its_file(project, exported, tmp_path, tool):
    built, _, _ = exported
    output = tmp_path / tool
    with environment(PQL_DUCKDB_PATH=built.path):
        given = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder)]
        assert dashboard.main([tool, *given, "--output", str(output)]) == 0
    assert output.stat().st_size > 1000


def test_a_warehouse_on_a_server_needs_its_address(capsys, monkeypatch):
    monkeypatch.setattr(dashboard, "open_warehouse", lambda options: NotHere())
    assert dashboard.main([]) == 2
    assert "--uri" in capsys.readouterr().err


def test_a_database_elsewhere_is_no_file_and_a_file_is_in_the_project():
    there, here = NotHere(), NotHere()
    there.place = NotHere.place._replace(type="duckdb", path="md:pql")
    here.place = NotHere.place._replace(type="duckdb", path="data/pql.duckdb")
    assert dashboard.file_of(there) is None
    with pytest.raises(WarehouseError, match="--uri"):
        dashboard.address(there)
    assert dashboard.address(here) == "duckdb:////nowhere/data/pql.duckdb?access_mode=read_only"


class NotHere:
    """A warehouse of which only the engine is known."""

    place = Place("dev", "postgres", "pql", "main", None, {}, {}, [], {}, "target")
    project_dir = Path("/nowhere")

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        return None

    def relation(self, name: str) -> str:
        return name
