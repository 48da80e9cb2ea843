"""Apache Spark in this process, as dbt's `session` method finds it: two cores, tables as Parquet files."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
from dbt.adapters.spark import session as dbt_session
from pyspark.sql import SparkSession

from engines.spark_plans import products_in


def missing() -> str | None:
    """Why the engine cannot be started here, or None."""
    return (
        None if shutil.which("java") or os.environ.get("JAVA_HOME") else "Java 17 or newer is not installed"
    )


class Engine:
    target = "spark"
    schema = "pql"
    environment = {"PQL_SCHEMA": schema, "PQL_SPARK_METHOD": "session"}  # noqa: RUF012

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
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
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

    def load(self, name: str, source: str) -> None:
        file = self.folder / f"{name}.parquet"
        duckdb.sql(f"copy (select * from {source}) to '{file}' (format parquet)")
        self.spark.sql(f"drop table if exists {self.schema}.{name}")
        self.spark.sql(f"create table {self.schema}.{name} using parquet as select * from parquet.`{file}`")

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        return [
            row.asDict() for row in self.spark.sql(f"select {columns} from {self.schema}.{table}").collect()
        ]

    def faults_of_design(self, models: dict[str, str]) -> dict[str, list[str]]:
        """Models, {name: SQL}, that compare every row of one large input with every row of another."""
        return products_in(self.spark, models)


def literal(value) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "\\'") + "'"
