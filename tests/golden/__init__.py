"""A small world and the tables it must give on every engine: inputs/, vars.yml and expected/ in this folder.

    python tests/golden/__init__.py

writes expected/ anew from DuckDB; read the difference before you keep it. The first line of each file says
which columns it holds.
"""

import csv
import io
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import yaml

HERE = Path(__file__).parent
INPUTS = HERE / "inputs"

# {table: columns}: those of docs/specification.md §4; rules_version and built_at may differ between builds
TABLES = {
    file.stem: file.read_text().partition("\n")[0] for file in sorted((HERE / "expected").glob("*.csv"))
}


def variables() -> dict:
    return yaml.safe_load((HERE / "vars.yml").read_text())["vars"]


def canonical(value) -> str:
    """A value as every driver's own type of it reads; nothing is null, and '' is the empty text."""
    match value:
        case None:
            return ""
        case "":
            return "''"
        case bool():
            return str(value).lower()
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case date():
            return value.isoformat()
        case int() | float() | Decimal():
            return f"{Decimal(value).quantize(Decimal('0.000001')).normalize():f}"
        case str() if value.startswith("{"):
            return json.dumps(json.loads(value), sort_keys=True, ensure_ascii=False)
    return str(value)


def as_csv(table: str, rows: list[dict]) -> str:
    """The rows of a table as its golden file holds them."""
    columns = TABLES[table].split(",")
    lines = sorted([canonical(row[column]) for column in columns] for row in rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *lines])
    return text.getvalue()


def expected(table: str) -> str:
    return (HERE / "expected" / f"{table}.csv").read_text()


# a contact or nudge of an earlier build stays, with why it is none any more
REMEMBERING = ("crm_pql_contacts", "crm_nudges")


def assert_golden(warehouse, leaving_out=()) -> None:
    """Every table of the build is as its golden file says."""
    compared = {table: columns for table, columns in TABLES.items() if table not in leaving_out}
    found = {table: as_csv(table, warehouse.rows(table, columns)) for table, columns in compared.items()}
    for table in compared:
        assert found[table] == expected(table), table


def main() -> int:
    """Write the golden files as DuckDB gives them now."""
    import tempfile

    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "support")]
    from harness import MODELS_ONLY, Project

    with tempfile.TemporaryDirectory() as folder:
        warehouse = Project(Path(folder, "project")).build(INPUTS, variables(), command=MODELS_ONLY)
        for table, columns in TABLES.items():
            (HERE / "expected" / f"{table}.csv").write_text(as_csv(table, warehouse.rows(table, columns)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
