"""Texts, numbers, JSON and clocks at their edges: what the macros make of them, as every engine does.

`make test-engines` and `make test-bigquery` ask the same of the other engines.
"""

import duckdb
from hard_values import LINES, faults, questions, write_table


def test_hard_values(project, tmp_path):
    table = write_table(tmp_path / "hard_values.parquet")
    with duckdb.connect() as database:
        database.execute("set global TimeZone = 'UTC'")
        answers = {}
        for name, question in questions(project).items():
            asked = database.sql(f"select id, {question} from {table} where asked = '{name}'")
            answers |= dict(asked.fetchall())
    assert len(LINES) > 400
    assert faults(answers, "duckdb") == []
