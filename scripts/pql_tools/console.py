"""The look that all scripts share: results on stdout, progress and errors on stderr."""

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pql_tools.harmless import harmless

LONGEST_WORD = 18
UNBOUNDED = 10_000


class SafeConsole(Console):
    """A console on which no text from outside can steer the terminal: it colours, and nothing else does."""

    def render_str(self, text: str, **options: Any) -> Text:
        """A text, measured as it will be shown."""
        return super().render_str(harmless(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Whatever is shown, whoever made it."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def make_console(*, stderr: bool = False) -> Console:
    """Return the console to print on; colours and widths adapt to the terminal."""
    return SafeConsole(stderr=stderr, highlight=False)


def show_table(console: Console, table: Table) -> None:
    """Print a table that loses nothing: piped as wide as it is, on a narrow terminal with its cells folded.

    Words stay whole, but for names longer than LONGEST_WORD and where even so the columns do not fit.
    """
    least, most = [], []
    for column in table.columns:
        lines = [Text.from_markup(harmless(str(cell))).plain for cell in (column.header, *column.cells)]
        least.append(min(LONGEST_WORD, max((cell_len(w) for line in lines for w in line.split()), default=1)))
        most.append(max((cell_len(part) for line in lines for part in line.split("\n")), default=1))
        column.overflow, column.no_wrap = "fold", False
    needed = Measurement.get(console, console.options.update(max_width=UNBOUNDED), table).maximum
    usual = console.width
    room = usual - (needed - sum(most))  # without what stands between the columns
    if not console.is_terminal:
        console.width = max(usual, needed)
    elif sum(least) <= room < sum(most):  # left to itself, rich narrows the widest column, whatever its words
        wanted = [high - low for low, high in zip(least, most, strict=True)]
        for column, low, more in zip(table.columns, least, wanted, strict=True):
            column.width = low + more * (room - sum(least)) // sum(wanted)
    console.print(table)
    console.width = usual


def progress_bar() -> Progress:
    """Return a progress bar that shows on a terminal only and vanishes when done."""
    console = make_console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def error(message: str) -> None:
    """Print one line that says what is wrong."""
    make_console(stderr=True).print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)


def sparkline(values: Iterable[float]) -> str:
    """Numbers as a line of small bars, the largest full; a week with nothing is a dot."""
    heights = "▁▂▃▄▅▆▇█"
    given = list(values)
    top = max(given, default=0)
    return "".join(heights[min(7, int(8 * value / top))] if value > 0 else "·" for value in given)


def p_value_text(p_value: float, digits: int) -> str:
    """A p value of so many digits; no chance is none at all."""
    least = 10**-digits
    return f"{p_value:.{digits}f}" if p_value >= least / 2 else f"<{least:.{digits}f}"
