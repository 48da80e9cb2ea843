"""Units of the simulator: whole milliseconds, and the numbers that stand for what is not there.

Times are milliseconds since the first UTC midnight of the span ("utc"), or the same on the account's own
clock ("local"); days are local days counted from the span's first date.
"""

from __future__ import annotations

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NEVER = 2**53  # later than every other moment, and exact as a float
NOBODY = -1
