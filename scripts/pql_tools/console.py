"""The look that all scripts share: results on stdout, progress and errors on stderr."""

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def make_console(*, stderr: bool = False) -> Console:
    """Return the console to print on; colours and widths adapt to the terminal."""
    return Console(stderr=stderr, highlight=False)


def progress_bar() -> Progress:
    """Return a progress bar that shows on a terminal only and vanishes when done."""
    console = make_console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def error(message: str) -> None:
    """Print one line that says what is wrong."""
    make_console(stderr=True).print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)
