"""BigQuery as Crucible emulates it on DuckDB, reached by the real dbt-bigquery.

It forgives what BigQuery does not: functions that it lacks, a `where` without a `from`. What it cannot do
yet is put to it in other words (`EMULATOR`); the analyser sees the project as it is.
"""

import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from dbt.adapters.bigquery.connections import BigQueryConnectionManager
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from harness import ROOT

SERVER = ROOT / ".venv-crucible" / "bin" / "python"
TYPES = {"TIMESTAMP": "TIMESTAMP", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "BIGINT": "INT64", "DATE": "DATE"}

# {what it cannot do: (what it is given instead, in which files)}
EMULATOR = {
    "persist_docs: {relation: true, columns: true}": ("persist_docs: {}", "dbt_project.yml"),
    "farm_fingerprint({{ text }})": (
        "cast(concat('0x', substr(to_hex(md5({{ text }})), 1, 15)) as int64)",
        "macros/**/bigquery.sql",
    ),
    ", wide_number_mode => 'round'": ("", "macros/**/bigquery.sql"),
    "timestamp(datetime({{ timestamp }}, {{ zone }}))": (
        "timestamp(format_timestamp('%Y-%m-%d %H:%M:%E6S', {{ timestamp }}, {{ zone }}))",
        "macros/**/bigquery.sql",
    ),
    "coalesce(json_value({{ json }}, {{ path }}), nullif(json_query({{ json }}, {{ path }}), 'null'))": (
        "json_value({{ json }}, {{ path }})",
        "macros/**/bigquery.sql",
    ),
    "'%E4Y-": ("'%Y-", "macros/**/bigquery.sql"),
    "numeric(35, 6)": ("numeric", "m*/**/*.*"),
    "numeric(30, 1)": ("numeric", "m*/**/*.*"),
    "numeric(30, 2)": ("numeric", "m*/**/*.*"),
}


def missing() -> str | None:
    """Why the engine cannot be started here, or None."""
    return None if SERVER.exists() else "the emulator is not installed: make test-bigquery"


def without_offset(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


class Engine:
    target = "bigquery"
    schema = "pql"

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict:
        return {
            "PQL_BIGQUERY_METHOD": "oauth-secrets",
            "PQL_BIGQUERY_TOKEN": "not checked",
            "PQL_BIGQUERY_PROJECT": "warehouse",
            "PQL_BIGQUERY_API_ENDPOINT": self.endpoint,
            "PQL_SCHEMA": self.schema,
            "PQL_THREADS": "1",
        }

    def start(self) -> None:
        arguments = [
            SERVER,
            Path(__file__).with_name("crucible_server.py"),
            "serve",
            "--dialect",
            "bigquery",
            "--port",
            str(self.port),
        ]
        self.server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = ClientOptions(api_endpoint=self.endpoint)
        self.client = bigquery.Client("warehouse", credentials=AnonymousCredentials(), client_options=options)
        for _ in range(120):
            with socket.socket() as tried:
                if not tried.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.5)
        raise TimeoutError("the emulator does not answer within a minute")

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait()

    def adapt(self, folder: Path) -> None:
        """Put to the emulator in other words what it does not understand."""
        for name in ("models", "dbt_project.yml"):
            (folder / name).unlink()
        shutil.copytree(ROOT / "models", folder / "models")
        shutil.copy(ROOT / "dbt_project.yml", folder)
        for ours, (theirs, files) in EMULATOR.items():
            paths = [path for path in folder.glob(files) if path.is_file() and ours in path.read_text()]
            assert paths, ours
            for path in paths:
                path.write_text(path.read_text().replace(ours, theirs))

    def empty(self) -> None:
        self.client.delete_dataset(self.schema, delete_contents=True, not_found_ok=True)
        self.client.create_dataset(self.schema)

    def load(self, name: str, source: str) -> None:
        """Make a table of what DuckDB reads."""
        moment = "strftime(\"{}\", '%Y-%m-%d %H:%M:%S.%f UTC')"
        with duckdb.connect() as duck, TemporaryDirectory() as folder:
            rows = duck.sql(f"select * from {source}")
            kinds = [TYPES.get(str(kind), "STRING") for kind in rows.types]
            columns = list(zip(rows.columns, kinds, strict=True))
            written = [(moment if kind == "TIMESTAMP" else '"{}"').format(name) for name, kind in columns]
            file = Path(folder, f"{name}.csv")
            duck.sql(f"copy (select {', '.join(written)} from {source}) to '{file}' (header false)")
            schema = [bigquery.SchemaField(*column) for column in columns]
            settings = bigquery.LoadJobConfig(
                schema=schema, source_format="CSV", write_disposition="WRITE_TRUNCATE"
            )
            with file.open("rb") as lines:
                self.client.load_table_from_file(lines, f"{self.schema}.{name}", job_config=settings).result()

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        """Moments come without the offset that BigQuery gives each: all are UTC."""
        found = self.client.query(f"select {columns} from {self.schema}.{table}").result()
        return [{name: without_offset(value) for name, value in row.items()} for row in found]

    def tables(self) -> list[str]:
        return [table.table_id for table in self.client.list_tables(self.schema)]

    @contextmanager
    def recorded(self):
        """Every statement that dbt sends meanwhile, one of those that differ by numbers only."""
        sent, execute = {}, BigQueryConnectionManager.raw_execute

        def recorded_execute(manager, sql, *arguments, **settings):
            sql = re.sub(r"/\* \{.*?\} \*/", "", sql, flags=re.S)
            sent[re.sub("[0-9]+", "0", sql)] = sql
            return execute(manager, sql, *arguments, **settings)

        BigQueryConnectionManager.raw_execute = recorded_execute
        try:
            yield sent
        finally:
            BigQueryConnectionManager.raw_execute = execute

    def columns(self) -> dict[str, dict[str, str]]:
        """{table or view: {column: type}}, as the adapter has made them."""
        tables = [self.client.get_table(table) for table in self.client.list_tables(self.schema)]
        return {table.table_id: {field.name: field.field_type for field in table.schema} for table in tables}
