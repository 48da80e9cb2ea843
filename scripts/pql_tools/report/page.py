"""The page of the report: what it is made of, how numbers read on it, and its HTML.

Everything but the drawings is escaped: account names and reasons may hold anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pql_tools.report.charts import Drawing
from pql_tools.statistics import Share, wilson

HERE = Path(__file__).parent
FEW = 20  # below this many accounts a share is marked as resting on few
NOTHING = "–"
READERS = {"sales": "For sales", "growth": "For growth"}


class Card(NamedTuple):
    """One headline: a number, what it is, and what it is a part of."""

    label: str
    value: str
    detail: str


class Column(NamedTuple):
    """A heading, and whether what stands under it is a number."""

    name: str
    is_number: bool = False


class Table(NamedTuple):
    """Rows of text. A list reads as cards on a phone."""

    caption: str
    columns: list[Column]
    rows: list[list[str]]
    is_list: bool = False


class Figure(NamedTuple):
    """A chart, what it shows in one sentence, and its numbers as a table."""

    name: str
    title: str
    summary: str
    drawing: Drawing
    table: Table


class Section(NamedTuple):
    """A heading with paragraphs, headlines, charts and tables, remarks below them, and who reads it."""

    name: str
    title: str
    texts: Sequence[str] = ()
    cards: Sequence[Card] = ()
    parts: Sequence[Figure | Table] = ()
    notes: Sequence[str] = ()
    reader: str = "growth"


class View(NamedTuple):
    """The part of a page that one reader needs."""

    name: str
    title: str
    sections: list[Section]


class Page(NamedTuple):
    """The whole report."""

    title: str
    subtitle: str
    sections: list[Section]

    @property
    def views(self) -> list[View]:
        """One part per reader, in the order of READERS."""
        parts = {
            reader: [section for section in self.sections if section.reader == reader] for reader in READERS
        }
        return [View(reader, READERS[reader], sections) for reader, sections in parts.items() if sections]


def render(page: Page) -> str:
    """The page as one HTML document that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return environment.get_template("page.html").render(page=page, style=style, script=script)


def columns(*names: str, numbers: str = "") -> list[Column]:
    """Columns by name; those also named in `numbers`, parted by `;`, hold numbers."""
    right = [name.strip() for name in numbers.split(";")]
    return [Column(name, name in right) for name in names]


def count(number: float | int, one: str = "", many: str = "") -> str:
    """1,204; or "1 account", "1,204 accounts"."""
    words = f"{number:,}"
    return f"{words} {one if number == 1 else many or one + 's'}" if one else words


def percent(rate: float | None) -> str:
    """12.3%, or a dash where there is none."""
    return NOTHING if rate is None else f"{rate:.1%}"


def between(low: float, high: float) -> str:
    """An interval of shares."""
    return f"{low:.1%} to {high:.1%}"


def share(part: Share) -> str:
    """12.3% (41 of 333), marked where it rests on few."""
    if part.n == 0:
        return "nobody yet"
    return f"{percent(part.rate)} ({part.hits:,} of {part.n:,}{', few' if part.n < FEW else ''})"


def interval(part: Share) -> str:
    """The 95% Wilson interval of a share."""
    return between(*wilson(part.hits, part.n)) if part.n else NOTHING


def number(value, places: int = 0) -> str:
    """A number with thousands separated, or a dash where there is none."""
    return NOTHING if value is None else f"{value:,.{places}f}"


def amount(value) -> str:
    """A measure: whole where it is whole, else two places."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def day(moment: date | datetime | None) -> str:
    """2026-06-30, or a dash."""
    return NOTHING if moment is None else f"{moment:%Y-%m-%d}"


def spoken(name: str | None) -> str:
    """A configured name as words."""
    return (name or "").replace("_", " ")
