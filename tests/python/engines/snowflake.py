"""Snowflake as fakesnow emulates it in this process, on DuckDB: it forgives what Snowflake does not."""

import re
from contextlib import contextmanager
from pathlib import Path

import fakesnow
import snowflake.connector
from dbt.adapters.snowflake.connections import SnowflakeConnectionManager

UNKNOWN_TO_IT = {
    "      +persist_docs: {relation: true, columns: true}": "      +persist_docs: {}",
    "models:\n  pql_warehouse:\n": "models:\n  pql_warehouse:\n    +tmp_relation_type: transient\n",
}


class Engine:
    target = "snowflake"
    schema = "PQL"
    environment = {  # noqa: RUF012
        "PQL_SNOWFLAKE_ACCOUNT": "fake",
        "PQL_SNOWFLAKE_USER": "pql",
        "PQL_SNOWFLAKE_PASSWORD": "not checked",
        "PQL_SNOWFLAKE_DATABASE": "WAREHOUSE",
        "PQL_THREADS": "1",
        "PQL_SCHEMA": schema,
    }

    def start(self) -> None:
        self.patch = fakesnow.patch()
        self.patch.__enter__()
        self.connection = snowflake.connector.connect(database="WAREHOUSE", schema=self.schema)

    def stop(self) -> None:
        self.patch.__exit__(None, None, None)

    def adapt(self, folder: Path) -> None:
        """Do without what the emulator does not know: comments on columns, temporary tables of a schema."""
        project = folder / "dbt_project.yml"
        text = project.read_text()
        for ours, theirs in UNKNOWN_TO_IT.items():
            assert ours in text
            text = text.replace(ours, theirs)
        project.unlink()
        project.write_text(text)

    def empty(self) -> None:
        self.execute(f"drop schema if exists {self.schema} cascade")
        self.execute(f"create schema {self.schema}")

    def execute(self, sql: str):
        return self.connection.cursor(snowflake.connector.DictCursor).execute(sql)

    def load(self, name: str, source: str) -> None:
        duck = self.connection._duck_conn
        columns = duck.sql(f"select * from {source} limit 0").columns
        listed = ", ".join(f'"{column}" as {column.upper()}' for column in columns)
        duck.execute(
            f"create or replace table WAREHOUSE.{self.schema}.{name.upper()} as select {listed} from {source}"
        )

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        found = self.execute(f"select {columns} from {self.schema}.{table}").fetchall()
        return [{name.lower(): value for name, value in row.items()} for row in found]

    @contextmanager
    def recorded(self):
        """Every statement that dbt sends meanwhile, one of those that differ by numbers only."""
        sent, execute = {}, SnowflakeConnectionManager.add_standard_query

        def recorded_execute(manager, sql, **settings):
            sent[re.sub("[0-9]+", "0", sql)] = sql
            return execute(manager, sql, **settings)

        SnowflakeConnectionManager.add_standard_query = recorded_execute
        try:
            yield sent
        finally:
            SnowflakeConnectionManager.add_standard_query = execute

    def columns(self) -> dict[str, dict[str, str]]:
        """{table or view: {column: type}}, in small letters."""
        found = self.execute(
            "select table_name, column_name, data_type from WAREHOUSE.information_schema.columns "
            f"where table_schema = '{self.schema}'"
        )
        columns = {}
        for table, column, kind in [tuple(row.values()) for row in found.fetchall()]:
            columns.setdefault(table.lower(), {})[column.lower()] = kind.lower()
        return columns
