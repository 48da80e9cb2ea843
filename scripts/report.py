"""Write the weekly report on product-qualified leads: one HTML file that needs nothing else.

It says who is a PQL and why, whether the definition finds those who pay, and what has changed. Every number
comes from the warehouse that `dbt build` has made and stands beside its denominator.

    python scripts/report.py                                 # reports/pql_report.html
    python scripts/report.py --capacity 15                   # sales can talk to 15 accounts a week
    python scripts/report.py --output /tmp/report.html --vars '{pql_horizon_days: 60}'

Exit codes: 0 written; 2 the warehouse is not built, or something in the command is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pql_tools.arguments import capacity
from pql_tools.console import error, make_console, progress_bar
from pql_tools.problems import Problem
from pql_tools.report.facts import read_facts
from pql_tools.report.page import render
from pql_tools.report.sections import make_page
from pql_tools.warehouse import find_project_dir, open_warehouse, warehouse_parser


def make_parser() -> argparse.ArgumentParser:
    """The options, with the text above as help."""
    parser = warehouse_parser(__doc__)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where to write; default: reports/pql_report.html in the project",
    )
    parser.add_argument(
        "--capacity",
        type=capacity,
        metavar="PQLS",
        help="how many PQLs sales can work a week; drawn as a line",
    )
    return parser


def write_report(options: argparse.Namespace) -> Path:
    """Read the warehouse, write the page, and return where it is."""
    output = options.output or find_project_dir(options.project_dir) / "reports" / "pql_report.html"
    with progress_bar() as progress, open_warehouse(options) as warehouse:
        task = progress.add_task("Reading the configuration", total=None)
        facts = read_facts(
            warehouse, lambda name: progress.update(task, description=f"Counting {name}"), options.capacity
        )
        progress.update(task, description="Drawing the charts")
        html = render(make_page(facts, options.capacity))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(html, encoding="utf-8")
    return output


def main(argv: list[str] | None = None) -> int:
    """Write the report and name the file."""
    options = make_parser().parse_args(argv)
    try:
        output = write_report(options)
    except Problem as problem:
        error(str(problem))
        return 2
    except OSError as problem:
        error(f"{problem.filename or options.output}: {problem.strerror}. Give another place with --output.")
        return 2
    make_console().print(
        f"Wrote {output} ({output.stat().st_size / 1000:,.0f} kB). Open it in any browser.", soft_wrap=True
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
