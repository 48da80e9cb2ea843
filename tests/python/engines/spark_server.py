"""Apache Spark behind a Thrift server, as a cluster is reached, for scripts that start dbt as a process."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import pyspark
from pyhive import hive

from engines.spark import missing

__all__ = ["Engine", "missing"]
HOME = Path(pyspark.__file__).parent
SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
SECONDS_TO_START = 120


class Engine:
    target = "spark"
    schema = "pql"

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pql_spark_server_"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def environment(self) -> dict:
        return {
            "PQL_SPARK_METHOD": "thrift",
            "PQL_SPARK_HOST": "127.0.0.1",
            "PQL_SPARK_PORT": self.port,
            "PQL_SCHEMA": self.schema,
        }

    def start(self) -> None:
        """Keep what tables there are in memory, and their rows in a folder that goes with the server."""
        settings = {
            "spark.hadoop.hive.server2.thrift.port": self.port,
            "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:pql;create=true",
            "spark.sql.warehouse.dir": self.folder / "warehouse",
            "spark.sql.shuffle.partitions": 1,
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
            "spark.ui.enabled": "false",
        }
        given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        submit = [HOME / "bin" / "spark-submit", "--master", "local[2]", "--driver-memory", "2g"]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*submit, *given, "--class", SERVER, "spark-internal"],
                cwd=self.folder, env=os.environ | {"SPARK_HOME": str(HOME)}, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        last = time.monotonic() + SECONDS_TO_START
        while not self.answers():
            if time.monotonic() > last or self.process.poll() is not None:
                said = (self.folder / "log").read_text().splitlines()[-20:]
                self.stop()
                raise TimeoutError("\n".join(["the Thrift server does not come up:", *said]))
            time.sleep(0.5)

    def answers(self) -> bool:
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)
        shutil.rmtree(self.folder)

    def execute(self, sql: str) -> tuple[list[str], list[tuple]]:
        """Run a statement; the names of its columns, and its rows."""
        with hive.connect("127.0.0.1", self.port) as connection, connection.cursor() as cursor:
            cursor.execute("set spark.sql.session.timeZone = UTC")
            cursor.execute(sql)
            if not cursor.description:
                return [], []
            return [column[0] for column in cursor.description], cursor.fetchall()

    def empty(self) -> None:
        self.execute(f"drop database if exists {self.schema} cascade")
        self.execute(f"create database {self.schema}")

    def load(self, name: str, source: str) -> None:
        file = self.folder / f"{name}.parquet"
        duckdb.sql(f"copy (select * from {source}) to '{file}' (format parquet)")
        self.execute(f"drop table if exists {self.schema}.{name}")
        self.execute(f"create table {self.schema}.{name} using parquet as select * from parquet.`{file}`")

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        names, rows = self.execute(f"select {columns} from {self.schema}.{table}")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def tables(self) -> list[str]:
        return [row[1] for row in self.execute(f"show tables in {self.schema}")[1]]

    def schemas(self) -> list[str]:
        return [name for (name,) in self.execute("show databases")[1]]

    def drift(self, table: str) -> None:
        """Lose the rows of a table, which nothing but a build may change."""
        self.execute(f"truncate table {self.schema}.{table}")
