"""Tell one account's whole story: what it meets and since which event, what it misses, what ended it.

    python scripts/explain.py --account acc_1                     # by id, name or domain
    python scripts/explain.py --account acc_1 --as-of 2026-05-01  # as it stood then
    python scripts/explain.py --account acc_1 --html story.html   # one HTML file, with a timeline

Moments are UTC, unless they carry an offset; a date is its first instant. The criteria shown are those that
the first definition rests on; --all shows every criterion and everything that happened.

Exit codes: 0 told; 2 there is no such account, nothing is built, or something in the command is wrong.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from pql_tools.account import page, text
from pql_tools.account.story import moment_of, tell
from pql_tools.console import error, make_console
from pql_tools.report.page import render
from pql_tools.warehouse import WarehouseError, open_warehouse, warehouse_parser


def make_parser() -> argparse.ArgumentParser:
    """The options, with the text above as help."""
    parser = warehouse_parser(__doc__)
    parser.add_argument("--account", required=True, metavar="ID", help="the account's id, name or domain")
    parser.add_argument(
        "--as-of", type=_moment, metavar="MOMENT", help="as it stood then; default: the last build"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page instead of text")
    parser.add_argument("--all", action="store_true", help="every criterion and everything that happened")
    return parser


def _moment(given: str) -> datetime:
    try:
        return moment_of(given)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(
            f"must be a date or moment such as 2026-05-01 or 2026-05-01T14:00+02:00, got {given!r}"
        ) from problem


def main(argv: list[str] | None = None) -> int:
    """Read, then print or write."""
    options = make_parser().parse_args(argv)
    try:
        with open_warehouse(options) as warehouse:
            story = tell(warehouse, options.account, options.as_of)
        if options.html is None:
            text.show(story, make_console(), every=options.all)
            return 0
        options.html.parent.mkdir(parents=True, exist_ok=True)
        options.html.write_text(render(page.make_page(story)), encoding="utf-8")
    except WarehouseError as problem:
        error(str(problem))
        return 2
    except OSError as problem:
        error(f"{problem.filename or options.html}: {problem.strerror}. Give another place with --html.")
        return 2
    make_console().print(f"Wrote {options.html}. Open it in any browser.", soft_wrap=True, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
