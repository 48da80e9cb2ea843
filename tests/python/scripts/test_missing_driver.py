"""A target whose adapter is not installed, or whose engine is none of ours: one sentence."""

from importlib import util

import pytest
import yaml
from dbt.config.runtime import RuntimeConfig
from harness import ROOT, Project
from pql_tools.warehouse.connection import ENGINES
from scripts_on import assert_refuses

PROFILES = """
pql_warehouse:
  target: elsewhere
  outputs:
    elsewhere: {type: TYPE}
"""
OTHERS = "does not run on redshift, but on DuckDB, PostgreSQL, Spark, Databricks, Snowflake and BigQuery"


def scripts_on(folder, engine) -> list[str]:
    (folder / "profiles.yml").write_text(PROFILES.replace("TYPE", engine))
    return ["--project-dir", str(ROOT), "--profiles-dir", str(folder)]


@pytest.mark.skipif(util.find_spec("dbt.adapters.bigquery") is not None, reason="dbt-bigquery is installed")
def test_missing_driver(tmp_path, capsys):
    options = scripts_on(tmp_path, "bigquery")
    assert_refuses(capsys, options, "driver of bigquery is not installed", "make engine-bigquery")


def test_another_engine(tmp_path, capsys):
    assert_refuses(capsys, scripts_on(tmp_path, "redshift"), OTHERS)


def test_missing_driver_said_by_dbt(tmp_path):
    project = Project(tmp_path)
    (project.folder / "profiles.yml").unlink()
    scripts_on(project.folder, "elsewhere")
    project.target = "elsewhere"
    run = project.dbt("build")
    assert not run.success
    assert "Could not find adapter type elsewhere" in run.output
    assert "Traceback" not in run.output


def test_another_engine_said_by_dbt(tmp_path, monkeypatch):
    """Its adapter is there, as dbt-redshift may be."""
    to_target_dict = RuntimeConfig.to_target_dict
    monkeypatch.setattr(
        RuntimeConfig, "to_target_dict", lambda self: to_target_dict(self) | {"type": "redshift"}
    )
    run = Project(tmp_path).dbt("parse")
    assert not run.success
    assert OTHERS + " (docs/engines.md). Nothing was changed." in run.output
    assert "Traceback" not in run.output


def test_every_target_is_of_an_engine_of_ours():
    outputs = yaml.safe_load((ROOT / "profiles.yml").read_text())["pql_warehouse"]["outputs"]
    assert {output["type"] for output in outputs.values()} == set(ENGINES)
