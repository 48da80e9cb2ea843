"""A dbt that is too old or too new: one sentence, before anything is read or written."""

import pytest
from dbt_common.semver import VersionSpecifier
from harness import Project


@pytest.mark.parametrize("version", ["1.11.3", "3.0.0"])
def test_dbt_of_another_version(tmp_path, monkeypatch, version):
    installed = VersionSpecifier.from_version_string(version)
    monkeypatch.setattr("dbt.config.project.get_installed_version", lambda: installed)
    run = Project(tmp_path).dbt("parse")
    assert not run.success
    assert "This version of dbt is not supported with the 'pql_warehouse' package" in run.output
    assert f"Installed version of dbt: ={version}" in " ".join(run.output.split())
    assert "Traceback" not in run.output
