"""The project as a user runs it: its own process and target, an odd path, no network, twice."""

import json
import os
import subprocess
import sys

import duckdb
import pytest
from harness import Project
from reference.worlds import write_world
from small_worlds import at, event, small_world

PROFILES = """
pql_warehouse:
  target: elsewhere
  outputs:
    elsewhere: {type: duckdb, path: ":memory:"}
    mine: {type: duckdb, path: "{{ env_var('MY_WAREHOUSE') }}", schema: leads, threads: 2}
"""
# any attempt to open a connection to somewhere else ends the process
WITHOUT_NETWORK = """
import os, socket, sys
socket.socket.connect = socket.getaddrinfo = lambda *arguments: os._exit(99)
from dbt.cli.main import cli
cli(sys.argv[1:])
"""


@pytest.mark.long
def test_build_with_a_target_of_ones_own_from_an_odd_path_without_network_twice(tmp_path):
    project = Project(tmp_path / "it's my own project")
    data = tmp_path / "it's my data"
    data.mkdir()
    variables = write_world(small_world([event(at(3, 9)), event(at(3, 10))]), data, data)
    (project.folder / "profiles.yml").unlink()
    (project.folder / "profiles.yml").write_text(PROFILES)
    warehouse = tmp_path / "mine.duckdb"
    command = ["build", "--quiet", "--target", "mine", "--vars", json.dumps(variables)]
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", WITHOUT_NETWORK, *command],
            cwd=project.folder,
            env=os.environ | {"MY_WAREHOUSE": str(warehouse), "PQL_DATA_DIR": str(data)},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            states = connection.execute("select account_id, is_pql from leads.pql_accounts").fetchall()
        assert states == [("acme", True)]
