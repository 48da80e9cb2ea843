"""Apache Spark in this process, as dbt's `session` method finds it: two cores, tables as Parquet files."""

import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dbt.adapters.spark import session as dbt_session
from dbt_common.exceptions import DbtRuntimeError
from pyspark.sql import SparkSession

from engines.spark_plans import products_in, unexplained_shuffles_in


def missing() -> str | None:
    """Why the engine cannot be started here, or None."""
    return (
        None if shutil.which("java") or os.environ.get("JAVA_HOME") else "Java 17 or newer is not installed"
    )


class Engine:
    target = answers_as = "spark"
    schema = "pql"
    has_transactions = has_commits = False
    environment = {"PQL_SCHEMA": schema, "PQL_SPARK_METHOD": "session"}  # noqa: RUF012
    more_settings = {}  # noqa: RUF012
    counts_shuffles = True
    scan = r"Scan parquet spark_catalog[.]{schema}[.]{table}\n.*?PartitionFilters: (.*?)\n"
    # statements before which a table is in two states, in the order of a build
    weak_points = (
        "insert overwrite table pql.stg_product__events_judged",
        "drop table if exists pql.fct_user_usage_daily__staged",
        "alter table pql.fct_account_usage_daily rename to pql.fct_account_usage_daily__old",
        "alter table pql.pql_account_criteria__new_[0-9a-f]+ rename to",
        "drop table if exists pql.manifest_inputs__old",
    )
    copying = r"create table pql[.]({tables})__new_\w+\s+using parquet\s+as\s+(select .*)"

    def start(self) -> None:
        os.environ["TZ"] = "UTC"  # the driver hands out timestamps in the clock of this process
        time.tzset()
        self.folder = Path(tempfile.mkdtemp(prefix="pql_spark_"))
        settings = {
            "spark.sql.warehouse.dir": self.folder / "warehouse",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": 1,
            "spark.sql.autoBroadcastJoinThreshold": "64MB",
            "spark.driver.memory": "3g",
            # the samples join hundreds of small tables at once, and each would take a page of up to 64 MB
            "spark.buffer.pageSize": "1m",
            # what is compiled for every query is not worth it on a few rows; what still is needs room,
            # or all that comes later is interpreted
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            **self.more_settings,
        }
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, str(value))
        self.spark = builder.getOrCreate()
        # the session method writes a null of a seed as the text 'None'; a Thrift server gets it right
        dbt_session.SessionConnectionWrapper._fix_binding = classmethod(lambda _, value: literal(value))

    def stop(self) -> None:
        self.spark.stop()
        shutil.rmtree(self.folder)

    def empty(self) -> None:
        self.spark.sql(f"drop database if exists {self.schema} cascade")
        shutil.rmtree(self.folder / "warehouse" / f"{self.schema}.db", ignore_errors=True)
        self.spark.sql(f"create database {self.schema}")

    def load(self, name: str, source: str, schema: str | None = None) -> None:
        table = f"{schema or self.schema}.{name}"
        file = self.folder / f"{name}.parquet"
        duckdb.sql(f"copy (select * from {source}) to '{file}' (format parquet)")
        if schema:
            self.spark.sql(f"create database if not exists {schema}")
        self.spark.sql(f"drop table if exists {table}")
        self.spark.sql(f"create table {table} using parquet as select * from parquet.`{file}`")

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        return [
            row.asDict() for row in self.spark.sql(f"select {columns} from {self.schema}.{table}").collect()
        ]

    def tables(self) -> list[str]:
        found = self.spark.sql(f"show tables in {self.schema}").where("not isTemporary")
        return [row.tableName for row in found.collect()]

    @contextmanager
    def watched(self, watch):
        """Call a function with every statement before it is executed."""
        execute = dbt_session.Cursor.execute

        def watched_execute(cursor, sql, *parameters):
            watch(sql)
            return execute(cursor, sql, *parameters)

        dbt_session.Cursor.execute = watched_execute
        try:
            yield
        finally:
            dbt_session.Cursor.execute = execute

    @contextmanager
    def stopped_before(self, statement: str):
        """From the first statement on that matches, none is executed, as if the process had been killed."""
        missed = []

        def stop(sql):
            if missed or re.search(statement, sql):
                missed.append(sql)
                raise DbtRuntimeError("stopped")

        with self.watched(stop):
            yield missed

    @contextmanager
    def partition_filters(self, tables: tuple[str, ...]):
        """How a build leaves partitions out where it copies the rows that stay: {table: filters}."""
        filters = {}
        copying = self.copying.format(tables="|".join(tables))

        def explain(sql):
            if copy := re.search(copying, sql, re.S):
                plan = self.spark.sql(f"explain formatted {copy[2]}").first()[0]
                filters[copy[1]] = re.search(self.scan.format(schema=self.schema, table=copy[1]), plan, re.S)[
                    1
                ]

        with self.watched(explain):
            yield filters

    def lose_partition(self, table: str, column: str) -> None:
        """Stop while partitions are overwritten: the files of one are deleted, the new ones not yet there."""
        staged, kept = (
            {
                row[0]
                for row in self.spark.sql(f"select distinct {column} from {self.schema}.{name}").collect()
            }
            for name in (f"{table}__staged", table)
        )
        shutil.rmtree(
            self.folder / "warehouse" / f"{self.schema}.db" / table / f"{column}={min(staged & kept)}"
        )

    def faults_of_design(self, models: dict[str, str], is_next=False) -> dict[str, list[str]]:
        """Models, {name: SQL}, that compare all rows of two large inputs or send events about too often."""
        folder = self.folder / "warehouse" / f"{self.schema}.db"
        return products_in(self.spark, models) | unexplained_shuffles_in(self.spark, folder, models, is_next)


def literal(value) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "\\'") + "'"
