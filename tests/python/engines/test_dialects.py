"""The SQL of every model parses in the dialects of engines that do not run here: a check of syntax only."""

import json
import os
import subprocess
import sys

import pytest
import sqlglot
from harness import ROOT


@pytest.mark.parametrize("dialect", ["bigquery", "databricks", "snowflake"])
def test_every_model_parses(dialect, fixtures, tmp_path):
    folder = fixtures / "criteria_utc"
    variables = (folder / "vars.json").read_text()
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "support" / "compile_for.py", dialect, tmp_path, variables],
        cwd=ROOT,
        env=os.environ | {"PQL_DATA_DIR": str(folder), "PQL_DUCKDB_PATH": str(tmp_path / "x.duckdb")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    compiled = json.loads(done.stdout.splitlines()[-1])
    assert len(compiled) > 50
    for sql in compiled:
        assert sqlglot.parse_one(sql, read=dialect)
