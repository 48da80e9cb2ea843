"""Hard values for the macros that read and reckon, each with the answer that every engine gives.

`tests/fixtures/hard_values.jsonl` has a line for each: [what is asked, a, b, the answer as text].
"""

import json
import re

import duckdb
import yaml
from harness import FIXTURES

# {what is asked: how a query asks it of the columns a and b, in Jinja}
ASKED = {
    "text_to_timestamp": "text_to_timestamp('a')",
    "text_to_number": "text_to_number('a')",
    "text_to_moment": "text_to_moment('a')",
    "local_timestamp": "local_timestamp(moment('a'), 'b')",
    "utc_timestamp": "utc_timestamp(moment('a'), 'b')",
    "local_midnight": "local_midnight(day('a'), 'b')",
    "add_months": "add_months('cast(b as integer)', moment('a'))",
    "week": "period_start(day('a'), 'week')",
    "month": "period_start(day('a'), 'month')",
    "next_month": "next_period_start(day('a'), 'month')",
    "days_between": "days_between(day('a'), day('b'))",
    "microseconds_between": "microseconds_between(moment('a'), moment('b'))",
    "just_before": "just_before(moment('a'))",
    "moment_text": "moment_text(moment('a'))",
    "is_json": "is_json('a')",
    "json_text": "json_text('a', 'a')",
    "strip_controls": "strip_controls('a')",
    "as_it_is": "place_among(texts)",
}

PROBE = """
{% macro moment(text) %}{% do return('cast(' ~ text ~ ' as ' ~ dbt.type_timestamp() ~ ')') %}{% endmacro %}
{% macro day(text) %}{% do return('cast(' ~ text ~ ' as date)') %}{% endmacro %}

{# Text written as a literal is what it was: the place of the column's text among some. #}
{% macro place_among(texts) %}
    {% set found = [] %}
    {% for text in texts %}
        {% do found.append('when a = ' ~ text_literal(text) ~ ' then ' ~ loop.index0) %}
    {% endfor %}
    {% do return('case ' ~ found | join(' ') ~ ' end') %}
{% endmacro %}

{% macro print_questions(texts) %}
    {% if target.type == 'postgres' %}{% do run_query(prepare_engine()) %}{% endif %}
    {% set questions, asked = {ASKED}, {} %}
    {% for name, sql in questions.items() %}
        {% do asked.update({name: 'cast(' ~ sql | trim ~ ' as ' ~ dbt.type_string() ~ ')'}) %}
    {% endfor %}
    {% do print(tojson(asked)) %}
{% endmacro %}
""".replace("ASKED", ", ".join(f"'{name}': {question}" for name, question in ASKED.items()))

HOUR_24 = {("text_to_timestamp", "2026-03-29 24:00:00"): None}
# {engine: {what is asked: its answer}}, as docs/engines.md says
DIFFERENCES = {
    "duckdb": {("is_json", text): "true" for text in ('{"a":1,}', '{"a":NaN}', '{"a":Infinity}')},
    "spark": HOUR_24,
    "spark 4.1": HOUR_24 | {("is_json", '"\\ud83d"'): "true"},
    "bigquery": {
        **HOUR_24,
        ("is_json", '{"a":1e400}'): "false",
        ("is_json", '\ufeff{"a":1}'): "true",
        ("json_text", '{"a":"\\ud83d\\ude00"}'): "\ufffd\ufffd",
    },
}

LINES = [json.loads(line) for line in (FIXTURES / "hard_values.jsonl").read_text().splitlines()]


def questions(project) -> dict[str, str]:
    """{what is asked: the SQL of its answer, as text, in the words of the project's target}."""
    (project.folder / "macros" / "hard_values.sql").write_text(PROBE)
    texts = [a for name, a, *_ in LINES if name == "as_it_is"]
    found = project.dbt(
        "run-operation", "print_questions", "--args", yaml.safe_dump({"texts": texts}, width=10**9)
    )
    (project.folder / "macros" / "hard_values.sql").unlink()
    assert found.success, found.output
    return json.loads(found.output.splitlines()[-1])


def write_table(path) -> str:
    """The values as a file, given as what DuckDB reads of it: (id, asked, a, b)."""
    with duckdb.connect() as database:
        database.execute("create table hard_values (id bigint, asked text, a text, b text)")
        rows = [(number, *line[:3]) for number, line in enumerate(LINES)]
        database.executemany("insert into hard_values values (?, ?, ?, ?)", rows)
        database.execute(f"copy hard_values to '{path}' (format parquet)")
    return f"read_parquet('{path}')"


def faults(answers: dict[int, str | None], engine: str) -> list[str]:
    """What an engine answers otherwise than it should, as far as that is not a known difference."""
    assert len(answers) == len(LINES)
    known = DIFFERENCES.get(engine, {})
    return [
        f"{name}({a!r}, {b!r}) is {plain(name, answers[number])!r} and not {answer!r}"
        for number, (name, a, b, answer) in enumerate(LINES)
        if plain(name, answers[number]) != known.get((name, a), answer)
    ]


def plain(name: str, answer: str | None) -> str | None:
    """A number or a moment without the zeros at its end, of which engines write more or less."""
    if answer and (name == "text_to_number" or re.fullmatch(r"[0-9-]{10} [0-9:]{8}[.][0-9]+", answer)):
        answer = re.sub("[.]?0*$", "", answer) if "." in answer else answer
        return "0" if answer == "-0" else answer
    return answer
