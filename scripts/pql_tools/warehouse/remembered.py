"""What dbt made of the project's files, kept in target/ for as long as none of them changes.

dbt takes seconds to load and to read a project. A script that only wants to read the warehouse asks here
first: where it is, how a macro or a query of the report reads. Kept is only what follows from files,
variables, environment and versions, never what was read in the warehouse; and all of these are looked at anew
each time, by their contents, before dbt is asked: a change in between makes void what it said.

Only for DuckDB in a plain file, whose profile has no secret that could be written down here. Everywhere
else, where the profile asks for the time, or a file asks the environment for a name that is made up as it
runs, dbt is asked every time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from pql_tools.config_files import flow, load_yaml
from pql_tools.problems import WarehouseError

FOLDER, MOST = "pql_remembered", 20  # files of different options
DBT = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
# of dbt's options for folders those whose files say something: not the tests, not the rows of seeds
PATHS = {
    "macro-paths": ["macros"], "model-paths": ["models"], "analysis-paths": ["analyses"],
    "snapshot-paths": ["snapshots"], "seed-paths": ["seeds"], "function-paths": ["functions"],
}  # fmt: skip
PLAIN = {"type", "path", "schema", "database", "threads", "settings", "config_options", "extensions"}
# of DuckDB's own settings those that hold no secret
SETTINGS = {
    "access_mode", "allow_unsigned_extensions", "default_null_order", "default_order", "max_memory",
    "max_temp_directory_size", "memory_limit", "preserve_insertion_order", "temp_directory", "threads",
    "timezone",
}  # fmt: skip
_ASKED = re.compile(r"""env_var\(\s*(?:(['"])(?P<name>[^'"]*)\1\s*[,)])?""")
_CLOCK = re.compile(r"run_started_at|\.(?:now|utcnow|today)\(")
_SECRET = re.compile(
    r"secret|token|passw|credential|connection_?string|(?:(?<![a-z])|api|access|account|private)key",
    re.IGNORECASE,
)


class Remembered:
    """What dbt said under these very circumstances, as far as it is known."""

    def __init__(self, project_dir: Path, profiles_dir: Path, target: str | None, variables: dict[str, Any]):
        self._file: Path | None = None
        self._said: dict[str, Any] = {}
        self.plain_targets: set[str] = set()
        try:
            _read_env_file(project_dir)
            project = _mapping(project_dir / "dbt_project.yml")
            profile = _mapping(profiles_dir / "profiles.yml")[project["profile"]]
            self.plain_targets = {name for name, its in profile["outputs"].items() if is_plain(its)}
            given = flow({"target": target, "variables": variables})
            self._digest = _digest(project_dir, project, profiles_dir, profile, self.plain_targets, given)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, WarehouseError, yaml.YAMLError):
            return  # what is wrong with these files dbt says in its own words
        except ImportError:
            return  # what reads .env came with dbt, and comes no longer
        if self._digest is None or not self.plain_targets:
            return
        place = os.environ.get("DBT_TARGET_PATH") or project.get("target-path") or "target"
        name = hashlib.sha256(f"{project_dir}\n{profiles_dir}\n{given}".encode()).hexdigest()[:16]
        self._file = Path(project_dir, place, FOLDER, f"{name}.json")
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["of"] == self._digest:
                self._said = dict(kept["said"])

    def told(self, what: str, ask: Callable[[], Any]) -> Any:
        """What dbt says to it: as it is remembered, else as it is asked, and then remembered."""
        if self._file is None:
            return ask()
        if what in self._said:
            return load_yaml(self._said[what])
        found = ask()
        with contextlib.suppress(yaml.YAMLError, WarehouseError, OSError):  # else it is asked again
            written = flow(found)
            if self._file is not None and load_yaml(written) == found:
                self._said[what] = written
                self._write()
        return found

    def give_up(self) -> None:
        """Remember nothing: the target turned out to be one of which not everything has been looked at."""
        self._file = None

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".part", dir=self._file.parent)  # which nobody else may read
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"of": self._digest, "said": self._said}, file)
            os.replace(name, self._file)
        finally:
            Path(name).unlink(missing_ok=True)
        for file in self._file.parent.glob("*.part"):  # of those that were ended as they wrote
            if file.stat().st_mtime < time.time() - 3600:
                file.unlink(missing_ok=True)
        kept = sorted(self._file.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in kept[:-MOST]:
            file.unlink(missing_ok=True)


def _read_env_file(project_dir: Path) -> None:
    """Let the environment have what .env says, as dbt does before it reads anything."""
    from dotenv import find_dotenv, load_dotenv

    with contextlib.chdir(project_dir):
        load_dotenv(find_dotenv(usecwd=True), override=False)


def _mapping(path: Path) -> dict[str, Any]:
    found = load_yaml(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(path)
    return found


def _digest(
    project_dir: Path, project: dict[str, Any], profiles_dir: Path, profile: dict[str, Any], plain: set[str],
    given: str,
) -> str | None:  # fmt: skip
    """One number for all that dbt would read; None where that cannot be told, or should not be written."""
    told = hashlib.sha256(given.encode())
    names: set[str | None] = {"DBT_TARGET", "DBT_PROFILE", "DBT_TARGET_PATH"}
    # the environment is asked only for what a plain target says: another's password is no business of ours
    own = [{**profile, "outputs": None}, *(profile["outputs"][name] for name in sorted(plain))]
    files = [file for file in _files(project_dir, project) if file.name != "profiles.yml"]
    if any(_CLOCK.search(text) for text in _texts([*own, project])):
        return None
    for text in (*_texts(own), *map(str, files), *(file.read_text(encoding="utf-8") for file in files)):
        told.update(f"\n{len(text)}\n{text}".encode())
        names |= {asked["name"] for asked in _ASKED.finditer(text)}
    if None in names or any(_SECRET.search(name) for name in names):
        return None
    told.update((profiles_dir / "profiles.yml").read_bytes())
    told.update(repr([(name, os.environ.get(name)) for name in sorted(names)]).encode())
    told.update(repr([_version(package) for package in DBT]).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):  # the form of what is kept
        told.update(file.read_bytes())
    return told.hexdigest()


def is_plain(output: Any) -> bool:
    """Whether a target is DuckDB in a file, and nothing that it says can be a secret."""
    return (
        isinstance(output, dict)
        and output.get("type") == "duckdb"
        and output.keys() <= PLAIN
        and not _SECRET.search(flow(output))
        and all((output.get(name) or {}).keys() <= SETTINGS for name in ("settings", "config_options"))
        and all(isinstance(name, str) for name in output.get("extensions") or [])
    )


def _files(project_dir: Path, project: dict[str, Any]) -> Iterator[Path]:
    """The files that say something: of the project and of every package that is installed in it."""
    folders_of = [project.get(option) for option in (*PATHS, "packages-install-path", "target-path")]
    if any(mark in text for text in _texts(folders_of) for mark in ("{{", "{%")):
        raise ValueError("a folder whose name is made up as dbt runs")
    yield from sorted(file for file in project_dir.iterdir() if file.suffix in (".yml", ".yaml"))
    for option, usual in PATHS.items():
        for folder in project.get(option, usual):
            for here, folders, files in os.walk(project_dir / folder, followlinks=True):
                folders.sort()
                yield from (Path(here, f) for f in sorted(files) if f.endswith((".sql", ".yml", ".yaml")))
    installed = project_dir / project.get("packages-install-path", "dbt_packages")
    for package in sorted(installed.glob("*/dbt_project.yml")):
        yield from _files(package.parent, _mapping(package))


def _texts(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
