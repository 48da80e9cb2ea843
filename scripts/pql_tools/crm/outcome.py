"""What every client of a CRM takes and gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

Row = dict[str, str]


@dataclass
class Outcome:
    """What became of one row; `message` is for the screen only."""

    account_id: str
    error_code: str = ""
    message: str = field(default="", repr=False)
