"""Where the warehouse is, and DuckDB's file opened as dbt-duckdb opens it, without dbt."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import duckdb


def duckdb_literal(text: str) -> str:
    """A text as an SQL literal of DuckDB, for what never runs on another engine."""
    return "'" + text.replace("'", "''") + "'"


class Place(NamedTuple):
    """What dbt says of the target and its project; without what it takes to log in anywhere."""

    target_name: str
    type: str
    database: str | None
    schema: str
    path: str | None
    config_options: dict[str, Any]
    settings: dict[str, Any]
    extensions: list[str]
    variables: dict[str, Any]
    artifacts: str

    @classmethod
    def of(cls, config) -> Place:
        """What dbt read."""
        its = config.credentials
        more = (getattr(its, name, None) or {} for name in ("config_options", "settings"))
        return cls(
            config.target_name, its.type, its.database, its.schema, getattr(its, "path", None), *more,
            getattr(its, "extensions", None) or [], config.vars.to_dict(),
            os.environ.get("DBT_TARGET_PATH", config.project_target_path),
        )  # fmt: skip

    @property
    def is_file(self) -> bool:
        """Whether it is DuckDB in a file of this machine."""
        elsewhere = re.match(r":memory:|(?:md|motherduck|ducklake):|\w+://", self.path or ":memory:")
        return self.type == "duckdb" and not elsewhere

    def file(self, project_dir: Path) -> Path:
        """That file: its path goes from the project's folder, or as DuckDB reads it from one's home."""
        path = Path(self.path)
        return project_dir / (path.expanduser() if path.parts[:1] == ("~",) else path)


class DuckDBFile:
    """A plain file of DuckDB; opened when it is asked, and again after it was closed."""

    def __init__(self, place: Place, project_dir: Path, *, read_only: bool):
        self._place, self._path = place, str(place.file(project_dir))
        self._options = place.config_options | ({"access_mode": "READ_ONLY"} if read_only else {})
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self._connection is not None

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run SQL; what it writes is final. What is returned holds the rows until the next one."""
        return self.connect().execute(sql)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """The open file, with the settings of the profile."""
        if not self.is_open:
            opened = duckdb.connect(self._path, config=self._options)
            for extension in self._place.extensions:
                opened.install_extension(extension)
                opened.load_extension(extension)
            for name, value in self._place.settings.items():
                opened.execute(f"set {name} = {duckdb_literal(str(value))}")
            self._connection = opened
        return self._connection

    def close(self) -> None:
        """Let others have the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
