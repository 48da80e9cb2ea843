"""Every engine answers hard values as DuckDB does (tests/python/inputs/test_hard_values.py)."""

from hard_values import faults, questions, write_table


def test_hard_values(engine_project, tmp_path):
    engine = engine_project.engine
    engine.empty()
    engine.load("hard_values", write_table(tmp_path / "hard_values.parquet"))
    answers = {}
    for name, question in questions(engine_project).items():
        asked = engine.rows(f"hard_values where asked = '{name}'", f"id, {question} as answer")
        answers |= {row["id"]: row["answer"] for row in asked}
    assert faults(answers, engine.answers_as) == []
