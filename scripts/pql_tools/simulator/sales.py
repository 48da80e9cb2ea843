"""What the demo's sales team makes of what it is told: made up, as there is nobody to ask."""

from __future__ import annotations

import csv
from datetime import timedelta
from itertools import cycle
from pathlib import Path

ANSWERS = "crm_pql_feedback.csv"
COLUMNS = (
    "feedback_id",
    "pql_account_id",
    "pql_event_id",
    "disposition",
    "reason_code",
    "first_touch_at",
    "dispositioned_at",
)
# hours from the announcement to first touch and answer, and the answer; each account takes the next
WAYS = (
    (9, 10, "accepted", ""),
    (9.5, 15, "rejected", "not_a_fit"),
    (11, 12, "accepted", ""),
    (13.5, 14, "working", ""),
    None,  # nobody has come to it yet
    (16, 17, "accepted", ""),
    (82, 83, "rejected", "bad_timing"),
    (83.5, 84, "working", ""),
)


def answers(announced: list[dict]) -> list[dict]:
    """What sales answers to announcements: pql_event_id, pql_account_id, detected_at of each."""
    rows = []
    for told, way in zip(sorted(announced, key=lambda told: told["pql_event_id"]), cycle(WAYS), strict=False):
        if way is None:
            continue
        touched, answered, disposition, reason = way
        moments = [told["detected_at"] + timedelta(hours=hours) for hours in (touched, answered)]
        ids = [f"demo-{told['pql_event_id']}", told["pql_account_id"], told["pql_event_id"]]
        row = [*ids, disposition, reason, *(f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments)]
        rows.append(dict(zip(COLUMNS, row, strict=True)))
    return rows


def write_answers(folder: Path, announced: list[dict]) -> None:
    """Write the answers where the warehouse reads them."""
    with open(folder / ANSWERS, "w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        rows.writeheader()
        rows.writerows(answers(announced))
