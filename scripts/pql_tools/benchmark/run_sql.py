"""Run SQL statements in a process of their own, so that they can be measured like a build.

Its one argument is a JSON file {"path": file, "settings": {…}, "statements": {name: SQL}}. It prints
{name: {"seconds", "rows"}}; rows are those of the table that the statement makes.
"""

import json
import sys
import time
from pathlib import Path

import duckdb


def main() -> int:
    """Run the task's statements, and print what they cost."""
    task = json.loads(Path(sys.argv[1]).read_text())
    connection = duckdb.connect(task["path"], config=task["settings"])
    results = {}
    for name, statement in task["statements"].items():
        start = time.perf_counter()
        connection.execute(f"create table benchmark_result as {statement}")
        seconds = time.perf_counter() - start
        rows = connection.execute("select count(*) from benchmark_result").fetchone()[0]
        connection.execute("drop table benchmark_result")
        results[name] = {"seconds": round(seconds, 3), "rows": rows}
    connection.close()
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
