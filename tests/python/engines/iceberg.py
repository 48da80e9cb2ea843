"""Iceberg tables on Apache Spark, in the environment that Delta's tests have (`make test-iceberg`)."""

import sys
from pathlib import Path

from engines import delta, spark
from engines.spark_plans import products_in

JARS = sorted(Path(sys.prefix, "jars").glob("iceberg-*.jar"))


def missing() -> str | None:
    return spark.missing() or (None if JARS else "Iceberg's jar is not here; `make test-iceberg` fetches it")


class Engine(delta.Engine):
    environment = {**spark.Engine.environment, "PQL_SPARK_FILE_FORMAT": "iceberg"}  # noqa: RUF012
    counts_shuffles = False
    scan = r"BatchScan lake[.]{schema}[.]{table}\n.*?filters=(.*?), runtimeFilters"

    @property
    def more_settings(self) -> dict:
        """A catalog of its own in memory, with its files in the folder of the session."""
        catalog = "spark.sql.catalog.lake"
        return {
            "spark.jars": ",".join(map(str, JARS)),
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            "spark.sql.defaultCatalog": "lake",
            catalog: "org.apache.iceberg.spark.SparkCatalog",
            f"{catalog}.catalog-impl": "org.apache.iceberg.inmemory.InMemoryCatalog",
            f"{catalog}.io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
            f"{catalog}.warehouse": self.folder / "lake",
        }

    def empty(self) -> None:
        """This catalog drops no schema that has something in it."""
        self.spark.sql(f"create database if not exists {self.schema}")
        for kind in ("view", "table"):
            for row in self.spark.sql(f"show {kind}s in {self.schema}").where("not isTemporary").collect():
                self.spark.sql(f"drop {kind} {self.schema}.`{row[1]}`")

    def faults_of_design(self, models: dict[str, str], is_next=False) -> dict[str, list[str]]:
        return products_in(self.spark, models)
