"""A target whose adapter is not installed: what to install, from every script and from dbt."""

from harness import ROOT, Project
from scripts_on import assert_refuses

PROFILES = """
pql_warehouse:
  target: elsewhere
  outputs:
    elsewhere: {type: elsewhere}
"""


def test_missing_driver(tmp_path, capsys):
    (tmp_path / "profiles.yml").write_text(PROFILES)
    options = ["--project-dir", str(ROOT), "--profiles-dir", str(tmp_path)]
    assert_refuses(capsys, options, "driver of elsewhere is not installed", "make engine-elsewhere")


def test_missing_driver_said_by_dbt(tmp_path):
    project = Project(tmp_path)
    (project.folder / "profiles.yml").unlink()
    (project.folder / "profiles.yml").write_text(PROFILES)
    project.target = "elsewhere"
    run = project.dbt("build")
    assert not run.success
    assert "Could not find adapter type elsewhere" in run.output
    assert "Traceback" not in run.output
