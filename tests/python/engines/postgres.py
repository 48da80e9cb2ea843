"""A PostgreSQL server of its own, from the binaries of the distribution."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import nullcontext
from pathlib import Path

import duckdb
import psycopg2
from psycopg2 import extras

TYPES = {
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BIGINT": "bigint",
    "JSON": "jsonb",
}


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl: the newest that the distribution has, else where PATH leads."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).parent if found else None


def missing() -> str | None:
    """Why the engine cannot be started here, or None."""
    binaries = find_binaries()
    if not binaries:
        return "PostgreSQL is not installed: apt-get install postgresql"
    said = subprocess.run([binaries / "initdb", "--version"], capture_output=True, text=True).stdout
    version = int(re.search(r"\d+", said)[0])
    return None if version >= 15 else f"PostgreSQL {version} is too old: 15 or newer is needed"


class Engine:
    target = answers_as = "postgres"
    schema = "pql"
    guarded = "guarded"  # the one user who needs a password
    has_transactions = True
    counts_shuffles = False  # there are none

    def __init__(self):
        self.folder, self.binaries = Path(tempfile.mkdtemp(prefix="pql_postgres_")), find_binaries()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def environment(self) -> dict:
        return {
            "PQL_POSTGRES_HOST": "127.0.0.1",
            "PQL_POSTGRES_PORT": self.port,
            "PQL_POSTGRES_USER": "pql",
            "PQL_POSTGRES_PASSWORD": "not checked",
            "PQL_POSTGRES_DATABASE": "postgres",
            "PQL_SCHEMA": self.schema,
        }

    def start(self) -> None:
        """Sort by the rules of English and keep the clock of Newfoundland: neither may show in any table."""
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        locale = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        self.run("initdb", "-D", data, "-U", "pql", "--auth=trust", "--encoding=UTF8", "--no-sync", *locale)
        guarded = data / "pg_hba.conf"  # everybody comes in without a password but one
        guarded.write_text(f"host all {self.guarded} 127.0.0.1/32 scram-sha-256\n" + guarded.read_text())
        settings = ["fsync=off", "jit=off", "timezone=America/St_Johns", "shared_buffers=256MB"]
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c " + " -c ".join(settings)
        self.run("pg_ctl", "-D", data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def run(self, program: str, *arguments) -> None:
        user = "postgres" if os.geteuid() == 0 else None
        home = {"HOME": pwd.getpwnam(user).pw_dir} if user else {}
        subprocess.run(
            [str(self.binaries / program), *map(str, arguments)],
            user=user, env=os.environ | home, cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def connect(self):
        return psycopg2.connect(host="127.0.0.1", port=self.port, user="pql", dbname="postgres")

    def guard(self, password: str) -> None:
        """Let the guarded user in with this password."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop role if exists {self.guarded}")
            cursor.execute(f"create role {self.guarded} login password %s", [password])

    def empty(self) -> None:
        """Forget everything built or loaded."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {self.schema} cascade; create schema {self.schema}")

    def load(self, name: str, source: str, schema: str | None = None) -> None:
        """Fill a table with what DuckDB reads, and nothing else."""
        table = f"{schema or self.schema}.{name}"
        with duckdb.connect() as duck, self.connect() as connection, connection.cursor() as cursor:
            rows = duck.sql(f"select * from {source}")
            types = [TYPES.get(str(kind), "text") for kind in rows.types]
            columns = [f'"{column}" {kind}' for column, kind in zip(rows.columns, types, strict=True)]
            if schema:
                cursor.execute(f"create schema if not exists {schema}")
            cursor.execute(f"create table if not exists {table} ({', '.join(columns)})")
            cursor.execute(f"truncate {table}")
            file = self.folder / f"{name}.csv"
            options = "header false, nullstr '\\N', quote '\"', force_quote *"
            duck.sql(f"copy (select * from {source}) to '{file}' ({options})")
            with file.open(newline="") as lines:
                cursor.copy_expert(f"copy {table} from stdin (format csv, null '\\N')", lines)

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        with self.connect() as connection, connection.cursor(cursor_factory=extras.RealDictCursor) as cursor:
            cursor.execute(f"select {columns} from {self.schema}.{table}")
            return [dict(row) for row in cursor.fetchall()]

    def partition_filters(self, tables: tuple[str, ...]):
        """It has no partitions."""
        return nullcontext()

    def tables(self) -> list[str]:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("select tablename from pg_tables where schemaname = %s", [self.schema])
            return [name for (name,) in cursor.fetchall()]

    def schemas(self) -> list[str]:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("select nspname from pg_namespace")
            return [name for (name,) in cursor.fetchall()]

    def drift(self, table: str) -> None:
        """Lose the rows of a table, which nothing but a build may change."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"truncate {self.schema}.{table}")

    def faults_of_design(self, models: dict[str, str], is_next=False) -> dict[str, list[str]]:
        """Tables that lack the index by which a day's build finds the days it touches."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("select tablename, indexdef from pg_indexes where schemaname = %s", [self.schema])
            indexes = dict(cursor.fetchall())
        wanted = dict.fromkeys(("int_detailed_events", "fct_user_usage_daily"), "(account_id, local_date)")
        return {name: [columns] for name, columns in wanted.items() if columns not in indexes.get(name, "")}
