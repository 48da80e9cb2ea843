"""A wrong password, or nobody there: one sentence from every script, from dbt its own, never the password."""

import socket

import pytest
from harness import environment
from scripts_on import assert_refuses


def nobody() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize("said", ["password authentication failed", "Connection refused"])
def test_connection(engine_project, capsys, monkeypatch, said):
    engine, folder = engine_project.engine, str(engine_project.folder)
    if engine.target != "postgres":
        pytest.skip("a Spark session asks for no password and is in this process")
    engine.guard("right")
    settings = {"PQL_POSTGRES_USER": engine.guarded, "PQL_POSTGRES_PASSWORD": "wr0ng"}
    if said == "Connection refused":
        settings["PQL_POSTGRES_PORT"] = nobody()
    options = ["--project-dir", folder, "--profiles-dir", folder, "--target", engine.target]
    with environment(**engine_project.settings | settings):
        assert_refuses(capsys, options, "Cannot connect to the warehouse", said, "profiles.yml")
    monkeypatch.setattr(engine_project, "settings", engine_project.settings | settings)
    run = engine_project.dbt("build")
    assert not run.success
    assert said in run.output
    assert "Traceback" not in run.output and "wr0ng" not in run.output
