"""Files as other systems export them."""

import csv
import json
from pathlib import Path


def write_rows(path: Path, rows: list[dict]) -> None:
    """Write a CSV file with the columns of the first row, or by another name one of newline JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)
