"""The one filter for text that others wrote: names of accounts, events and files, and what a server says.

What would steer a terminal, turn the direction of reading or hide is shown as its JSON escape, `\\u001b`; in
JSON it still means the same. The macro `harmless` does so in dbt's warnings.
"""

from __future__ import annotations

import json
import re

# controls but for tab and line break, soft hyphen, directions, zero width, line separators, tags, half
# characters; a joiner stays within a script or an emoji that needs it
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]|(?<![^\x00-\x7f])[\u200c\u200d]"
)


def harmless(text: str) -> str:
    """The text with whatever steers shown as its escape."""
    return STEERING.sub(_escape, text)


def one_line(text: str) -> str:
    """The same for what must not break its line, such as a comment."""
    return harmless(text).replace("\n", "\\n").replace("\t", "\\t")


def harmless_row(row: dict) -> dict:
    """A row of a query, with its texts made harmless."""
    return {name: harmless(value) if isinstance(value, str) else value for name, value in row.items()}


def _escape(found: re.Match) -> str:
    """JSON's escape; it has none of its own for DEL and C1."""
    written = json.dumps(found[0])[1:-1]
    return written if written != found[0] else f"\\u{ord(found[0]):04x}"
