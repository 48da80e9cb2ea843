"""A dbt that is too old or too new: one sentence, before anything is read or written."""

import pytest
from dbt_common.semver import VersionSpecifier
from harness import Project


def test_dbt_v2(tmp_path, monkeypatch):
    """It does not keep to `require-dbt-version`, and would find no criterion type."""
    monkeypatch.setattr("dbt.context.base.dbt_version", "2.0.0-preview.196")
    run = Project(tmp_path).dbt("run-operation", "refuse_dbt_v2")
    assert not run.success
    assert (
        "dbt 2.0.0-preview.196 cannot build pql_warehouse, which needs dbt-core 1.12. Nothing was changed. "
        "Install that (make setup) and give its command, .venv/bin/dbt." in run.output
    )
    assert "Traceback" not in run.output


@pytest.mark.parametrize("version", ["1.11.3", "2.0.0"])
def test_dbt_of_another_version(tmp_path, monkeypatch, version):
    installed = VersionSpecifier.from_version_string(version)
    monkeypatch.setattr("dbt.config.project.get_installed_version", lambda: installed)
    run = Project(tmp_path).dbt("parse")
    assert not run.success
    assert "This version of dbt is not supported with the 'pql_warehouse' package" in run.output
    assert f"Installed version of dbt: ={version}" in " ".join(run.output.split())
    assert "Traceback" not in run.output
