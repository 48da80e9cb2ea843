"""Write the dashboard for your BI tool, ready to import: funnel, volume, precision, speed, health.

    python scripts/dashboard.py                                    # reports/pql_superset.zip
    python scripts/dashboard.py --uri postgresql://bi@db/pql       # as Superset reaches the warehouse

In Superset: Dashboards, the arrow beside "+ Dashboard", the file. A second import updates the first. Panels
are those of dashboards/panels.yml; add yours there.

Exit codes: 0 written; 2 the panels or the command are wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from pql_tools.config_files import read_yaml
from pql_tools.console import error, make_console
from pql_tools.dashboards.superset import Panel, export
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_parser

PANELS = Path(__file__).resolve().parents[1] / "dashboards" / "panels.yml"
REF = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")


def make_parser() -> argparse.ArgumentParser:
    """The options, with the text above as help."""
    parser = warehouse_parser(__doc__)
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: reports/pql_superset.zip")
    parser.add_argument(
        "--uri", metavar="URI", help="SQLAlchemy address; default: the DuckDB file, read only"
    )
    return parser


def ready_panels(warehouse: Warehouse) -> list[Panel]:
    """The panels with the names that tables have in this warehouse."""
    panels = read_yaml(PANELS)
    for panel in panels:
        panel["sql"] = REF.sub(lambda found: warehouse.relation(found[1]), panel["sql"])
    return panels


def address(warehouse: Warehouse) -> str:
    """Where Superset finds the warehouse, as far as that is known here."""
    if not warehouse.reads_files:
        raise WarehouseError(
            "Say how Superset reaches this warehouse: --uri postgresql://user@host/database."
        )
    return f"duckdb:///{Path(warehouse.config.credentials.path).resolve()}?access_mode=read_only"


def main(argv: list[str] | None = None) -> int:
    """Write the file and say what to do with it."""
    options = make_parser().parse_args(argv)
    try:
        with open_warehouse(options) as warehouse:
            output = options.output or warehouse.project_dir / "reports" / "pql_superset.zip"
            bundle = export(ready_panels(warehouse), options.uri or address(warehouse))
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(bundle)
    except WarehouseError as problem:
        error(str(problem))
        return 2
    except OSError as problem:
        error(f"{problem.filename}: {problem.strerror}. Give another place with --output.")
        return 2
    make_console().print(
        f"Wrote {output}. Import it in Superset under Dashboards.", soft_wrap=True, markup=False
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
