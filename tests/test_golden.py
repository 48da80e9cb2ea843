"""The tables of a small world are as their golden files say; tests/engines asks the same of other engines."""

import golden
from harness import MODELS_ONLY


def test_duckdb_gives_the_golden_tables(project):
    golden.assert_golden(project.build(golden.INPUTS, golden.variables(), command=MODELS_ONLY))
