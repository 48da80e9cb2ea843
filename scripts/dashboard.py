"""Write the dashboard for your BI tool, ready to import: funnel, volume, precision, speed, health.

    python scripts/dashboard.py                                    # reports/pql_superset.zip
    python scripts/dashboard.py --uri postgresql://bi@db/pql       # as Superset reaches the warehouse
    python scripts/dashboard.py metabase --database "Analytics"    # reports/pql_metabase.tgz
    python scripts/dashboard.py evidence                           # reports/pql_evidence.zip
    python scripts/dashboard.py observable                         # reports/pql_observable.zip

In Superset: Dashboards, the arrow beside "+ Dashboard", the file. In Metabase (whose serialization is part of
Pro and Enterprise): POST the file to /api/ee/serialization/import, or unpack it and run
`java -jar metabase.jar import pql`; `--database` is what the warehouse is called there. In Evidence: unpack
it in the project, with DuckDB the file of the warehouse beside the queries, in sources/pql/. For Observable
Framework: unpack it in a folder of its own, `npm install`, `npm run build`; dist/ is the site. A second
import updates the first. Panels are those of dashboards/panels.yml; add yours there.

Exit codes: 0 written; 2 the panels or the command are wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from pql_tools.config_files import read_yaml
from pql_tools.console import error, make_console
from pql_tools.dashboards import evidence, metabase, observable, superset
from pql_tools.dashboards.panels import DATABASE, Panel
from pql_tools.warehouse import Warehouse, WarehouseError, open_warehouse, warehouse_parser

PANELS = Path(__file__).resolve().parents[1] / "dashboards" / "panels.yml"
REF = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
FILES = {
    "superset": ("pql_superset.zip", "Import it in Superset under Dashboards."),
    "metabase": ("pql_metabase.tgz", "Send it to Metabase's /api/ee/serialization/import."),
    "evidence": ("pql_evidence.zip", "Unpack it in your Evidence project."),
    "observable": ("pql_observable.zip", "Unpack it, then npm install and npm run build."),
}


def make_parser() -> argparse.ArgumentParser:
    """The options, with the text above as help."""
    parser = warehouse_parser(__doc__)
    parser.add_argument("tool", nargs="?", choices=FILES, default="superset", help="default: superset")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: in reports/")
    parser.add_argument(
        "--uri", metavar="URI", help="Superset: SQLAlchemy address; default: the DuckDB file, read only"
    )
    parser.add_argument(
        "--database", metavar="NAME", default=DATABASE, help=f"Metabase: name there; default: {DATABASE}"
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
    if not warehouse.place.is_file:
        raise WarehouseError(
            "Say how Superset reaches this warehouse: --uri postgresql://user@host/database."
        )
    return f"duckdb:///{file_of(warehouse)}?access_mode=read_only"


def file_of(warehouse: Warehouse) -> Path | None:
    """The file of a DuckDB warehouse, if it is one."""
    return warehouse.place.file(warehouse.project_dir).resolve() if warehouse.place.is_file else None


def export(options: argparse.Namespace, warehouse: Warehouse) -> bytes:
    """The file for the tool that was asked for."""
    panels, file = ready_panels(warehouse), file_of(warehouse)
    if options.tool == "metabase":
        return metabase.export(panels, options.database, warehouse.place.type == "snowflake")
    if options.tool == "evidence":
        return evidence.export(panels, file and file.name)
    if options.tool == "observable":
        return observable.export(panels, file and str(file))
    return superset.export(panels, options.uri or address(warehouse))


def main(argv: list[str] | None = None) -> int:
    """Write the file and say what to do with it."""
    options = make_parser().parse_args(argv)
    name, what_next = FILES[options.tool]
    try:
        with open_warehouse(options) as warehouse:
            output = options.output or warehouse.project_dir / "reports" / name
            bundle = export(options, warehouse)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(bundle)
    except WarehouseError as problem:
        error(str(problem))
        return 2
    except OSError as problem:
        error(f"{problem.filename}: {problem.strerror}. Give another place with --output.")
        return 2
    make_console().print(f"Wrote {output}. {what_next}", soft_wrap=True, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
