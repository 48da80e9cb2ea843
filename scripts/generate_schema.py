"""Write vars.schema.json, by which editors complete, explain and check vars.yml.

    python scripts/generate_schema.py            # from the specs of criterion types, adapters and settings
    python scripts/generate_schema.py --check    # says whether it is stale; changes nothing

An editor with the YAML language server finds it by the first line of vars.yml.

Exit codes: 0 written, or as it should be; 1 stale; 2 a spec that the schema has no shape for.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from generate_docs import ROOT, DocsError, read_types
from pql_tools.console import error, make_console
from pql_tools.documentation.vars_schema import NoShape, vars_schema
from pql_tools.environment import IN_MEMORY, environment
from pql_tools.problems import WarehouseError
from pql_tools.warehouse import open_warehouse, warehouse_parser

SCHEMA = Path("vars.schema.json")


def written() -> str:
    """The schema as its file holds it."""
    options = warehouse_parser(__doc__).parse_args(["--project-dir", str(ROOT), "--profiles-dir", str(ROOT)])
    with environment(**IN_MEMORY), open_warehouse(options) as warehouse:
        catalogue = warehouse.macro("config_catalogue")
    about = {name: spec["about"] for name, spec in read_types(ROOT).items()}
    return json.dumps(vars_schema(catalogue, about), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Write or check."""
    parser = warehouse_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; say whether it is stale")
    options = parser.parse_args(argv)
    try:
        text = written()
    except (NoShape, DocsError, WarehouseError) as problem:
        error(str(problem))
        return 2
    file = ROOT / SCHEMA
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return 0
    if options.check:
        error(f"{SCHEMA} is stale; run `python scripts/generate_schema.py`")
        return 1
    file.write_text(text, encoding="utf-8")
    make_console().print(f"{SCHEMA}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
