"""Runs the precision check on a build of the harness, and reads what it printed."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from harness import FOR_OTHERS, MODELS_ONLY, ROOT, Warehouse, environment

sys.path.insert(0, str(ROOT / "scripts"))

import check_precision

# what a check reads, without what else is told of leads
READ = ("+path:models/6_precision", "+pql_score_bands", "+pql_build")
CHECKED = (*MODELS_ONLY, "--select", *READ, "--exclude", *FOR_OTHERS)


def check(project, warehouse: Warehouse | Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    path = warehouse.path if isinstance(warehouse, Warehouse) else warehouse
    output, errors = io.StringIO(), io.StringIO()
    command = ["--project-dir", str(project.folder), "--profiles-dir", str(project.folder), *arguments]
    target = project.folder / "target"
    surroundings = environment(PQL_DUCKDB_PATH=path, DBT_TARGET_PATH=target, PQL_DATA_DIR="no_data")
    with surroundings, redirect_stdout(output), redirect_stderr(errors):
        code = check_precision.main(command)
    return code, output.getvalue(), errors.getvalue()


def results(project, warehouse: Warehouse, *arguments: str) -> dict[str, dict]:
    """The results by name."""
    _, output, _ = check(project, warehouse, *arguments, "--format", "json")
    return {row["name"]: row for row in json.loads(output)["results"]}
