"""What is known of the inputs in tests/fixtures beside the rows that they must give."""

import csv
from pathlib import Path

COUNTS = {
    "criteria_utc": {"raw": 5928, "accepted": 5698, "unattributed": 65},
    "criteria_zones": {"raw": 6088, "accepted": 5858, "unattributed": 70},
}
SAME_COUNTS = {
    "duplicates": 120,
    "conflicting_duplicates": 60,
    "rejected": 110,
    "rejected_future_occurred_at": 50,
    "rejected_missing_event_id": 20,
    "rejected_missing_event_name": 20,
    "rejected_missing_occurred_at": 20,
}


def expected_rows(path: Path) -> tuple[list[str], list[tuple]]:
    """The header and the rows of an expected file, sorted."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, sorted(map(tuple, rows))
